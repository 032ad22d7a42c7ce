//! A row's `ts`, read fast where it has the common form.

use crate::domain::{Timestamp, TimestampError};

/// Reads an RFC 3339 instant: `YYYY-MM-DDTHH:MM:SS[.f]Z|±hh:mm` here, what else is allowed by [`Timestamp`] itself.
/// Fractions finer than a microsecond are cut. Errors beyond [`Timestamp::MIN`]..=[`Timestamp::MAX`].
#[inline]
pub(super) fn read_instant(text: &str) -> Result<Timestamp, TimestampError> {
    let instant = match common_form(text.as_bytes()) {
        Some(micros) => Timestamp::from_micros(micros),
        None => text.parse()?,
    };
    within_range(instant)
}

fn within_range(instant: Timestamp) -> Result<Timestamp, TimestampError> {
    if (Timestamp::MIN..=Timestamp::MAX).contains(&instant) { Ok(instant) } else { Err(TimestampError) }
}

/// Microseconds since 1970, if the text has the common form and is an instant after 1970.
fn common_form(text: &[u8]) -> Option<i64> {
    let (head, tail) = text.split_first_chunk::<19>()?;
    if [head[4], head[7], head[10], head[13], head[16]] != *b"--T::" {
        return None;
    }
    let year = two(head, 0)? * 100 + two(head, 2)?;
    let (month, day) = (two(head, 5)?, two(head, 8)?);
    let (hour, minute, second) = (two(head, 11)?, two(head, 14)?, two(head, 17)?);
    let is_time = hour < 24 && minute < 60 && second < 60;
    if year < 1971 || !(1..=12).contains(&month) || day < 1 || day > days_of(year, month) || !is_time {
        return None;
    }
    let (micros, zone) = fraction(tail)?;
    let offset_minutes = match zone {
        b"Z" => 0,
        &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(&[h1, h2], 0)?, two(&[m1, m2], 0)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            (hours * 60 + minutes) * if sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let seconds =
        ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
    Some(seconds * 1_000_000 + micros)
}

/// Two digits at `at`.
#[inline]
fn two(text: &[u8], at: usize) -> Option<i64> {
    let (tens, ones) = (text[at].wrapping_sub(b'0'), text[at + 1].wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| i64::from(tens * 10 + ones))
}

/// Microseconds of `.f`, if there is one of 1 to 9 digits, and what follows.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some((b'.', digits)) = text.split_first() else { return Some((0, text)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 || count > 9 {
        return None;
    }
    let nanos =
        (0..9).fold(0, |nanos, i| nanos * 10 + if i < count { i64::from(digits[i] - b'0') } else { 0 });
    Some((nanos / 1_000, &digits[count..]))
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar: years begin in March, so that the leap day ends one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_form_is_what_the_calendar_says() {
        let mut read = 0;
        for year in (1971..2500).chain([9998]) {
            for (month, day) in
                [(1, 1), (2, 28), (2, 29), (2, 30), (3, 1), (4, 31), (6, 30), (12, 31), (13, 1)]
            {
                for time in
                    ["00:00:00Z", "23:59:59.999999999Z", "12:34:56.5-00:01", "01:02:03+23:59", "24:00:00Z"]
                {
                    let text = format!("{year}-{month:02}-{day:02}T{time}");
                    if let Some(micros) = common_form(text.as_bytes()) {
                        assert_eq!(text.parse(), Ok(Timestamp::from_micros(micros)), "{text}");
                        read += 1;
                    }
                }
            }
        }
        assert!(read > 11_000, "{read}");
    }

    #[test]
    fn other_forms_are_left_to_the_calendar() {
        let year_1 = read_instant("0001-01-01T00:00:00Z");
        assert_eq!(year_1, Ok(Timestamp::MIN));
        assert_eq!(read_instant("1969-12-31T23:59:59.5Z"), Ok(Timestamp::from_micros(-500_000)));
        assert_eq!(read_instant("2026-11-22 10:00:00+00"), read_instant("2026-11-22T10:00:00Z"));
        assert_eq!(read_instant("2016-12-31T23:59:60Z"), read_instant("2016-12-31T23:59:59Z"));
        for text in
            ["", "2026-11-22", "2026-11-22T10:00:00", "2026-02-30T00:00:00Z", "-000001-01-01T00:00:00Z"]
        {
            assert_eq!(read_instant(text), Err(TimestampError), "{text}");
        }
    }
}

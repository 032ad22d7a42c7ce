//! Texts as numbers, booleans and times.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::domain::Timestamp;
use crate::sketch::MISSING;

/// Integers from here on are no longer apart as floats.
pub const INTEGER_MAX: f64 = (1u64 << 53) as f64;

/// What a column of numbers calls missing.
const NOT_AVAILABLE: [&str; 8] = ["", "NA", "N/A", "n/a", "null", "NULL", "None", "none"];

/// A number; [`MISSING`] for the words that say "not available"; `None` for any other text.
pub fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.parse() {
        Ok(number) => Some(number),
        Err(_) => NOT_AVAILABLE.contains(&text).then_some(MISSING),
    }
}

/// Whether a text that is a number is an integer too large for a float.
pub fn is_big_integer(text: &str, number: f64) -> bool {
    let digits = text.trim().trim_start_matches(['-', '+']);
    number.abs() >= INTEGER_MAX && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// `true` or `false`, in any case.
pub fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        text if text.eq_ignore_ascii_case("true") => Some(true),
        text if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The name of a number as a category: `1` for 1.0.
pub fn name_of(number: f64) -> String {
    (number + 0.0).to_string()
}

/// An instant: RFC 3339, a date and time without a zone (taken as UTC), a date (its midnight), an epoch number.
pub fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(number) = text.parse::<f64>() {
        return Timestamp::from_epoch(number).ok();
    }
    if let Ok(instant) = text.parse() {
        return Some(instant);
    }
    let civil: DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_in_every_form_are_one_instant() {
        let forms = [
            "2018-01-01T00:08:43.152Z",
            "2018-01-01T01:08:43.152+01:00",
            "2018-01-01 00:08:43.152",
            "2018-01-01T00:08:43.152",
            "1514765323.152",
            "1514765323152",
            "1514765323152000",
        ];
        for form in forms {
            assert_eq!(instant(form).map(Timestamp::micros), Some(1_514_765_323_152_000), "{form}");
        }
        assert_eq!(instant("2018-01-01"), instant("2018-01-01T00:00:00Z"));
        for text in ["", "yesterday", "2018-13-01 00:00:00", "25:00", "nan"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_told_from_what_is_missing_and_from_words() {
        assert_eq!(number(" 1.5 "), Some(1.5));
        assert_eq!(number("NA").map(f64::to_bits), Some(MISSING.to_bits()));
        let not_a_number = number("NaN").expect("NaN is a number's text");
        assert!(not_a_number.is_nan() && not_a_number.to_bits() != MISSING.to_bits());
        assert_eq!(number("Lyon"), None);
        assert!(is_big_integer("9007199254740993", 9007199254740993.0));
        assert!(!is_big_integer("1e300", 1e300) && !is_big_integer("9007199254740991", 9007199254740991.0));
        assert_eq!([name_of(1.0), name_of(-0.0), name_of(1.5)], ["1", "0", "1.5"]);
    }
}

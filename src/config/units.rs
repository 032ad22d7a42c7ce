//! Durations and sizes as people write them.

use std::time::Duration;

const DAY: u64 = 86_400_000;

const DURATION_UNITS: [(&str, u64); 5] =
    [("d", DAY), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

const SIZE_UNITS: [(&str, u64); 5] =
    [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

/// A whole number with `ms`, `s`, `m`, `h` or `d`.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    parse(text, &DURATION_UNITS).map(Duration::from_millis)
}

/// A whole number with `B`, `KiB`, `MiB`, `GiB` or `TiB`, a space between allowed; in bytes.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    parse(text, &SIZE_UNITS)
}

/// In the largest unit that holds it exactly; a single day is `24h`. Below a millisecond nothing is configured.
pub(super) fn duration_text(duration: Duration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let holds = |unit: u64| millis > 0 && millis.is_multiple_of(unit) && (unit, millis) != (DAY, DAY);
    match DURATION_UNITS.iter().find(|(_, unit)| holds(*unit)) {
        Some((name, unit)) => format!("{}{name}", millis / unit),
        None => "0s".to_owned(),
    }
}

/// In the largest unit that holds it exactly.
pub(super) fn size_text(bytes: u64) -> String {
    match SIZE_UNITS.iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit)) {
        Some((name, unit)) => format!("{} {name}", bytes / unit),
        None => "0 B".to_owned(),
    }
}

fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..digits].parse().ok()?;
    let name = text[digits..].strip_prefix(' ').unwrap_or(&text[digits..]);
    let (_, unit) = units.iter().find(|(unit, _)| *unit == name)?;
    number.checked_mul(*unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in ["10ms", "30s", "15m", "24h", "36h", "7d", "0s"] {
            assert_eq!(duration_text(parse_duration(text).unwrap()), text);
        }
        for text in ["0 B", "100 B", "512 KiB", "64 MiB", "3 GiB", "2 TiB"] {
            assert_eq!(size_text(parse_size(text).unwrap()), text);
        }
        assert_eq!(parse_duration("24h"), parse_duration("1d"));
        assert_eq!(parse_size("64MiB"), Some(64 << 20));
    }

    #[test]
    fn what_is_no_unit_is_refused() {
        for text in ["", "10", "ms", "1.5h", "-1s", "10 weeks", "99999999999999999999d", "213503982335d"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
        for text in ["", "10", "MiB", "64 MB", "64  MiB", "16777217 TiB"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }
}

//! The name of a run: the same for every retry and every replica.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cause::Cause;
use crate::domain::ModelId;

/// `retrain-MODEL-YEAR-WWEEK-REASON`, by the ISO week (ISO 8601: the year is that of the week's Thursday), as
/// `retrain-car_loan-2026-W53-scheduled`. Of a manual run the reason ends with a hash of what was said, so that two
/// wishes of a week are two runs, and a wish that is sent twice is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RunKey(Box<str>);

/// Hexadecimal digits of a hash that tells shortened keys apart.
const HASH_DIGITS: usize = 8;

impl RunKey {
    /// `day`: the local date of the occasion. `said`: the reason that a person gave.
    pub fn new(model: &ModelId, day: Date, cause: Cause, said: &str) -> Self {
        let week = day.iso_week_date();
        let (year, number) = (week.year(), week.week());
        let mut key = format!("retrain-{model}-{year:04}-W{number:02}-{cause}");
        if cause == Cause::Manual {
            key += &format!("-{}", hash(said));
        }
        Self(key.into())
    }

    /// A key as a sender of a report writes it; any text may be asked for.
    pub fn named(text: &str) -> Self {
        Self(text.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key where at most `chars` (20 or more) are allowed: shortened, with a hash of the whole.
    pub fn within(&self, chars: usize) -> String {
        shorten(&self.0, &self.0, chars)
    }

    /// As a name of Kubernetes (RFC 1123): lower-case letters, digits and `-`, 63 at most. Another key gives another
    /// name.
    pub fn dns_name(&self) -> String {
        const CHARS: usize = 63;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.0.chars().all(fits) && self.0.len() <= CHARS {
            return self.0.to_string();
        }
        let lower = self.0.chars().map(|c| c.to_ascii_lowercase());
        let name: String = lower.map(|c| if fits(c) { c } else { '-' }).collect();
        let kept = name.len().min(CHARS - HASH_DIGITS - 1);
        format!("{}-{}", name[..kept].trim_end_matches('-'), hash(&self.0))
    }
}

fn shorten(text: &str, whole: &str, chars: usize) -> String {
    match text.len() <= chars {
        true => text.to_owned(),
        false => format!("{}-{}", &text[..chars.saturating_sub(HASH_DIGITS + 1)], hash(whole)),
    }
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for RunKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn key(model: &str, day: Date, cause: Cause, said: &str) -> RunKey {
        RunKey::new(&model.parse().unwrap(), day, cause, said)
    }

    #[test]
    fn a_key_has_the_iso_week_and_its_year() {
        let of = |day| key("m", day, Cause::Scheduled, "").to_string();
        assert_eq!(of(date(2026, 12, 28)), "retrain-m-2026-W53-scheduled");
        assert_eq!(of(date(2027, 1, 3)), "retrain-m-2026-W53-scheduled");
        assert_eq!(of(date(2027, 1, 4)), "retrain-m-2027-W01-scheduled");
        assert_eq!(of(date(2018, 12, 31)), "retrain-m-2019-W01-scheduled");
    }

    #[test]
    fn another_wish_is_another_run() {
        let of = |said| key("m", date(2026, 11, 30), Cause::Manual, said);
        assert_eq!(of("new feature"), of("new feature"));
        assert_ne!(of("new feature"), of("new features"));
        assert!(of("x").as_str().starts_with("retrain-m-2026-W49-manual-"));
    }

    #[test]
    fn what_is_shortened_stays_apart() {
        let (a, b) = ("A".repeat(64), format!("{}B", "A".repeat(63)));
        let of = |model: &str| key(model, date(2026, 11, 30), Cause::Drift, "");
        assert_eq!(of("m").within(64), "retrain-m-2026-W49-drift");
        for shortened in [RunKey::dns_name, |key: &RunKey| key.within(64)] {
            assert_ne!(shortened(&of(&a)), shortened(&of(&b)));
            assert_ne!(shortened(&of(&a)), shortened(&of(&a.to_lowercase())), "and by case");
        }
        let name = of("car_loan").dns_name();
        assert!(name.len() <= 63 && name.starts_with("retrain-car-loan-2026-w49-drift-"), "{name}");
        assert!(!name.ends_with('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    }
}

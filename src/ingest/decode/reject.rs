//! Why a row is left out while the rest of its batch counts. Reasons never hold a value of the row.

use std::fmt;

use crate::domain::{Timestamp, Version};

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Where it stands: its line, blank lines counted too; in a JSON array its place. From 1.
    pub line: u64,
    pub reason: RejectReason,
}

/// Why a row was left out. `Display` names the key, what is wrong and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RejectReason {
    /// Bytes of the line from 0.
    NotUtf8 {
        at: usize,
    },
    /// Bytes of the row from 0.
    NotJson {
        at: usize,
        expected: &'static str,
    },
    Cut,
    NotObject,
    TooDeep {
        depth_max: usize,
    },
    TooLarge {
        bytes: usize,
        bytes_max: usize,
    },
    /// The key is named where it is one that is looked for: others may hold what should not be shown.
    DuplicateKey {
        path: &'static str,
        key: Option<Box<str>>,
    },
    /// `features`, `scores` or `segments` is no object.
    KeyNotObject {
        key: &'static str,
    },
    BadTs,
    TooFarAhead {
        latest: Timestamp,
    },
    TooOld {
        oldest: Timestamp,
    },
    BadVersion,
    /// A row of labels is no object.
    NotLabel,
    /// A label's `id` is missing or none.
    BadId,
    /// A label has no `actual`.
    NoActual,
    /// A label's `actual` is no number.
    NoNumber,
    /// A label's `actual` is none of the model's classes: some of those.
    NoClass {
        classes: Vec<Box<str>>,
    },
    /// A row of samples is no object.
    NotSample,
    /// A sample of a KPI that cannot be counted: which key, and what would be right.
    BadSample {
        why: Box<str>,
    },
    /// No outcome of the model is counted.
    NoOutcomes {
        why: Box<str>,
    },
}

/// All rows of a body that were left out: counted, the first ones kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rejections {
    first: Vec<Rejection>,
    by_reason: Vec<(&'static str, u64)>,
}

impl RejectReason {
    /// Classes named at most where a label is none of them.
    pub const CLASSES_SHOWN: usize = 10;

    pub(super) fn duplicate_key(path: &'static str, key: Option<&str>) -> Self {
        Self::DuplicateKey { path, key: key.map(Box::from) }
    }

    /// The same with places counted from `start`.
    pub(super) fn relative_to(self, start: usize) -> Self {
        match self {
            Self::NotJson { at, expected } => Self::NotJson { at: at.saturating_sub(start), expected },
            other => other,
        }
    }

    /// The stable word for the metric's label `reason`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotUtf8 { .. } => "not_utf8",
            Self::NotJson { .. } => "not_json",
            Self::Cut => "cut",
            Self::NotObject => "not_object",
            Self::TooDeep { .. } => "too_deep",
            Self::TooLarge { .. } => "too_large",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::KeyNotObject { .. } => "key_not_object",
            Self::BadTs => "bad_ts",
            Self::TooFarAhead { .. } => "too_far_ahead",
            Self::TooOld { .. } => "too_old",
            Self::BadVersion => "bad_version",
            Self::NotLabel | Self::NotSample => "not_object",
            Self::BadSample { .. } => "bad_sample",
            Self::BadId => "bad_id",
            Self::NoActual | Self::NoNumber | Self::NoClass { .. } => "bad_actual",
            Self::NoOutcomes { .. } => "no_outcomes",
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUtf8 { at } => write!(f, "is no UTF-8 at byte {at} of the row"),
            Self::NotJson { at, expected } => write!(f, "is no JSON at byte {at} of the row: expected {expected}"),
            Self::Cut => f.write_str("ends within its JSON object: a row is one whole object on one line"),
            Self::NotObject => f.write_str("is no JSON object, as in {\"features\":{\"age\":42}}"),
            Self::TooDeep { depth_max } => write!(f, "nests objects and lists deeper than {depth_max}"),
            Self::TooLarge { bytes, bytes_max } => {
                write!(f, "has {bytes} bytes; at most {bytes_max} are allowed a row")
            }
            Self::DuplicateKey { path, key: Some(key) } => {
                write!(f, "key `{path}{key}` stands twice; once is allowed")
            }
            Self::DuplicateKey { path: "", key: None } => {
                f.write_str("an unknown key stands twice; once is allowed")
            }
            Self::DuplicateKey { path, key: None } => {
                write!(f, "an unknown key in `{}` stands twice; once is allowed", path.trim_end_matches('.'))
            }
            Self::KeyNotObject { key } => write!(f, "key `{key}` is neither an object nor null"),
            Self::BadTs => f.write_str(
                "key `ts` is no RFC 3339 instant with a zone, as in 2026-11-22T10:00:00Z, nor seconds, milliseconds or \
                 microseconds since 1970",
            ),
            Self::TooFarAhead { latest } => {
                write!(f, "key `ts` lies too far ahead of the clock; at most {latest} is accepted now")
            }
            Self::TooOld { oldest } => write!(
                f,
                "key `ts` lies too far back; {oldest} or later is accepted now"
            ),
            Self::BadVersion => write!(
                f,
                "key `version` is neither a number nor a text of 1 to {} bytes without control characters",
                Version::BYTES_MAX
            ),
            Self::NotLabel => f.write_str("is no JSON object, as in {\"id\":\"p-1\",\"actual\":1}"),
            Self::NotSample => f.write_str("is no JSON object, as in {\"kpi\":\"time_saved\",\"value\":1.5}"),
            Self::BadSample { why } => f.write_str(why),
            Self::BadId => write!(
                f,
                "key `id` is neither an integer nor a text of 1 to {} bytes: no prediction can be found",
                super::Faults::ID_BYTES_MAX
            ),
            Self::NoActual => f.write_str("key `actual` is missing: what happened, as in {\"id\":\"p-1\",\"actual\":1}"),
            Self::NoNumber => f.write_str("key `actual` is no finite number"),
            Self::NoClass { classes } if classes.is_empty() => {
                f.write_str("key `actual` is no class: a text, a number or a boolean")
            }
            Self::NoClass { classes } => {
                write!(f, "key `actual` is none of the model's classes ({})", classes.join(", "))
            }
            Self::NoOutcomes { why } => {
                write!(f, "key `actual` is of no use: the model's outcomes are not counted, as {why}")
            }
        }
    }
}

impl Rejections {
    /// Rejections kept with their reason.
    pub const KEPT_MAX: usize = 100;

    pub(super) fn add(&mut self, line: u64, reason: RejectReason) {
        let name = reason.name();
        match self.by_reason.iter_mut().find(|(known, _)| *known == name) {
            Some((_, rows)) => *rows += 1,
            None => self.by_reason.push((name, 1)),
        }
        if self.first.len() < Self::KEPT_MAX {
            self.first.push(Rejection { line, reason });
        }
    }

    /// Rows left out.
    pub fn total(&self) -> u64 {
        self.by_reason.iter().map(|(_, rows)| rows).sum()
    }

    /// Rows left out by [`RejectReason::name`], in order of first sight.
    pub fn by_reason(&self) -> &[(&'static str, u64)] {
        &self.by_reason
    }

    /// The first [`Rejections::KEPT_MAX`], in order of their lines.
    pub fn first(&self) -> &[Rejection] {
        &self.first
    }
}

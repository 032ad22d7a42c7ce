//! One sample of a stream, as it is sent, and why a stream may refuse it.

use super::state::StateKind;
use crate::domain::Timestamp;

/// One sample: what happened when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub at: Timestamp,
    pub value: SampleValue,
    /// Of two samples of one instant the higher one counts, where only the newest does.
    pub revision: u32,
    pub sign: Sign,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SampleValue {
    /// A measurement, a duration, an answer.
    Number(f64),
    Parts {
        numerator: f64,
        denominator: f64,
    },
    /// The bits of a hashed user ([`crate::domain::IdHash`]).
    User(u64),
    Outcome(Outcome),
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Succeeded,
    Failed,
}

/// Whether a sample counts, or takes back one that was sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sign {
    #[default]
    Counts,
    Retracts,
}

impl Sign {
    /// 1 or −1.
    pub const fn unit(self) -> i64 {
        match self {
            Self::Counts => 1,
            Self::Retracts => -1,
        }
    }
}

impl Sample {
    /// Largest magnitude of a number.
    pub const MAGNITUDE_MAX: f64 = 1e15;
}

/// Why a sample does not count.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum SampleError {
    #[error("{} needs {}", .kind.with_article(), .kind.needs())]
    OtherFields { kind: StateKind },
    #[error("`{field}` is not finite")]
    NotFinite { field: &'static str },
    #[error("`{field}` is beyond ±{max:e}", max = Sample::MAGNITUDE_MAX)]
    TooLarge { field: &'static str },
    #[error("the answer {answer} is not a whole number")]
    NotWhole { answer: f64 },
    #[error("the answer {answer} lies outside {lowest} to {highest}")]
    OffScale { answer: f64, lowest: i16, highest: i16 },
    #[error("the newest value cannot be taken back: send a sample of the same `ts` with a higher `revision`")]
    NewestRetracted,
    #[error("users cannot be taken back: counts of different users only grow")]
    UserRetracted,
    #[error("the sums of this pane are full")]
    Full,
}

//! What is kept of a stream's samples in one pane.
//!
//! All but the newest value and the users seen are groups: they add and subtract exactly, in any order and split, and a
//! sample taken back leaves no trace, even where it comes before what it takes back. The other two only merge.
//! Stored: a version, the kind, and the kind's own form of varints; the same state gives the same bytes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::answers::Answers;
use super::definition::Reading;
use super::distinct::Distinct;
use super::histogram::Histogram;
use super::newest::Newest;
use super::sample::{Sample, SampleError, SampleValue, Sign};
use super::slots::Slots;
use super::sums::Sums;
use crate::sketch::varint::VarintError;

/// What a stream counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    Last,
    Sums,
    Ratio,
    Histogram,
    Distinct,
    Answers,
    Slots,
}

/// The counts of one pane, or of several merged.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    Last(Newest),
    /// Of the values.
    Sums(Sums<1>),
    /// Of the numerators and denominators.
    Ratio(Sums<2>),
    Histogram(Histogram),
    Distinct(Box<Distinct>),
    Answers(Answers),
    Slots(Slots),
}

/// Why two states cannot be merged. Neither has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    #[error("counts of {theirs} do not add to counts of {ours}")]
    Kind { ours: StateKind, theirs: StateKind },
    #[error("the sums are full")]
    SumsFull,
    #[error("more than {max} slots come together", max = Slots::SLOTS_MAX)]
    SlotsFull,
}

/// Why stored bytes are no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateDecodeError {
    #[error("counts are of format {found}; this driftd reads {VERSION}")]
    Version { found: u8 },
    #[error("counts are of the unknown kind {found}")]
    Kind { found: u8 },
    #[error("counts end early or hold what does not belong there")]
    Corrupt,
}

impl From<VarintError> for StateDecodeError {
    fn from(_: VarintError) -> Self {
        Self::Corrupt
    }
}

const VERSION: u8 = 1;

impl State {
    pub fn empty(kind: StateKind) -> Self {
        match kind {
            StateKind::Last => Self::Last(Newest::default()),
            StateKind::Sums => Self::Sums(Sums::default()),
            StateKind::Ratio => Self::Ratio(Sums::default()),
            StateKind::Histogram => Self::Histogram(Histogram::default()),
            StateKind::Distinct => Self::Distinct(Box::default()),
            StateKind::Answers => Self::Answers(Answers::default()),
            StateKind::Slots => Self::Slots(Slots::default()),
        }
    }

    /// The state of one sample.
    pub fn of(kind: StateKind, sample: &Sample) -> Result<Self, SampleError> {
        let mut state = Self::empty(kind);
        state.add(sample)?;
        Ok(state)
    }

    pub fn kind(&self) -> StateKind {
        match self {
            Self::Last(_) => StateKind::Last,
            Self::Sums(_) => StateKind::Sums,
            Self::Ratio(_) => StateKind::Ratio,
            Self::Histogram(_) => StateKind::Histogram,
            Self::Distinct(_) => StateKind::Distinct,
            Self::Answers(_) => StateKind::Answers,
            Self::Slots(_) => StateKind::Slots,
        }
    }

    /// Counts a sample. After an error nothing has changed.
    #[inline]
    pub fn add(&mut self, sample: &Sample) -> Result<(), SampleError> {
        let sign = sample.sign.unit();
        match (self, sample.value) {
            (Self::Sums(sums), SampleValue::Number(value)) => sums.add([("value", value)], sign),
            (Self::Ratio(sums), SampleValue::Parts { numerator, denominator }) => {
                sums.add([("numerator", numerator), ("denominator", denominator)], sign)
            }
            (Self::Histogram(histogram), SampleValue::Number(value)) => histogram.add(value, sign),
            (Self::Answers(answers), SampleValue::Number(answer)) => answers.add(answer, sign),
            (Self::Slots(slots), SampleValue::Outcome(outcome)) => slots.add(sample.at, outcome, sign),
            (Self::Last(newest), SampleValue::Number(value)) => match sample.sign {
                Sign::Counts => newest.add(sample.at, sample.revision, value),
                Sign::Retracts => Err(SampleError::NewestRetracted),
            },
            (Self::Distinct(distinct), SampleValue::User(user)) => match sample.sign {
                Sign::Counts => {
                    distinct.add(user);
                    Ok(())
                }
                Sign::Retracts => Err(SampleError::UserRetracted),
            },
            (state, _) => Err(SampleError::OtherFields { kind: state.kind() }),
        }
    }

    /// Adds what another state counted. After an error nothing has changed.
    pub fn merge(&mut self, other: &Self) -> Result<(), StateError> {
        match (self, other) {
            (Self::Last(ours), Self::Last(theirs)) => ours.merge(theirs),
            (Self::Sums(ours), Self::Sums(theirs)) => ours.merge(theirs).ok_or(StateError::SumsFull)?,
            (Self::Ratio(ours), Self::Ratio(theirs)) => ours.merge(theirs).ok_or(StateError::SumsFull)?,
            (Self::Histogram(ours), Self::Histogram(theirs)) => ours.merge(theirs),
            (Self::Distinct(ours), Self::Distinct(theirs)) => ours.merge(theirs),
            (Self::Answers(ours), Self::Answers(theirs)) => ours.merge(theirs),
            (Self::Slots(ours), Self::Slots(theirs)) => ours.merge(theirs).ok_or(StateError::SlotsFull)?,
            (ours, theirs) => return Err(StateError::Kind { ours: ours.kind(), theirs: theirs.kind() }),
        }
        Ok(())
    }

    /// Memory, about, in bytes.
    pub fn bytes(&self) -> usize {
        let beside = match self {
            Self::Last(_) | Self::Sums(_) | Self::Ratio(_) => 0,
            Self::Histogram(histogram) => histogram.bytes(),
            Self::Distinct(distinct) => size_of::<Distinct>() + distinct.bytes(),
            Self::Answers(answers) => answers.bytes(),
            Self::Slots(slots) => slots.bytes(),
        };
        size_of::<Self>() + beside
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION, self.kind().code()];
        match self {
            Self::Last(newest) => newest.write(&mut out),
            Self::Sums(sums) => sums.write(&mut out),
            Self::Ratio(sums) => sums.write(&mut out),
            Self::Histogram(histogram) => histogram.write(&mut out),
            Self::Distinct(distinct) => distinct.write(&mut out),
            Self::Answers(answers) => answers.write(&mut out),
            Self::Slots(slots) => slots.write(&mut out),
        }
        out
    }

    /// Reads what [`State::encode`] wrote; any byte out of place is an error.
    pub fn decode(bytes: &[u8]) -> Result<Self, StateDecodeError> {
        let [version, code, body @ ..] = bytes else { return Err(StateDecodeError::Corrupt) };
        if *version != VERSION {
            return Err(StateDecodeError::Version { found: *version });
        }
        let kind = StateKind::ALL.into_iter().find(|kind| kind.code() == *code);
        let body = &mut &*body;
        let state = match kind.ok_or(StateDecodeError::Kind { found: *code })? {
            StateKind::Last => Self::Last(Newest::read(body)?),
            StateKind::Sums => Self::Sums(Sums::read(body)?),
            StateKind::Ratio => Self::Ratio(Sums::read(body)?),
            StateKind::Histogram => Self::Histogram(Histogram::read(body)?),
            StateKind::Distinct => Self::Distinct(Box::new(Distinct::read(body)?)),
            StateKind::Answers => Self::Answers(Answers::read(body)?),
            StateKind::Slots => Self::Slots(Slots::read(body)?),
        };
        if body.is_empty() { Ok(state) } else { Err(StateDecodeError::Corrupt) }
    }
}

impl StateKind {
    /// Whether a sample can be counted.
    pub fn check(self, sample: &Sample) -> Result<(), SampleError> {
        match (self, sample.value, sample.sign) {
            // An empty sketch is large; what it refuses is known.
            (Self::Distinct, SampleValue::User(_), Sign::Counts) => Ok(()),
            (kind, ..) => State::of(kind, sample).map(drop),
        }
    }

    pub const ALL: [Self; 7] =
        [Self::Last, Self::Sums, Self::Ratio, Self::Histogram, Self::Distinct, Self::Answers, Self::Slots];

    /// What stands for it in stored bytes.
    const fn code(self) -> u8 {
        match self {
            Self::Last => 0,
            Self::Sums => 1,
            Self::Ratio => 2,
            Self::Histogram => 3,
            Self::Distinct => 4,
            Self::Answers => 5,
            Self::Slots => 6,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Sums => "sums",
            Self::Ratio => "ratio",
            Self::Histogram => "histogram",
            Self::Distinct => "distinct",
            Self::Answers => "answers",
            Self::Slots => "slots",
        }
    }

    pub(super) const fn with_article(self) -> &'static str {
        match self {
            Self::Last => "a newest value",
            Self::Sums => "a sum or mean",
            Self::Ratio => "a ratio",
            Self::Histogram => "a quantile",
            Self::Distinct => "a number of users",
            Self::Answers => "a survey",
            Self::Slots => "an availability",
        }
    }

    /// The fields of a sample that it is counted from.
    pub const fn needs(self) -> &'static str {
        match self {
            Self::Last | Self::Sums | Self::Histogram => "`value`",
            Self::Answers => "`value`, a whole number",
            Self::Ratio => "`numerator` and `denominator`",
            Self::Distinct => "`user`",
            Self::Slots => "`failed`",
        }
    }
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Reading {
    /// What must be counted to read it; several readings share a stream of one kind.
    pub const fn counts(&self) -> StateKind {
        match self {
            Self::Last => StateKind::Last,
            Self::Mean | Self::Sum { .. } | Self::Rate { .. } => StateKind::Sums,
            Self::Ratio => StateKind::Ratio,
            Self::Quantile(_) => StateKind::Histogram,
            Self::Distinct { .. } | Self::Frequency => StateKind::Distinct,
            Self::Nps | Self::Satisfaction(_) => StateKind::Answers,
            Self::Uptime { .. } => StateKind::Slots,
        }
    }
}

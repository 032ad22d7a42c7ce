//! Requests and failures in slots of five minutes, for the share of time with traffic and healthy answers.

use super::sample::{Outcome, SampleError};
use super::sparse::Sparse;
use crate::domain::{TimeRange, Timestamp};
use crate::sketch::varint::VarintError;

/// Length of a slot, in microseconds.
const SLOT_MICROS: i64 = 300_000_000;

/// Requests and failures by slot. Slots are numbered from 1970, UTC: those of all panes are the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slots(Sparse<i64, 2>);

impl Slots {
    /// Most slots together: a leap year of them, with room for a year that begins in another.
    pub const SLOTS_MAX: usize = 120_000;

    /// Requests less those taken back.
    pub fn n(&self) -> i64 {
        self.0.entries().iter().fold(0, |n, (_, [count, _])| n.saturating_add(*count))
    }

    /// How many slots begin within a range.
    pub fn within(range: TimeRange) -> i64 {
        (first_from(range.end) - first_from(range.start)).max(0)
    }

    /// How many slots that begin within a range had traffic of which at most `errors_max` failed.
    pub fn healthy(&self, range: TimeRange, errors_max: f64) -> i64 {
        let numbers = first_from(range.start)..first_from(range.end);
        let healthy = |(slot, [n, failed]): &&(i64, [i64; 2])| {
            numbers.contains(slot) && *n > 0 && *failed as f64 <= errors_max * *n as f64
        };
        self.0.entries().iter().filter(healthy).count() as i64
    }

    #[inline]
    pub(super) fn add(&mut self, at: Timestamp, outcome: Outcome, sign: i64) -> Result<(), SampleError> {
        let failed = if outcome == Outcome::Failed { sign } else { 0 };
        self.0.add(at.micros().div_euclid(SLOT_MICROS), [sign, failed]);
        match self.0.entries().len() {
            slots if slots > Self::SLOTS_MAX => {
                self.0.add(at.micros().div_euclid(SLOT_MICROS), [-sign, -failed]);
                Err(SampleError::Full)
            }
            _ => Ok(()),
        }
    }

    /// `None`, and nothing changes, where the slots would be too many.
    pub(super) fn merge(&mut self, other: &Self) -> Option<()> {
        if self.0.entries().len() + other.0.entries().len() > Self::SLOTS_MAX
            && self.0.len_with(&other.0) > Self::SLOTS_MAX
        {
            return None;
        }
        self.0.merge(&other.0);
        Some(())
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Result<Self, VarintError> {
        let number = |at: Timestamp| at.micros().div_euclid(SLOT_MICROS);
        let slots = Sparse::read(bytes, number(Timestamp::MIN)..=number(Timestamp::MAX)).map(Self)?;
        if slots.0.entries().len() > Self::SLOTS_MAX { Err(VarintError) } else { Ok(slots) }
    }
}

/// The first slot that begins at an instant or later.
fn first_from(at: Timestamp) -> i64 {
    at.micros().saturating_add(SLOT_MICROS - 1).div_euclid(SLOT_MICROS)
}

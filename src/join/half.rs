//! The halves of an outcome: what is kept of a prediction and of a label until they meet.

use std::sync::Arc;

use super::facts::Facts;
use crate::domain::{IdHash, Pane, PaneLength, Segment, Timestamp, Version};
use crate::performance::class_bits;
use crate::sketch::GridId;

/// What many predictions share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    pub version: Version,
    /// The ruler that the prediction was counted on; the one that its outcome is counted on, and taken out of.
    pub ruler: GridId,
    /// Panes were of this length when it was counted.
    pub pane_length: PaneLength,
    pub segments: Vec<Segment>,
}

/// An instant of a half: whole milliseconds, so that it takes few bytes and is the same before and after the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Millis(pub(super) i64);

impl Millis {
    /// The last whole millisecond; an instant before the year 1 or after 9999 is drawn in to those.
    pub fn of(at: Timestamp) -> Self {
        Self(at.clamp(Timestamp::MIN, Timestamp::MAX).micros().div_euclid(1_000))
    }

    pub fn get(self) -> i64 {
        self.0
    }

    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_micros(self.0 * 1_000)
    }

    /// From `earlier`, which is at most 49 days before.
    pub(super) fn after(self, earlier: Self) -> u32 {
        (self.0 - earlier.0) as u32
    }

    /// The last multiple of `step` milliseconds that is not after it.
    pub(super) fn floor_to(self, step: i64) -> Self {
        Self(self.0 - self.0.rem_euclid(step))
    }

    pub(super) fn plus(self, millis: impl Into<i64>) -> Self {
        Self(self.0 + millis.into())
    }

    /// As [`Millis::of`] has it, or none out of its range.
    pub(super) fn from_number(number: i64) -> Option<Self> {
        let range = Self::of(Timestamp::MIN).0..=Self::of(Timestamp::MAX).0;
        range.contains(&number).then_some(Self(number))
    }
}

/// A prediction that waits for its label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictionHalf {
    pub id: IdHash,
    pub at: Millis,
    pub origin: Arc<Origin>,
    pub facts: Facts,
}

impl PredictionHalf {
    /// The pane that it was counted in, and its outcome will be.
    pub fn pane(&self) -> Pane {
        self.origin.pane_length.pane_of(self.at.timestamp())
    }
}

/// A label that seeks its prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelHalf {
    pub id: IdHash,
    pub label: Label,
}

/// What really happened, as was known at an instant. The larger of two holds: the later one, and of two of one
/// instant the one of the larger value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    pub at: Millis,
    pub value: LabelValue,
}

/// What a label says, in 64 bits: a hash of a class's name, or a number in an integer of the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LabelValue(i64);

impl LabelValue {
    pub fn class_name(name: &str) -> Self {
        Self(class_bits(name))
    }

    /// None where it is not finite. −0 is 0.
    pub fn number(value: f64) -> Option<Self> {
        let bits = (value + 0.0).to_bits() as i64;
        // A float's bits are ordered as integers once those of negative ones are turned around.
        value.is_finite().then_some(Self(bits ^ (((bits >> 63) as u64) >> 1) as i64))
    }

    /// The number that [`LabelValue::number`] was given.
    pub fn as_number(self) -> f64 {
        f64::from_bits((self.0 ^ (((self.0 >> 63) as u64) >> 1) as i64) as u64)
    }

    /// Of a class what [`class_bits`] gives, to look it up by.
    pub fn bits(self) -> i64 {
        self.0
    }

    pub(super) fn from_bits(bits: i64) -> Self {
        Self(bits)
    }
}

/// What one commit holds of one model: predictions and labels that came with it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Halves {
    pub predictions: Vec<PredictionHalf>,
    pub labels: Vec<LabelHalf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_and_value() {
        let numbers = [f64::MIN, -2.5, -5e-324, 0.0, 5e-324, 1.0, 1.5, f64::MAX];
        let values: Vec<LabelValue> = numbers.iter().filter_map(|&x| LabelValue::number(x)).collect();
        assert!(values.is_sorted_by(|a, b| a < b));
        let back: Vec<f64> = values.iter().map(|value| value.as_number()).collect();
        assert_eq!(back, numbers);
        assert_eq!(LabelValue::number(-0.0), LabelValue::number(0.0));
        assert_eq!(LabelValue::number(f64::NAN), None);
    }
}

//! What a join does to the outcomes of a pane.

use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

use super::facts::Facts;
use super::half::{Label, Millis, Origin};
use crate::domain::{IdHash, Pane};

/// Whether an outcome comes in or is taken back out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sign {
    Removed,
    Added,
}

impl Sign {
    /// −1 or 1.
    pub fn factor(self) -> i64 {
        match self {
            Self::Removed => -1,
            Self::Added => 1,
        }
    }
}

/// One outcome more or less, in the pane of its prediction. What is removed was added before with the same values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Change {
    pub sign: Sign,
    pub id: IdHash,
    pub origin: Arc<Origin>,
    /// When it was predicted.
    pub at: Millis,
    pub facts: Facts,
    pub label: Label,
}

impl Change {
    /// The pane that it counts in: that of the prediction.
    pub fn pane(&self) -> Pane {
        self.origin.pane_length.pane_of(self.at.timestamp())
    }

    /// From the prediction to its label; 0 for one that is dated before it.
    pub fn lag(&self) -> Duration {
        self.label.at.timestamp().since(self.at.timestamp())
    }
}

/// What became of the halves that an index took in. Outcomes do not depend on the order in which halves come; which
/// of two duplicates is called the duplicate does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JoinCounts {
    /// Predictions and labels that had their match, or began to wait for it.
    pub predictions: u64,
    pub labels: u64,
    /// Predictions that met their label.
    pub matched: u64,
    /// Predictions of an id and version that had one already; the larger of the two holds.
    pub duplicate_predictions: u64,
    /// Labels that say what was known of their id, or that an earlier one than is known said.
    pub duplicate_labels: u64,
    /// Labels that say something else than was known.
    pub corrections: u64,
    /// Halves that came when their life was over already: they did nothing.
    pub late_predictions: u64,
    pub late_labels: u64,
    /// Predictions whose life ended without a label, and labels whose life ended without a prediction.
    pub expired_predictions: u64,
    pub orphans: u64,
    /// Halves whose id the sample does not hold.
    pub sampled_out: u64,
}

impl AddAssign for JoinCounts {
    fn add_assign(&mut self, other: Self) {
        self.predictions += other.predictions;
        self.labels += other.labels;
        self.matched += other.matched;
        self.duplicate_predictions += other.duplicate_predictions;
        self.duplicate_labels += other.duplicate_labels;
        self.corrections += other.corrections;
        self.late_predictions += other.late_predictions;
        self.late_labels += other.late_labels;
        self.expired_predictions += other.expired_predictions;
        self.orphans += other.orphans;
        self.sampled_out += other.sampled_out;
    }
}

//! Which ids are joined when there are more than can wait: those whose hash is below a threshold.

use crate::domain::IdHash;

/// Ids up to this hash are joined, predictions and labels alike. The hash knows nothing of what it is of, so that the
/// outcomes of a pane are a fair sample of it; and it is the same on every replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample(u64);

impl Default for Sample {
    /// All of them.
    fn default() -> Self {
        Self(u64::MAX)
    }
}

impl Sample {
    /// The largest hash that is in it; kept with the position in the log.
    pub fn threshold(self) -> u64 {
        self.0
    }

    pub fn from_threshold(threshold: u64) -> Self {
        Self(threshold)
    }

    pub fn has(self, id: IdHash) -> bool {
        id.bits() <= self.0
    }

    /// Of all ids: what is shown as `label_sample_ratio`.
    pub fn ratio(self) -> f64 {
        self.0 as f64 / u64::MAX as f64
    }

    /// The largest hash that could be in it.
    pub(super) fn last(self) -> IdHash {
        IdHash::from_bits(self.0)
    }

    /// A thousandth fewer: so many fall out at once as one commit may hold.
    pub(super) fn narrowed(self) -> Self {
        Self(self.0 / 1_024 * 1_023)
    }
}

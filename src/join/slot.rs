//! What the tables hold, 16 bytes beside the hash.

use super::contexts::ContextId;
use super::half::{Label, LabelValue, Millis};

#[derive(Debug, Clone, Copy)]
pub(super) struct PredictionSlot {
    pub context: ContextId,
    /// After the start of its pane, which is a day at most.
    pub offset_millis: u32,
    /// The facts, or where they lie.
    pub facts: u64,
}

/// A label, and whether it has met a prediction: if never, it ends as an orphan.
#[derive(Debug, Clone, Copy)]
pub(super) struct LabelSlot {
    value: LabelValue,
    /// The instant in the upper bits, the flag in the lowest.
    at_and_met: i64,
}

impl LabelSlot {
    pub fn new(label: Label, has_met: bool) -> Self {
        Self { value: label.value, at_and_met: label.at.get() << 1 | i64::from(has_met) }
    }

    pub fn label(self) -> Label {
        Label { at: Millis(self.at_and_met >> 1), value: self.value }
    }

    pub fn has_met(self) -> bool {
        self.at_and_met & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::IdHash;

    #[test]
    fn a_slot_takes_24_bytes() {
        assert_eq!(size_of::<Option<(IdHash, PredictionSlot)>>(), 24);
        assert_eq!(size_of::<Option<(IdHash, LabelSlot)>>(), 24);
    }
}

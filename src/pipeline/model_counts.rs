//! The counts of a running model, as verdicts read them.

use std::sync::Arc;

use super::model::Model;
use crate::domain::{Segment, TimeRange, Timestamp, Version};
use crate::sketch::Tally;
use crate::verdict::Counts;
use crate::window::Unavailable;

/// The counts of a model, locked for each window that is asked for, not for a whole evaluation.
pub struct ModelCounts<'a>(pub &'a Model);

impl Counts for ModelCounts<'_> {
    fn lanes(&self) -> Vec<(Version, Segment)> {
        Counts::lanes(&self.0.live().book)
    }

    fn window(
        &mut self,
        version: &Version,
        segment: &Segment,
        range: TimeRange,
        excluded: &[TimeRange],
    ) -> Result<Arc<Tally>, Unavailable> {
        self.0.live().book.window(version, segment, range, excluded)
    }

    fn first_pane(&self) -> Option<Timestamp> {
        self.0.live().book.first_pane()
    }
}

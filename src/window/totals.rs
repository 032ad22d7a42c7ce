//! What the panes of each version add up to, told without adding counts.

use super::panes::PaneBook;
use crate::domain::{Segment, Timestamp, Version};

/// Of the panes that are known of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub rows: i64,
    /// Where the first and the newest pane start.
    pub first: Timestamp,
    pub newest: Timestamp,
}

impl PaneBook {
    /// The totals of each version over all segments together. What was counted before a start is known once a window
    /// needed it; what was folded to days is not.
    pub fn totals(&self) -> impl Iterator<Item = (&Version, Totals)> {
        let whole = self.lanes.iter().filter(|((_, segment), _)| *segment == Segment::All);
        whole.filter_map(|((version, _), lane)| {
            let (first, newest) = (*lane.panes.keys().next()?, *lane.panes.keys().next_back()?);
            let rows = lane.panes.values().map(|entry| entry.rows).sum();
            Some((version, Totals { rows, first, newest }))
        })
    }
}

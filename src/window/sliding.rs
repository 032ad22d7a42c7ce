//! A window's sum, kept while it slides: the new panes are added, the old ones subtracted.

use std::sync::Arc;

use super::lane::Resident;
use crate::domain::{TimeRange, Timestamp};
use crate::sketch::{ColumnCounts, Extremes, Newcomers, Ruler, RulerMismatch, Tally};

/// The counts of one window of one lane. Exclusions are part of it: who changes them drops it.
#[derive(Debug)]
pub struct SlidingSum {
    pub range: TimeRange,
    pub sum: Arc<Tally>,
    pub touched: u64,
}

impl SlidingSum {
    /// The plain sum of these panes.
    pub fn of<'a>(
        range: TimeRange,
        ruler: &Ruler,
        panes: impl Iterator<Item = &'a Resident>,
        touched: u64,
    ) -> Result<Self, RulerMismatch> {
        let mut sum = Tally::empty(ruler);
        for pane in panes {
            sum.add(pane.tally(ruler)?.as_ref())?;
        }
        sum.unknown.clear();
        Ok(Self { range, sum: Arc::new(sum), touched })
    }

    /// Moves on to `range`: `left` lies only in the old one, `entered` only in the new one, `within` is all of the
    /// new one, for what cannot be subtracted. On an error the sum is spoilt: drop it.
    pub fn slide<'a>(
        &mut self,
        range: TimeRange,
        ruler: &Ruler,
        left: impl Iterator<Item = &'a Resident>,
        entered: impl Iterator<Item = &'a Resident>,
        within: impl Iterator<Item = &'a Resident>,
    ) -> Result<(), RulerMismatch> {
        let sum = Arc::make_mut(&mut self.sum);
        for pane in left {
            sum.subtract(pane.tally(ruler)?.as_ref())?;
        }
        for pane in entered {
            sum.add(pane.tally(ruler)?.as_ref())?;
        }
        sum.unknown.clear();
        merge_anew(sum, within);
        self.range = range;
        Ok(())
    }

    /// Late or current rows of a pane of the window.
    pub fn add(&mut self, pane_start: Timestamp, tally: &Tally) -> Result<(), RulerMismatch> {
        if self.range.contains(pane_start) {
            let sum = Arc::make_mut(&mut self.sum);
            sum.add(tally)?;
            sum.unknown.clear();
        }
        Ok(())
    }
}

/// What only merges, made again from the panes that are left.
fn merge_anew<'a>(sum: &mut Tally, panes: impl Iterator<Item = &'a Resident>) {
    for column in &mut sum.columns {
        match column {
            ColumnCounts::Numeric { extremes, .. } => *extremes = Extremes::NONE,
            ColumnCounts::Categorical { newcomers, .. } => *newcomers = Newcomers::default(),
        }
    }
    sum.unknown_features.names = Newcomers::default();
    for pane in panes {
        pane.merge_into(sum);
    }
}

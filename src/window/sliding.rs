//! A window's sum, kept while it slides: the new panes are added, the old ones subtracted.

use std::sync::Arc;
use std::time::Duration;

use super::lane::{Entry, Lane};
use crate::domain::{PaneLength, TimeRange, Timestamp};
use crate::sketch::{ColumnCounts, EncodedTally, Extremes, Newcomers, Ruler, RulerMismatch, Tally};

/// Sliding sums kept for one version and segment: current and two moving references of a few window lengths.
const SUMS_MAX: usize = 12;

/// The counts of the closed panes of one window of one lane. Exclusions are part of it: who changes them drops it.
#[derive(Debug)]
pub struct SlidingSum {
    /// How long the window is that it was made for.
    window: Duration,
    /// What is summed: the window, or what of it had closed.
    pub range: TimeRange,
    pub sum: Arc<Tally>,
    touched: u64,
}

/// How a window is summed: from a sum kept before, or from its panes alone.
pub struct Plan {
    range: TimeRange,
    /// The panes before it have closed; on a pane.
    closed_to: Timestamp,
    /// The place of the sum to slide, and its range.
    from: Option<(usize, TimeRange)>,
}

impl Plan {
    /// The cheapest way to the counts of `range`, whose panes before `closed_to` are closed.
    pub fn of(lane: &Lane, range: TimeRange, closed_to: Timestamp) -> Self {
        let closed_to = closed_to.clamp(range.start, range.end);
        let window = range.end.since(range.start);
        let slidable = |sum: &SlidingSum| {
            sum.window == window
                && sum.range.start <= range.start
                && range.start < sum.range.end
                && sum.range.end <= closed_to
        };
        let nearest = (0..lane.sums.len())
            .filter(|&place| slidable(&lane.sums[place]))
            .max_by_key(|&place| lane.sums[place].range);
        Self { range, closed_to, from: nearest.map(|place| (place, lane.sums[place].range)) }
    }

    /// The same without a sum kept before.
    pub fn anew(self) -> Self {
        Self { from: None, ..self }
    }

    /// Whether the counts of the pane that starts there are needed.
    pub fn needs_counts(&self, start: Timestamp) -> bool {
        match self.from {
            Some((_, of)) => start < self.range.start || start >= of.end,
            None => true,
        }
    }

    /// All panes that it touches.
    pub fn touches(&self) -> TimeRange {
        TimeRange { start: self.from.map_or(self.range.start, |(_, of)| of.start), end: self.range.end }
    }
}

/// The sum that was planned. All counts that it needs are in memory. After an error the lane keeps no spoilt sum.
pub fn sum_of(
    lane: &mut Lane,
    ruler: &Ruler,
    plan: &Plan,
    base: PaneLength,
    excluded: &[TimeRange],
    tick: u64,
) -> Result<Arc<Tally>, RulerMismatch> {
    let Plan { range, closed_to, from } = *plan;
    let Lane { panes, sums } = lane;
    let counted = |from: Timestamp, to: Timestamp| {
        panes.range(from..to.max(from)).filter_map(move |(start, entry)| {
            let pane = base.pane_of(*start).range();
            (!excluded.iter().any(|excluded| excluded.overlaps(&pane))).then_some(entry)
        })
    };
    let closed = TimeRange { start: range.start, end: closed_to };
    let sum = match from {
        Some((place, of)) if of == closed => sums.swap_remove(place).sum,
        Some((place, of)) => {
            let mut sum = sums.swap_remove(place).sum;
            let sliding = Arc::make_mut(&mut sum);
            subtract(sliding, counted(of.start, range.start))?;
            add(sliding, counted(of.end, closed_to))?;
            merge_anew(sliding, ruler, counted(range.start, closed_to))?;
            sum
        }
        None => {
            let mut sum = Tally::empty(ruler);
            add(&mut sum, counted(range.start, closed_to))?;
            Arc::new(sum)
        }
    };
    let with_open = match closed_to < range.end {
        true => {
            let mut whole = Tally::clone(&sum);
            add(&mut whole, counted(closed_to, range.end))?;
            Arc::new(whole)
        }
        false => Arc::clone(&sum),
    };
    if closed.start < closed.end {
        if sums.len() >= SUMS_MAX {
            let oldest = (0..sums.len()).min_by_key(|&place| sums[place].touched);
            oldest.map(|place| sums.swap_remove(place));
        }
        let window = range.end.since(range.start);
        sums.push(SlidingSum { window, range: closed, sum, touched: tick });
    }
    Ok(with_open)
}

impl SlidingSum {
    /// Late rows of a pane: an error where they lie on another ruler.
    pub fn add(&mut self, pane_start: Timestamp, counts: &EncodedTally) -> Result<(), RulerMismatch> {
        if self.range.contains(pane_start) {
            let sum = Arc::make_mut(&mut self.sum);
            let mismatch = RulerMismatch { left: sum.ruler_id, right: counts.ruler_id() };
            sum.add_encoded(counts.bytes()).map_err(|_| mismatch)?;
            sum.unknown.clear();
        }
        Ok(())
    }
}

fn add<'a>(sum: &mut Tally, panes: impl Iterator<Item = &'a Entry>) -> Result<(), RulerMismatch> {
    for resident in panes.filter_map(|pane| pane.resident.as_ref()) {
        resident.add_to(sum)?;
    }
    sum.unknown.clear();
    Ok(())
}

fn subtract<'a>(sum: &mut Tally, mut panes: impl Iterator<Item = &'a Entry>) -> Result<(), RulerMismatch> {
    panes.try_for_each(|pane| match &pane.resident {
        Some(resident) => resident.subtract_from(sum),
        None => Ok(()),
    })
}

/// What only merges, made again from the panes that are left.
fn merge_anew<'a>(
    sum: &mut Tally,
    ruler: &Ruler,
    mut panes: impl Iterator<Item = &'a Entry>,
) -> Result<(), RulerMismatch> {
    for column in &mut sum.columns {
        match column {
            ColumnCounts::Numeric { extremes, .. } => *extremes = Extremes::NONE,
            ColumnCounts::Categorical { newcomers, .. } => *newcomers = Newcomers::default(),
        }
    }
    sum.unknown_features.names = Newcomers::default();
    panes.try_for_each(|pane| pane.merge_into(sum, ruler))
}

//! How far the learning of a reference is: which rows belong to it, when it is over, how thin they are kept. Pure.
//!
//! The period is `[from, from + length)`; without a `from` it is the earliest of that length which begins with a pane
//! that has rows and, once it is over, holds enough of them: one stray row of last month begins no reference. Which
//! rows came first has no say in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::options::LearnOptions;
use crate::batch::{Schema, SchemaColumn};
use crate::domain::{ColumnId, TimeRange, Timestamp, Version};
use crate::reference::LearntHeader;

/// What was learnt so far. Bounded: rows by pane and version within what is kept, columns by their own limit.
#[derive(Debug, Clone, Default)]
pub struct Learning {
    panes: BTreeMap<Timestamp, BTreeMap<Version, u64>>,
    /// Values kept, had all been thinned to `level`.
    values: u64,
    /// New values are thinned to every 2^level-th.
    level: u8,
    /// Columns seen so far and their kinds.
    pub columns: BTreeMap<ColumnId, SchemaColumn>,
    /// A freeze that failed is not tried again before.
    pub retry_after: Option<Timestamp>,
    /// Changes when `columns` does.
    pub schema: Option<Arc<Schema>>,
}

/// Where learning stands, with the rows of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Neither a row nor a `from` says when the period begins.
    Unbegun,
    /// The watermark has not passed the period.
    Collecting { period: TimeRange, rows: u64 },
    /// The period is over, and holds fewer rows than a verdict needs: it waits for more of them.
    TooFew { period: TimeRange, rows: u64 },
    /// The reference can be frozen.
    Over { period: TimeRange, rows: u64 },
}

/// Where learning stands, and when it ends.
#[derive(Debug, Clone, Copy)]
pub struct LearningPlan {
    pub options: LearnOptions,
    /// Rows that the period must hold: with fewer no window could be judged against it.
    pub rows_min: u64,
    pub watermark: Option<Timestamp>,
}

impl Learning {
    /// Takes in rows of all segments together.
    pub fn add(&mut self, pane_start: Timestamp, version: &Version, rows: u64) {
        *self.panes.entry(pane_start).or_default().entry(version.clone()).or_default() += rows;
    }

    /// Takes note of values that are kept, those of segments too. At `values_max` values are thinned further.
    pub fn keep(&mut self, header: LearntHeader, values_max: u64) {
        let thinner = header.level.saturating_sub(self.level);
        self.values = shifted(self.values, thinner);
        self.level += thinner;
        let kept = header.kept.saturating_mul(header.columns);
        self.values = self.values.saturating_add(shifted(kept, self.level - header.level));
        while self.values > values_max && self.level < u8::MAX {
            self.level += 1;
            self.values = shifted(self.values, 1);
        }
    }

    /// New values are thinned to every 2^level-th.
    pub fn level(&self) -> u8 {
        self.level
    }

    pub fn rows(&self) -> u64 {
        self.panes.values().flat_map(BTreeMap::values).sum()
    }

    pub fn rows_by_version(&self) -> BTreeMap<&Version, u64> {
        let mut sums = BTreeMap::new();
        for (version, rows) in self.panes.values().flatten() {
            *sums.entry(version).or_default() += rows;
        }
        sums
    }

    pub fn versions(&self) -> BTreeSet<&Version> {
        self.panes.values().flat_map(BTreeMap::keys).collect()
    }

    /// Forgets panes that will not be learnt from any more.
    pub fn forget_before(&mut self, at: Timestamp) {
        self.panes = self.panes.split_off(&at);
    }

    pub fn stage(&self, plan: &LearningPlan) -> Stage {
        let length = plan.options.length;
        let of = |start: Timestamp| TimeRange { start, end: start.saturating_add(length) };
        let over = |period: TimeRange| plan.watermark.is_some_and(|at| at >= period.end);
        let enough = |period: TimeRange| self.rows_in(period) >= plan.rows_min;
        let period = match plan.options.from {
            Some(from) => of(from),
            None => {
                let mut periods = self.panes.keys().map(|start| of(*start));
                match periods.find(|period| !over(*period) || enough(*period)) {
                    Some(period) => period,
                    None => return Stage::Unbegun,
                }
            }
        };
        let rows = self.rows_in(period);
        match (over(period), enough(period)) {
            (false, _) => Stage::Collecting { period, rows },
            (true, true) => Stage::Over { period, rows },
            (true, false) => Stage::TooFew { period, rows },
        }
    }

    /// Whether rows of a pane are kept. Rows before the period are not. Rows after it are, as long as a freeze is to be
    /// expected, which counts them on its grid: whether they or the freeze come first must not matter. Where too few
    /// rows came and no freeze is in sight, only those of the period are kept.
    pub fn keeps(&self, plan: &LearningPlan, pane_start: Timestamp) -> bool {
        match self.stage(plan) {
            Stage::TooFew { period, .. } => period.contains(pane_start),
            _ => pane_start >= self.keeps_from(plan),
        }
    }

    /// Rows before this are not kept, and no longer.
    pub fn keeps_from(&self, plan: &LearningPlan) -> Timestamp {
        if let Some(from) = plan.options.from {
            return from;
        }
        // A period that begins before could only be over.
        let open = plan.watermark.map_or(Timestamp::MIN, |at| at.saturating_sub(plan.options.length));
        match self.stage(plan) {
            Stage::Over { period, .. } => period.start.min(open),
            _ => open,
        }
    }

    fn rows_in(&self, period: TimeRange) -> u64 {
        self.panes.range(period.start..period.end).flat_map(|(_, versions)| versions.values()).sum()
    }
}

impl Stage {
    pub fn period(self) -> Option<TimeRange> {
        match self {
            Self::Unbegun => None,
            Self::Collecting { period, .. } | Self::TooFew { period, .. } | Self::Over { period, .. } => {
                Some(period)
            }
        }
    }

    /// 0 to 1: the time that has passed, or the rows that are there, whichever is less.
    pub fn progress(self, plan: &LearningPlan) -> f64 {
        match self {
            Self::Unbegun => 0.0,
            Self::Over { .. } => 1.0,
            Self::TooFew { rows, .. } => rows as f64 / plan.rows_min.max(1) as f64,
            Self::Collecting { period, .. } => {
                let passed = plan.watermark.map_or(0.0, |at| at.since(period.start).as_secs_f64());
                (passed / plan.options.length.as_secs_f64().max(1.0)).clamp(0.0, 1.0)
            }
        }
    }
}

fn shifted(values: u64, by: u8) -> u64 {
    values.checked_shr(by.into()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_seconds(hour * 3_600)
    }

    fn plan(from: Option<i64>, watermark: Option<i64>) -> LearningPlan {
        let options = LearnOptions { from: from.map(hour), length: 6 * HOUR, values_max: 1_000 };
        LearningPlan { options, rows_min: 100, watermark: watermark.map(hour) }
    }

    fn learning(rows: &[(i64, u64)]) -> Learning {
        let mut learning = Learning::default();
        for (at, rows) in rows {
            learning.add(hour(*at), &Version::unnamed(), *rows);
        }
        learning
    }

    fn range(start: i64) -> TimeRange {
        TimeRange { start: hour(start), end: hour(start + 6) }
    }

    #[test]
    fn a_period_begins_with_its_first_row_and_ends_with_the_watermark() {
        assert_eq!(Learning::default().stage(&plan(None, None)), Stage::Unbegun);
        let learning = learning(&[(12, 60), (10, 50), (17, 9)]);
        let collecting = learning.stage(&plan(None, Some(13)));
        assert_eq!(collecting, Stage::Collecting { period: range(10), rows: 110 });
        assert_eq!(collecting.progress(&plan(None, Some(13))), 0.5);
        let over = learning.stage(&plan(None, Some(16)));
        assert_eq!(over, Stage::Over { period: range(10), rows: 110 });
        assert_eq!(over.progress(&plan(None, Some(16))), 1.0);
    }

    #[test]
    fn a_stray_row_of_long_ago_begins_no_period() {
        let learning = learning(&[(-500, 1), (10, 50), (12, 60)]);
        let stage = learning.stage(&plan(None, Some(13)));
        assert_eq!(stage, Stage::Collecting { period: range(10), rows: 110 });
        assert_eq!(learning.stage(&plan(None, Some(16))), Stage::Over { period: range(10), rows: 110 });
    }

    #[test]
    fn a_period_with_too_few_rows_moves_on_unless_it_was_given() {
        let learning = learning(&[(0, 30), (5, 30), (8, 60)]);
        assert_eq!(learning.stage(&plan(None, Some(7))), Stage::Collecting { period: range(5), rows: 90 });
        let none = learning.stage(&plan(None, Some(20)));
        assert_eq!(none, Stage::Unbegun, "the next row begins it");
        let given = learning.stage(&plan(Some(0), Some(20)));
        assert_eq!(given, Stage::TooFew { period: range(0), rows: 60 });
        assert_eq!(given.progress(&plan(Some(0), Some(20))), 0.6);
        assert_eq!(
            Learning::default().stage(&plan(Some(0), Some(20))),
            Stage::TooFew { period: range(0), rows: 0 }
        );
    }

    #[test]
    fn rows_outside_the_period_are_kept_only_where_a_freeze_will_count_them() {
        let few = learning(&[(0, 30)]);
        let keeps = |learning: &Learning, plan: &LearningPlan| -> Vec<i64> {
            (-8..30).filter(|at| learning.keeps(plan, hour(*at))).collect()
        };
        assert_eq!(keeps(&few, &plan(Some(0), Some(3))), (0..30).collect::<Vec<_>>());
        assert_eq!(keeps(&few, &plan(Some(0), Some(6))), (0..6).collect::<Vec<_>>(), "no freeze in sight");
        assert_eq!(keeps(&few, &plan(None, Some(3))), (-3..30).collect::<Vec<_>>());
        assert_eq!(keeps(&few, &plan(None, None)), (-8..30).collect::<Vec<_>>());
        let enough = learning(&[(0, 130)]);
        assert_eq!(keeps(&enough, &plan(None, Some(20))), (0..30).collect::<Vec<_>>());
    }

    #[test]
    fn values_are_thinned_each_time_the_limit_is_reached() {
        let mut learning = Learning::default();
        let mut levels = Vec::new();
        for _ in 0..8 {
            let level = learning.level();
            let header = LearntHeader { rows: 100, kept: 100 >> level, level, columns: 6 };
            learning.keep(header, 1_000);
            levels.push(learning.level());
        }
        assert_eq!(levels, [0, 1, 1, 2, 2, 2, 3, 3]);
        let mut restored = Learning::default();
        let late_and_thin = LearntHeader { rows: 100, kept: 12, level: 3, columns: 6 };
        restored.keep(LearntHeader { rows: 100, kept: 100, level: 0, columns: 6 }, 1_000);
        restored.keep(late_and_thin, 1_000);
        assert_eq!(restored.level(), 3);
    }
}

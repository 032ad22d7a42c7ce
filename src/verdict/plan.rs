//! What is watched of one model: its windows, references, statistics with thresholds, and false-alarm budget.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::outcome::OutcomePlan;
use crate::domain::{ColumnId, ColumnKind, PaneLength, TimeRange};
use crate::statistic::{Statistic, Thresholds};

/// Everything that evaluating a model needs to know beyond its counts.
#[derive(Debug, Clone, PartialEq)]
pub struct MonitoringPlan {
    /// At least one; lengths differ. They share the budget equally.
    pub windows: Vec<WindowPlan>,
    /// What a window is compared with; at least one, none twice.
    pub references: Vec<Against>,
    pub statistics: StatisticsPlan,
    pub budget: Budget,
    /// Share of a window's rows that break the schema (0 to 1).
    pub schema_violations: Thresholds,
    pub silence_after: SilenceAfter,
    /// How outcomes are judged, where the model has any.
    pub outcomes: OutcomePlan,
}

/// A sliding window: a run of panes, judged each time its last pane closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowPlan {
    /// A whole number of panes, at most [`WindowPlan::PANES_MAX`].
    pub length: Duration,
    pub pane: PaneLength,
    /// How long after its end a pane stays open for late rows.
    pub lateness: Duration,
    /// Fewer rows on either side: `insufficient_data`.
    pub min_samples: u64,
    /// `for`: how many non-overlapping windows in a row must alarm; at least 1.
    pub consecutive: u32,
}

/// What the counts of a window are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// The frozen reference.
    Static,
    /// The window just before, of the same length.
    Previous,
    /// The same hours a week before.
    LastWeek,
}

/// How many false incidents are put up with, and who may cause them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// False incidents per model in 30 days; above 0.
    pub incidents: f64,
    pub shares: Shares,
}

/// The parts of the budget by kind of drift; each 0 to 1, together 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    pub data: f64,
    pub concept: f64,
    pub model: f64,
    pub bias: f64,
}

/// What has a share of the budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drift {
    Data,
    Concept,
    Model,
    Bias,
}

/// When a model that sends nothing is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SilenceAfter {
    Off,
    /// Three times the longest pause between rows in the last 7 days, at least one pane.
    Auto,
    After(Duration),
}

/// Whether a statistic is computed, and whether it can alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StatisticChoice {
    Off,
    /// Computed and shown, never an alarm.
    Inform,
    Judge(Thresholds),
}

/// Which statistics each column has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StatisticsPlan {
    /// For all columns of the kinds that a statistic applies to; the others keep their defaults.
    pub every: BTreeMap<Statistic, StatisticChoice>,
    /// For single columns; goes before `every`.
    pub of_column: BTreeMap<ColumnId, BTreeMap<Statistic, StatisticChoice>>,
}

impl MonitoringPlan {
    /// The length in which this model's rows are counted: the shortest pane of its windows.
    pub fn pane(&self) -> PaneLength {
        self.windows.iter().map(|window| window.pane).min().unwrap_or(PaneLength::Hour)
    }
}

impl MonitoringPlan {
    /// The place of the plan that a window is of.
    pub fn place_of(&self, window: TimeRange) -> Option<usize> {
        let length = window.end.since(window.start);
        self.windows.iter().position(|plan| plan.length == length)
    }
}

impl WindowPlan {
    /// Most panes in a window.
    pub const PANES_MAX: u32 = 400;

    pub fn panes(&self) -> u32 {
        u32::try_from(self.length.as_secs() / self.pane.duration().as_secs()).unwrap_or(u32::MAX)
    }
}

impl Default for WindowPlan {
    fn default() -> Self {
        Self {
            length: Duration::from_secs(24 * 3_600),
            pane: PaneLength::Hour,
            lateness: Duration::from_secs(3_600),
            min_samples: 500,
            consecutive: 1,
        }
    }
}

impl Against {
    /// The name in configs, answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Static => "static",
            Self::Previous => "previous",
            Self::LastWeek => "last_week",
        }
    }
}

impl Default for Shares {
    fn default() -> Self {
        Self { data: 0.5, concept: 0.25, model: 0.15, bias: 0.1 }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self { incidents: 1.0, shares: Shares::default() }
    }
}

impl Shares {
    pub const fn of(&self, drift: Drift) -> f64 {
        match drift {
            Drift::Data => self.data,
            Drift::Concept => self.concept,
            Drift::Model => self.model,
            Drift::Bias => self.bias,
        }
    }

    /// The part of one kind where only the kinds of `judged` can alarm: they have the idle shares too, in proportion,
    /// so that their parts sum to 1. 0 where none of them has a share.
    pub fn among(&self, drift: Drift, judged: &[Drift]) -> f64 {
        let whole: f64 = judged.iter().map(|judged| self.of(*judged)).sum();
        if whole > 0.0 && judged.contains(&drift) { self.of(drift) / whole } else { 0.0 }
    }
}

impl StatisticsPlan {
    /// The statistics of a column in the catalogue's order, each with its thresholds unless it only informs.
    ///
    /// The column's own choice goes before the model's, that before the catalogue's defaults; what does not
    /// apply to `kind` is left out.
    pub fn of(&self, column: &ColumnId, kind: ColumnKind) -> Vec<(Statistic, Option<Thresholds>)> {
        let own = self.of_column.get(column);
        let choice = |statistic: Statistic| {
            own.and_then(|own| own.get(&statistic)).or_else(|| self.every.get(&statistic)).copied()
        };
        Statistic::ALL
            .into_iter()
            .filter(|statistic| statistic.applies_to(kind))
            .filter_map(|statistic| match choice(statistic) {
                Some(StatisticChoice::Off) => None,
                Some(StatisticChoice::Inform) => Some((statistic, None)),
                Some(StatisticChoice::Judge(thresholds)) => Some((statistic, Some(thresholds))),
                None => Statistic::defaults_for(kind)
                    .contains(&statistic)
                    .then(|| (statistic, statistic.default_thresholds())),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idle_shares_go_to_the_kinds_that_are_judged() {
        let shares = Shares::default();
        assert_eq!(shares.among(Drift::Data, &[Drift::Data]), 1.0);
        let two =
            [Drift::Data, Drift::Concept].map(|drift| shares.among(drift, &[Drift::Data, Drift::Concept]));
        assert!((two[0] - 2.0 / 3.0).abs() < 1e-15 && (two[0] + two[1] - 1.0).abs() < 1e-15, "{two:?}");
        assert_eq!(shares.among(Drift::Bias, &[Drift::Data]), 0.0);
        let no_data = Shares { data: 0.0, concept: 0.6, ..shares };
        assert_eq!(no_data.among(Drift::Data, &[Drift::Data]), 0.0);
    }

    #[test]
    fn a_column_goes_before_the_model_and_that_before_the_catalogue() {
        let mut plan = StatisticsPlan::default();
        let wide = Thresholds { warning: 0.3, critical: 0.6 };
        plan.every.insert(Statistic::Psi, StatisticChoice::Off);
        plan.every.insert(Statistic::StdRatio, StatisticChoice::Inform);
        let age = ColumnId::feature("age");
        plan.of_column.entry(age.clone()).or_default().insert(Statistic::Psi, StatisticChoice::Judge(wide));

        let of_age = plan.of(&age, ColumnKind::Numeric);
        assert_eq!(of_age[0], (Statistic::Psi, Some(wide)));
        assert!(of_age.contains(&(Statistic::StdRatio, None)));
        assert!(of_age.contains(&(Statistic::Ks, Statistic::Ks.default_thresholds())));

        let of_city = plan.of(&ColumnId::feature("city"), ColumnKind::Categorical);
        assert!(of_city.iter().all(|(statistic, _)| *statistic != Statistic::Psi));
        assert!(of_city.iter().all(|(statistic, _)| statistic.applies_to(ColumnKind::Categorical)));
    }
}

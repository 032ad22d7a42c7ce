//! From the false-alarm budget to the level of one test.
//!
//! A union bound: the levels of all evaluations of 30 days add up to the budget, so it holds however windows overlap.
//! What alarms for `data` shares its part: the window lengths equally, after the tenth that volume has. Shares of
//! kinds that nothing judges (those of outcomes, while no label comes) would lie idle, and drift be found later for
//! nothing: the judged kinds have them too.

use super::plan::{Drift, MonitoringPlan, WindowPlan};
use crate::domain::PaneLength;

/// The period of the budget, in seconds.
const BUDGET_SECONDS: f64 = 30.0 * 86_400.0;
/// The kinds of drift that can alarm while no label was ever seen, and after.
const JUDGED_WITHOUT_LABELS: &[Drift] = &[Drift::Data];
const JUDGED: &[Drift] = &[Drift::Data, Drift::Concept, Drift::Model];
const JUDGED_WITH_GROUPS: &[Drift] = &[Drift::Data, Drift::Concept, Drift::Model, Drift::Bias];
/// The part of the share of `data` that volume alarms may use.
const VOLUME_PART: f64 = 0.1;

/// The level at which one closed pane of one window length is judged for data drift, over all `versions` that are
/// judged beside each other (at least 1 is taken). `with_labels`: whether outcomes are judged too.
pub fn data_alpha(plan: &MonitoringPlan, window: &WindowPlan, versions: usize, with_labels: bool) -> f64 {
    share_per_pane(plan, window, Drift::Data, versions, with_labels) * (1.0 - VOLUME_PART)
}

/// The level at which the row count of one pane of this length is judged.
pub fn volume_alpha(plan: &MonitoringPlan, pane: PaneLength, with_labels: bool) -> f64 {
    per_pane(plan, share(plan, Drift::Data, with_labels) * VOLUME_PART, pane)
}

/// What one closed pane of one window length has of a kind's share, for each of so many versions.
pub(super) fn share_per_pane(
    plan: &MonitoringPlan,
    window: &WindowPlan,
    drift: Drift,
    versions: usize,
    with_labels: bool,
) -> f64 {
    let lengths = plan.windows.len().max(1) as f64;
    per_pane(plan, share(plan, drift, with_labels) / lengths, window.pane) / versions.max(1) as f64
}

fn share(plan: &MonitoringPlan, drift: Drift, with_labels: bool) -> f64 {
    let judged = match (with_labels, plan.outcomes.fairness.is_empty()) {
        (false, _) => JUDGED_WITHOUT_LABELS,
        (true, true) => JUDGED,
        (true, false) => JUDGED_WITH_GROUPS,
    };
    plan.budget.shares.among(drift, judged)
}

fn per_pane(plan: &MonitoringPlan, share: f64, pane: PaneLength) -> f64 {
    (share * plan.budget.incidents * pane.seconds() as f64 / BUDGET_SECONDS).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Task;
    use crate::statistic::Thresholds;
    use crate::verdict::{Against, Budget, OutcomePlan, SilenceAfter, StatisticsPlan};

    #[test]
    fn the_levels_of_30_days_add_up_to_the_budget() {
        let week = WindowPlan {
            length: std::time::Duration::from_secs(7 * 86_400),
            pane: PaneLength::SixHours,
            ..WindowPlan::default()
        };
        let day = WindowPlan::default();
        let plan = MonitoringPlan {
            windows: vec![day, week],
            references: vec![Against::Static],
            statistics: StatisticsPlan::default(),
            budget: Budget::default(),
            schema_violations: Thresholds { warning: 0.01, critical: 0.05 },
            silence_after: SilenceAfter::Off,
            outcomes: OutcomePlan::of(Task::Regression),
        };
        let spent = 720.0 * data_alpha(&plan, &day, 1, false)
            + 120.0 * data_alpha(&plan, &week, 1, false)
            + 720.0 * volume_alpha(&plan, PaneLength::Hour, false);
        assert!((spent - 1.0).abs() < 1e-12, "{spent}");
        let of = |drift| {
            720.0 * share_per_pane(&plan, &day, drift, 1, true)
                + 120.0 * share_per_pane(&plan, &week, drift, 1, true)
        };
        let with_labels = of(Drift::Data) + of(Drift::Concept) + of(Drift::Model);
        assert!((with_labels - 1.0).abs() < 1e-12, "{with_labels}");
        assert!((3.0 * data_alpha(&plan, &day, 3, false) - data_alpha(&plan, &day, 1, false)).abs() < 1e-15);
    }
}

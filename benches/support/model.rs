//! A model of a bench.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use driftd::domain::{ModelId, Task};
use driftd::pipeline::{ModelOptions, ReferenceOptions};
use driftd::reference::Profile;
use driftd::statistic::Thresholds;
use driftd::verdict::{
    Against, Budget, MonitoringPlan, OutcomePlan, SilenceAfter, StatisticsPlan, WindowPlan,
};
use driftd::window::ClockMode;

const DAY: Duration = Duration::from_secs(86_400);

/// A model that is judged by day, sliced by region.
pub fn model(id: ModelId, task: Task, profile: &Profile) -> ModelOptions {
    ModelOptions {
        id,
        task,
        positive_class: None,
        classes: Vec::new(),
        declared: Vec::new(),
        ignored: BTreeSet::new(),
        sensitive: BTreeSet::new(),
        segments: vec!["region".into()],
        full_grid: false,
        clock: ClockMode::Live,
        idle_timeout: Duration::from_secs(600),
        tags: BTreeMap::new(),
        plan: MonitoringPlan {
            windows: vec![WindowPlan::default()],
            references: vec![Against::Static],
            statistics: StatisticsPlan::default(),
            budget: Budget::default(),
            schema_violations: Thresholds { warning: 0.01, critical: 0.05 },
            silence_after: SilenceAfter::Off,
            outcomes: OutcomePlan::of(task),
        },
        label_ttl: 30 * DAY,
        trained_at: BTreeMap::new(),
        retraining: None,
        maintenance: Default::default(),
        reference: ReferenceOptions::Profile(Box::new(profile.clone())),
    }
}

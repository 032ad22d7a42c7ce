//! `[labels]`, `[performance]` and `[[fairness]]`: how outcomes come and how they are judged.

mod labels;

mod performance;

mod fairness;

use std::time::Duration;

use super::SegmentSettings;
use crate::config::storage::Retention;
use crate::config::table::Table;
use crate::domain::Task;
use crate::verdict::{OutcomePlan, WindowPlan};

/// What is said of a model's outcomes.
pub(super) struct OutcomeSettings {
    pub plan: OutcomePlan,
    pub label_ttl: Duration,
}

/// What the rest of the model's file says, which outcomes have to go with.
pub(super) struct Rest<'a> {
    /// `None` where it is missing or wrong: then nothing can be said of metrics.
    pub task: Option<Task>,
    pub segments: &'a SegmentSettings,
    pub windows: &'a [WindowPlan],
    pub retention: &'a Retention,
}

pub(super) fn read(table: &Table<'_>, rest: &Rest<'_>) -> OutcomeSettings {
    let labels = table.section("labels", |table| labels::read(table, rest.windows, rest.retention));
    let judged = match rest.task {
        Some(task) => OutcomePlan {
            fairness: fairness::read(table, task, &rest.segments.attributes),
            ..table.section("performance", |table| performance::read(table, task))
        },
        None => {
            table.section("performance", Table::pass_over);
            table.tables("fairness", Table::pass_over);
            OutcomePlan::of(Task::Binary)
        }
    };
    let plan = OutcomePlan { label_wait: labels.wait, min_coverage: labels.min_coverage, ..judged };
    OutcomeSettings { plan, label_ttl: labels.ttl }
}

//! Metrics of decisions on retraining, of their runs and of the calendar.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use prometheus_client::encoding::DescriptorEncoder;

use super::names;
use crate::domain::{ModelId, Timestamp};
use crate::retraining::{Cause, Decision, MaintenanceItem, Period, Ruling, Standing};

/// How retraining of a model stands now.
#[derive(Debug, Clone, Default)]
pub struct RetrainingStanding {
    /// Runs that have not ended, by state.
    pub runs: BTreeMap<&'static str, u64>,
    /// Runs that were refused, failed or are overdue.
    pub in_trouble: u64,
    /// When the next planned runs come round.
    pub next: Vec<(Cause, Timestamp)>,
    pub items: Vec<MaintenanceItem>,
}

/// Numbers of retraining. Models come from the config, so there are no more series than that allows.
#[derive(Debug, Default)]
pub struct RetrainingMetrics {
    /// By model and cause.
    triggered: Mutex<BTreeMap<(ModelId, Cause), u64>>,
    /// By model and reason; a decision counts under each of its reasons.
    withheld: Mutex<BTreeMap<(ModelId, &'static str), u64>>,
    standing: Mutex<BTreeMap<ModelId, RetrainingStanding>>,
}

impl RetrainingMetrics {
    /// Counts a decision that is stored.
    pub fn decided(&self, decision: &Decision) {
        match &decision.ruling {
            Ruling::Trigger { .. } => {
                *lock(&self.triggered).entry((decision.model.clone(), decision.cause)).or_default() += 1;
            }
            Ruling::Withhold { reasons } => {
                let mut withheld = lock(&self.withheld);
                for reason in reasons {
                    *withheld.entry((decision.model.clone(), reason.as_str())).or_default() += 1;
                }
            }
        }
    }

    pub fn set(&self, model: &ModelId, standing: RetrainingStanding) {
        lock(&self.standing).insert(model.clone(), standing);
    }

    /// Forgets a model that is not watched any more.
    pub(super) fn forget(&self, model: &ModelId) {
        lock(&self.standing).remove(model);
        lock(&self.triggered).retain(|(of, _), _| of != model);
        lock(&self.withheld).retain(|(of, _), _| of != model);
    }

    pub(super) fn write(&self, encoder: &mut DescriptorEncoder) -> fmt::Result {
        let triggered = lock(&self.triggered).clone();
        let samples =
            triggered.iter().map(|((model, cause), count)| ([model.as_str(), cause.as_str()], *count));
        names::RETRAINING_TRIGGERS.write(encoder, samples)?;
        let withheld = lock(&self.withheld).clone();
        let samples = withheld.iter().map(|((model, reason), count)| ([model.as_str(), *reason], *count));
        names::RETRAINING_WITHHELD.write(encoder, samples)?;
        let standing = lock(&self.standing).clone();
        let runs = standing
            .iter()
            .flat_map(|(model, of)| of.runs.iter().map(|(state, runs)| ([model.as_str(), *state], *runs)));
        names::RETRAINING_RUNS.write(encoder, runs)?;
        let trouble = standing.iter().map(|(model, of)| ([model.as_str()], of.in_trouble));
        names::RETRAINING_TROUBLE.write(encoder, trouble)?;
        let next = standing.iter().flat_map(|(model, of)| {
            of.next.iter().map(|(cause, at)| ([model.as_str(), cause.as_str()], at.as_seconds_f64()))
        });
        names::RETRAINING_NEXT.write(encoder, next)?;
        let items = || standing.iter().flat_map(|(model, of)| of.items.iter().map(move |item| (model, item)));
        let labels = |model: &'_ ModelId, item: &MaintenanceItem| {
            (model.clone(), item.task.as_str(), item.period.map_or("", Period::as_str))
        };
        let statuses: Vec<_> =
            items().map(|(model, item)| (labels(model, item), status(item.standing))).collect();
        let samples = statuses
            .iter()
            .map(|((model, task, period), status)| ([model.as_str(), *task, *period], *status));
        names::MAINTENANCE_STATUS.write(encoder, samples)?;
        let due: Vec<_> =
            items().map(|(model, item)| (labels(model, item), item.standing.due_by())).collect();
        let samples = due
            .iter()
            .map(|((model, task, period), at)| ([model.as_str(), *task, *period], at.as_seconds_f64()));
        names::MAINTENANCE_DUE.write(encoder, samples)
    }
}

const fn status(standing: Standing) -> u64 {
    match standing {
        Standing::Upcoming { .. } | Standing::Done { .. } => 0,
        Standing::Due { .. } => 1,
        Standing::Overdue { .. } => 2,
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

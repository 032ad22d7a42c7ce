//! The values of retraining that cross the store.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::AuditRow;
use crate::domain::{ModelId, Timestamp, Version};
use crate::retraining::{Category, Cause, Decision, DecisionId, MaintenanceTask, Period, Run, RunKey};

/// A decision with what follows from it.
#[derive(Debug, Clone)]
pub struct DecisionCommit {
    /// Its id is one more than the last one's.
    pub decision: Decision,
    /// What it was made for, once; `None` where somebody asked.
    pub occasion: Option<String>,
    pub run: Option<Run>,
    pub audit: Option<AuditRow>,
}

/// A run as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// How often it changed.
    pub revision: i64,
    pub run: Run,
}

/// What became of a run, or of a version that came without one.
#[derive(Debug, Clone)]
pub struct RunCommit {
    /// The run as it is to be, with the revision that it was computed from.
    pub run: Option<StoredRun>,
    pub version: Option<TrainedVersion>,
    /// Tasks of the calendar that it does.
    pub done: Vec<MaintenanceDone>,
    pub audit: Option<AuditRow>,
}

/// Reported versions of a model that are kept, the newest.
pub const VERSIONS_MAX: usize = 100;

/// A version that a training pipeline reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainedVersion {
    pub model: ModelId,
    pub version: Version,
    pub trained_at: Timestamp,
    pub reported_at: Timestamp,
    /// The run that made it, where that was one of driftd's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunKey>,
    /// The version that it is to be compared with: the one that served when it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub champion: Option<Version>,
}

/// A task of the calendar that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaintenanceDone {
    pub model: ModelId,
    pub task: MaintenanceTask,
    pub period: Period,
    pub at: Timestamp,
    pub by: String,
    pub category: Category,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A page of decisions, newest first. Conditions must all hold; one that is empty always does.
#[derive(Debug, Clone, Default)]
pub struct DecisionQuery {
    pub model: Option<ModelId>,
    pub cause: Option<Cause>,
    /// `trigger` or `withhold`.
    pub outcome: Option<&'static str>,
    /// Only those before: the last one of the page before this.
    pub before: Option<DecisionId>,
    /// Most decisions of the page.
    pub limit: usize,
}

/// A decision with the run that it brought about, as that stands.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionRow {
    pub decision: Decision,
    pub run: Option<Run>,
}

/// What retraining goes on from when the daemon starts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RetrainingState {
    /// The largest number of a decision; 0 where there is none.
    pub last_decision: u64,
    pub since: BTreeMap<ModelId, Timestamp>,
    /// The newest decision of each model and cause, in order of their ids.
    pub decisions: Vec<Decision>,
    /// The newest run of each model, and all that were not reported, in order of their decisions.
    pub runs: Vec<StoredRun>,
    pub versions: Vec<TrainedVersion>,
    /// The newest of each model, task and period.
    pub done: Vec<MaintenanceDone>,
}

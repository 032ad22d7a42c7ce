//! Decisions of retraining, their runs, and the versions that came of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{ModelId, Timestamp, Version};
use crate::retraining::{
    Category, Cause, Decision, DecisionId, Inputs, Order, Ruling, Run, RunKey, RunState, TargetName, Withheld,
};
use crate::store::{DecisionRow, TrainedVersion};

/// A page of decisions, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionsAnswer {
    pub decisions: Vec<DecisionAnswer>,
    /// Where the next page begins: to be given as `before`; `null` on the last page.
    #[schema(value_type = Option<String>)]
    pub next: Option<DecisionId>,
}

/// What was decided, from what, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionAnswer {
    /// `null` of a dry run: nothing is kept of it.
    #[schema(value_type = Option<String>)]
    pub id: Option<DecisionId>,
    #[schema(value_type = String)]
    pub model: ModelId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `scheduled`, `drift`, `monthly`, `quarterly` or `manual`.
    #[schema(value_type = String)]
    pub cause: Cause,
    /// What it was made for: the time by the schedule, or `at`.
    #[schema(value_type = String, format = DateTime)]
    pub occasion_at: Timestamp,
    /// `corrective`, `preventive`, `evolutive` or `adaptive`.
    #[schema(value_type = String)]
    pub category: Category,
    pub reason: String,
    /// Who asked; `null` where nobody did.
    pub by: Option<String>,
    /// `trigger` or `withhold`.
    pub outcome: String,
    /// Every reason against a run; empty where it was triggered.
    pub withheld: Vec<WithheldAnswer>,
    /// What is asked of the training pipeline: `run_key`, `model`, `version`, `cause`, `category`, `reason`, `update`
    /// (`minor` or `major`), `window`, `drifted` and `validators`; `null` where it was withheld.
    #[schema(value_type = Option<Object>)]
    pub order: Option<Order>,
    /// What it was decided from: `version`, `trained_at`, `last_run`, `open_run`, `window`, `labels`, `drifted`,
    /// `data_quality`.
    #[schema(value_type = Object)]
    pub inputs: Inputs,
    /// As it stands; `null` where there is none.
    pub run: Option<RunAnswer>,
}

/// A reason against a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WithheldAnswer {
    /// In words.
    pub message: String,
    /// `why` (`already_run`, `run_open`, `cooldown`, `too_few_new_labels`, `low_label_coverage`,
    /// `data_quality_incident`, `nothing_drifted`) with its numbers.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub reason: Withheld,
}

/// A run as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunAnswer {
    #[schema(value_type = String)]
    pub run_key: RunKey,
    #[schema(value_type = String)]
    pub target: TargetName,
    /// `requested`, `sending`, `accepted`, `uncertain`, `refused`, `reported` or `failed`.
    pub state: String,
    /// Whether it is on its way or its report is awaited: no other starts meanwhile.
    pub open: bool,
    /// What is wrong with it; `null` where nothing is.
    pub trouble: Option<String>,
    /// Requests that were begun.
    pub attempts: u32,
    pub last_error: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// The next request is not sent before; `null` where none is due.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due_at: Option<Timestamp>,
    /// Since when its request is being sent; when it was accepted, refused or reported, or failed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub state_at: Option<Timestamp>,
    /// A version is to be reported by then.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub report_by: Option<Timestamp>,
    /// What the target calls it.
    pub remote: Option<String>,
    /// The version that it made.
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
}

/// What was decided of a wish.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RetrainAnswer {
    pub decision: DecisionAnswer,
    pub dry_run: bool,
    /// The request to the target as it is sent, or would be, secrets hidden; `null` where it was withheld.
    pub request: Option<String>,
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// `null` where the run failed.
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub trained_at: Option<Timestamp>,
    /// The run that it ends; `null` where driftd did not ask for it.
    pub run: Option<RunAnswer>,
    /// The version that it is compared with: the one that serves.
    #[schema(value_type = Option<String>)]
    pub champion: Option<Version>,
    /// What happens now, in words.
    pub message: String,
}

/// Versions that were reported, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionsAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    pub versions: Vec<TrainedVersionAnswer>,
}

/// A version that a training pipeline reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrainedVersionAnswer {
    #[schema(value_type = String)]
    pub version: Version,
    #[schema(value_type = String, format = DateTime)]
    pub trained_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub reported_at: Timestamp,
    /// The run that made it; `null` where driftd did not ask for it.
    #[schema(value_type = Option<String>)]
    pub run: Option<RunKey>,
    /// The version that it is compared with.
    #[schema(value_type = Option<String>)]
    pub champion: Option<Version>,
    /// Predictions of it that were counted; `null` where none were yet.
    pub rows_seen: Option<u64>,
}

impl DecisionsAnswer {
    /// A page of at most `limit` of these, of which there is one more where another page follows.
    pub fn page(rows: &[DecisionRow], limit: usize, now: Timestamp) -> Self {
        let page = &rows[..rows.len().min(limit)];
        let next = page.last().filter(|_| rows.len() > limit).map(|last| last.decision.id);
        let of = |row: &DecisionRow| DecisionAnswer::of(&row.decision, row.run.as_ref(), now);
        Self { decisions: page.iter().map(of).collect(), next }
    }
}

impl DecisionAnswer {
    pub fn of(decision: &Decision, run: Option<&Run>, now: Timestamp) -> Self {
        let withheld = match &decision.ruling {
            Ruling::Trigger { .. } => Vec::new(),
            Ruling::Withhold { reasons } => reasons.iter().map(WithheldAnswer::from).collect(),
        };
        Self {
            id: Some(decision.id),
            model: decision.model.clone(),
            at: decision.at,
            cause: decision.cause,
            occasion_at: decision.occasion_at,
            category: decision.category,
            reason: decision.reason.clone(),
            by: decision.by.clone(),
            outcome: decision.ruling.as_str().to_owned(),
            withheld,
            order: decision.order().cloned(),
            inputs: decision.inputs.clone(),
            run: run.map(|run| RunAnswer::of(run, now)),
        }
    }

    /// Of a dry run, whose id is nobody's.
    pub fn dry(decision: &Decision) -> Self {
        Self { id: None, ..Self::of(decision, None, decision.at) }
    }

    pub fn is_triggered(&self) -> bool {
        self.order.is_some()
    }
}

impl From<&Withheld> for WithheldAnswer {
    fn from(reason: &Withheld) -> Self {
        Self { message: reason.to_string(), reason: reason.clone() }
    }
}

impl RunAnswer {
    pub fn of(run: &Run, now: Timestamp) -> Self {
        let (state_at, report_by) = match run.state {
            RunState::Requested { .. } => (None, None),
            RunState::Sending { since } => (Some(since), None),
            RunState::Accepted { at, report_by, .. } | RunState::Uncertain { at, report_by, .. } => {
                (Some(at), Some(report_by))
            }
            RunState::Refused { at, .. } | RunState::Failed { at, .. } => (Some(at), None),
            RunState::Reported { at, .. } => (Some(at), None),
        };
        Self {
            run_key: run.order.run_key.clone(),
            target: run.target.clone(),
            state: run.state.as_str().to_owned(),
            open: run.is_open(now),
            trouble: run.trouble(now),
            attempts: run.attempts,
            last_error: run.last_error.clone(),
            requested_at: run.requested_at,
            due_at: match run.state {
                RunState::Requested { due_at } => Some(due_at),
                _ => None,
            },
            state_at,
            report_by,
            remote: match &run.state {
                RunState::Accepted { remote, .. } => remote.clone(),
                _ => None,
            },
            version: match &run.state {
                RunState::Reported { version, .. } => Some(version.clone()),
                _ => None,
            },
        }
    }
}

impl TrainedVersionAnswer {
    pub fn of(trained: &TrainedVersion, rows_seen: Option<u64>) -> Self {
        let TrainedVersion { version, trained_at, reported_at, run, champion, .. } = trained.clone();
        Self { version, trained_at, reported_at, run, champion, rows_seen }
    }
}

//! Why there is no verdict, and which rows were turned away.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Explanation, RunAnswer, Status};
use crate::domain::{ColumnId, ModelId, Timestamp, Version};
use crate::incident::IncidentId;
use crate::kpi::{KpiName, UseCaseId};
use crate::statistic::Statistic;

/// The daemon and what each model waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswer {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Of the daemon.
    pub driftd_version: String,
    pub ready: bool,
    /// Why it is not ready, and what else is wrong with the daemon as a whole.
    pub problems: Vec<Explanation>,
    pub incidents: OpenIncidents,
    pub models: Vec<ModelStatus>,
    /// KPIs out of their bounds, or of which no samples come any more; critical ones first.
    pub kpis: Vec<KpiConcern>,
    /// Runs of retraining that have not ended, or that something is wrong with.
    pub runs: Vec<RunConcern>,
}

/// Incidents that are not resolved.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OpenIncidents {
    pub critical: u64,
    pub warning: u64,
    /// The one that has to be resolved first.
    pub next: Option<NextDeadline>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NextDeadline {
    #[schema(value_type = String)]
    pub incident: IncidentId,
    #[schema(value_type = String, format = DateTime)]
    pub resolve_by: Timestamp,
}

/// What is wrong with a KPI.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KpiConcern {
    #[schema(value_type = Option<String>)]
    pub use_case: Option<UseCaseId>,
    #[schema(value_type = Option<String>)]
    pub model: Option<ModelId>,
    #[schema(value_type = String)]
    pub kpi: KpiName,
    /// `critical`, `warning` or `stale`.
    pub status: KpiTrouble,
    pub message: String,
}

/// How much is wrong with it, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KpiTrouble {
    Critical,
    Warning,
    Stale,
}

/// A run of retraining that somebody may have to see to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunConcern {
    #[schema(value_type = String)]
    pub model: ModelId,
    #[serde(flatten)]
    pub run: RunAnswer,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelStatus {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// The worst of its drifts and of what is watched beside them.
    pub status: Status,
    /// Why it stands at warning or critical, worst first.
    pub reasons: Vec<StatusReason>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub watermark: Option<Timestamp>,
    /// What stands between the model and a verdict; empty where it has a fresh one.
    pub waits_for: Vec<Wait>,
    pub sources: Vec<SourceStatus>,
}

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// Inputs or predictions are spread otherwise than in the reference.
    Data,
    /// Many more or fewer rows than usual.
    Traffic,
    /// No rows for too long.
    Silence,
    /// Values of the wrong type, or features that the model does not have.
    Schema,
    /// The relation of inputs to target changed.
    Concept,
    /// The model wears out.
    Model,
    /// Groups are treated unequally.
    Bias,
}

/// Why a model stands at warning or critical.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatusReason {
    pub concern: Concern,
    pub status: Status,
    /// `null` for what concerns all versions.
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
    /// When the alarm that is open was opened, in event time; `null` where the last window alone says so: the model
    /// is paused, the window is history, or too few windows in a row alarmed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// What is wrong in words, with its figures: of data what moved most.
    pub message: String,
    #[schema(value_type = Option<String>)]
    pub column: Option<ColumnId>,
    #[schema(value_type = Option<String>)]
    pub statistic: Option<Statistic>,
    /// Of the statistic, or the share of rows that break the schema.
    pub value: Option<f64>,
    /// What the value, or the effect that it stands for, has reached.
    pub threshold: Option<f64>,
}

/// One thing that a model waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Wait {
    #[serde(flatten)]
    pub why: Explanation,
    /// When it is over at the present pace.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// How far it is, 0 to 1.
    pub progress: Option<f64>,
}

/// Where rows come from, and how far they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SourceStatus {
    /// `http`, `http:NAME`, …
    pub source: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_row: Option<Timestamp>,
    /// Silent for so long that the watermark no longer waits for it.
    pub idle: bool,
}

/// Rows that were turned away lately.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RejectionsAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// Since the daemon started.
    pub rejected: u64,
    /// Most frequent first.
    pub by_reason: Vec<RejectionsByReason>,
    /// Newest first.
    pub recent: Vec<Rejection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectionsByReason {
    pub reason: String,
    pub rows: u64,
}

/// A rejected row, without its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rejection {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub source: String,
    /// The line or element of its request, from 1.
    pub line: u64,
    pub reason: String,
}

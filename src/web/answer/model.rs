//! A model in sum: how it stands, what was counted of it, what it is compared with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Explanation, Status, StatusReason, Wait};
use crate::domain::{ModelId, PaneLength, Task, TimeRange, Timestamp, Version};

/// Every model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelsAnswer {
    pub models: Vec<ModelAnswer>,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// `binary`, `multiclass` or `regression`.
    #[schema(value_type = String)]
    pub task: Task,
    /// The worst of its drifts and of what is watched beside them.
    pub status: Status,
    /// Why it stands at warning or critical, worst first.
    pub reasons: Vec<StatusReason>,
    /// What stands between it and a verdict; empty where it has a fresh one.
    pub waits_for: Vec<Wait>,
    pub drift: DriftByKind,
    /// How far labels are; none before a window was judged by them.
    pub labels: Option<LabelSummary>,
    /// Rows of the last pane (of an hour at least) beside what is usual then.
    pub traffic: KindStatus,
    /// How long ago the newest row is.
    pub silence: KindStatus,
    /// Values of the wrong type, and features that the model does not have.
    pub schema: KindStatus,
    /// The windows that are judged, shortest first.
    pub windows: Vec<WindowSummary>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_verdict_at: Option<Timestamp>,
    /// Event time up to which rows are taken to be complete.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub watermark: Option<Timestamp>,
    /// The newest event time of any row.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_row: Option<Timestamp>,
    /// Rows counted or learnt within retention; those that were excluded too.
    pub rows: u64,
    /// Newest first.
    pub versions: Vec<VersionSummary>,
    pub reference: ReferenceSummary,
    pub counting: Counting,
    /// No verdicts until then.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub paused_until: Option<Timestamp>,
}

/// The three drifts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DriftByKind {
    /// Inputs diverge from the reference.
    pub data: KindStatus,
    /// The relation of inputs to target changed.
    pub concept: KindStatus,
    /// The model wears out as a whole.
    pub model: KindStatus,
}

/// How one kind of drift, or something watched beside it, stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KindStatus {
    pub status: Status,
    /// Since when an alarm is open, in event time; of drift, since when it stands so.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// In words: why there is no verdict, what moved, or the numbers behind it.
    pub reason: Option<Explanation>,
}

/// How many predictions had their label when a window was last judged by its labels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabelSummary {
    /// The one that ended last.
    #[schema(value_type = Range)]
    pub window: TimeRange,
    /// Predictions of all versions.
    pub predicted: u64,
    /// Those of them whose label is known.
    pub labelled: u64,
    /// Labelled by predicted, 0 to 1; none without a prediction.
    pub coverage: Option<f64>,
}

/// A window that is judged each time its last pane closes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WindowSummary {
    /// As configured: `24h`, `7d`.
    pub length: String,
    /// `1m`, `5m`, `15m`, `1h`, `6h` or `1d`.
    #[schema(value_type = String)]
    pub pane: PaneLength,
    /// The last one judged.
    #[schema(value_type = Option<Range>)]
    pub last: Option<TimeRange>,
    /// Rows of the last one judged.
    pub rows: Option<u64>,
    pub status: Status,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub judged_at: Option<Timestamp>,
    /// When the next one can be judged, if rows go on coming.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
}

/// A version that sent rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionSummary {
    #[schema(value_type = String)]
    pub version: Version,
    /// Rows within retention.
    pub rows: u64,
    /// To the pane (to the day, where panes were folded): where the first and the newest one with rows of it start.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_row: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_row: Option<Timestamp>,
    /// As configured.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub trained_at: Option<Timestamp>,
    pub status: Status,
}

/// What rows are counted by: windows that reach back before a reload that changes it cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counting {
    /// The shortest pane of the windows.
    #[schema(value_type = String)]
    pub pane: PaneLength,
    /// Content hash of the grids; none while the reference is being learnt.
    pub grid: Option<String>,
    /// Of those that segments are counted on.
    pub segment_grid: Option<String>,
    /// The attributes whose values are watched.
    pub segments: Vec<String>,
}

/// What windows are compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReferenceSummary {
    pub state: ReferenceState,
    /// How far learning is, 0 to 1.
    pub progress: Option<f64>,
    /// When learning ends, if rows go on coming.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ready_at: Option<Timestamp>,
    /// The event time it was made from.
    #[schema(value_type = Option<Range>)]
    pub range: Option<TimeRange>,
    pub rows: Option<u64>,
    pub null: Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceState {
    /// None is configured and none is learnt.
    None,
    /// Being learnt from traffic.
    Learning,
    /// Learnt from traffic and frozen.
    Learnt,
    /// Read from a profile file.
    Profile,
    /// Set by a person from a range of counts.
    Baseline,
}

/// What is known of the statistics where nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Null {
    /// Rows are taken to be independent; the false-alarm budget is not promised.
    Iid,
    /// Measured over the reference's own windows.
    Profiled,
}

/// A half-open range of event time, `[start, end)`: how a `TimeRange` looks in the schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Range {
    #[schema(format = DateTime)]
    pub start: String,
    #[schema(format = DateTime)]
    pub end: String,
}

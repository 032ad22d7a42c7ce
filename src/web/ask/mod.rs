//! What is asked of the [`Service`](super::Service), already checked.

mod incident;

mod silence;

mod kpi;

mod retraining;

pub(super) use incident::check_note;
pub use incident::{
    AcknowledgeRequest, AwareRequest, DeadlineChange, DeadlineRequest, Report, ReportRequest, Reported,
    ReportedState, ResolveRequest, ResolvedAs,
};
pub use kpi::{KpiQuery, KpisQuery, SamplesRequest};
pub(super) use retraining::NotDone;
pub use retraining::{
    MaintenanceReport, MaintenanceRequest, RetrainRequest, Trained, TrainingStatus, VersionReport,
    VersionRequest,
};
pub use silence::{EndSilenceRequest, NewSilence, SILENCE_LASTS_MAX, SilenceEnd, SilenceRequest};

use std::fmt;
use std::time::Duration;

use axum::body::Bytes;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{ModelId, Segment, TimeRange, Timestamp, Version};

/// Rows of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct IngestRequest {
    pub model: ModelId,
    /// Decompressed, at most `WebOptions::unpacked_bytes_max`; never empty.
    pub body: Bytes,
    pub format: BodyFormat,
    pub content: RowContent,
    /// `Idempotency-Key`: 1 to 255 visible ASCII characters.
    pub key: Option<String>,
    /// Whose watermark the rows move: `http`, or `http:NAME` with the name of the sender's token.
    pub source: Box<str>,
}

/// What the rows of a body are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowContent {
    Predictions,
    /// What really happened, by the ids of predictions.
    Labels,
}

/// How a body's rows are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    JsonArray,
}

/// Which window is wanted against which reference. What is `None` is the model's own first choice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DriftQuery {
    /// `None`: all versions together.
    pub version: Option<Version>,
    /// `None`: all rows.
    pub segment: Option<Segment>,
    /// Start before end. `None`: the newest closed window. Never given together with `window`.
    pub current: Option<TimeRange>,
    pub reference: Option<ReferenceChoice>,
    /// The length of the window, where the model has several.
    pub window: Option<Duration>,
}

/// What a window is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferenceChoice {
    /// The frozen reference.
    Static,
    /// The window just before, of the same length.
    Previous,
    /// The same hours a week before.
    LastWeek,
    /// Any range; start before end.
    Range(TimeRange),
}

/// Makes what was counted in `range` the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineRequest {
    /// Whose rows; all versions together if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
    #[schema(value_type = super::answer::Range)]
    pub range: TimeRange,
    /// Why, in 1 to 500 characters: kept in the audit trail.
    pub reason: String,
}

/// No verdicts for a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseRequest {
    /// From now on if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub from: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Why, in 1 to 500 characters: kept in the audit trail.
    pub reason: String,
}

/// A range of event time that no window and no reference shall hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExcludeRequest {
    #[schema(value_type = super::answer::Range)]
    pub range: TimeRange,
    /// Why, in 1 to 500 characters: kept in the audit trail.
    pub reason: String,
}

/// Forget the reference and learn it anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LearnRequest {
    /// Why, in 1 to 500 characters: kept in the audit trail.
    pub reason: String,
}

/// Where a copy of the store shall go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// An absolute path on the daemon's machine; the file must not exist.
    pub path: String,
}

/// Who asked: the name of the token, or `anonymous` where no tokens are configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(pub(in crate::web) std::sync::Arc<str>);

impl Actor {
    /// The sender where no tokens are configured.
    pub const ANONYMOUS: &'static str = "anonymous";

    pub fn named(name: impl Into<std::sync::Arc<str>>) -> Self {
        Self(name.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text format of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposition {
    /// Prometheus text format 0.0.4.
    Text004,
    /// OpenMetrics 1.0.0.
    OpenMetrics1,
}

impl Exposition {
    /// Its `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Text004 => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics1 => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

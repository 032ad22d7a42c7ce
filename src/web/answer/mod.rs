//! What the [`Service`](super::Service) answers: the JSON that users see. Fields are only ever added.
//!
//! Instants are RFC 3339 texts, UTC. A number that cannot be had is `null`, with an [`Explanation`] beside it.

mod ingest;

mod model;

mod drift;

mod feature;

mod status;

mod performance;

mod control;

mod incident;

mod notification;

mod retraining;

mod maintenance;

mod kpi;

mod use_case;

pub use control::{AuditAnswer, AuditEntry, BackupAnswer, ControlAnswer, ReloadAnswer};
pub use drift::{
    ColumnDrift, CurrentUsed, DriftAnswer, Limits, ReferenceName, ReferenceUsed, SchemaAnswer, ShareOfRows,
    StatisticAnswer, Verdict,
};
pub use feature::{CategoryBin, CategoryRole, Counted, FeatureAnswer, Histogram, NumericBin, Uncounted};
pub use ingest::{IngestAnswer, RowError};
pub use model::{
    Counting, DriftByKind, KindStatus, LabelSummary, ModelAnswer, ModelsAnswer, Null, Range, ReferenceState,
    ReferenceSummary, VersionSummary, WindowSummary,
};
pub use status::{
    Concern, KpiConcern, KpiTrouble, ModelStatus, NextDeadline, OpenIncidents, Rejection, RejectionsAnswer,
    RejectionsByReason, RunConcern, SourceStatus, StatusAnswer, StatusReason, Wait,
};

pub use incident::{
    Acknowledgement, DeadlineAnswer, IncidentAnswer, IncidentSummary, IncidentsAnswer, ReportAnswer,
    ReportOutcome, ResolutionAnswer, SlaAnswer,
};
pub use notification::{
    Disabled, NotificationAnswer, NotificationsAnswer, ReceiverAnswer, ReceiversAnswer, SilenceAnswer,
    SilenceState, SilencesAnswer,
};

pub use kpi::{KpiAnswer, KpiPoint, KpiSegment, KpiSummary, KpisAnswer};
pub use use_case::{KpiLink, LinkAnswer, PortfolioAnswer, UseCaseAnswer, UseCasesAnswer};

pub use maintenance::{MaintenanceAnswer, MaintenanceItemAnswer, NextRun};
pub use retraining::{
    DecisionAnswer, DecisionsAnswer, RetrainAnswer, RunAnswer, TrainedVersionAnswer, VersionAnswer,
    VersionsAnswer, WithheldAnswer,
};

pub use performance::{
    ClassShiftAnswer, FairnessAnswer, GapAnswer, LabelShiftAnswer, Measured, MetricDifferenceAnswer,
    MetricPerformance, OutcomeStatus, PerformanceAnswer, PredictionShiftAnswer, SegmentMetricAnswer,
    SegmentPerformance, VersionComparison, VersionPerformance,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How things stand. Ordered: the worse is the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Nothing can be said; the explanation beside it says why.
    InsufficientData,
    Ok,
    Warning,
    Critical,
}

/// A reason, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// Stable, `snake_case`: `no_reference`, `insufficient_data`, …
    pub code: String,
    /// What is wrong and what would help, in words.
    pub message: String,
}

impl Explanation {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

//! What the HTTP face asks of the daemon behind it; the pipeline answers, a fake does in tests.

use std::future::Future;
use std::time::Duration;

use axum::body::Bytes;

use super::answer::{
    AuditAnswer, BackupAnswer, ControlAnswer, DriftAnswer, FeatureAnswer, IngestAnswer, ModelAnswer,
    ModelsAnswer, PerformanceAnswer, RejectionsAnswer, ReloadAnswer, StatusAnswer,
};
use super::ask::{
    Actor, BackupRequest, BaselineRequest, DriftQuery, ExcludeRequest, Exposition, IngestRequest,
    LearnRequest, PauseRequest,
};
use super::incident_service::IncidentService;
use super::kpi_service::KpiService;
use super::retraining_service::RetrainingService;
use crate::domain::{ColumnId, ModelId};
use crate::incident::Refused;

/// The daemon as HTTP sees it.
///
/// Methods are called from many tasks at once. A future may be dropped at any await (the sender hung up, or the
/// request's time ran out): whatever was begun must then be finished or undone by its owner, never left half done.
pub trait Service: IncidentService + RetrainingService + KpiService {
    /// Counts a body of predictions. `Ok` only once it is durable.
    fn ingest(
        &self,
        request: IngestRequest,
    ) -> impl Future<Output = Result<IngestAnswer, IngestError>> + Send;

    /// Every configured model, in order of id.
    fn models(&self) -> impl Future<Output = Result<ModelsAnswer, ServiceError>> + Send;

    fn model(&self, model: &ModelId) -> impl Future<Output = Result<ModelAnswer, ServiceError>> + Send;

    /// Every column of one window against one reference.
    fn drift(
        &self,
        model: &ModelId,
        query: &DriftQuery,
    ) -> impl Future<Output = Result<DriftAnswer, ServiceError>> + Send;

    /// One column with both of its histograms.
    fn feature(
        &self,
        model: &ModelId,
        column: &ColumnId,
        query: &DriftQuery,
    ) -> impl Future<Output = Result<FeatureAnswer, ServiceError>> + Send;

    /// What labels show of one window, beside what was to be expected.
    fn performance(
        &self,
        model: &ModelId,
        query: &DriftQuery,
    ) -> impl Future<Output = Result<PerformanceAnswer, ServiceError>> + Send;

    /// What each model waits for, and why it has no verdict.
    fn status(&self) -> impl Future<Output = Result<StatusAnswer, ServiceError>> + Send;

    /// The most recent rejected rows, newest first, without their values.
    fn rejections(
        &self,
        model: &ModelId,
    ) -> impl Future<Output = Result<RejectionsAnswer, ServiceError>> + Send;

    /// What people did, newest first; of every model where `model` is `None`. `limit` is 1 to 1,000.
    fn audit(
        &self,
        model: Option<&ModelId>,
        limit: usize,
    ) -> impl Future<Output = Result<AuditAnswer, ServiceError>> + Send;

    /// Makes the counts of a range the reference.
    fn baseline(
        &self,
        model: &ModelId,
        request: BaselineRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<ControlAnswer, ServiceError>> + Send;

    /// Counts on but gives no verdicts for a while.
    fn pause(
        &self,
        model: &ModelId,
        request: PauseRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<ControlAnswer, ServiceError>> + Send;

    /// Leaves a range of event time out of every window and reference.
    fn exclude(
        &self,
        model: &ModelId,
        request: ExcludeRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<ControlAnswer, ServiceError>> + Send;

    /// Forgets the reference and learns it anew.
    fn learn(
        &self,
        model: &ModelId,
        request: LearnRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<ControlAnswer, ServiceError>> + Send;

    /// Reads the config again; the old one stays where the new one has an error ([`ServiceError::Invalid`]).
    fn reload(&self, actor: &Actor) -> impl Future<Output = Result<ReloadAnswer, ServiceError>> + Send;

    /// Writes a consistent copy of the store to a new file on the daemon's machine.
    fn backup(
        &self,
        request: BackupRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<BackupAnswer, ServiceError>> + Send;

    /// The daemon's metrics as text in the format asked for.
    fn metrics(&self, exposition: Exposition) -> impl Future<Output = Result<Bytes, ServiceError>> + Send;

    /// Whether the process works at all; must not depend on anything outside it.
    fn healthy(&self) -> bool;

    /// Whether rows are taken in; else why not, in words.
    fn ready(&self) -> Result<(), String>;
}

/// Why a body was not counted. Nothing of it was, in every case but [`IngestError::AllRejected`], where there was
/// nothing to count.
#[derive(Debug, Clone, thiserror::Error, PartialEq)]
pub enum IngestError {
    /// 404. `hint` says which models there are, or how to add one.
    #[error("no model has this id: {hint}")]
    UnknownModel { hint: String },
    /// 422, with the answer that says why each row was rejected.
    #[error("all {} rows were rejected", .0.rejected)]
    AllRejected(IngestAnswer),
    /// 422.
    #[error(
        "this Idempotency-Key was used before with another body; a new body needs a new key, a retry the same body"
    )]
    KeyReused,
    /// 413: more rows, or a longer row, than a request may have.
    #[error("{why}")]
    TooLarge { why: String },
    /// 400: the body as a whole cannot be read.
    #[error("{why}")]
    Malformed { why: String },
    /// 429: a queue is at its limit.
    #[error("too much is waiting to be counted; try again later")]
    Busy { retry_after: Duration },
    /// 503: a failed commit, a full disk, starting or stopping.
    #[error("{why}")]
    Unavailable { why: String, retry_after: Duration },
}

/// Why a read or an operation did not happen.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum ServiceError {
    /// 404. `hint` says which models there are.
    #[error("no model has this id: {hint}")]
    UnknownModel { hint: String },
    /// 404.
    #[error("the model has no such version: {hint}")]
    UnknownVersion { hint: String },
    /// 404.
    #[error("the model has no such segment: {hint}")]
    UnknownSegment { hint: String },
    /// 404.
    #[error("the model has no such column: {hint}")]
    UnknownColumn { hint: String },
    /// 404.
    #[error("there is no such incident; GET /v1/incidents lists those that there are")]
    UnknownIncident,
    /// 404, also where it is over.
    #[error("there is no such silence, or it is over; GET /v1/silences lists those that are not")]
    UnknownSilence,
    /// 404.
    #[error("there is no such notification; GET /v1/notifications lists those that are kept")]
    UnknownNotification,
    /// 404.
    #[error("the config has no such receiver; GET /v1/receivers lists those that it has")]
    UnknownReceiver,
    /// 404.
    #[error("driftd asked for no such run of this model; GET /v1/decisions lists those that it asked for")]
    UnknownRun,
    /// 404. `hint` says which there are.
    #[error("no KPI has this name: {hint}")]
    UnknownKpi { hint: String },
    /// 404. `hint` says which there are.
    #[error("no use case has this id: {hint}")]
    UnknownUseCase { hint: String },
    /// 400: understood, but it cannot be done so; `why` says what would be right.
    #[error("{why}")]
    Invalid { why: String },
    /// 409: the state does not allow it now.
    #[error("{why}")]
    Conflict { why: String },
    /// 503.
    #[error("{why}")]
    Unavailable { why: String, retry_after: Duration },
    /// 500: a fault of the daemon's own. `why` goes to the log, not to the sender.
    #[error("{why}")]
    Internal { why: String },
}

impl From<Refused> for ServiceError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => Self::UnknownIncident,
            Refused::Resolved
            | Refused::Acknowledged
            | Refused::MarkedFalse
            | Refused::DeadlineSet
            | Refused::NoDeadline => Self::Conflict { why: refused.to_string() },
        }
    }
}

//! The HTTP face: who may ask what, how bodies come in, how errors read. What is asked is the [`Service`]'s to answer.
//!
//! Invariants: every route declares who may use it; a request is checked (host, origin, token, headers) before a byte
//! of its body is read; every body is held to limits of size, of time and of memory; every error is
//! `{"error":{"code","message"}}`, and neither errors nor logs hold values or tokens. Only what is no HTTP at all is
//! answered without JSON, by the protocol layer.

mod ask;

pub mod answer;

mod service;

mod incident_service;

mod retraining_service;

mod kpi_service;

mod runbooks;

mod failure;

mod role;

mod tokens;

mod options;

mod gate;

mod body;

mod headers;

mod json;

mod extract;

mod exposition;

mod routes;

mod linger;

mod serve;

pub use ask::{
    AcknowledgeRequest, Actor, AwareRequest, BackupRequest, BaselineRequest, BodyFormat, DeadlineChange,
    DeadlineRequest, DriftQuery, EndSilenceRequest, ExcludeRequest, Exposition, IngestRequest, KpiQuery,
    KpisQuery, LearnRequest, MaintenanceReport, MaintenanceRequest, NewSilence, PauseRequest,
    ReferenceChoice, Report, ReportRequest, Reported, ReportedState, ResolveRequest, ResolvedAs,
    RetrainRequest, RowContent, SILENCE_LASTS_MAX, SamplesRequest, SilenceEnd, SilenceRequest, Trained,
    TrainingStatus, VersionReport, VersionRequest,
};
pub use failure::ErrorAnswer;
pub use incident_service::IncidentService;
pub use kpi_service::KpiService;
pub use options::WebOptions;
pub use retraining_service::RetrainingService;
pub use role::{Access, Role, UnknownRole};
pub use routes::routes;
pub use runbooks::runbook_of;
pub use serve::{ServeError, serve};
pub use service::{IngestError, Service, ServiceError};
pub use tokens::{Auth, TokenLineError, Tokens, TokensError};

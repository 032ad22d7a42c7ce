//! What the HTTP face asks of retraining and of the calendar of maintenance.

use std::future::Future;

use super::answer::{
    DecisionsAnswer, MaintenanceAnswer, MaintenanceItemAnswer, RetrainAnswer, VersionAnswer, VersionsAnswer,
};
use super::ask::{Actor, MaintenanceReport, RetrainRequest, VersionReport};
use super::service::ServiceError;
use crate::domain::ModelId;
use crate::store::DecisionQuery;

/// The part of [`Service`](super::Service) that owners of models and training pipelines ask of. What changes something
/// is durable, and in the audit trail under its actor, when it is answered.
pub trait RetrainingService: Send + Sync + 'static {
    /// A page, newest first. `limit` is 1 to 1,000. A model that is not configured has an empty one.
    fn decisions(
        &self,
        query: DecisionQuery,
    ) -> impl Future<Output = Result<DecisionsAnswer, ServiceError>> + Send;

    /// Decides, now, whether the model is retrained because a person wants it; a decision against it is an answer too.
    /// A dry run decides and keeps nothing. [`ServiceError::Conflict`] where the model has no `[retraining]`: it says
    /// what to add to the model's config.
    fn retrain(
        &self,
        model: &ModelId,
        request: RetrainRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<RetrainAnswer, ServiceError>> + Send;

    /// A version was trained, or a run failed. The same report again changes nothing. [`ServiceError::UnknownRun`] where
    /// driftd asked for no such run of the model, [`ServiceError::Invalid`] where it was trained in the future.
    fn report_version(
        &self,
        model: &ModelId,
        report: VersionReport,
        actor: &Actor,
    ) -> impl Future<Output = Result<VersionAnswer, ServiceError>> + Send;

    /// Those that were reported, newest first.
    fn versions(&self, model: &ModelId) -> impl Future<Output = Result<VersionsAnswer, ServiceError>> + Send;

    /// The calendar; of every model where `model` is `None`.
    fn maintenance(
        &self,
        model: Option<&ModelId>,
    ) -> impl Future<Output = Result<MaintenanceAnswer, ServiceError>> + Send;

    /// A task was done. [`ServiceError::Invalid`] where the model's calendar does not have it.
    fn maintain(
        &self,
        report: MaintenanceReport,
        actor: &Actor,
    ) -> impl Future<Output = Result<MaintenanceItemAnswer, ServiceError>> + Send;
}

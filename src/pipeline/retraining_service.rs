//! What is asked of retraining, answered.

use super::Pipeline;
use crate::domain::ModelId;
use crate::store::{DecisionQuery, Store};
use crate::web::answer::{
    DecisionsAnswer, MaintenanceAnswer, MaintenanceItemAnswer, RetrainAnswer, VersionAnswer, VersionsAnswer,
};
use crate::web::{Actor, MaintenanceReport, RetrainRequest, RetrainingService, ServiceError, VersionReport};

impl<S: Store> RetrainingService for Pipeline<S> {
    async fn decisions(&self, _: DecisionQuery) -> Result<DecisionsAnswer, ServiceError> {
        not_wired()
    }

    async fn retrain(
        &self,
        _: &ModelId,
        _: RetrainRequest,
        _: &Actor,
    ) -> Result<RetrainAnswer, ServiceError> {
        not_wired()
    }

    async fn report_version(
        &self,
        _: &ModelId,
        _: VersionReport,
        _: &Actor,
    ) -> Result<VersionAnswer, ServiceError> {
        not_wired()
    }

    async fn versions(&self, _: &ModelId) -> Result<VersionsAnswer, ServiceError> {
        not_wired()
    }

    async fn maintenance(&self, _: Option<&ModelId>) -> Result<MaintenanceAnswer, ServiceError> {
        not_wired()
    }

    async fn maintain(&self, _: MaintenanceReport, _: &Actor) -> Result<MaintenanceItemAnswer, ServiceError> {
        not_wired()
    }
}

fn not_wired<T>() -> Result<T, ServiceError> {
    Err(ServiceError::Internal { why: "not wired".to_owned() })
}

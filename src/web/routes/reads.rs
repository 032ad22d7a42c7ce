//! What can be asked.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::Face;
use crate::web::answer::{
    AuditAnswer, DriftAnswer, FeatureAnswer, ModelAnswer, ModelsAnswer, PerformanceAnswer, RejectionsAnswer,
    StatusAnswer,
};
use crate::web::extract::{Asked, AuditQuery, InModel, OfColumn};
use crate::web::failure::Failure;
use crate::web::service::Service;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) async fn models<S: Service>(State(face): State<Arc<Face<S>>>) -> Answer<ModelsAnswer> {
    face.in_time(face.service.models()).await.map(Json)
}

pub(super) async fn model<S: Service>(
    State(face): State<Arc<Face<S>>>,
    InModel(model): InModel,
) -> Answer<ModelAnswer> {
    face.in_time(face.service.model(&model)).await.map(Json)
}

pub(super) async fn drift<S: Service>(
    State(face): State<Arc<Face<S>>>,
    InModel(model): InModel,
    Asked(query): Asked,
) -> Answer<DriftAnswer> {
    face.in_time(face.service.drift(&model, &query)).await.map(Json)
}

pub(super) async fn performance<S: Service>(
    State(face): State<Arc<Face<S>>>,
    InModel(model): InModel,
    Asked(query): Asked,
) -> Answer<PerformanceAnswer> {
    face.in_time(face.service.performance(&model, &query)).await.map(Json)
}

pub(super) async fn feature<S: Service>(
    State(face): State<Arc<Face<S>>>,
    InModel(model): InModel,
    OfColumn(column): OfColumn,
    Asked(query): Asked,
) -> Answer<FeatureAnswer> {
    face.in_time(face.service.feature(&model, &column, &query)).await.map(Json)
}

pub(super) async fn rejections<S: Service>(
    State(face): State<Arc<Face<S>>>,
    InModel(model): InModel,
) -> Answer<RejectionsAnswer> {
    face.in_time(face.service.rejections(&model)).await.map(Json)
}

pub(super) async fn status<S: Service>(State(face): State<Arc<Face<S>>>) -> Answer<StatusAnswer> {
    face.in_time(face.service.status()).await.map(Json)
}

pub(super) async fn audit<S: Service>(
    State(face): State<Arc<Face<S>>>,
    query: AuditQuery,
) -> Answer<AuditAnswer> {
    face.in_time(face.service.audit(query.model.as_ref(), query.limit)).await.map(Json)
}

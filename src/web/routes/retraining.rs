//! Retraining: what was decided, what is wished for, what was trained; and the calendar of maintenance.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};

use super::Face;
use crate::web::answer::{
    DecisionsAnswer, MaintenanceAnswer, MaintenanceItemAnswer, RetrainAnswer, VersionAnswer, VersionsAnswer,
};
use crate::web::ask::{Actor, MaintenanceRequest, NotDone, RetrainRequest, VersionRequest};
use crate::web::extract::{CalendarAsked, DecisionsAsked, InModel, NoQuery};
use crate::web::failure::Failure;
use crate::web::json::{bad_fields, check_reason, read_json};
use crate::web::service::Service;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) async fn decisions<S: Service>(
    State(face): State<Arc<Face<S>>>,
    DecisionsAsked(query): DecisionsAsked,
) -> Answer<DecisionsAnswer> {
    face.in_time(face.service.decisions(query)).await.map(Json)
}

pub(super) async fn retrain<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    InModel(model): InModel,
    _: NoQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer<RetrainAnswer> {
    let request: RetrainRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_reason(&request.reason)?;
    face.in_time(face.service.retrain(&model, request, &actor)).await.map(Json)
}

pub(super) async fn report_version<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    InModel(model): InModel,
    _: NoQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer<VersionAnswer> {
    let request: VersionRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    let report = request.checked().map_err(bad_fields)?;
    face.in_time(face.service.report_version(&model, report, &actor)).await.map(Json)
}

pub(super) async fn versions<S: Service>(
    State(face): State<Arc<Face<S>>>,
    InModel(model): InModel,
) -> Answer<VersionsAnswer> {
    face.in_time(face.service.versions(&model)).await.map(Json)
}

pub(super) async fn maintenance<S: Service>(
    State(face): State<Arc<Face<S>>>,
    CalendarAsked(model): CalendarAsked,
) -> Answer<MaintenanceAnswer> {
    face.in_time(face.service.maintenance(model.as_ref())).await.map(Json)
}

pub(super) async fn maintain<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    _: NoQuery,
    headers: HeaderMap,
    body: Body,
) -> Answer<MaintenanceItemAnswer> {
    let request: MaintenanceRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    let report = request.checked().map_err(|not_done| match not_done {
        NotDone::Fields(why) => bad_fields(why),
        NotDone::NotByWord(why) => Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "not_by_word", why),
    })?;
    face.in_time(face.service.maintain(report, &actor)).await.map(Json)
}

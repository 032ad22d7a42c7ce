//! Incidents: what is wrong, and what people and reports say of it.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};

use super::Face;
use crate::incident::IncidentId;
use crate::web::answer::{IncidentAnswer, IncidentSummary, IncidentsAnswer, ReportAnswer};
use crate::web::ask::{
    AcknowledgeRequest, Actor, DeadlineRequest, ReportRequest, ResolveRequest, check_note,
};
use crate::web::extract::{IncidentsAsked, WithId};
use crate::web::failure::Failure;
use crate::web::json::{bad_fields, read_json};
use crate::web::service::Service;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) async fn list<S: Service>(
    State(face): State<Arc<Face<S>>>,
    IncidentsAsked(query): IncidentsAsked,
) -> Answer<IncidentsAnswer> {
    face.in_time(face.service.incidents(query)).await.map(Json)
}

pub(super) async fn show<S: Service>(
    State(face): State<Arc<Face<S>>>,
    WithId(id): WithId<IncidentId>,
) -> Answer<IncidentAnswer> {
    face.in_time(face.service.incident(id)).await.map(Json)
}

pub(super) async fn report<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Answer<ReportAnswer> {
    let request: ReportRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    let report = request.checked().map_err(bad_fields)?;
    face.in_time(face.service.report(report, &actor)).await.map(Json)
}

pub(super) async fn acknowledge<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    WithId(id): WithId<IncidentId>,
    headers: HeaderMap,
    body: Body,
) -> Answer<IncidentSummary> {
    let request: AcknowledgeRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_note(request.note.as_deref()).map_err(bad_fields)?;
    face.in_time(face.service.acknowledge(id, request, &actor)).await.map(Json)
}

pub(super) async fn resolve<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    WithId(id): WithId<IncidentId>,
    headers: HeaderMap,
    body: Body,
) -> Answer<IncidentSummary> {
    let request: ResolveRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_note(request.note.as_deref()).map_err(bad_fields)?;
    face.in_time(face.service.resolve(id, request, &actor)).await.map(Json)
}

pub(super) async fn deadline<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    WithId(id): WithId<IncidentId>,
    headers: HeaderMap,
    body: Body,
) -> Answer<IncidentSummary> {
    let request: DeadlineRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    let change = request.checked().map_err(bad_fields)?;
    face.in_time(face.service.deadline(id, change, &actor)).await.map(Json)
}

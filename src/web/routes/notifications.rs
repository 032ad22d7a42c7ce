//! Who is told of incidents, who was, and who is left in peace for a while.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::Face;
use crate::notification::{NotificationId, ReceiverName, SilenceId};
use crate::web::answer::{
    NotificationAnswer, NotificationsAnswer, ReceiverAnswer, ReceiversAnswer, SilenceAnswer, SilencesAnswer,
};
use crate::web::ask::{Actor, EndSilenceRequest, SilenceRequest};
use crate::web::extract::{Named, NotificationsAsked, OfKind, WithId};
use crate::web::failure::Failure;
use crate::web::json::{bad_fields, check_reason, read_json};
use crate::web::runbooks::runbook_of;
use crate::web::service::Service;

type Answer<T> = Result<Json<T>, Failure>;

pub(super) async fn silences<S: Service>(State(face): State<Arc<Face<S>>>) -> Answer<SilencesAnswer> {
    face.in_time(face.service.silences()).await.map(Json)
}

pub(super) async fn silence<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Answer<SilenceAnswer> {
    let request: SilenceRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_reason(&request.reason)?;
    let silence = request.checked().map_err(bad_fields)?;
    face.in_time(face.service.silence(silence, &actor)).await.map(Json)
}

pub(super) async fn end_silence<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    WithId(id): WithId<SilenceId>,
    headers: HeaderMap,
    body: Body,
) -> Answer<SilenceAnswer> {
    let request: EndSilenceRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_reason(&request.reason)?;
    face.in_time(face.service.end_silence(id, request, &actor)).await.map(Json)
}

pub(super) async fn list<S: Service>(
    State(face): State<Arc<Face<S>>>,
    NotificationsAsked(query): NotificationsAsked,
) -> Answer<NotificationsAnswer> {
    face.in_time(face.service.notifications(query)).await.map(Json)
}

pub(super) async fn retry<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    WithId(id): WithId<NotificationId>,
) -> Answer<NotificationAnswer> {
    face.in_time(face.service.retry_notification(id, &actor)).await.map(Json)
}

pub(super) async fn receivers<S: Service>(State(face): State<Arc<Face<S>>>) -> Answer<ReceiversAnswer> {
    face.in_time(face.service.receivers()).await.map(Json)
}

pub(super) async fn enable<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    Named(name): Named<ReceiverName>,
) -> Answer<ReceiverAnswer> {
    face.in_time(face.service.enable_receiver(&name, &actor)).await.map(Json)
}

/// Needs no token: links in notifications lead here, and a runbook holds nothing of anyone's.
pub(super) async fn runbook(OfKind(kind): OfKind) -> Response {
    ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], runbook_of(kind)).into_response()
}

//! What people can do to a model; each leaves a line in the audit trail.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};

use super::Face;
use crate::web::answer::ControlAnswer;
use crate::web::ask::{Actor, BaselineRequest, ExcludeRequest, LearnRequest, PauseRequest};
use crate::web::extract::InModel;
use crate::web::failure::Failure;
use crate::web::json::{check_range, check_reason, read_json};
use crate::web::service::Service;

type Answer = Result<Json<ControlAnswer>, Failure>;

pub(super) async fn baseline<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    InModel(model): InModel,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let request: BaselineRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_range(request.range)?;
    check_reason(&request.reason)?;
    face.in_time(face.service.baseline(&model, request, &actor)).await.map(Json)
}

pub(super) async fn pause<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    InModel(model): InModel,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let request: PauseRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    if request.from.is_some_and(|from| from >= request.until) {
        return Err(Failure::bad_request("bad_range", "`until` is not after `from`"));
    }
    check_reason(&request.reason)?;
    face.in_time(face.service.pause(&model, request, &actor)).await.map(Json)
}

pub(super) async fn exclude<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    InModel(model): InModel,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let request: ExcludeRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_range(request.range)?;
    check_reason(&request.reason)?;
    face.in_time(face.service.exclude(&model, request, &actor)).await.map(Json)
}

pub(super) async fn learn<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    InModel(model): InModel,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let request: LearnRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    check_reason(&request.reason)?;
    face.in_time(face.service.learn(&model, request, &actor)).await.map(Json)
}

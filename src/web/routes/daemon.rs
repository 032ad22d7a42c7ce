//! The daemon itself: probes, metrics, its list of routes, reload and backup.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::Face;
use crate::web::answer::{BackupAnswer, ReloadAnswer};
use crate::web::ask::{Actor, BackupRequest};
use crate::web::exposition::{accepted, takes_gzip};
use crate::web::failure::Failure;
use crate::web::json::read_json;
use crate::web::service::Service;

/// When a probe or sender may try again where nothing better is known.
const RETRY_AFTER: Duration = Duration::from_secs(5);

pub(super) async fn healthy<S: Service>(State(face): State<Arc<Face<S>>>) -> Result<&'static str, Failure> {
    if face.service.healthy() {
        return Ok("healthy\n");
    }
    Err(Failure::unavailable("unhealthy", "the daemon no longer works and must be restarted", RETRY_AFTER))
}

pub(super) async fn ready<S: Service>(State(face): State<Arc<Face<S>>>) -> Result<&'static str, Failure> {
    match face.service.ready() {
        Ok(()) => Ok("ready\n"),
        Err(why) => Err(Failure::unavailable("not_ready", why, RETRY_AFTER)),
    }
}

pub(super) async fn openapi<S: Service>(State(face): State<Arc<Face<S>>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], face.openapi.clone()).into_response()
}

pub(super) async fn metrics<S: Service>(
    State(face): State<Arc<Face<S>>>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let exposition = accepted(&headers);
    let text = face.in_time(face.service.metrics(exposition)).await?;
    let about =
        [(header::CONTENT_TYPE, exposition.content_type()), (header::VARY, "accept, accept-encoding")];
    if !takes_gzip(&headers) {
        return Ok((about, text).into_response());
    }
    let packed = tokio::task::spawn_blocking(move || gzip(&text)).await.map_err(|_| Failure::internal())?;
    Ok((about, [(header::CONTENT_ENCODING, "gzip")], packed).into_response())
}

fn gzip(text: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).expect("writing to memory does not fail");
    encoder.finish().expect("writing to memory does not fail").into()
}

/// Not held to the time of other answers: the config may be long to apply, and who asks waits for it.
pub(super) async fn reload<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
) -> Result<Json<ReloadAnswer>, Failure> {
    Ok(Json(face.service.reload(&actor).await?))
}

/// Not held to the time of other answers: a large store takes minutes.
pub(super) async fn backup<S: Service>(
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<BackupAnswer>, Failure> {
    let request: BackupRequest = read_json(&headers, body, face.in_flight.hold(), &face.options).await?;
    if !Path::new(&request.path).is_absolute() || request.path.contains(char::is_control) {
        return Err(Failure::bad_request("bad_path", "`path` is no absolute path on the daemon's machine"));
    }
    Ok(Json(face.service.backup(request, &actor).await?))
}

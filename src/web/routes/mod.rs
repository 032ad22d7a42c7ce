//! Every route in one table, each with the role that it needs: what is not in the table does not exist.

mod table;

mod predictions;

mod reads;

mod control;

mod incidents;

mod notifications;

mod retraining;

mod kpis;

mod queries;

mod daemon;

mod openapi;

pub use table::routes;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;

use super::body::InFlight;
use super::failure::{Failure, FailureCode};
use super::gate::Gate;
use super::options::WebOptions;
use super::role::Access;
use super::service::Service;

/// What the handlers share.
pub(super) struct Face<S> {
    pub service: Arc<S>,
    pub gate: Gate,
    pub options: WebOptions,
    pub in_flight: Arc<InFlight>,
    openapi: Bytes,
}

impl<S: Service> Face<S> {
    pub fn new(service: Arc<S>, gate: Gate, options: WebOptions) -> Self {
        let in_flight = InFlight::up_to(options.in_flight_bytes_max);
        Self { service, gate, options, in_flight, openapi: openapi::document(&table::table::<S>()) }
    }

    /// What the service answers, or 503 once the time for it is over.
    async fn in_time<T, E>(&self, answer: impl Future<Output = Result<T, E>>) -> Result<T, Failure>
    where
        Failure: From<E>,
    {
        match tokio::time::timeout(self.options.answer_timeout, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Failure::unavailable(
                "answer_timeout",
                "there was no answer in time; whether it took effect is not known, a retry with the same \
                 Idempotency-Key is safe",
                self.options.answer_timeout,
            )),
        }
    }
}

/// The table as a router, with the checks around it.
pub(super) fn router<S: Service>(face: Arc<Face<S>>) -> Router {
    let mut router = Router::new();
    for route in table::table::<S>() {
        let admit = from_fn_with_state((face.clone(), route.access), admit::<S>);
        router = router.route(route.path, route.handler.route_layer(admit));
    }
    router
        .fallback(async || Failure::new(StatusCode::NOT_FOUND, "no_such_path", NO_SUCH_PATH))
        .method_not_allowed_fallback(async || {
            Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", METHOD_NOT_ALLOWED)
        })
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(from_fn_with_state(face.clone(), front::<S>))
        .with_state(face)
}

const NO_SUCH_PATH: &str = "there is nothing at this path; GET /openapi.json lists what there is";
const METHOD_NOT_ALLOWED: &str =
    "this path does not take this method; the Allow header lists those that it takes";

/// Before anything else: was the request meant for us? After everything else: a line in the log if it failed.
async fn front<S: Service>(State(face): State<Arc<Face<S>>>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let (parts, body) = request.into_parts();
    let response = match face.gate.check_aim(&parts) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(failure) => failure.into_response(),
    };
    if response.status().is_client_error() || response.status().is_server_error() {
        log_failure(&method, path.as_ref().map(MatchedPath::as_str), &response);
    }
    response
}

/// The route's pattern, never the path itself: it may hold anything.
fn log_failure(method: &Method, route: Option<&str>, response: &Response) {
    let route = route.unwrap_or("none");
    let status = response.status().as_u16();
    let code = response.extensions().get::<FailureCode>().map_or("none", |code| code.0);
    match response.status() {
        StatusCode::INTERNAL_SERVER_ERROR => tracing::error!(%method, route, status, code, "request failed"),
        status_code if status_code.is_server_error() => {
            tracing::warn!(%method, route, status, code, "request failed");
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => {
            tracing::warn!(%method, route, status, code, "request refused");
        }
        _ => tracing::info!(%method, route, status, code, "request refused"),
    }
}

/// Lets in who may use the route, and names them to its handler.
async fn admit<S: Service>(
    State((face, access)): State<(Arc<Face<S>>, Access)>,
    mut request: Request,
    next: Next,
) -> Response {
    match face.gate.admit(request.headers(), access) {
        Ok(actor) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}

fn after_panic(panic: Box<dyn Any + Send>) -> Response {
    let message = panic.downcast_ref::<String>().map(String::as_str);
    let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    tracing::error!(message, "a request's handler panicked");
    Failure::internal().into_response()
}

//! Every error as it leaves: a status, a stable code, and words.

use std::borrow::Cow;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Explanation, IngestAnswer};
use super::service::{IngestError, ServiceError};

/// The body of every error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ErrorAnswer {
    pub error: Explanation,
    /// Where all rows of a body were rejected: which, and why.
    #[serde(flatten)]
    pub answer: Option<IngestAnswer>,
}

/// A request that ends in an error. Words, never values.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    answer: Option<Box<IngestAnswer>>,
}

/// The code of a failed request, for its log line.
#[derive(Debug, Clone, Copy)]
pub(super) struct FailureCode(pub &'static str);

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), headers: Vec::new(), answer: None }
    }

    pub fn bad_request(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub fn forbidden(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, message)
    }

    pub fn too_large(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, code, message)
    }

    /// The body's type or coding; senders are told what would do.
    pub fn unsupported(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code, message)
    }

    pub fn unavailable(code: &'static str, message: impl Into<Cow<'static, str>>, retry: Duration) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message).retry_after(retry)
    }

    pub fn busy(message: impl Into<Cow<'static, str>>, retry: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "busy", message).retry_after(retry)
    }

    pub fn internal() -> Self {
        let message = "the daemon failed on this request; its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    pub fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// Whole seconds, at least one.
    fn retry_after(mut self, after: Duration) -> Self {
        let seconds = after.as_millis().div_ceil(1_000).max(1);
        let seconds = HeaderValue::from(u64::try_from(seconds).unwrap_or(u64::MAX));
        self.headers.push((header::RETRY_AFTER, seconds));
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = Explanation::new(self.code, self.message);
        let body = Json(ErrorAnswer { error, answer: self.answer.map(|answer| *answer) });
        let mut response = (self.status, AppendHeaders(self.headers), body).into_response();
        response.extensions_mut().insert(FailureCode(self.code));
        response
    }
}

impl From<IngestError> for Failure {
    fn from(error: IngestError) -> Self {
        let message = error.to_string();
        match error {
            IngestError::UnknownModel { .. } => Self::new(StatusCode::NOT_FOUND, "unknown_model", message),
            IngestError::AllRejected(answer) => Self {
                answer: Some(Box::new(answer)),
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "all_rows_rejected", message)
            },
            IngestError::KeyReused => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", message)
            }
            IngestError::TooLarge { .. } => Self::too_large("too_large", message),
            IngestError::Malformed { .. } => Self::bad_request("malformed_body", message),
            IngestError::Busy { retry_after } => Self::busy(message, retry_after),
            IngestError::Unavailable { retry_after, .. } => {
                Self::unavailable("unavailable", message, retry_after)
            }
        }
    }
}

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let message = error.to_string();
        let not_found = |code, message: String| Self::new(StatusCode::NOT_FOUND, code, message);
        match error {
            ServiceError::UnknownModel { .. } => not_found("unknown_model", message),
            ServiceError::UnknownVersion { .. } => not_found("unknown_version", message),
            ServiceError::UnknownSegment { .. } => not_found("unknown_segment", message),
            ServiceError::UnknownColumn { .. } => not_found("unknown_column", message),
            ServiceError::UnknownIncident => not_found("unknown_incident", message),
            ServiceError::UnknownSilence => not_found("unknown_silence", message),
            ServiceError::UnknownNotification => not_found("unknown_notification", message),
            ServiceError::UnknownReceiver => not_found("unknown_receiver", message),
            ServiceError::UnknownRun => not_found("unknown_run", message),
            ServiceError::UnknownKpi { .. } => not_found("unknown_kpi", message),
            ServiceError::UnknownUseCase { .. } => not_found("unknown_use_case", message),
            ServiceError::Invalid { .. } => Self::bad_request("invalid", message),
            ServiceError::Conflict { .. } => Self::new(StatusCode::CONFLICT, "conflict", message),
            ServiceError::Unavailable { retry_after, .. } => {
                Self::unavailable("unavailable", message, retry_after)
            }
            ServiceError::Internal { why } => {
                tracing::error!(why, "a request failed inside the daemon");
                Self::internal()
            }
        }
    }
}

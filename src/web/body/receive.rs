//! Reads a body into one buffer.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{StatusCode, header};
use http_body_util::BodyExt;

use super::in_flight::{Full, Held};
use crate::web::failure::Failure;

/// When to try again once too much is in flight.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A whole body, as sent.
#[derive(Debug)]
pub(in crate::web) struct Received {
    pub bytes: Bytes,
    /// Exactly `bytes`: dropped once they are.
    pub held: Held,
}

/// Reads the body within `bytes_max` and `timeout`.
///
/// What `Content-Length` declares is held before a byte is read, and read into a buffer of that size; without it
/// (chunked) what has come. A body cut short is an error.
pub(in crate::web) async fn receive(
    body: Body,
    bytes_max: usize,
    mut held: Held,
    timeout: Duration,
) -> Result<Received, Failure> {
    // What the protocol goes by, not the header: where both are sent, chunks win over `Content-Length`.
    let declared = match body.size_hint().exact().map(usize::try_from) {
        Some(Ok(length)) if length <= bytes_max => Some(length),
        Some(_) => return Err(too_large(bytes_max)),
        None => None,
    };
    held.grow(declared.unwrap_or(0)).map_err(|Full| busy())?;
    match tokio::time::timeout(timeout, collect(body, declared, bytes_max, &mut held)).await {
        Ok(bytes) => Ok(Received { bytes: bytes?, held }),
        Err(_) => Err(Failure::new(
            StatusCode::REQUEST_TIMEOUT,
            "body_timeout",
            format!("the body did not come within {} s; nothing was counted", timeout.as_secs_f64()),
        )
        .with(header::CONNECTION, "close")),
    }
}

async fn collect(
    mut body: Body,
    declared: Option<usize>,
    bytes_max: usize,
    held: &mut Held,
) -> Result<Bytes, Failure> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| cut_short())?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.is_empty() && declared == Some(data.len()) {
            return Ok(data);
        }
        if data.len() > bytes_max - whole.len() {
            return Err(too_large(bytes_max));
        }
        match declared {
            Some(length) if whole.is_empty() => whole.reserve_exact(length),
            Some(_) => {}
            None => held.grow(data.len()).map_err(|Full| busy())?,
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.into())
}

fn too_large(bytes_max: usize) -> Failure {
    Failure::too_large(
        "body_too_large",
        format!("the body has more than {bytes_max} bytes, the most that is read; send fewer rows at once"),
    )
}

pub(in crate::web) fn busy() -> Failure {
    Failure::busy("too many bytes of bodies are in memory at once; try again later", RETRY_AFTER)
}

fn cut_short() -> Failure {
    Failure::bad_request("body_cut_short", "the body ended before it was complete; nothing was counted")
}

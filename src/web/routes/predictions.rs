//! Rows come in, predictions and labels. What costs least is checked first, and all of the headers before a byte of the body.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};

use super::Face;
use crate::web::answer::IngestAnswer;
use crate::web::ask::{Actor, BodyFormat, IngestRequest, RowContent};
use crate::web::body::{Coding, ContentDigest, Held, Received, UnpackError, busy, receive, unpack};
use crate::web::extract::InModel;
use crate::web::failure::Failure;
use crate::web::headers::{DeclaredFormat, idempotency_key};
use crate::web::service::Service;

pub(super) async fn ingest<S: Service>(
    content: RowContent,
    State(face): State<Arc<Face<S>>>,
    Extension(actor): Extension<Actor>,
    model: Result<InModel, Failure>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<IngestAnswer>, Failure> {
    let InModel(model) = model?;
    let SentRows { bytes, format, key, held } = receive_rows(&face, &headers, body).await?;
    let source = match actor.as_str() {
        Actor::ANONYMOUS => "http".into(),
        name => format!("http:{name}").into(),
    };
    let request = IngestRequest { model, body: bytes, format, content, key, source };
    let answer = face.in_time(face.service.ingest(request));
    let answer = answer.await?;
    drop(held);
    Ok(Json(answer))
}

/// A body of rows as it was sent, opened and whole.
pub(super) struct SentRows {
    pub bytes: Bytes,
    pub format: BodyFormat,
    pub key: Option<String>,
    /// The memory that it takes, until it is counted.
    pub held: Held,
}

/// Checks what the headers say, then reads the body within its limits.
pub(super) async fn receive_rows<S: Service>(
    face: &Face<S>,
    headers: &HeaderMap,
    body: Body,
) -> Result<SentRows, Failure> {
    let key = idempotency_key(headers)?;
    let declared = DeclaredFormat::of(headers)?;
    let coding = Coding::declared(headers)?;
    let digest = ContentDigest::declared(headers)?;

    let options = &face.options;
    let received = receive(body, options.body_bytes_max, face.in_flight.hold(), options.body_timeout).await?;
    let coding = if coding == Coding::Identity { Coding::sniffed(&received.bytes) } else { coding };
    let Received { bytes, held } = if coding == Coding::Identity && digest.is_none() {
        within(received, options.unpacked_bytes_max)?
    } else {
        let bytes_max = options.unpacked_bytes_max;
        // Off the async threads: it takes milliseconds. It goes on if the sender hangs up, held to its limits.
        tokio::task::spawn_blocking(move || open(received, coding, digest, bytes_max))
            .await
            .map_err(|_| Failure::internal())??
    };
    let format = declared.settle(&bytes)?;
    Ok(SentRows { bytes, format, key, held })
}

fn within(received: Received, bytes_max: usize) -> Result<Received, Failure> {
    if received.bytes.len() > bytes_max { Err(too_large(bytes_max)) } else { Ok(received) }
}

/// Checks the digest of what was sent, then decompresses it.
fn open(
    received: Received,
    coding: Coding,
    digest: Option<ContentDigest>,
    bytes_max: usize,
) -> Result<Received, Failure> {
    let Received { bytes: packed, mut held } = received;
    if digest.is_some_and(|digest| !digest.matches(&packed)) {
        return Err(Failure::bad_request(
            "digest_mismatch",
            "the body does not have the Content-Digest that was sent with it; nothing was counted",
        ));
    }
    let bytes = unpack(&packed, coding, bytes_max, &mut held).map_err(|error| match error {
        UnpackError::Corrupt => Failure::bad_request(
            "corrupt_body",
            "the compressed body is cut short, corrupt, or followed by something else; nothing was counted",
        ),
        UnpackError::TooLarge => too_large(bytes_max),
        UnpackError::Full => busy(),
    })?;
    drop(packed);
    held.shrink_to(bytes.len());
    within(Received { bytes, held }, bytes_max)
}

fn too_large(bytes_max: usize) -> Failure {
    Failure::too_large(
        "unpacked_body_too_large",
        format!("the body decompressed has more than {bytes_max} bytes; send fewer rows at once"),
    )
}

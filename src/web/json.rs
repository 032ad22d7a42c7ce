//! The JSON that an operation takes.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

use super::body::{Received, receive};
use super::failure::Failure;
use super::options::WebOptions;
use crate::domain::TimeRange;

/// Bytes of an operation's JSON.
const JSON_BYTES_MAX: usize = 64 * 1024;

/// Longest way to a field that an error names.
const FIELD_BYTES_MAX: usize = 100;

/// Characters of a reason.
const REASON_LENGTH_MAX: usize = 500;

/// Reads a small JSON body. Only `application/json`: a form of another site cannot send that unasked.
pub(super) async fn read_json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    in_flight: super::body::Held,
    options: &WebOptions,
) -> Result<T, Failure> {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Failure::unsupported("unsupported_type", "this takes JSON: send application/json"));
    }
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Failure::unsupported("unsupported_encoding", "this takes JSON as it is, not compressed"));
    }
    let bytes_max = JSON_BYTES_MAX.min(options.body_bytes_max);
    let Received { bytes, held: _held } = receive(body, bytes_max, in_flight, options.body_timeout).await?;
    let bad =
        |why: String| Failure::bad_request("bad_json", format!("the JSON is not what this takes: {why}"));
    // serde takes a list for the fields of an object, in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| *first == b'[') {
        return Err(bad("a list; send an object".to_owned()));
    }
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        bad(without_values(error.inner(), &field))
    })?;
    json.end().map_err(|error| bad(without_values(&error, ".")))?;
    Ok(read)
}

/// serde's message names fields and types; what it quotes of the values themselves is left out. `field`: the way to it, `.`
/// where it is the whole.
fn without_values(error: &serde_json::Error, field: &str) -> String {
    let text = error.to_string();
    let place = format!("line {} column {}", error.line(), error.column());
    match text.strip_prefix("missing field ") {
        Some(_) => text,
        None if text.starts_with("unknown field ") => {
            let expected = text.rfind("expected ").map_or("", |at| &text[at..]);
            format!("unknown field, {expected}")
        }
        None if text.starts_with("unknown variant ") => {
            let expected = text.rfind("expected ").map_or("", |at| &text[at..]);
            format!("unknown word, {expected}")
        }
        None if error.is_data() && field != "." && field.len() <= FIELD_BYTES_MAX => {
            format!("`{field}` is of the wrong type or form, at {place}")
        }
        None if error.is_data() => format!("a value of the wrong type or form at {place}"),
        None => format!("no JSON at {place}"),
    }
}

/// Fields that are right by themselves and wrong together, or wrong in a way that their type does not know.
pub(super) fn bad_fields(why: String) -> Failure {
    Failure::bad_request("bad_fields", why)
}

/// 1 to 500 characters, none of them a control character: it goes to logs and pages.
pub(super) fn check_reason(reason: &str) -> Result<(), Failure> {
    let length = reason.chars().count();
    if (1..=REASON_LENGTH_MAX).contains(&length)
        && !reason.chars().any(char::is_control)
        && !reason.trim().is_empty()
    {
        return Ok(());
    }
    Err(Failure::bad_request(
        "bad_reason",
        format!("`reason` has 1 to {REASON_LENGTH_MAX} characters, no control characters, and says why"),
    ))
}

pub(super) fn check_range(range: TimeRange) -> Result<(), Failure> {
    if range.start < range.end {
        return Ok(());
    }
    Err(Failure::bad_request("bad_range", "the range ends before it starts, or is empty"))
}

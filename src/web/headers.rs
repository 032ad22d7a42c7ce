//! Headers of a body of rows: its key and how its rows are parted.

use axum::http::{HeaderMap, HeaderName, header};

use super::ask::BodyFormat;
use super::failure::Failure;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Longest `Idempotency-Key`, in characters.
const KEY_LENGTH_MAX: usize = 255;

/// `Idempotency-Key`: 1 to 255 visible ASCII characters, or such a text in quotes as the IETF's draft has it.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let key = match text.strip_prefix('"') {
        Some(quoted) => unquoted(quoted),
        None => Some(text.to_owned()),
    };
    let fits = |key: &String| {
        (1..=KEY_LENGTH_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    match (key.filter(fits), values.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(Failure::bad_request(
            "bad_idempotency_key",
            "the Idempotency-Key is not one text of 1 to 255 visible ASCII characters",
        )),
    }
}

/// The text before the closing quote (RFC 8941, 3.3.3); nothing may follow it.
fn unquoted(quoted: &str) -> Option<String> {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(characters.next().filter(|c| matches!(c, '"' | '\\'))?),
            character => text.push(character),
        }
    }
}

/// What `Content-Type` says of a body of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeclaredFormat {
    Ndjson,
    /// JSON, nothing, or a type that clients send without meaning it: the body itself tells.
    Sniff,
}

impl DeclaredFormat {
    /// 415 for a type that cannot be rows of JSON.
    pub fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let text =
            headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines"
            | "application/json-lines"
            | "application/jsonlines" => Ok(Self::Ndjson),
            _ if is_something_else(&essence) => Err(not_rows()),
            _ => Ok(Self::Sniff),
        }
    }

    /// How the rows of this body are parted: by its first byte that is no white space. 415 for Arrow and Parquet.
    pub fn settle(self, body: &[u8]) -> Result<BodyFormat, Failure> {
        let text = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        match text.trim_ascii_start() {
            [] => {
                Err(Failure::bad_request("empty_body", "the body is empty; it has one row of JSON at least"))
            }
            _ if self == Self::Ndjson => Ok(BodyFormat::Ndjson),
            [b'[', ..] => Ok(BodyFormat::JsonArray),
            [b'A', b'R', b'R', b'O', b'W', b'1', ..] | [b'P', b'A', b'R', b'1', ..] => Err(not_rows()),
            [0xff, 0xff, 0xff, 0xff, ..] => Err(not_rows()),
            _ => Ok(BodyFormat::Ndjson),
        }
    }
}

fn is_something_else(essence: &str) -> bool {
    const FAMILIES: [&str; 6] =
        ["image/", "audio/", "video/", "multipart/", "application/vnd.apache.", "application/cloudevents"];
    const TYPES: [&str; 12] = [
        "text/csv",
        "text/html",
        "text/xml",
        "application/xml",
        "application/yaml",
        "application/protobuf",
        "application/x-protobuf",
        "application/vnd.google.protobuf",
        "application/avro",
        "application/msgpack",
        "application/pdf",
        "application/zip",
    ];
    FAMILIES.iter().any(|family| essence.starts_with(family)) || TYPES.contains(&essence)
}

fn not_rows() -> Failure {
    Failure::unsupported(
        "unsupported_type",
        "the body is neither NDJSON nor a JSON array: send application/x-ndjson or application/json",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[&[u8]]) -> Result<Option<String>, ()> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IDEMPOTENCY_KEY, axum::http::HeaderValue::from_bytes(value).unwrap());
        }
        idempotency_key(&headers).map_err(|_| ())
    }

    #[test]
    fn keys_are_visible_ascii_and_may_be_quoted() {
        let ok = |text: &str| Ok(Some(text.to_owned()));
        assert_eq!(key(&[]), Ok(None));
        assert_eq!(key(&[b"8e03978e-40d5"]), ok("8e03978e-40d5"));
        assert_eq!(key(&[br#""8e03""#]), ok("8e03"));
        assert_eq!(key(&[br#""a\"b\\c""#]), ok(r#"a"b\c"#));
        assert_eq!(key(&[&[b'k'; 255]]), ok(&"k".repeat(255)));
        let bad: [&[u8]; 8] = [
            b"",
            br#""""#,
            b"two words",
            br#""open"#,
            br#""a"b"#,
            br#""a\n""#,
            "clé".as_bytes(),
            &[b'k'; 256],
        ];
        for bad in bad {
            assert_eq!(key(&[bad]), Err(()), "{bad:?}");
        }
        assert_eq!(key(&[b"one", b"two"]), Err(()));
    }
}

//! Bodies that are right: every way of sending the same rows ends in the same bytes.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use driftd::web::BodyFormat;
use sha2::{Digest, Sha256};

use super::*;

const ROWS: &[u8] = b"{\"prediction\":\"yes\"}\n{\"prediction\":\"no\"}\n";

/// Headers, and a body that they fit.
type Case<'a> = (&'a [(&'a str, &'a str)], Vec<u8>);

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

#[tokio::test]
async fn every_coding_ends_in_the_same_rows() {
    let server = Server::start(options()).await;
    let (first, second) = ROWS.split_at(20);
    let size = format!("{:x}\r\n", second.len());
    let chunked = [b"14\r\n", first, b"\r\n", size.as_bytes(), second, b"\r\n0\r\n\r\n"].concat();
    let digest = |body: &[u8]| format!("md5=:x:, sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
    let (plain_digest, packed_digest) = (digest(ROWS), digest(&gzip(ROWS)));
    let with_digest = [("Content-Digest", plain_digest.as_str())];
    let with_both = [("Content-Digest", packed_digest.as_str()), ("Content-Encoding", "gzip")];
    let cases: Vec<Case> = vec![
        (&[], ROWS.to_vec()),
        (&[("Content-Encoding", "identity")], ROWS.to_vec()),
        (&[("Content-Encoding", "gzip")], gzip(ROWS)),
        (&[("Content-Encoding", "X-GZip")], gzip(ROWS)),
        (&[("Content-Encoding", "gzip")], [gzip(first), gzip(second)].concat()),
        (&[("Content-Encoding", "zstd")], zstd(ROWS)),
        (&[("Content-Encoding", "zstd")], [zstd(first), zstd(second)].concat()),
        (&[], gzip(ROWS)),
        (&[], zstd(ROWS)),
        (&[("Transfer-Encoding", "chunked")], chunked),
        (&with_digest, ROWS.to_vec()),
        (&with_both, gzip(ROWS)),
    ];
    let count = cases.len();
    for (headers, body) in cases {
        let answer = server.send(&predictions("fraud", headers, &body)).await;
        let expected =
            r#"{"accepted":2,"rejected":0,"duplicate":false,"late":0,"errors":[],"errors_truncated":false}"#;
        assert_eq!((answer.status, answer.text()), (200, expected), "{headers:?}");
    }
    let ingested = server.fake.ingested();
    assert_eq!(ingested.len(), count);
    assert!(ingested.iter().all(|request| request.body == ROWS && &*request.source == "http"));
}

#[tokio::test]
async fn the_format_is_by_type_or_by_the_first_byte() {
    use BodyFormat::{JsonArray, Ndjson};
    let server = Server::start(options()).await;
    let cases = [
        ("application/x-ndjson", "{}", Ndjson),
        ("application/jsonl", "[{}]", Ndjson),
        ("Application/JSON-Lines; charset=utf-8", "{}", Ndjson),
        ("application/json", "{}\n{}", Ndjson),
        ("application/json", " \r\n[{}]", JsonArray),
        ("application/json", "\u{feff}[{}]", JsonArray),
        ("application/x-www-form-urlencoded", "[{}]", JsonArray),
        ("text/plain", "{}", Ndjson),
        ("", "[{}]", JsonArray),
        ("nonsense", "no row at all\n{}", Ndjson),
    ];
    for (content_type, body, _) in cases {
        let answer =
            server.send(&predictions("fraud", &[("Content-Type", content_type)], body.as_bytes())).await;
        assert_eq!(answer.status, 200, "{content_type}");
    }
    let formats: Vec<_> = server.fake.ingested().iter().map(|request| request.format).collect();
    assert_eq!(formats, cases.map(|(_, _, format)| format));
}

#[tokio::test]
async fn the_key_is_handed_on_without_its_quotes() {
    let server = Server::start(options()).await;
    for key in ["k-1", "\"k-1\""] {
        server.send(&predictions("fraud", &[("Idempotency-Key", key)], ROWS)).await;
    }
    let keys: Vec<_> = server.fake.ingested().into_iter().map(|request| request.key).collect();
    assert_eq!(keys, [Some("k-1".to_owned()), Some("k-1".to_owned())]);
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let server = Server::start(options()).await;
    let first = predictions("fraud", &[("Connection", "keep-alive")], ROWS);
    let refused = predictions("absent", &[("Connection", "keep-alive"), ("Idempotency-Key", "")], ROWS);
    let answer = server.send(&[first, refused, predictions("fraud", &[], ROWS)].concat()).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("HTTP/1.1 400 Bad Request"));
    assert_eq!(server.fake.ingested().len(), 2);
}

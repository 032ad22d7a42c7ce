//! `Content-Digest` (RFC 9530): the sender's hash of the body as sent, before any decompression.

use axum::http::{HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::web::failure::Failure;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");

/// A SHA-256 that the body must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) struct ContentDigest([u8; 32]);

impl ContentDigest {
    /// The `sha-256` member, if there is one. Other algorithms are left alone, as the RFC allows; 400 where the
    /// member is not `sha-256=:BASE64:` of 32 bytes.
    pub fn declared(headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let bad =
            || Failure::bad_request("bad_digest", "the Content-Digest is not of the form `sha-256=:BASE64:`");
        let mut found = None;
        for value in headers.get_all(CONTENT_DIGEST) {
            for member in value.to_str().map_err(|_| bad())?.split(',') {
                let (algorithm, bytes) = member.trim().split_once('=').ok_or_else(bad)?;
                if !algorithm.eq_ignore_ascii_case("sha-256") {
                    continue;
                }
                let text = bytes.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')).ok_or_else(bad)?;
                let hash = STANDARD.decode(text).map_err(|_| bad())?;
                found = Some(Self(hash.try_into().map_err(|_| bad())?));
            }
        }
        Ok(found)
    }

    pub fn matches(self, body: &[u8]) -> bool {
        Sha256::digest(body).as_slice() == self.0
    }
}

//! `Content-Encoding`: how a body is compressed.

use axum::http::{HeaderMap, header};

use crate::web::failure::Failure;

/// A compression that is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web) enum Coding {
    Identity,
    Gzip,
    Zstd,
}

impl Coding {
    /// What the header says; [`Coding::Identity`] where there is none. 415 for any other coding, or several.
    pub fn declared(headers: &HeaderMap) -> Result<Self, Failure> {
        let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
        let Some(value) = values.next() else { return Ok(Self::Identity) };
        let coding = value.to_str().map(str::trim).unwrap_or_default();
        let is = |name: &str| coding.eq_ignore_ascii_case(name);
        match values.next() {
            None if is("gzip") || is("x-gzip") => Ok(Self::Gzip),
            None if is("zstd") => Ok(Self::Zstd),
            None if is("identity") || is("") => Ok(Self::Identity),
            _ => Err(Failure::unsupported(
                "unsupported_encoding",
                "the Content-Encoding is not one that is understood: gzip or zstd, one of them, are",
            )
            .with(header::ACCEPT_ENCODING, "gzip, zstd")),
        }
    }

    /// What the first bytes say: loggers forward compressed bodies without the header. No row begins like these.
    pub fn sniffed(body: &[u8]) -> Self {
        match body {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            _ => Self::Identity,
        }
    }
}

//! The stored form of verdicts and states: one byte of format, then JSON, zstd-compressed.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Stored bytes that this driftd cannot read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StoredError {
    #[error("is of format {found}; this driftd reads {FORMAT}")]
    Format { found: u8 },
    #[error("ends early or holds what does not belong there: {0}")]
    Corrupt(String),
}

const FORMAT: u8 = 1;
/// Largest form once decompressed, in bytes: 300 columns × 100 segments × 3 references fit.
const BYTES_MAX: usize = 256 << 20;

/// Writes a value. Maps are sorted, so equal values have equal bytes.
pub fn to_bytes(value: &impl Serialize) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("verdicts and states are plain data");
    let mut bytes = vec![FORMAT];
    bytes.extend(zstd::bulk::compress(&json, 1).expect("compressing into memory does not fail"));
    bytes
}

/// Reads what [`to_bytes`] wrote.
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoredError> {
    let corrupt = |error: &dyn std::fmt::Display| StoredError::Corrupt(error.to_string());
    let body = match bytes.split_first() {
        Some((&FORMAT, body)) => body,
        Some((&found, _)) => return Err(StoredError::Format { found }),
        None => return Err(StoredError::Corrupt("is empty".into())),
    };
    let size = match zstd::zstd_safe::get_frame_content_size(body) {
        Ok(Some(size)) if size <= BYTES_MAX as u64 => size as usize,
        _ => return Err(StoredError::Corrupt("has no size, or one past the limit".into())),
    };
    let json = zstd::bulk::decompress(body, size).map_err(|error| corrupt(&error))?;
    serde_json::from_slice(&json).map_err(|error| corrupt(&error))
}

//! The answer to a body of rows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What became of the rows of one request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IngestAnswer {
    /// Rows counted, durably.
    pub accepted: u64,
    /// Rows not counted, each for its own reason.
    pub rejected: u64,
    /// Whether this is the answer to an earlier request with the same key; nothing was counted again.
    pub duplicate: bool,
    /// Accepted rows whose window was closed already.
    pub late: u64,
    /// The first rejected rows, at most [`IngestAnswer::ERRORS_MAX`].
    pub errors: Vec<RowError>,
    /// Whether more rows were rejected than `errors` holds.
    pub errors_truncated: bool,
}

/// Why one row was rejected. Never holds its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowError {
    /// The line (NDJSON) or element (JSON array), from 1.
    pub line: u64,
    pub reason: String,
}

impl IngestAnswer {
    /// Most rows that `errors` names.
    pub const ERRORS_MAX: usize = 100;
}

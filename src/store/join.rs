//! The log of halves of outcomes, and where each model's joiner stands in it.

use super::types::DeltaKey;
use crate::domain::{ModelId, Timestamp};
use crate::sketch::EncodedTally;

/// What waits for its other half, of one model and unit of ingest.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitHalves {
    pub model: ModelId,
    /// The latest instant in it.
    pub until: Timestamp,
    /// An encoded [`crate::join::Halves`]. Those of a commit are written end to end, as one row.
    pub body: Vec<u8>,
}

/// A row of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct HalvesRow {
    /// Rises with every row; never given out twice.
    pub position: i64,
    pub body: Vec<u8>,
}

/// Where a joiner stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinState {
    /// Of the last row that was joined; 0 before the first.
    pub position: i64,
    /// Ids up to this hash are joined.
    pub sample_threshold: u64,
    /// The newest prediction up to the position.
    pub newest: Option<Timestamp>,
    /// What was committed of the rows after the position, where it was too much for one transaction.
    pub partial: Option<PartialJoin>,
}

/// Outcomes of rows up to `through` are counted, of those keys that are not after `last`, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialJoin {
    pub through: i64,
    pub last: DeltaKey,
}

/// Rows of the log that were joined, and what came of it.
#[derive(Debug)]
pub struct JoinCommit {
    pub model: ModelId,
    /// Where it was computed from.
    pub expected: JoinState,
    pub state: JoinState,
    /// Outcomes: counts that stand for no rows of their own.
    pub deltas: Vec<(DeltaKey, EncodedTally)>,
}

impl Default for JoinState {
    /// At the beginning, with all ids.
    fn default() -> Self {
        Self { position: 0, sample_threshold: u64::MAX, newest: None, partial: None }
    }
}

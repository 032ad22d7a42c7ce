//! What one evaluation said, as it is stored and served.

use serde::{Deserialize, Serialize};

use super::alarm::Transition;
use super::encode::{self, StoredError};
use super::status::Kind;
use super::volume::VolumeVerdict;
use super::window_verdict::Verdict;
use crate::domain::{TimeRange, Timestamp, Version};

/// What one evaluation said: stored and served as one blob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    pub window: TimeRange,
    /// 0 for the first judgement, one more for each revision by late rows.
    pub revision: u32,
    pub judged_at: Timestamp,
    /// Judged long after its time: a back-fill, for the record only.
    pub historical: bool,
    /// One a version that has rows in the window or an open alarm.
    pub verdicts: Vec<Verdict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<VolumeVerdict>,
    /// What became of the alarms; none in a revision.
    pub decisions: Vec<Decision>,
}

/// What became of one alarm, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// `None` for what concerns all versions.
    pub version: Option<Version>,
    pub kind: Kind,
    /// End of the window that decided.
    pub at: Timestamp,
    #[serde(flatten)]
    pub transition: Transition,
    /// When the alarm that is open, or was closed, was opened: with model, version and kind its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
}

impl Evaluation {
    pub fn to_bytes(&self) -> Vec<u8> {
        encode::to_bytes(self)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        encode::from_bytes(bytes)
    }
}

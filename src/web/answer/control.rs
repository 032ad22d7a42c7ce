//! Answers to what people do, and the trail that it leaves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Range;
use crate::domain::{ModelId, TimeRange, Timestamp};

/// An operation that took effect and is in the audit trail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ControlAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// `baseline`, `pause`, `exclude` or `learn`.
    pub action: String,
    /// The event time it really covers, on pane boundaries.
    #[schema(value_type = Option<Range>)]
    pub range: Option<TimeRange>,
    /// What happens now, in words.
    pub message: String,
}

/// What people did, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditAnswer {
    pub entries: Vec<AuditEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The name of a token, or `anonymous`.
    pub actor: String,
    pub action: String,
    #[schema(value_type = Option<String>)]
    pub model: Option<ModelId>,
    pub detail: String,
}

/// A config that was read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReloadAnswer {
    /// What changed, in words; empty where nothing did.
    pub changes: Vec<String>,
    /// Keys of the config that changed since the start and take effect at the next one only.
    #[serde(default)]
    pub needs_restart: Vec<String>,
}

/// A copy of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackupAnswer {
    pub path: String,
    pub bytes: u64,
}

//! Why there is no verdict, and which rows were turned away.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Explanation, Status};
use crate::domain::{ModelId, Timestamp};

/// The daemon and what each model waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswer {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Of the daemon.
    pub driftd_version: String,
    pub ready: bool,
    /// Why it is not ready, and what else is wrong with the daemon as a whole.
    pub problems: Vec<Explanation>,
    pub models: Vec<ModelStatus>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ModelStatus {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// The worst of its drifts.
    pub status: Status,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub watermark: Option<Timestamp>,
    /// What stands between the model and a verdict; empty where it has a fresh one.
    pub waits_for: Vec<Wait>,
    pub sources: Vec<SourceStatus>,
}

/// One thing that a model waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Wait {
    #[serde(flatten)]
    pub why: Explanation,
    /// When it is over at the present pace.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Timestamp>,
    /// How far it is, 0 to 1.
    pub progress: Option<f64>,
}

/// Where rows come from, and how far they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SourceStatus {
    /// `http`, `http:NAME`, …
    pub source: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub newest_row: Option<Timestamp>,
    /// Silent for so long that the watermark no longer waits for it.
    pub idle: bool,
}

/// Rows that were turned away lately.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RejectionsAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// Since the daemon started.
    pub rejected: u64,
    /// Most frequent first.
    pub by_reason: Vec<RejectionsByReason>,
    /// Newest first.
    pub recent: Vec<Rejection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RejectionsByReason {
    pub reason: String,
    pub rows: u64,
}

/// A rejected row, without its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rejection {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub source: String,
    /// The line or element of its request, from 1.
    pub line: u64,
    pub reason: String,
}

//! What is said of one window of one version, as it is stored and served.

use serde::{Deserialize, Serialize};

use super::column::ColumnVerdict;
use super::outcome::EstimatedMetric;
use super::plan::Against;
use super::schema::SchemaVerdict;
use super::status::Status;
use crate::domain::{ColumnId, TimeRange, Version};
use crate::statistic::Reason;

/// The data-drift verdict of one window of one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub version: Version,
    pub window: TimeRange,
    pub status: Status,
    /// Why nothing could be judged, where the status says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The level at which all columns together were judged.
    pub alpha: f64,
    pub null: NullOrigin,
    /// Rows of the window.
    pub n_current: i64,
    /// The references, and how many rows each has (or why it has none).
    pub references: Vec<ReferenceUsed>,
    /// Columns that drifted in any segment, most moved first.
    pub drifted: Vec<ColumnId>,
    /// What moved most, in words, where something drifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_most: Option<String>,
    pub columns: Vec<ColumnVerdict>,
    pub schema: SchemaVerdict,
    /// The performance to expect, before any label; empty where nothing says what scores mean.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimated: Vec<EstimatedMetric>,
}

/// What the rows of all segments were set against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ReferenceUsed {
    pub reference: Against,
    /// The window it is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<TimeRange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_reference: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Where the p-values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NullOrigin {
    /// From nulls measured on the reference's own windows.
    Profiled,
    /// From textbooks, for some of the tests at least: rows are taken for independent, no budget is promised.
    Iid,
}

impl Verdict {
    /// The columns that drifted, with their segments and references.
    pub fn alarming(&self) -> impl Iterator<Item = &ColumnVerdict> {
        self.columns.iter().filter(|column| column.status.severity().is_some())
    }
}

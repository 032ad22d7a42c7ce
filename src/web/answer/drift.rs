//! One window against one reference, column by column.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Explanation, Null, Range, Status};
use crate::domain::{ColumnId, ColumnKind, ModelId, Segment, TimeRange, Timestamp, Version};
use crate::statistic::Statistic;

/// What drifted, how far, and how sure that is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DriftAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    /// `null`: all versions together.
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
    /// `all`, or `attribute=value`.
    #[schema(value_type = String)]
    pub segment: Segment,
    pub current: CurrentUsed,
    pub reference: ReferenceUsed,
    pub verdict: Verdict,
    pub schema: SchemaAnswer,
    /// Worst first.
    pub columns: Vec<ColumnDrift>,
}

/// How the window's rows keep to the schema.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SchemaAnswer {
    pub status: Status,
    /// In words.
    pub reason: Explanation,
    /// Columns with values of the wrong type, worst first.
    pub wrong_type: Vec<ShareOfRows>,
    /// Share of rows that carry any feature that the model does not have, 0 to 1.
    pub unknown_share: f64,
    /// Some of these features, worst first.
    pub unknown_features: Vec<ShareOfRows>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ShareOfRows {
    pub name: String,
    /// 0 to 1.
    pub share: f64,
}

/// The window that was really used: on pane boundaries, within retention.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CurrentUsed {
    /// `null` where there is none yet.
    #[schema(value_type = Option<Range>)]
    pub range: Option<TimeRange>,
    /// What was asked for, where it is another.
    #[schema(value_type = Option<Range>)]
    pub asked: Option<TimeRange>,
    pub rows: u64,
    /// Whether all of its panes are closed: only then is it judged.
    pub closed: bool,
}

/// The reference that was really used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReferenceUsed {
    pub kind: ReferenceName,
    #[schema(value_type = Option<Range>)]
    pub range: Option<TimeRange>,
    /// What was asked for, where it is another.
    #[schema(value_type = Option<Range>)]
    pub asked: Option<TimeRange>,
    pub rows: u64,
    pub null: Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceName {
    Static,
    Previous,
    LastWeek,
    Range,
}

/// What is concluded of the whole window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    pub status: Status,
    /// Computed for this answer alone, outside the false-alarm budget; only judged windows alert.
    pub provisional: bool,
    /// 0 for the first judgement, one more each time late rows changed it.
    pub revision: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub judged_at: Option<Timestamp>,
    /// The level of significance that the budget leaves.
    pub alpha: Option<f64>,
    pub columns_drifted: u32,
    pub columns_watched: u32,
    /// Why there is no verdict.
    pub reason: Option<Explanation>,
    /// What moved, in words, worst first.
    pub moved: Vec<String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ColumnDrift {
    /// A feature's name, or a derived column: `@prediction`, `@score`, …
    #[schema(value_type = String)]
    pub column: ColumnId,
    /// `numeric`, `categorical` or `boolean`.
    #[schema(value_type = String)]
    pub kind: ColumnKind,
    pub status: Status,
    /// Of its tests together, corrected for their number.
    pub p_value: Option<f64>,
    /// What moved, in words.
    pub moved: Option<String>,
    pub statistics: Vec<StatisticAnswer>,
}

/// One statistic of one column: a value, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatisticAnswer {
    /// `psi`, `ks`, `wasserstein_normed`, …
    #[schema(value_type = String)]
    pub statistic: Statistic,
    pub status: Status,
    pub value: Option<f64>,
    /// What the thresholds are compared with: 0 for no change.
    pub effect: Option<f64>,
    /// `null` for a statistic that only informs.
    pub thresholds: Option<Limits>,
    pub p_value: Option<f64>,
    /// Where the p-value is from: which test, which null, or lent by the column.
    pub p_value_note: Option<String>,
    /// The exact value on raw rows lies in `[value, value + error_bound]`.
    pub error_bound: Option<f64>,
    /// Rows behind each side.
    pub n_reference: Option<u64>,
    pub n_current: Option<u64>,
    /// What to know before trusting the value.
    pub caution: Option<Explanation>,
    pub not_computable: Option<Explanation>,
}

/// From where on an effect is a warning and from where on critical.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    pub warning: f64,
    pub critical: f64,
}

impl From<crate::statistic::Thresholds> for Limits {
    fn from(thresholds: crate::statistic::Thresholds) -> Self {
        Self { warning: thresholds.warning, critical: thresholds.critical }
    }
}

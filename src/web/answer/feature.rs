//! One column with the two histograms behind its statistics.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ColumnDrift, CurrentUsed, Explanation, ReferenceUsed};
use crate::domain::{ModelId, Segment, Version};

/// A column in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FeatureAnswer {
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
    /// Its statistics, status and what moved.
    pub drift: ColumnDrift,
    pub histogram: Histogram,
    /// What no bin holds.
    pub uncounted: Vec<Uncounted>,
}

/// The bins that the statistics are over, side by side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Histogram {
    /// Right-closed bins in ascending order.
    Numeric {
        bins: Vec<NumericBin>,
        /// Of the values in the bins, where they are known.
        reference_mean: Option<f64>,
        current_mean: Option<f64>,
    },
    /// The reference's categories, most frequent first, then what is gathered.
    Categorical {
        bins: Vec<CategoryBin>,
        /// Some of the names that the reference did not have; a hint, no more.
        newcomers: Vec<String>,
        newcomers_truncated: bool,
    },
    /// There is no grid yet, or values must not be shown.
    Unavailable { reason: Explanation },
}

/// `(lower, upper]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NumericBin {
    /// `null`: minus infinity.
    pub lower: Option<f64>,
    /// `null`: infinity.
    pub upper: Option<f64>,
    pub reference: Counted,
    pub current: Counted,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CategoryBin {
    /// `null` where several are gathered, or the column is sensitive.
    pub name: Option<String>,
    pub role: CategoryRole,
    pub reference: Counted,
    pub current: Counted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CategoryRole {
    Category,
    /// The reference's rare categories together.
    Other,
    /// What the reference did not have.
    Unseen,
}

/// Rows, and their share of the values present (0 to 1).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Counted {
    pub rows: u64,
    /// `null` where the side has no value at all.
    pub share: Option<f64>,
}

/// Rows without a value that could be counted, with their share of all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Uncounted {
    /// `missing`, `wrong_type`, `infinite`, …
    pub what: String,
    pub reference: Counted,
    pub current: Counted,
}

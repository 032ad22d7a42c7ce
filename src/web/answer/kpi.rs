//! KPIs as they stand, and period by period.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Explanation, Range};
use crate::domain::{ModelId, Segment, Timestamp};
use crate::kpi::{Family, KpiName, UseCaseId};

/// KPIs in order of use case, model and name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KpisAnswer {
    pub kpis: Vec<KpiSummary>,
}

/// A KPI as of its newest period that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KpiSummary {
    #[schema(value_type = Option<String>)]
    pub use_case: Option<UseCaseId>,
    #[schema(value_type = Option<String>)]
    pub model: Option<ModelId>,
    #[schema(value_type = String)]
    pub kpi: KpiName,
    /// `technical`, `strategic` or `adoption`.
    #[schema(value_type = String)]
    pub family: Family,
    pub unit: String,
    pub description: String,
    pub owner: Option<String>,
    /// `hour`, `day`, `week`, `month`, `quarter` or `year`.
    pub period: String,
    /// What each value is of, where that is not the period: so long up to its end, as `30d`.
    pub over: Option<String>,
    /// `higher` or `lower` is better.
    pub direction: String,
    pub target: Option<f64>,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
    /// When its newest sample was taken.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_sample: Option<Timestamp>,
    /// Whether samples stopped coming.
    pub stale: bool,
    pub newest: KpiPoint,
    /// The same of each value of the attribute that it is also counted by.
    pub segments: Vec<KpiSegment>,
}

/// A KPI of some of its samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KpiSegment {
    /// `attribute=value`.
    pub segment: String,
    #[serde(flatten)]
    pub newest: KpiPoint,
}

/// A KPI of one period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KpiPoint {
    /// What the value is of.
    pub window: Range,
    /// Whether the period is over and was waited for.
    pub closed: bool,
    /// `ok`, `warning`, `critical` or `not_computable`.
    pub status: String,
    pub value: Option<f64>,
    /// Samples that it is of.
    pub n: Option<i64>,
    /// Why there is no value.
    pub not_computable: Option<Explanation>,
}

/// A KPI, period by period, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct KpiAnswer {
    pub kpi: KpiSummary,
    #[schema(value_type = String)]
    pub segment: Segment,
    pub history: Vec<KpiPoint>,
}

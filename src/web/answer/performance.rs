//! What labels show of a window, beside what was to be expected, version by version.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Explanation, Range, Status};
use crate::domain::{ModelId, Segment, Task, TimeRange, Timestamp, Version};

/// How right a model is, and whether that is what was to be expected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PerformanceAnswer {
    #[schema(value_type = String)]
    pub model: ModelId,
    #[schema(value_type = String)]
    pub task: Task,
    /// The metric that concept and model drift are judged on.
    pub primary: String,
    /// The window that was used; `null` where there is none yet, or nothing can be said of any.
    #[schema(value_type = Option<Range>)]
    pub window: Option<TimeRange>,
    /// When its labels were waited for and it was judged, once that is so.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub judged_at: Option<Timestamp>,
    /// Why there is nothing.
    pub reason: Option<Explanation>,
    /// Those with predictions in the window.
    pub versions: Vec<VersionPerformance>,
    /// Every other version against the one with most predictions.
    pub comparisons: Vec<VersionComparison>,
}

/// One version over the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionPerformance {
    #[schema(value_type = String)]
    pub version: Version,
    /// Rows with a prediction, and those of them whose label is known.
    pub predicted: u64,
    pub labelled: u64,
    /// Labelled by predicted, 0 to 1.
    pub label_coverage: Option<f64>,
    /// Too few of the rows have their label: values will move.
    pub provisional: bool,
    /// Time from prediction to label in seconds, at most an eighth above the true one.
    pub label_lag_median_seconds: Option<u64>,
    pub label_lag_p90_seconds: Option<u64>,
    /// Which drift explains what is seen.
    pub explanation: Explanation,
    pub concept: OutcomeStatus,
    #[schema(inline)]
    pub model: OutcomeStatus,
    pub bias: OutcomeStatus,
    pub metrics: Vec<MetricPerformance>,
    pub segments: Vec<SegmentPerformance>,
    /// What happened, against the reference; `null` where one of the two says too little.
    pub label_shift: Option<LabelShiftAnswer>,
    pub fairness: Vec<FairnessAnswer>,
}

/// How one thing stands that labels decide on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutcomeStatus {
    pub status: Status,
    /// In words.
    pub reason: Explanation,
    /// What speaks for it, by name.
    pub signs: Vec<String>,
    /// What to do about it, where there is something.
    pub action: Option<String>,
}

/// One metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricPerformance {
    pub metric: String,
    /// What labels show.
    pub realised: Option<Measured>,
    /// Why labels show nothing.
    pub not_computable: Option<String>,
    /// What scores lead to expect of all predictions, while the relation of inputs to target holds.
    pub estimated: Option<Measured>,
    pub not_estimated: Option<String>,
    /// Realised − estimated over the same labelled rows.
    pub gap: Option<GapAnswer>,
    pub baseline: Option<f64>,
    /// How much worse than the baseline; negative where better.
    pub loss: Option<f64>,
    /// Of the loss, where thresholds are set for it.
    pub status: Option<Status>,
}

/// A value with its 95 % interval; of an estimate, the band that the value measured later falls in 19 times of 20.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Measured {
    pub value: f64,
    pub low: f64,
    pub high: f64,
    pub std_error: f64,
    /// The exact value lies within `value ± error_bound`.
    pub error_bound: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GapAnswer {
    pub value: f64,
    pub std_error: f64,
    pub p_value: f64,
    /// What was expected of the labelled rows.
    pub estimated: f64,
}

/// One slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentPerformance {
    #[schema(value_type = String)]
    pub segment: Segment,
    pub predicted: u64,
    pub labelled: u64,
    pub metrics: Vec<SegmentMetricAnswer>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SegmentMetricAnswer {
    pub metric: String,
    pub realised: Option<Measured>,
    pub not_computable: Option<String>,
}

/// How what happened is spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabelShiftAnswer {
    pub status: Status,
    pub psi: f64,
    pub p_value: f64,
    pub classes: Vec<ClassShiftAnswer>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClassShiftAnswer {
    pub class: String,
    /// Shares, 0 to 1.
    pub reference: f64,
    pub current: f64,
    pub p_value: f64,
}

/// One fairness measure over the groups of one attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FairnessAnswer {
    pub attribute: String,
    pub measure: String,
    pub limit: f64,
    pub status: Status,
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub lowest: Option<String>,
    pub highest: Option<String>,
    /// Of a breach: `emerged`, `as_in_reference` or `unknown`.
    pub emergence: Option<String>,
    /// Groups with too few rows.
    pub left_out: Vec<String>,
}

/// A challenger (or shadow) against the champion over the same window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VersionComparison {
    #[schema(value_type = String)]
    pub champion: Version,
    #[schema(value_type = String)]
    pub challenger: Version,
    pub metrics: Vec<MetricDifferenceAnswer>,
    /// How predictions and scores of the two are spread.
    pub predictions: Vec<PredictionShiftAnswer>,
}

/// Challenger less champion, rows of the two taken for independent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MetricDifferenceAnswer {
    pub metric: String,
    pub champion: Measured,
    pub challenger: Measured,
    pub difference: f64,
    pub std_error: f64,
    pub p_value: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PredictionShiftAnswer {
    /// `@prediction`, `@score`, `@score:CLASS`.
    pub column: String,
    /// `ks` of numbers, `cramers_v` of classes.
    pub statistic: String,
    pub value: f64,
    pub p_value: Option<f64>,
}

//! What is said of a window's outcomes, as it is stored and served.

use serde::{Deserialize, Serialize};

use super::explanation::Explanation;
use super::streams::Detected;
use super::unjudged::Unjudged;
use crate::detector::PaneErrors;
use crate::domain::{Segment, TimeRange, Timestamp, Version};
use crate::fairness::{Emergence, FairnessMeasure, GroupRate};
use crate::performance::{ConceptReason, Harm, Interval, Measured, Metric, Reason};
use crate::statistic::Thresholds;
use crate::verdict::encode::{self, StoredError};
use crate::verdict::evaluation::Decision;
use crate::verdict::status::{Severity, Status};

/// What labels say of one window: stored and served as one blob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeEvaluation {
    pub window: TimeRange,
    /// 0 for the first judgement, one more for each revision by late labels.
    pub revision: u32,
    pub judged_at: Timestamp,
    /// Judged long after its time: a back-fill, for the record only.
    pub historical: bool,
    /// One a version that has predictions in the window, or an open alarm.
    pub verdicts: Vec<OutcomeVerdict>,
    /// What became of the alarms; none in a revision.
    pub decisions: Vec<Decision>,
}

/// What labels say of one window of one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutcomeVerdict {
    pub version: Version,
    pub window: TimeRange,
    /// Rows with a prediction, and those of them whose label is known.
    pub predicted: i64,
    pub labelled: i64,
    pub finality: Finality,
    /// How long labels took, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lags: Option<Lags>,
    /// The metric that drift is judged on.
    pub primary: Metric,
    /// All of the task.
    pub metrics: Vec<MetricVerdict>,
    pub segments: Vec<SegmentOutcomes>,
    pub concept: ConceptFinding,
    pub model: ModelFinding,
    pub bias: Vec<BiasFinding>,
    /// Status of all bias findings together.
    pub bias_status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelShift>,
    pub explanation: Explanation,
    /// What detectors stepped over with this window: its last pane, as its labels were then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stepped: Option<Stepped>,
}

/// Labelled rows of a pane, the sum of their errors and of the squares: 0 or 1 for a class, for a number |error| in units
/// of the reference's mean absolute error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stepped {
    pub rows: u64,
    pub sum: f64,
    pub sum_squares: f64,
}

/// A metric as it is to be expected of a window's predictions, while the relation of inputs to target holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EstimatedMetric {
    pub metric: Metric,
    /// With the band that the metric measured later falls in 19 times of 20.
    #[serde(flatten)]
    pub value: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
}

/// Whether more labels are to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finality {
    /// Too few of the rows have their label.
    Provisional,
    Final,
}

/// Quantiles of the time from prediction to label, in seconds; at most an eighth above the true ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lags {
    pub median: u64,
    pub p90: u64,
}

/// A measured value, its error, and a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Value {
    pub value: f64,
    pub std_error: f64,
    #[serde(flatten)]
    pub interval: Interval,
    /// The exact value lies within `value ± error_bound`; none where it is exact or has no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_bound: Option<f64>,
}

/// One metric of a window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricVerdict {
    pub metric: Metric,
    /// What labels show, or why nothing.
    #[serde(flatten)]
    pub realised: Realised,
    /// What scores lead to expect of all predicted rows, or why nothing.
    pub estimated: Estimated,
    /// Realised − estimated over the same labelled rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<GapValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// How much worse than the baseline, in the metric's unit; negative where better.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<f64>,
    /// The chance of such a loss while nothing changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_p_value: Option<f64>,
    /// From which loss on it matters, in the metric's unit; none where none is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Thresholds>,
    /// Of the loss against its thresholds; none where none are set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Realised {
    Realised(Value),
    NotComputable(Reason),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimated {
    Value(Value),
    NotComputable(Reason),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct GapValue {
    pub value: f64,
    pub std_error: f64,
    /// The chance of such a gap, one way or the other, while the relation of inputs to target holds.
    pub p_value: f64,
    /// What was expected of the labelled rows.
    pub estimated: f64,
}

/// What labels show of one slice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SegmentOutcomes {
    pub segment: Segment,
    pub predicted: i64,
    pub labelled: i64,
    pub metrics: Vec<SegmentMetric>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SegmentMetric {
    pub metric: Metric,
    #[serde(flatten)]
    pub realised: Realised,
}

/// Whether the relation of inputs to target changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConceptFinding {
    pub status: Status,
    /// Why nothing could be judged, where the status says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    /// The conditions of the rule that hold.
    pub reasons: Vec<ConceptReason>,
    /// How much worse than expected of the same rows, in the primary metric's unit; and from where on that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worse: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_min: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    pub alpha: f64,
    /// Calibration or secondary metrics are off alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<CalibrationMoved>,
    /// Changes of the error's mean that detectors found within the window, each one's last.
    pub detected: Vec<Detected>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMoved {
    /// The inputs are as they were: a warning.
    Alone,
    /// "Calibration moved with the inputs."
    WithTheInputs,
}

/// Whether the model wears out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelFinding {
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unjudged: Option<Unjudged>,
    pub reasons: Vec<ModelReason>,
    /// Change of the primary metric in 28 days over the days that are kept, where there are enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<TrendFound>,
    /// Since training, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_seconds: Option<u64>,
    pub alpha: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrendFound {
    pub per_28_days: f64,
    pub p_value: f64,
    pub days: usize,
}

/// What speaks for a model that wears out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelReason {
    /// Worse than the baseline in several windows in a row, by more than chance and enough to matter.
    SustainedLoss,
    /// It falls week by week.
    Trend,
    /// Older than `max_age`.
    TooOld,
    /// Several features drift and performance is lost with them.
    FailingTogether,
}

/// One measure over the groups of one attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BiasFinding {
    pub attribute: Box<str>,
    pub measure: FairnessMeasure,
    pub limit: f64,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<BiasValue>,
    /// Groups with too few rows.
    pub left_out: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BiasValue {
    pub value: f64,
    #[serde(flatten)]
    pub interval: Interval,
    pub rate: GroupRate,
    pub lowest: String,
    pub highest: String,
    /// Where it is a breach: against the reference's own level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergence: Option<Emergence>,
}

/// How what happened is spread, against the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelShift {
    pub status: Status,
    /// By class; none of a regression.
    pub classes: Vec<ClassShift>,
    /// Of all classes, or of the actual value's groups: the population stability index.
    pub psi: f64,
    pub p_value: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClassShift {
    pub class: String,
    /// Shares of the labelled rows.
    pub reference: f64,
    pub current: f64,
    /// Fisher's exact test.
    pub p_value: f64,
}

impl OutcomeEvaluation {
    pub fn to_bytes(&self) -> Vec<u8> {
        encode::to_bytes(self)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        encode::from_bytes(bytes)
    }
}

impl ConceptFinding {
    /// The severity that alarms: calibration that moved with the inputs is told of, and explained by them.
    pub fn alarming(&self) -> Option<Severity> {
        let explained = self.calibration == Some(CalibrationMoved::WithTheInputs);
        self.status.severity().filter(|_| !explained)
    }
}

impl MetricVerdict {
    /// The value of the metric, in its unit, at which its loss is as bad as it is found to be, or would be a warning: the
    /// baseline less the loss where falling is worse, and the loss above it where rising is. `None` without a baseline or
    /// thresholds.
    pub fn bound(&self) -> Option<f64> {
        let (baseline, thresholds) = (self.baseline?, self.thresholds?);
        let loss = match self.status {
            Some(Status::Critical) => thresholds.critical,
            _ => thresholds.warning,
        };
        Some(match self.metric.harm() {
            Harm::Falling => baseline - loss,
            Harm::Rising => baseline + loss,
            Harm::LeavingZero => (baseline.abs() + loss).copysign(self.realised()?.value),
        })
    }
}

impl OutcomeVerdict {
    /// The metric that is judged by its loss and has lost most gravely; the primary one where none stands out.
    pub fn foremost(&self) -> Option<&MetricVerdict> {
        let severity = |of: &&MetricVerdict| of.status.and_then(Status::severity);
        let lost = self.metrics.iter().filter(|of| severity(of).is_some());
        let most = lost.max_by_key(|of| (severity(of), of.metric == self.primary));
        most.or_else(|| self.metric(self.primary))
    }

    /// Which drift explains the window, or why that is not known.
    pub fn explained(&self) -> &'static str {
        match (self.explanation, self.model.unjudged) {
            (Explanation::NotKnown, Some(why)) => why.in_words(),
            (explanation, _) => explanation.in_words(),
        }
    }

    pub fn metric(&self, metric: Metric) -> Option<&MetricVerdict> {
        self.metrics.iter().find(|verdict| verdict.metric == metric)
    }

    /// Labelled by predicted rows, 0 to 1; none without a prediction.
    pub fn coverage(&self) -> Option<f64> {
        (self.predicted > 0).then(|| (self.labelled as f64 / self.predicted as f64).clamp(0.0, 1.0))
    }
}

impl MetricVerdict {
    pub fn realised(&self) -> Option<&Value> {
        match &self.realised {
            Realised::Realised(value) => Some(value),
            Realised::NotComputable(_) => None,
        }
    }

    pub fn estimated(&self) -> Option<&Value> {
        match &self.estimated {
            Estimated::Value(value) => Some(value),
            Estimated::NotComputable(_) => None,
        }
    }
}

impl From<PaneErrors> for Stepped {
    fn from(errors: PaneErrors) -> Self {
        Self { rows: errors.rows(), sum: errors.sum(), sum_squares: errors.sum_squares() }
    }
}

impl TryFrom<Measured> for Value {
    type Error = Reason;

    /// Errors where it is infinite: it could be written but not read again.
    fn try_from(measured: Measured) -> Result<Self, Reason> {
        let Measured { value, std_error, interval, error_bound, .. } = measured.in_range()?;
        let error_bound = Some(error_bound).filter(|bound| *bound != 0.0 && bound.is_finite());
        Ok(Self { value, std_error, interval, error_bound })
    }
}

impl From<Result<Measured, Reason>> for Realised {
    fn from(measured: Result<Measured, Reason>) -> Self {
        measured.and_then(Value::try_from).map_or_else(Self::NotComputable, Self::Realised)
    }
}

impl From<Result<Measured, Reason>> for Estimated {
    fn from(measured: Result<Measured, Reason>) -> Self {
        measured.and_then(Value::try_from).map_or_else(Self::NotComputable, Self::Value)
    }
}

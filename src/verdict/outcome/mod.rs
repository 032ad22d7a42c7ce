//! What labels, and scores without them, say of a model: its performance, the relation of inputs to target, its age, its
//! fairness; and which drift explains what is seen.

mod plan;

mod alpha;

mod streams;

mod explanation;

mod unjudged;

mod verdict;

mod measure;

mod concept;

mod wear;

mod bias;

mod label_shift;

mod judge;

mod evidence;

mod evaluate;

mod versions;

pub use evaluate::{
    evaluate_outcomes, outcomes_due, outcomes_to_revise, provisional_outcomes, revise_outcomes,
};
pub use explanation::Explanation;
pub use measure::Outcomes;
pub(super) use measure::estimates;
pub use plan::{FairnessPlan, Loss, LossThresholds, OutcomePlan};
pub use streams::{Detected, Detector, Streams};
pub use unjudged::Unjudged;
pub use verdict::{
    BiasFinding, BiasValue, CalibrationMoved, ClassShift, ConceptFinding, Estimated, EstimatedMetric,
    Finality, GapValue, LabelShift, Lags, MetricVerdict, ModelFinding, ModelReason, OutcomeEvaluation,
    OutcomeVerdict, Realised, SegmentMetric, SegmentOutcomes, Stepped, TrendFound, Value,
};
pub use versions::{
    MetricDifference, PredictionShift, VersionDifference, difference, differences, prediction_shifts,
};

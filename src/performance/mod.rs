//! How right a model is: outcomes counted so that they merge, and metrics with their errors as functions of them.
//!
//! Everything kept is an integer (counts, and sums in fixed point) and forms a group ([`Group`]): any order and split of
//! the same labelled rows gives the same state to the bit, and a corrected label takes out exactly what it had put in.
//! A metric is a pure function of the state: [`Measured`] with its error, or the [`Reason`] why there is none.
//! What is said of rows without labels lies beside it (`expected_*`): probabilities per row, summed the same way.

mod normal;

mod measured;

mod metric;

mod group;

mod proportion;

mod confusion;

mod score_bins;

mod roc_auc;

mod pr_auc;

mod losses;

mod binary;

mod averages;

mod multiclass;

mod moments;

mod regression;

mod calibration;

mod expected_bins;

mod expected_binary;

mod expected_multiclass;

mod expected_regression;

mod gap;

mod label_lags;

mod error_sums;

mod predicted;

mod yardstick;

mod record;

mod rows;

mod concept_drift;

pub use binary::{BinaryOutcomes, BinaryRow};
pub use calibration::{Calibration, Knots, KnotsError, ScoreMap, ScoredActual};
pub use concept_drift::{Concept, ConceptReason, ConceptRule, ConceptVerdict, Inputs, Primary};
pub use confusion::Confusion;
pub use expected_binary::BinaryExpectation;
pub use expected_bins::Expected;
pub use expected_multiclass::{MulticlassExpectation, class_probabilities};
pub use expected_regression::{ErrorByPrediction, ErrorOfGroup, RegressionExpectation};
pub use gap::Gap;
pub(crate) use gap::chance_of;
pub use group::Group;
pub use label_lags::LabelLags;
pub use losses::Losses;
pub use measured::{Interval, Measured, Measurement, Reason};
pub use metric::{Harm, Metric};
pub use multiclass::{CLASSES_MAX, MulticlassOutcomes, MulticlassRow};
pub use normal::{Z_95, normal_point, normal_tail};
pub use predicted::{Actual, Predicted, PredictedKind};
pub(crate) use proportion::wilson;
pub use record::Record;
pub use regression::{RegressionOutcomes, RegressionRuler};
pub use rows::{OutcomeColumns, actuals};
pub use score_bins::{Bin, ScoreBins};
pub use yardstick::{BinaryYardstick, MulticlassYardstick, RegressionYardstick, Yardstick, class_bits};

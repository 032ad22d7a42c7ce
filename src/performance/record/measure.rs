//! What a record says: metrics, estimates, and the gap between them.

use super::{Record, Sides, State, TASK};
use crate::detector::PaneErrors;
use crate::performance::confusion::Confusion;
use crate::performance::gap::Gap;
use crate::performance::measured::{Measurement, Reason};
use crate::performance::metric::Metric;
use crate::performance::multiclass::MulticlassOutcomes;
use crate::performance::regression::RegressionOutcomes;
use crate::performance::yardstick::Yardstick;

impl Record {
    /// Rows with a prediction that can be judged: not those whose prediction is no class of the model, but those that no
    /// label will find, as what they were is not known either.
    pub fn predicted_rows(&self) -> i64 {
        self.predicted_rows
    }

    /// Rows with a prediction and a label.
    pub fn labelled_rows(&self) -> i64 {
        match &self.state {
            State::Binary(Sides { realised, .. }) => realised.confusion().rows(),
            State::Multiclass(Sides { realised, .. }) => realised.rows(),
            State::Regression { sides: Sides { realised, .. }, .. } => realised.rows(),
        }
    }

    /// The time in seconds that the share `quantile` of the labels did not take longer than, as
    /// [`LabelLags::quantile`].
    pub fn lag_quantile(&self, quantile: f64) -> Option<u64> {
        self.lags.quantile(quantile)
    }

    /// What labels show.
    pub fn realised(&self, yardstick: &Yardstick, metric: Metric) -> Measurement {
        match (&self.state, yardstick) {
            (State::Binary(Sides { realised, .. }), Yardstick::Binary(of)) => {
                realised.measure(metric, of.score_grid.as_ref())
            }
            (State::Multiclass(Sides { realised, .. }), Yardstick::Multiclass(of)) => {
                realised.measure(metric, &of.score_grids)
            }
            (State::Regression { sides: Sides { realised, .. }, .. }, Yardstick::Regression(of)) => {
                realised.measure(metric, &of.ruler)
            }
            _ => unreachable!("{TASK}"),
        }
    }

    /// What is to be expected of all predicted rows, while the relation of inputs to target holds.
    pub fn estimated(&self, yardstick: &Yardstick, metric: Metric) -> Measurement {
        let reference_rows = estimable(yardstick)?;
        match (&self.state, yardstick) {
            (State::Binary(Sides { predicted, .. }), Yardstick::Binary(of)) => {
                predicted.estimate(metric, of.score_grid.as_ref(), reference_rows)
            }
            (State::Multiclass(Sides { predicted, .. }), Yardstick::Multiclass(of)) => {
                predicted.estimate(metric, &of.score_grids, reference_rows)
            }
            (State::Regression { sides: Sides { predicted, .. }, .. }, Yardstick::Regression(of)) => {
                predicted.estimate(metric, of.errors.as_ref().ok_or(Reason::NotCalibrated)?)
            }
            _ => unreachable!("{TASK}"),
        }
    }

    /// Realised less estimated, of the same labelled rows.
    pub fn gap(&self, yardstick: &Yardstick, metric: Metric) -> Result<Gap, Reason> {
        let reference_rows = estimable(yardstick)?;
        match (&self.state, yardstick) {
            (State::Binary(Sides { realised, expected, .. }), Yardstick::Binary(of)) => {
                Gap::of_binary(metric, realised, expected, of.score_grid.as_ref(), reference_rows)
            }
            (State::Multiclass(Sides { realised, expected, .. }), Yardstick::Multiclass(of)) => {
                Gap::of_multiclass(metric, realised, expected, &of.score_grids, reference_rows)
            }
            (
                State::Regression { sides: Sides { realised, expected, .. }, .. },
                Yardstick::Regression(of),
            ) => {
                let errors = of.errors.as_ref().ok_or(Reason::NotCalibrated)?;
                Gap::of_regression(metric, realised, expected, &of.ruler, errors)
            }
            _ => unreachable!("{TASK}"),
        }
    }

    /// The share of positives that labels show less the one that scores say: calibration as a whole, of binary models.
    pub fn calibration_gap(&self, yardstick: &Yardstick) -> Result<Gap, Reason> {
        let reference_rows = estimable(yardstick)?;
        match &self.state {
            State::Binary(Sides { realised, expected, .. }) => {
                Gap::of_positives(realised, expected, reference_rows)
            }
            _ => Err(Reason::WrongTask),
        }
    }

    /// The errors of the labelled rows, as detectors take them; none without a row, or where a regression's reference says
    /// nothing of its errors.
    pub fn errors(&self) -> Option<PaneErrors> {
        let classes = |rows: i64, right: i64| {
            let wrong = (rows - right) as f64;
            PaneErrors::new(u64::try_from(rows).ok()?, wrong, wrong)
        };
        match &self.state {
            State::Binary(Sides { realised, .. }) => {
                let confusion = realised.confusion();
                classes(confusion.rows(), confusion.right())
            }
            State::Multiclass(Sides { realised, .. }) => classes(realised.rows(), realised.right()),
            State::Regression { errors, .. } => errors.pane_errors(),
        }
    }

    /// Labelled rows by actual class (of a binary model negatives, then positives), or by bin of the actual value where the
    /// reference gave it a grid.
    pub fn actuals(&self) -> Vec<i64> {
        match &self.state {
            State::Binary(Sides { realised, .. }) => {
                let confusion = realised.confusion();
                vec![confusion.actual_negatives(), confusion.actual_positives()]
            }
            State::Multiclass(Sides { realised, .. }) => realised.actuals(),
            State::Regression { actuals, .. } => actuals.clone(),
        }
    }

    /// Of a binary model: labelled rows by predicted and actual class.
    pub fn confusion(&self) -> Option<Confusion> {
        match &self.state {
            State::Binary(Sides { realised, .. }) => Some(realised.confusion()),
            _ => None,
        }
    }

    /// Of a multiclass model: its labelled rows.
    pub fn multiclass(&self) -> Option<&MulticlassOutcomes> {
        match &self.state {
            State::Multiclass(Sides { realised, .. }) => Some(realised),
            _ => None,
        }
    }

    /// Of a regression: its labelled rows.
    pub fn regression(&self) -> Option<&RegressionOutcomes> {
        match &self.state {
            State::Regression { sides: Sides { realised, .. }, .. } => Some(realised),
            _ => None,
        }
    }
}

/// The labelled rows of the reference that estimates rest on.
fn estimable(yardstick: &Yardstick) -> Result<u64, Reason> {
    match yardstick.reference_rows() {
        0 => Err(Reason::NotCalibrated),
        rows => Ok(rows),
    }
}

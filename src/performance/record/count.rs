//! Predictions and outcomes into a record.

use std::time::Duration;

use super::{Record, Sides, State, TASK};
use crate::performance::binary::BinaryRow;
use crate::performance::calibration::Calibration;
use crate::performance::expected_binary::BinaryExpectation;
use crate::performance::expected_multiclass::{MulticlassExpectation, class_probabilities};
use crate::performance::expected_regression::{ErrorByPrediction, RegressionExpectation};
use crate::performance::multiclass::MulticlassRow;
use crate::performance::predicted::{Actual, Predicted};
use crate::performance::yardstick::{MulticlassYardstick, RegressionYardstick, Yardstick};
use crate::sketch::NumericGrid;

impl Record {
    /// Counts `rows` equal predictions.
    pub fn count_prediction(&mut self, yardstick: &Yardstick, row: &Predicted, rows: i64) {
        self.predicted_rows += rows;
        match (&mut self.state, yardstick) {
            (State::Binary(Sides { predicted, .. }), Yardstick::Binary(of)) => {
                let calibration = of.calibration.as_ref();
                expect_binary(predicted, of.score_grid.as_ref(), calibration, row, rows);
            }
            (State::Multiclass(Sides { predicted, .. }), Yardstick::Multiclass(of)) => {
                expect_multiclass(predicted, of, row, rows);
            }
            (State::Regression { sides: Sides { predicted, .. }, .. }, Yardstick::Regression(of)) => {
                expect_regression(predicted, of, row, rows);
            }
            _ => unreachable!("{TASK}"),
        }
    }

    /// Counts `rows` equal outcomes: 1, or −1 to take one out again. `lag`: from the prediction to its label.
    pub fn count_outcome(
        &mut self,
        yardstick: &Yardstick,
        row: &Predicted,
        actual: Actual,
        lag: Duration,
        rows: i64,
    ) {
        self.lags.count(lag, rows);
        match (&mut self.state, yardstick, row, actual) {
            (
                State::Binary(Sides { realised, expected, .. }),
                Yardstick::Binary(of),
                &Predicted::Binary { positive, score },
                Actual::Class(actual),
            ) => {
                let grid = of.score_grid.as_ref();
                // A score that says no probability would stand on one side of the gap only.
                let says =
                    |score: &f64| of.calibration.as_ref().is_none_or(|c| c.probability(*score).is_some());
                let score = score.filter(says);
                let outcome = BinaryRow { predicted: positive, actual: actual == 1, score };
                realised.count(grid, outcome, rows);
                expect_binary(expected, grid, of.calibration.as_ref(), row, rows);
            }
            (
                State::Multiclass(Sides { realised, expected, .. }),
                Yardstick::Multiclass(of),
                Predicted::Multiclass { class, scores },
                Actual::Class(actual),
            ) => {
                let says = |of: &Vec<Calibration>| class_probabilities(of, scores).is_some();
                let scores: &[f64] = if of.calibrations.as_ref().is_none_or(says) { scores } else { &[] };
                let outcome = MulticlassRow { predicted: usize::from(*class), actual, scores };
                realised.count(&of.score_grids, outcome, rows);
                expect_multiclass(expected, of, row, rows);
            }
            (
                State::Regression { sides: Sides { realised, expected, .. }, errors, actuals },
                Yardstick::Regression(of),
                &Predicted::Regression { value },
                Actual::Number(actual),
            ) => {
                realised.count(&of.ruler, value, actual, rows);
                expect_regression(expected, of, row, rows);
                if let Some(mae) = of.errors.as_ref().map(ErrorByPrediction::mean).filter(|mae| *mae > 0.0) {
                    errors.count(value - actual, mae, rows);
                }
                if let Some(grid) = &of.actuals {
                    actuals[grid.bin_of(actual)] += rows;
                }
            }
            _ => unreachable!("{TASK}"),
        }
    }
}

fn expect_binary(
    expected: &mut BinaryExpectation,
    grid: Option<&NumericGrid>,
    calibration: Option<&Calibration>,
    row: &Predicted,
    rows: i64,
) {
    if let (Some(calibration), &Predicted::Binary { positive, score: Some(score) }) = (calibration, row)
        && let Some(probability) = calibration.probability(score)
    {
        expected.count(grid, score, probability, positive, rows);
    }
}

fn expect_multiclass(
    expected: &mut MulticlassExpectation,
    of: &MulticlassYardstick,
    row: &Predicted,
    rows: i64,
) {
    if let (Some(calibrations), Predicted::Multiclass { class, scores }) = (&of.calibrations, row)
        && let Some(probabilities) = class_probabilities(calibrations, scores)
    {
        expected.count(&of.score_grids, scores, &probabilities, usize::from(*class), rows);
    }
}

fn expect_regression(
    expected: &mut RegressionExpectation,
    of: &RegressionYardstick,
    row: &Predicted,
    rows: i64,
) {
    if let (Some(grid), &Predicted::Regression { value }) = (&of.predictions, row) {
        expected.count(grid, value, rows);
    }
}

//! All that is counted of a model's predictions and their outcomes in a pane or window: what a tally holds beside its columns.

mod group;

mod count;

mod measure;

use super::binary::BinaryOutcomes;
use super::error_sums::ErrorSums;
use super::expected_binary::BinaryExpectation;
use super::expected_multiclass::MulticlassExpectation;
use super::expected_regression::RegressionExpectation;
use super::group::Group;
use super::label_lags::LabelLags;
use super::multiclass::MulticlassOutcomes;
use super::regression::RegressionOutcomes;
use super::yardstick::Yardstick;
use crate::sketch::{NumericGrid, Shape, Tally};

/// A group on a [`Yardstick`]; methods that take one want the record's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Predictions of the model's kind, labelled or not, with an estimate or without.
    predicted_rows: i64,
    lags: LabelLags,
    state: State,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    Binary(Sides<BinaryExpectation, BinaryOutcomes>),
    Multiclass(Sides<MulticlassExpectation, MulticlassOutcomes>),
    Regression {
        sides: Sides<RegressionExpectation, RegressionOutcomes>,
        errors: ErrorSums,
        /// Labelled rows by bin of the actual value.
        actuals: Vec<i64>,
    },
}

#[derive(Debug, Clone, PartialEq)]
struct Sides<E, O> {
    /// What is expected of all predicted rows.
    predicted: E,
    /// What labels show.
    realised: O,
    /// What is expected of the labelled rows.
    expected: E,
}

const TASK: &str = "a record lies on the yardstick of its model's task";

impl Record {
    pub fn empty(yardstick: &Yardstick) -> Self {
        let state = match yardstick {
            Yardstick::Binary(of) => {
                let grid = of.score_grid.as_ref();
                State::Binary(Sides::of(BinaryExpectation::empty(grid), BinaryOutcomes::empty(grid)))
            }
            Yardstick::Multiclass(of) => State::Multiclass(Sides::of(
                MulticlassExpectation::empty(&of.score_grids),
                MulticlassOutcomes::empty(&of.score_grids),
            )),
            Yardstick::Regression(of) => {
                let groups = of.predictions.as_ref().map(RegressionExpectation::empty).unwrap_or_default();
                State::Regression {
                    sides: Sides::of(groups, RegressionOutcomes::empty(&of.ruler)),
                    errors: ErrorSums::default(),
                    actuals: vec![0; of.actuals.as_ref().map_or(0, NumericGrid::bins)],
                }
            }
        };
        Self { predicted_rows: 0, lags: LabelLags::default(), state }
    }

    /// What a tally holds; none where its ruler has outcomes of another shape, or none.
    pub fn of(tally: &Tally, yardstick: &Yardstick) -> Option<Self> {
        Self::of_integers(Self::empty(yardstick), &tally.outcomes)
    }

    pub fn shape(&self) -> Shape {
        Shape { counts: self.counts().count(), sums: self.sums().count() }
    }
}

impl<E: Clone, O> Sides<E, O> {
    fn of(nothing_expected: E, realised: O) -> Self {
        Self { predicted: nothing_expected.clone(), realised, expected: nothing_expected }
    }
}

//! Realised less estimated performance, over the same labelled rows: what only a changed relation can explain.

use super::binary::BinaryOutcomes;
use super::expected_binary::BinaryExpectation;
use super::expected_multiclass::MulticlassExpectation;
use super::expected_regression::{ErrorByPrediction, RegressionExpectation};
use super::measured::{Measured, Reason};
use super::metric::Metric;
use super::multiclass::MulticlassOutcomes;
use super::normal::normal_tail;
use super::regression::{RegressionOutcomes, RegressionRuler};
use crate::sketch::NumericGrid;

/// How far the metric that labels show lies from the one that was expected of these very rows.
///
/// The expectation is the one kept of labelled rows, added up at the join: labels that come for one predicted class first
/// would shift a gap between different rows by many standard errors. Rows without a score are left out on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gap {
    /// In the metric's unit.
    pub realised: f64,
    pub estimated: f64,
    /// That of the estimate: given the probabilities, the realised metric *is* the draw that it is the spread of.
    pub std_error: f64,
    /// Labelled rows behind both.
    pub rows: u64,
}

impl Gap {
    pub fn of_binary(
        metric: Metric,
        outcomes: &BinaryOutcomes,
        expected: &BinaryExpectation,
        score_grid: Option<&NumericGrid>,
        reference_rows: u64,
    ) -> Result<Self, Reason> {
        let scored = outcomes.scored_only();
        same_rows(scored.confusion().rows(), expected.rows())?;
        let realised = scored.measure(metric, score_grid)?;
        Ok(Self::between(realised, expected.estimate(metric, score_grid, reference_rows)?))
    }

    /// Calibration as a whole: the share of positives that labels show, and the one that probabilities say.
    pub fn of_positives(
        outcomes: &BinaryOutcomes,
        expected: &BinaryExpectation,
        reference_rows: u64,
    ) -> Result<Self, Reason> {
        let scored = outcomes.scored;
        same_rows(scored.rows(), expected.rows())?;
        let estimated = expected.positives(reference_rows)?;
        let realised = scored.actual_positives() as f64 / scored.rows() as f64;
        Ok(Self::between(Measured { value: realised, ..estimated }, estimated))
    }

    pub fn of_multiclass(
        metric: Metric,
        outcomes: &MulticlassOutcomes,
        expected: &MulticlassExpectation,
        score_grids: &[Option<NumericGrid>],
        reference_rows: u64,
    ) -> Result<Self, Reason> {
        let scored = outcomes.scored_only();
        same_rows(scored.rows(), expected.rows())?;
        let realised = scored.measure(metric, score_grids)?;
        Ok(Self::between(realised, expected.estimate(metric, score_grids, reference_rows)?))
    }

    pub fn of_regression(
        metric: Metric,
        outcomes: &RegressionOutcomes,
        expected: &RegressionExpectation,
        ruler: &RegressionRuler,
        reference: &ErrorByPrediction,
    ) -> Result<Self, Reason> {
        same_rows(outcomes.rows(), expected.rows())?;
        let realised = outcomes.measure(metric, ruler)?;
        Ok(Self::between(realised, expected.estimate(metric, reference)?))
    }

    fn between(realised: Measured, estimated: Measured) -> Self {
        Self {
            realised: realised.value,
            estimated: estimated.value,
            std_error: estimated.std_error,
            rows: estimated.rows,
        }
    }

    /// Realised − estimated, in the metric's unit.
    pub fn value(&self) -> f64 {
        self.realised - self.estimated
    }

    /// The probability that chance alone makes realised lie off the estimate by so much or more, one way or the other.
    pub fn p_value_either_way(&self) -> f64 {
        (2.0 * self.p_value(self.value().abs())).min(1.0)
    }

    /// The probability that chance alone makes the metric worse than estimated by `worse` (in its unit) or more; 1 where it
    /// is not worse.
    pub fn p_value(&self, worse: f64) -> f64 {
        chance_of(worse, self.std_error)
    }
}

/// `P(Z·std_error ≥ worse)`, 1 for nothing worse; with no error left to chance, 0 for anything worse.
pub(crate) fn chance_of(worse: f64, std_error: f64) -> f64 {
    match worse {
        worse if worse <= 0.0 => 1.0,
        _ if std_error <= 0.0 => 0.0,
        worse => normal_tail(worse / std_error),
    }
}

fn same_rows(labelled: i64, expected: i64) -> Result<(), Reason> {
    if labelled == expected { Ok(()) } else { Err(Reason::RowsDiffer) }
}

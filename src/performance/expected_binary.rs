//! What a binary model's metrics are expected to be, from calibrated scores and before any label (CBPE).
//!
//! Confidence-based performance estimation: a row that is predicted positive with probability p is p of a true positive
//! and 1 − p of a false one. It assumes that p still holds: that inputs may have moved, but not the relation of inputs to
//! target (no concept drift). Expected counts are put where counts belong, and metrics are taken of them.
//!
//! Errors: the labels of rows are independent draws, of variance Σp(1−p), which gives the metric measured later its
//! spread about the estimate (delta method). The calibrator's own error is that of its `n_ref` rows as if they were drawn
//! alike: all variances grow by the factor 1 + n/n_ref, which is Σp(1−p)/n · (1/n + 1/n_ref) for the accuracy.

use super::expected_bins::{Expected, expected_roc_auc};
use super::group::Group;
use super::measured::{Measured, Measurement, Reason, SHARE};
use super::metric::Metric;
use crate::sketch::NumericGrid;

/// Predicted rows with a probability, labelled or not; a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BinaryExpectation {
    /// By bin of the score, rows predicted negative and rows predicted positive. One bin without a grid.
    bins: Vec<[Expected; 2]>,
}

impl BinaryExpectation {
    pub fn empty(score_grid: Option<&NumericGrid>) -> Self {
        Self { bins: vec![Default::default(); score_grid.map_or(1, NumericGrid::bins)] }
    }

    /// Adds `rows` equal rows of a score, its calibrated probability and the class predicted.
    pub fn count(
        &mut self,
        score_grid: Option<&NumericGrid>,
        score: f64,
        probability: f64,
        predicted: bool,
        rows: i64,
    ) {
        let bin = score_grid.map_or(0, |grid| grid.bin_of(score));
        self.bins[bin][usize::from(predicted)].count(probability, rows);
    }

    pub fn rows(&self) -> i64 {
        self.bins.iter().flatten().map(|expected| expected.rows).sum()
    }

    /// The metric to expect of these rows; `reference_rows` is the calibration's.
    pub fn estimate(
        &self,
        metric: Metric,
        score_grid: Option<&NumericGrid>,
        reference_rows: u64,
    ) -> Measurement {
        let (rows, inflation) = self.rows_and_inflation(reference_rows)?;
        if metric == Metric::RocAuc {
            let grid = score_grid.ok_or(Reason::NoGrid)?;
            let bins: Vec<Expected> = self.bins.iter().map(|[no, yes]| no.plus(*yes)).collect();
            return expected_roc_auc(grid, &bins, inflation);
        }
        let (value, variance) = self.table().metric(metric)?;
        Ok(Measured::normal(value, (variance * inflation).sqrt(), SHARE, rows))
    }

    /// The share of positives to expect.
    pub(super) fn positives(&self, reference_rows: u64) -> Measurement {
        let (rows, inflation) = self.rows_and_inflation(reference_rows)?;
        let Table { predicted_negative: [missed, _, of_negative], predicted_positive: [tp, _, of_positive] } =
            self.table();
        let (n, variance) = (rows as f64, of_negative + of_positive);
        Ok(Measured::normal((missed + tp) / n, (variance * inflation).sqrt() / n, SHARE, rows))
    }

    fn rows_and_inflation(&self, reference_rows: u64) -> Result<(i64, f64), Reason> {
        match self.rows() {
            ..=0 => Err(Reason::NoRows),
            rows => Ok((rows, 1.0 + rows as f64 / reference_rows.max(1) as f64)),
        }
    }

    fn table(&self) -> Table {
        let of = |predicted: usize| {
            let expected = self.bins.iter().map(|bin| bin[predicted]);
            expected.fold(Expected::default(), Expected::plus).totals()
        };
        Table { predicted_negative: of(0), predicted_positive: of(1) }
    }
}

/// Positives, negatives expected, and their variance, by predicted class.
struct Table {
    predicted_negative: [f64; 3],
    predicted_positive: [f64; 3],
}

impl Table {
    /// A metric and its variance by the labels' chance.
    fn metric(&self, metric: Metric) -> Result<(f64, f64), Reason> {
        let [tp, fp, of_positive] = self.predicted_positive;
        let [missed, tn, of_negative] = self.predicted_negative;
        let n = tp + fp + missed + tn;
        match metric {
            Metric::Accuracy => Ok(((tp + tn) / n, (of_positive + of_negative) / (n * n))),
            Metric::Precision if tp + fp > 0.0 => Ok((tp / (tp + fp), of_positive / (tp + fp).powi(2))),
            Metric::Precision => Err(Reason::NoPredictedPositives),
            Metric::Recall if tp + missed > 0.0 => Ok(ratio([tp, of_positive], [missed, of_negative])),
            Metric::Recall => Err(Reason::NoActualPositives),
            Metric::Specificity if tn + fp > 0.0 => Ok(ratio([tn, of_negative], [fp, of_positive])),
            Metric::Specificity => Err(Reason::NoActualNegatives),
            Metric::F1 if tp + fp + missed > 0.0 => {
                // Of 2TP / D, D = predicted positives + TP + FN, by TP and by FN.
                let whole = tp + fp + tp + missed;
                let (by_hit, by_miss) = (2.0 * (tp + fp + missed), 2.0 * tp);
                let variance = by_hit.powi(2) * of_positive + by_miss.powi(2) * of_negative;
                Ok((2.0 * tp / whole, variance / whole.powi(4)))
            }
            Metric::F1 => Err(Reason::NoActualPositives),
            _ => Err(Reason::NotEstimated),
        }
    }
}

/// `part / (part + rest)` of two independent counts, each with its variance, and its own variance.
fn ratio([part, of_part]: [f64; 2], [rest, of_rest]: [f64; 2]) -> (f64, f64) {
    let whole = part + rest;
    (part / whole, (rest * rest * of_part + part * part * of_rest) / whole.powi(4))
}

impl Group for BinaryExpectation {
    fn counts(&self) -> impl Iterator<Item = i64> {
        self.bins.iter().flatten().map(|expected| expected.rows)
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        self.bins.iter_mut().flatten().map(|expected| &mut expected.rows)
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        self.bins.iter().flatten().flat_map(Expected::sums)
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        self.bins.iter_mut().flatten().flat_map(Expected::sums_mut)
    }
}

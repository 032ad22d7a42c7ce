//! What a multiclass model's metrics are expected to be, from the calibrated scores of every class.
//!
//! As for two classes ([`super::BinaryExpectation`]), the row's probabilities being spread over the actual classes. Assumes
//! no concept drift.

use super::averages::Matrix;
use super::calibration::Calibration;
use super::expected_bins::{Expected, expected_roc_auc};
use super::group::Group;
use super::losses::SCALE;
use super::measured::{Measured, Measurement, Reason, SHARE};
use super::metric::Metric;
use super::multiclass::{CLASSES_MAX, mean_over_classes};
use crate::sketch::NumericGrid;

/// Predicted rows with a probability for every class; a group. Sums in units of 2^-40.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MulticlassExpectation {
    classes: usize,
    /// Rows by predicted class, with what is expected of that class.
    right: Vec<Expected>,
    /// Σ of the probability of each actual class, then predicted class.
    probabilities: Vec<i128>,
    /// By class, rows along its score; no bins for a class without a grid.
    bins: Vec<Vec<Expected>>,
}

/// The probabilities of all classes: each calibrated, then divided by their sum.
///
/// `None` where a class has no usable score, or all are 0.
pub fn class_probabilities(calibrations: &[Calibration], scores: &[f64]) -> Option<Vec<f64>> {
    if calibrations.len() != scores.len() {
        return None;
    }
    let each = calibrations.iter().zip(scores).map(|(calibration, &score)| calibration.probability(score));
    let mut probabilities = each.collect::<Option<Vec<f64>>>()?;
    let sum: f64 = probabilities.iter().sum();
    probabilities.iter_mut().for_each(|p| *p /= sum);
    (sum > 0.0).then_some(probabilities)
}

impl MulticlassExpectation {
    /// Of a model with one grid (or none) for the score of each class, [`CLASSES_MAX`] at most.
    pub fn empty(score_grids: &[Option<NumericGrid>]) -> Self {
        let classes = score_grids.len();
        assert!(classes <= CLASSES_MAX, "the config caps the classes");
        let bins = score_grids
            .iter()
            .map(|grid| vec![Expected::default(); grid.as_ref().map_or(0, NumericGrid::bins)]);
        Self {
            classes,
            right: vec![Expected::default(); classes],
            probabilities: vec![0; classes * classes],
            bins: bins.collect(),
        }
    }

    /// Adds `rows` equal rows: scores and their [`class_probabilities`] by class, and the class predicted.
    pub fn count(
        &mut self,
        score_grids: &[Option<NumericGrid>],
        scores: &[f64],
        probabilities: &[f64],
        predicted: usize,
        rows: i64,
    ) {
        self.right[predicted].count(probabilities[predicted], rows);
        for (actual, &p) in probabilities.iter().enumerate() {
            let cell = &mut self.probabilities[actual * self.classes + predicted];
            *cell += i128::from(rows) * i128::from(SCALE.to_units(p).0);
        }
        for (class, grid) in score_grids.iter().enumerate() {
            if let Some(grid) = grid {
                self.bins[class][grid.bin_of(scores[class])].count(probabilities[class], rows);
            }
        }
    }

    pub fn rows(&self) -> i64 {
        self.right.iter().map(|expected| expected.rows).sum()
    }

    /// The metric to expect of these rows; `reference_rows` is the calibrations'.
    ///
    /// The error of the accuracy is as for two classes. For averages over classes it is an upper bound, rows of one predicted
    /// class being taken for alike: `Σ_j [Σ_k g² E_kj − (Σ_k g E_kj)²/n_j]`, g the average's derivative by a cell.
    pub fn estimate(
        &self,
        metric: Metric,
        score_grids: &[Option<NumericGrid>],
        reference_rows: u64,
    ) -> Measurement {
        let rows = self.rows();
        if rows <= 0 {
            return Err(Reason::NoRows);
        }
        let inflation = 1.0 + rows as f64 / reference_rows.max(1) as f64;
        let share = |value: f64, variance: f64| {
            Ok(Measured::normal(value, (variance * inflation).sqrt(), SHARE, rows))
        };
        match metric {
            Metric::Accuracy | Metric::PrecisionMicro | Metric::RecallMicro | Metric::F1Micro => {
                let [right, _, variance] =
                    self.right.iter().copied().fold(Expected::default(), Expected::plus).totals();
                let n = rows as f64;
                share(right / n, variance / (n * n))
            }
            Metric::RocAuc => {
                let each = self.bins.iter().zip(score_grids).map(|(bins, grid)| {
                    expected_roc_auc(grid.as_ref().ok_or(Reason::NoGrid)?, bins, inflation)
                });
                mean_over_classes(&each.collect::<Result<Vec<_>, _>>()?)
            }
            Metric::Precision | Metric::Recall | Metric::F1 => Err(Reason::WrongTask),
            _ => {
                let expected = self.expected();
                let average = expected.average(metric)?;
                share(average.value, self.variance(&expected, &average.gradient))
            }
        }
    }

    /// Rows expected by actual class, then predicted class.
    fn expected(&self) -> Matrix {
        let cells = self.probabilities.iter().map(|&sum| SCALE.centred_sum(sum).max(0.0)).collect();
        Matrix { classes: self.classes, cells }
    }

    fn variance(&self, expected: &Matrix, gradient: &Matrix) -> f64 {
        let of_predicted = |predicted: usize| {
            let rows = self.right[predicted].rows;
            let terms = (0..self.classes).map(|k| (gradient.at(k, predicted), expected.at(k, predicted)));
            let (squares, sum) =
                terms.fold((0.0, 0.0), |(squares, sum), (g, e)| (squares + g * g * e, sum + g * e));
            if rows > 0 { (squares - sum * sum / rows as f64).max(0.0) } else { 0.0 }
        };
        (0..self.classes).map(of_predicted).sum()
    }
}

impl Group for MulticlassExpectation {
    fn counts(&self) -> impl Iterator<Item = i64> {
        self.right.iter().chain(self.bins.iter().flatten()).map(|expected| expected.rows)
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        self.right.iter_mut().chain(self.bins.iter_mut().flatten()).map(|expected| &mut expected.rows)
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        let expected = self.right.iter().chain(self.bins.iter().flatten()).flat_map(Expected::sums);
        self.probabilities.iter().copied().chain(expected)
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        let expected = self.right.iter_mut().chain(self.bins.iter_mut().flatten());
        self.probabilities.iter_mut().chain(expected.flat_map(Expected::sums_mut))
    }
}

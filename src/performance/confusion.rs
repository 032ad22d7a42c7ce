//! The 2×2 table of predicted and actual class, and the metrics that are shares of it.

use super::measured::{Interval, Measured, Measurement, Reason};
use super::normal::Z_95;
use super::proportion::{proportion, wilson};

/// Rows by predicted and actual class, one of the two being called positive. Signed: corrections subtract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confusion {
    pub true_positive: i64,
    pub false_positive: i64,
    pub false_negative: i64,
    pub true_negative: i64,
}

impl Confusion {
    /// Adds `rows` rows (a negative number takes them out).
    pub fn count(&mut self, predicted: bool, actual: bool, rows: i64) {
        let cell = match (predicted, actual) {
            (true, true) => &mut self.true_positive,
            (true, false) => &mut self.false_positive,
            (false, true) => &mut self.false_negative,
            (false, false) => &mut self.true_negative,
        };
        *cell += rows;
    }

    pub fn plus(self, other: Self) -> Self {
        let (a, b) = (self.cells(), other.cells());
        let [true_positive, false_positive, false_negative, true_negative] =
            std::array::from_fn(|i| a[i].wrapping_add(b[i]));
        Self { true_positive, false_positive, false_negative, true_negative }
    }

    pub fn rows(&self) -> i64 {
        self.cells().iter().sum()
    }

    pub fn actual_positives(&self) -> i64 {
        self.true_positive + self.false_negative
    }

    pub fn actual_negatives(&self) -> i64 {
        self.false_positive + self.true_negative
    }

    pub fn predicted_positives(&self) -> i64 {
        self.true_positive + self.false_positive
    }

    /// Rows whose predicted class is the actual one.
    pub fn right(&self) -> i64 {
        self.true_positive + self.true_negative
    }

    pub(super) fn cells(&self) -> [i64; 4] {
        [self.true_positive, self.false_positive, self.false_negative, self.true_negative]
    }

    pub(super) fn cells_mut(&mut self) -> [&mut i64; 4] {
        [&mut self.true_positive, &mut self.false_positive, &mut self.false_negative, &mut self.true_negative]
    }

    /// Share of rows predicted right. 0 … 1, Wilson's interval.
    pub fn accuracy(&self) -> Measurement {
        proportion(self.right(), self.rows(), Reason::NoRows)
    }

    /// `TP / (TP + FP)`: share of the predicted positives that are positive. 0 … 1, Wilson's interval.
    pub fn precision(&self) -> Measurement {
        self.share_of(self.true_positive, self.predicted_positives(), Reason::NoPredictedPositives)
    }

    /// `TP / (TP + FN)`: share of the positives that were found. 0 … 1, Wilson's interval.
    pub fn recall(&self) -> Measurement {
        self.share_of(self.true_positive, self.actual_positives(), Reason::NoActualPositives)
    }

    /// `TN / (TN + FP)`: share of the negatives that were left alone. 0 … 1, Wilson's interval.
    pub fn specificity(&self) -> Measurement {
        self.share_of(self.true_negative, self.actual_negatives(), Reason::NoActualNegatives)
    }

    /// `FP / (FP + TN)`: share of the negatives that were taken for positive. 0 … 1, Wilson's interval.
    pub fn false_positive_rate(&self) -> Measurement {
        self.share_of(self.false_positive, self.actual_negatives(), Reason::NoActualNegatives)
    }

    /// `(TP + FP) / n`: share of rows predicted positive. 0 … 1, Wilson's interval.
    pub fn selection_rate(&self) -> Measurement {
        proportion(self.predicted_positives(), self.rows(), Reason::NoRows)
    }

    /// `F1 = 2TP / (2TP + FP + FN)`. 0 … 1; no positive at all, predicted or actual, leaves nothing to compute.
    ///
    /// Standard error by the delta method on multinomial cells, `√(4·E·TP·(E + TP)) / (2TP + E)²` with E = FP + FN.
    /// F1 is `2s/(1 + s)` of the share s = TP / (TP + E), so its interval is Wilson's of s, carried over.
    pub fn f1(&self) -> Measurement {
        let (hits, misses) = (self.true_positive, self.false_positive + self.false_negative);
        let share = self.share_of(hits, hits + misses, Reason::NoActualPositives)?;
        let (tp, e) = (hits as f64, misses as f64);
        let f1_of = |share: f64| 2.0 * share / (1.0 + share);
        let within = wilson(hits, hits + misses, Z_95);
        Ok(Measured {
            value: 2.0 * tp / (2.0 * tp + e),
            std_error: (4.0 * e * tp * (e + tp)).sqrt() / (2.0 * tp + e).powi(2),
            interval: Interval { low: f1_of(within.low), high: f1_of(within.high) },
            ..share
        })
    }

    fn share_of(&self, part: i64, whole: i64, empty: Reason) -> Measurement {
        if self.rows() <= 0 {
            return Err(Reason::NoRows);
        }
        proportion(part, whole, empty)
    }
}

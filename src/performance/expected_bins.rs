//! Probabilities of rows by the bin of their score: what is expected of labels that are not there.

use super::losses::SCALE;
use super::measured::{Measurement, Reason};
use super::roc_auc::Roc;
use crate::sketch::NumericGrid;

/// Rows, and the sums of their probabilities p of being positive; a group. Sums in units of 2^-40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expected {
    pub rows: i64,
    /// Σp: positives expected.
    pub(super) positives: i128,
    /// Σp(1−p): the variance of how many there will be.
    pub(super) variance: i128,
}

impl Expected {
    /// Adds `rows` rows of probability `p` in 0 … 1.
    pub(super) fn count(&mut self, p: f64, rows: i64) {
        self.rows += rows;
        self.positives += i128::from(rows) * i128::from(SCALE.to_units(p).0);
        self.variance += i128::from(rows) * i128::from(SCALE.to_units(p * (1.0 - p)).0);
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            positives: self.positives + other.positives,
            variance: self.variance + other.variance,
        }
    }

    /// Positives, negatives expected, and the variance of either.
    pub(super) fn totals(self) -> [f64; 3] {
        let positives = SCALE.centred_sum(self.positives).max(0.0);
        let negatives = (self.rows as f64 - positives).max(0.0);
        [positives, negatives, SCALE.centred_sum(self.variance).max(0.0)]
    }

    pub(super) fn sums(&self) -> [i128; 2] {
        [self.positives, self.variance]
    }

    pub(super) fn sums_mut(&mut self) -> [&mut i128; 2] {
        [&mut self.positives, &mut self.variance]
    }
}

/// The area under the ROC curve that the probabilities lead one to expect, rows in bins of their score, ties ½.
///
/// Variance of the area that labels will show, by its derivative to each label: `Σ V_b (below_b − A)/P − (above_b − A)/N)²`,
/// V_b the bin's Σp(1−p), times `inflation` for the calibrator's own error.
pub(super) fn expected_roc_auc(grid: &NumericGrid, bins: &[Expected], inflation: f64) -> Measurement {
    let totals = || bins.iter().map(|bin| bin.totals());
    let weights = || totals().map(|[positives, negatives, _]| [negatives, positives]);
    let curve = match Roc::over(grid, weights()) {
        Err(Reason::NoScores) => return Err(Reason::NoRows),
        curve => curve?,
    };
    let by_bin = curve.places(weights()).zip(totals()).map(|(place, [_, _, variance])| {
        let of_positive = (place.negatives_below - curve.value) / curve.positives;
        let of_negative = (place.positives_above - curve.value) / curve.negatives;
        variance * (of_positive - of_negative).powi(2)
    });
    Ok(curve.measured(by_bin.sum::<f64>() * inflation))
}

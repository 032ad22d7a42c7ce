//! The area under the ROC curve from rows (or expected rows) by score bin and class.

use super::measured::{Interval, Measured, Measurement, Reason, SHARE};
use super::score_bins::{Bin, ScoreBins};
use crate::sketch::NumericGrid;

/// The probability that a random positive scores above a random negative, ties ½.
///
/// 0 … 1; ½ for a score that says nothing. Two rows in one bin count as tied, so the value is exact where every bin
/// holds one value, and otherwise off by at most ½ Σ of the products of the classes' shares in the bins that do not.
/// Standard error after DeLong, DeLong and Clarke-Pearson (Biometrics 44, 1988) from the bins: `S₁₀/P + S₀₁/N`, the
/// variances (ddof 1) of the share of negatives below, over the positives, and of its mirror over the negatives; for a
/// class of one row the largest variance that a share of this mean can have. 0 where the score parts the classes
/// completely. O(bins).
pub(super) fn roc_auc(grid: &NumericGrid, bins: &ScoreBins) -> Measurement {
    let curve = Roc::over(grid, bins.weights())?;
    let Roc { value, negatives, positives, .. } = curve;
    let spread = |squares: f64, rows: f64| match rows > 1.0 {
        true => squares / (rows - 1.0) / rows,
        false => value * (1.0 - value),
    };
    let (mut over_positives, mut over_negatives) = (0.0, 0.0);
    for (bin, place) in bins.0.iter().zip(curve.places(bins.weights())) {
        let Bin { negatives, positives } = *bin;
        over_positives += positives.max(0) as f64 * (place.negatives_below - value).powi(2);
        over_negatives += negatives.max(0) as f64 * (place.positives_above - value).powi(2);
    }
    let variance = spread(over_positives, positives) + spread(over_negatives, negatives);
    Ok(curve.measured(variance))
}

/// What is known of a curve: its area and the weight of both classes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Roc {
    pub value: f64,
    /// How far the area of the raw rows may be off.
    pub error_bound: f64,
    pub negatives: f64,
    pub positives: f64,
}

/// Where a row of one bin stands among the others, ties ½.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub negatives_below: f64,
    pub positives_above: f64,
}

impl Roc {
    /// Over negatives and positives by bin, scores rising.
    pub fn over(grid: &NumericGrid, weights: impl Iterator<Item = [f64; 2]> + Clone) -> Result<Self, Reason> {
        let [negatives, positives] =
            weights.clone().fold([0.0; 2], |[n, p], [more_n, more_p]| [n + more_n, p + more_p]);
        if negatives + positives <= 0.0 {
            return Err(Reason::NoScores);
        }
        if negatives <= 0.0 || positives <= 0.0 {
            return Err(Reason::OneClass);
        }
        let (mut below, mut ordered, mut tied) = (0.0, 0.0, 0.0);
        for (bin, [n, p]) in weights.enumerate() {
            ordered += p * (below + n / 2.0);
            tied += if grid.is_atom(bin) { 0.0 } else { n * p / 2.0 };
            below += n;
        }
        let pairs = negatives * positives;
        Ok(Self { value: ordered / pairs, error_bound: tied / pairs, negatives, positives })
    }

    pub fn places(self, weights: impl Iterator<Item = [f64; 2]>) -> impl Iterator<Item = Place> {
        let mut seen = [0.0; 2];
        weights.map(move |[n, p]| {
            let negatives_below = (seen[0] + n / 2.0) / self.negatives;
            let positives_above = 1.0 - (seen[1] + p / 2.0) / self.positives;
            seen = [seen[0] + n, seen[1] + p];
            Place { negatives_below, positives_above }
        })
    }

    pub fn measured(self, variance: f64) -> Measured {
        let std_error = variance.sqrt();
        Measured {
            value: self.value,
            std_error,
            interval: Interval::normal(self.value, std_error, SHARE),
            error_bound: self.error_bound,
            rows: (self.negatives + self.positives).round() as u64,
        }
    }
}

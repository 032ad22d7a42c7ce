//! What scores lose as probabilities: log loss, Brier score, and how far they are off what happens (calibration).

use super::measured::{Measured, Measurement, NOT_NEGATIVE, Reason, SHARE};
use crate::sketch::FixedPoint;

/// Scores are kept this far from 0 and 1, so that a sure and wrong one loses much, not everything.
const CLIP: f64 = 1e-15;
/// Equal-width bins of the expected calibration error.
pub(super) const CALIBRATION_BINS: usize = 10;
/// Probabilities and losses are summed in units of 2^-40.
pub(super) const SCALE: FixedPoint = FixedPoint::PROBABILITY;

/// Sums of what scores in 0 … 1 lose; a group, all in units of 2^-40 (squares in units of 2^-80).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses {
    /// Σ −ln of the probability that was given to what happened, and Σ of its squares.
    log_loss: i128,
    log_loss_squares: i128,
    /// Σ of the fourth powers of score less actual.
    brier_squares: i128,
    calibration: Box<[CalibrationBin; CALIBRATION_BINS]>,
}

/// Rows of scores in (i/10, (i+1)/10], 0 in the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct CalibrationBin {
    rows: i64,
    positives: i64,
    scores: i128,
    /// Σ (score − actual)².
    squares: i128,
}

impl Losses {
    /// Adds `rows` rows of a score in 0 … 1.
    pub(super) fn count(&mut self, score: f64, actual: bool, rows: i64) {
        let clipped = score.clamp(CLIP, 1.0 - CLIP);
        let units = |value: f64| i128::from(SCALE.to_units(value).0);
        let log_loss = units(if actual { -clipped.ln() } else { -(-clipped).ln_1p() });
        let brier = units((score - f64::from(u8::from(actual))).powi(2));
        let n = i128::from(rows);
        self.log_loss += n * log_loss;
        self.log_loss_squares += n * log_loss * log_loss;
        self.brier_squares += n * brier * brier;
        let bin = &mut self.calibration[calibration_bin(score)];
        bin.rows += rows;
        bin.positives += if actual { rows } else { 0 };
        bin.scores += n * units(score);
        bin.squares += n * brier;
    }

    pub(super) fn rows(&self) -> i64 {
        self.calibration.iter().map(|bin| bin.rows).sum()
    }

    /// Mean log loss, scores clipped at 1e-15. 0 … 34.5, 0 for sure and right; normal interval.
    pub(super) fn log_loss(&self) -> Measurement {
        mean(self.log_loss, self.log_loss_squares, self.rows(), NOT_NEGATIVE)
    }

    /// Mean of (score − actual)². 0 … 1, 0 for sure and right; normal interval.
    pub(super) fn brier(&self) -> Measurement {
        let squares = self.calibration.iter().map(|bin| bin.squares).sum();
        mean(squares, self.brier_squares, self.rows(), SHARE)
    }

    /// Expected calibration error: Σ n_b/n · |mean score − share of positives| over 10 equal-width bins.
    ///
    /// 0 … 1, 0 for calibrated scores; never quite 0 by sampling (biased upwards in small bins). Standard error by the
    /// delta method at fixed signs: √Σ (n_b/n)² · variance of (score − actual) in the bin / n_b.
    pub(super) fn calibration_error(&self) -> Measurement {
        let rows = self.rows();
        if rows <= 0 {
            return Err(Reason::NoScores);
        }
        let (mut value, mut variance) = (0.0, 0.0);
        for bin in self.calibration.iter().filter(|bin| bin.rows > 0) {
            let (n, share) = (bin.rows as f64, bin.rows as f64 / rows as f64);
            let off = (SCALE.centred_sum(bin.scores) - bin.positives as f64) / n;
            value += share * off.abs();
            variance += share * share * (SCALE.centred_sum(bin.squares) / n - off * off).max(0.0) / n;
        }
        Ok(Measured::normal(value, variance.sqrt(), SHARE, rows))
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = i64> {
        self.calibration.iter().flat_map(|bin| [bin.rows, bin.positives])
    }

    pub(super) fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        self.calibration.iter_mut().flat_map(|bin| [&mut bin.rows, &mut bin.positives])
    }

    pub(super) fn sums(&self) -> impl Iterator<Item = i128> {
        let losses = [self.log_loss, self.log_loss_squares, self.brier_squares];
        losses.into_iter().chain(self.calibration.iter().flat_map(|bin| [bin.scores, bin.squares]))
    }

    pub(super) fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        let losses = [&mut self.log_loss, &mut self.log_loss_squares, &mut self.brier_squares];
        let bins = self.calibration.iter_mut().flat_map(|bin| [&mut bin.scores, &mut bin.squares]);
        losses.into_iter().chain(bins)
    }
}

/// Right-closed; edges are multiples of 0.1 as floats have them, as in numpy's `linspace(0, 1, 11)`.
pub(super) fn calibration_bin(score: f64) -> usize {
    (1..CALIBRATION_BINS).take_while(|&edge| edge as f64 * 0.1 < score).count()
}

/// The mean of `rows` losses from their sum and the sum of their squares, with its normal interval.
fn mean(sum: i128, squares: i128, rows: i64, bounds: [f64; 2]) -> Measurement {
    if rows <= 0 {
        return Err(Reason::NoScores);
    }
    let n = rows as f64;
    let value = SCALE.centred_sum(sum) / n;
    let variance = (squares as f64 * SCALE.unit().powi(2) / n - value * value).max(0.0);
    Ok(Measured::normal(value, (variance / n).sqrt(), bounds, rows))
}

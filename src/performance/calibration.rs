//! From a score to a probability: isotonic regression on the reference, kept as a few knots.

use serde::{Deserialize, Serialize};

use super::losses::{CALIBRATION_BINS, calibration_bin};

/// Folds that tell whether calibration helps on rows that it was not fitted on: row i is held out in fold i mod 2. Halves
/// tell best: knots of as many rows as they are tried on err √2 times as much as honest scores do.
const FOLDS: usize = 2;

/// A row of the reference: its score, and whether it turned out positive.
pub type ScoredActual = (f64, bool);

/// How scores become probabilities, and how many labelled rows of the reference say so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub map: ScoreMap,
    /// Labelled rows of the reference with a score.
    pub reference_rows: u64,
}

/// From score to probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreMap {
    /// Scores are taken for probabilities as they are: calibrating them did not help.
    AsTheyAre,
    Isotonic(Knots),
}

/// A rising, piecewise linear function, constant beyond its ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<[f64; 2]>", into = "Vec<[f64; 2]>")]
pub struct Knots(Vec<[f64; 2]>);

/// Why pairs of numbers are no knots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KnotsError {
    #[error("a calibration needs at least one knot")]
    Empty,
    #[error("knot {index} has no score above the one before it, or a probability below it or outside 0 to 1")]
    Order { index: usize },
}

impl Calibration {
    /// Fits isotonic knots on a reference, and keeps them only if they lower the expected calibration error on rows they
    /// were not fitted on (two halves by turns over the rows as they come, the errors of both added: taken over all rows
    /// together they would cancel, as each half is fitted to what the other lacks).
    ///
    /// Rows whose score is not finite are left out. Scores outside 0 … 1 are no probabilities, so that knots are then kept
    /// anyway. `None` for no rows; rows of one class are left as they are.
    pub fn fit(rows: &[ScoredActual]) -> Option<Self> {
        let rows: Vec<ScoredActual> = rows.iter().copied().filter(|(score, _)| score.is_finite()).collect();
        let knots = Knots::fit(rows.iter().copied())?;
        let positives = rows.iter().filter(|row| row.1).count();
        let probabilities = rows.iter().all(|(score, _)| (0.0..=1.0).contains(score));
        let one_class = positives == 0 || positives == rows.len();
        let kept = if probabilities { !one_class && helps(&rows) } else { true };
        let map = if kept { ScoreMap::Isotonic(knots) } else { ScoreMap::AsTheyAre };
        Some(Self { map, reference_rows: rows.len() as u64 })
    }

    /// The probability of a score; `None` for NaN, and for a score outside 0 … 1 that is taken as it is.
    pub fn probability(&self, score: f64) -> Option<f64> {
        match &self.map {
            ScoreMap::AsTheyAre => (0.0..=1.0).contains(&score).then_some(score),
            ScoreMap::Isotonic(knots) => (!score.is_nan()).then(|| knots.at(score)),
        }
    }
}

impl Knots {
    /// Isotonic regression by pooling adjacent violators, as scikit-learn's `IsotonicRegression`: rows of one score are
    /// one, of their mean; knots inside a run of equal probabilities are dropped. Scores are finite. `None` for no rows.
    pub fn fit(rows: impl Iterator<Item = ScoredActual>) -> Option<Self> {
        let mut sorted: Vec<ScoredActual> = rows.map(|(score, actual)| (score + 0.0, actual)).collect();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let blocks = pooled(&sorted);
        let ends = blocks.iter().flat_map(|block| {
            let probability = block.positives as f64 / block.rows as f64;
            let last = (block.last > block.first).then_some([block.last, probability]);
            [Some([block.first, probability]), last].into_iter().flatten()
        });
        let knots: Vec<[f64; 2]> = ends.collect();
        (!knots.is_empty()).then_some(Self(knots))
    }

    /// Score and probability of each, both rising.
    pub fn as_slice(&self) -> &[[f64; 2]] {
        &self.0
    }

    /// Linear between knots, constant beyond the outer ones. `score` is not NaN.
    pub fn at(&self, score: f64) -> f64 {
        let next = self.0.partition_point(|knot| knot[0] < score);
        match (next.checked_sub(1).map(|before| self.0[before]), self.0.get(next)) {
            (_, Some(&[x, probability])) if x == score => probability,
            (Some([x0, p0]), Some(&[x1, p1])) => p0 + (p1 - p0) * share_of_way(x0, score, x1),
            (None, Some(&[_, probability])) | (Some([_, probability]), None) => probability,
            (None, None) => 0.0,
        }
    }
}

/// How far `at` lies from `from` to `to`, 0 to 1. Halved where the way is longer than a number can say.
fn share_of_way(from: f64, at: f64, to: f64) -> f64 {
    match to - from {
        way if way.is_finite() => (at - from) / way,
        _ => (at / 2.0 - from / 2.0) / (to / 2.0 - from / 2.0),
    }
}

/// Scores from `first` to `last` that share a probability.
struct Block {
    first: f64,
    last: f64,
    rows: u64,
    positives: u64,
}

impl Block {
    /// Exact: no quotient is compared.
    fn is_not_below(&self, next: &Self) -> bool {
        u128::from(self.positives) * u128::from(next.rows)
            >= u128::from(next.positives) * u128::from(self.rows)
    }
}

/// Blocks of strictly rising shares of positives, from rows sorted by score.
fn pooled(sorted: &[ScoredActual]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let score = tied[0].0;
        let positives = tied.iter().filter(|row| row.1).count() as u64;
        let mut block = Block { first: score, last: score, rows: tied.len() as u64, positives };
        while let Some(before) = blocks.pop_if(|before| before.is_not_below(&block)) {
            block.first = before.first;
            block.rows += before.rows;
            block.positives += before.positives;
        }
        blocks.push(block);
    }
    blocks
}

/// Whether calibrated scores of held-out rows are off by less than the scores themselves.
fn helps(rows: &[ScoredActual]) -> bool {
    let mut gained = 0.0;
    for fold in 0..FOLDS {
        let fitted_on = rows.iter().enumerate().filter(|(i, _)| i % FOLDS != fold).map(|(_, row)| *row);
        let Some(knots) = Knots::fit(fitted_on) else { return false };
        let [mut as_they_are, mut calibrated] = [Reliability::default(), Reliability::default()];
        for &(score, actual) in rows.iter().skip(fold).step_by(FOLDS) {
            as_they_are.add(score, actual);
            calibrated.add(knots.at(score), actual);
        }
        gained += as_they_are.error() - calibrated.error();
    }
    gained > 0.0
}

/// By equal-width bin, Σ (probability − actual): the expected calibration error without the division by n.
#[derive(Default)]
struct Reliability([f64; CALIBRATION_BINS]);

impl Reliability {
    fn add(&mut self, probability: f64, actual: bool) {
        self.0[calibration_bin(probability)] += probability - f64::from(u8::from(actual));
    }

    fn error(&self) -> f64 {
        self.0.iter().map(|off| off.abs()).sum()
    }
}

impl TryFrom<Vec<[f64; 2]>> for Knots {
    type Error = KnotsError;

    fn try_from(knots: Vec<[f64; 2]>) -> Result<Self, KnotsError> {
        if knots.is_empty() {
            return Err(KnotsError::Empty);
        }
        let misplaced = |&index: &usize| {
            let [score, probability] = knots[index];
            let sound = score.is_finite() && (0.0..=1.0).contains(&probability);
            let rises = index == 0 || (knots[index - 1][0] < score && knots[index - 1][1] <= probability);
            !(sound && rises)
        };
        match (0..knots.len()).find(misplaced) {
            Some(index) => Err(KnotsError::Order { index }),
            None => Ok(Self(knots)),
        }
    }
}

impl From<Knots> for Vec<[f64; 2]> {
    fn from(knots: Knots) -> Self {
        knots.0
    }
}

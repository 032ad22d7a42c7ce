//! Rows by the bin of their score and by whether they are of the class that the score speaks for.

use crate::sketch::NumericGrid;

/// Rows in one bin of a score's grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bin {
    pub negatives: i64,
    pub positives: i64,
}

/// Rows with a score, bin by bin of its grid, scores rising.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScoreBins(pub Vec<Bin>);

impl ScoreBins {
    pub fn empty(grid: &NumericGrid) -> Self {
        Self(vec![Bin::default(); grid.bins()])
    }

    /// Adds `rows` rows of one score, which is not NaN.
    pub fn count(&mut self, grid: &NumericGrid, score: f64, actual: bool, rows: i64) {
        let bin = &mut self.0[grid.bin_of(score)];
        if actual { bin.positives += rows } else { bin.negatives += rows }
    }

    pub(super) fn counts(&self) -> impl Iterator<Item = i64> {
        self.0.iter().flat_map(|bin| [bin.negatives, bin.positives])
    }

    pub(super) fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        self.0.iter_mut().flat_map(|bin| [&mut bin.negatives, &mut bin.positives])
    }

    /// Negatives and positives as weights, bin by bin, scores rising.
    pub(super) fn weights(&self) -> impl DoubleEndedIterator<Item = [f64; 2]> + ExactSizeIterator + Clone {
        self.0.iter().map(|bin| [bin.negatives.max(0) as f64, bin.positives.max(0) as f64])
    }
}

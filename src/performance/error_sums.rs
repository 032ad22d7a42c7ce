//! What an error-stream detector takes in of a pane's labelled rows, summed so that it subtracts.

use super::group::Group;
use super::losses::SCALE;
use crate::detector::PaneErrors;

/// Errors count up to this many times the reference's mean absolute error.
const CLIP: f64 = 10.0;

/// Rows, Σ and Σ² of their errors; a group. Sums in units of 2^-40.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ErrorSums {
    rows: i64,
    sum: i128,
    squares: i128,
}

impl ErrorSums {
    /// Adds `rows` rows that are off by `error`, where the reference's rows are off by `reference_mae` on average.
    pub fn count(&mut self, error: f64, reference_mae: f64, rows: i64) {
        let relative = (error.abs() / reference_mae).min(CLIP);
        let n = i128::from(rows);
        self.rows += rows;
        self.sum += n * i128::from(SCALE.to_units(relative).0);
        self.squares += n * i128::from(SCALE.to_units(relative * relative).0);
    }

    pub fn pane_errors(&self) -> Option<PaneErrors> {
        let rows = u64::try_from(self.rows).ok()?;
        PaneErrors::new(rows, SCALE.centred_sum(self.sum), SCALE.centred_sum(self.squares))
    }
}

impl Group for ErrorSums {
    fn counts(&self) -> impl Iterator<Item = i64> {
        std::iter::once(self.rows)
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        std::iter::once(&mut self.rows)
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        [self.sum, self.squares].into_iter()
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        [&mut self.sum, &mut self.squares].into_iter()
    }
}

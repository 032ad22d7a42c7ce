//! What a pane's rows add up to, as a detector takes it in.

/// Rows of a closed pane, the sum of their errors and of the squares: n, Σ, SS.
///
/// An error is 0 or 1 for a class; |error| / reference MAE, clipped at 10, for a number. Kept as stepped, so that a
/// replay takes the same steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaneErrors {
    rows: u64,
    sum: f64,
    sum_squares: f64,
}

/// Past so many rows a float no longer counts them one by one.
const ROWS_MAX: u64 = 1 << 52;

impl PaneErrors {
    /// None without a row, with more than 2^52, or where a sum is not finite: nothing to step over.
    pub fn new(rows: u64, sum: f64, sum_squares: f64) -> Option<Self> {
        let counts = (1..=ROWS_MAX).contains(&rows) && sum.is_finite() && sum_squares.is_finite();
        counts.then_some(Self { rows, sum, sum_squares })
    }

    pub fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn count(&self) -> f64 {
        self.rows as f64
    }

    pub fn sum(&self) -> f64 {
        self.sum
    }

    pub fn sum_squares(&self) -> f64 {
        self.sum_squares
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.count()
    }

    /// Squared deviations from the pane's own mean, summed: SS − Σ²/n, and 0 for one row whatever the rounding.
    pub fn deviations(&self) -> f64 {
        match self.rows {
            1 => 0.0,
            _ => (self.sum_squares - self.sum * self.mean()).max(0.0),
        }
    }
}

/// A mean that panes are added to: River's `stats.Mean`, its order of operations kept.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Mean {
    pub rows: f64,
    pub value: f64,
}

impl Mean {
    pub fn add(&mut self, pane: &PaneErrors) {
        self.rows += pane.count();
        self.value += (pane.count() / self.rows) * (pane.mean() - self.value);
    }
}

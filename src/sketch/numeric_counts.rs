//! Counts and sums of a numeric column on its grid.

use super::fixed_point::mean_and_std_of;
use super::numeric_grid::NumericGrid;

/// How a batch writes "no value" into a numeric column: one particular NaN. A sender's own NaN is any other.
pub const MISSING: f64 = f64::from_bits(0x7ff8_0000_0000_d001);
/// How a batch writes "a value that is no number" into a numeric column.
pub const WRONG_TYPE: f64 = f64::from_bits(0x7ff8_0000_0000_d002);

/// What a window, pane or reference holds of a numeric column. A group: adds and subtracts exactly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NumericCounts {
    /// Values per bin, infinities in the outer ones.
    pub bins: Vec<i64>,
    /// Per bin the sum of its finite values in the units of the grid's scale, less the pivot.
    pub sums: Vec<i128>,
    /// Sum of the squares of all finite values in those units.
    pub sum_squares: i128,
    pub negative_infinite: i64,
    pub positive_infinite: i64,
    pub nan: i64,
    /// Absent or null.
    pub missing: i64,
    /// Present but no number.
    pub wrong_type: i64,
    /// Finite values so far out that they enter the sums as ±2^47 units.
    pub clamped: i64,
}

impl NumericCounts {
    pub fn empty(grid: &NumericGrid) -> Self {
        Self { bins: vec![0; grid.bins()], sums: vec![0; grid.bins()], ..Self::default() }
    }

    /// Values that fall in a bin: finite or infinite.
    pub fn present(&self) -> i64 {
        self.bins.iter().sum()
    }

    /// Values that enter the sums.
    pub fn finite(&self) -> i64 {
        self.present() - self.negative_infinite - self.positive_infinite
    }

    /// Rows without a usable number: absent, null or NaN.
    pub fn absent(&self) -> i64 {
        self.missing + self.nan
    }

    /// Mean and standard deviation (ddof 0) of the finite values; `None` where there are none.
    pub fn mean_and_std(&self, grid: &NumericGrid) -> Option<(f64, f64)> {
        let (scale, (mean, std)) = (grid.scale(), self.centred_moments()?);
        Some((scale.pivot + mean * scale.unit(), std * scale.unit()))
    }

    /// The same less the pivot, in units of the grid's scale.
    pub fn centred_moments(&self) -> Option<(f64, f64)> {
        let n = self.finite();
        (n > 0).then(|| mean_and_std_of(n, self.sums.iter().sum(), self.sum_squares))
    }

    /// Adds what another batch, pane or window of the same grid counted.
    pub fn add(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_add, i128::wrapping_add);
    }

    /// Takes out what was added: the exact inverse of [`NumericCounts::add`].
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_sub, i128::wrapping_sub);
    }

    fn combine(&mut self, other: &Self, narrow: fn(i64, i64) -> i64, wide: fn(i128, i128) -> i128) {
        assert_eq!(self.bins.len(), other.bins.len(), "counts of one grid have as many bins");
        for (a, b) in self.bins.iter_mut().zip(&other.bins) {
            *a = narrow(*a, *b);
        }
        for (a, b) in self.sums.iter_mut().zip(&other.sums) {
            *a = wide(*a, *b);
        }
        self.sum_squares = wide(self.sum_squares, other.sum_squares);
        let theirs = other.scalars();
        for (a, b) in self.scalars_mut().into_iter().zip(theirs) {
            *a = narrow(*a, b);
        }
    }

    /// The single counts, in their stored order.
    pub(super) fn scalars(&self) -> [i64; 6] {
        [
            self.negative_infinite,
            self.positive_infinite,
            self.nan,
            self.missing,
            self.wrong_type,
            self.clamped,
        ]
    }

    pub(super) fn scalars_mut(&mut self) -> [&mut i64; 6] {
        [
            &mut self.negative_infinite,
            &mut self.positive_infinite,
            &mut self.nan,
            &mut self.missing,
            &mut self.wrong_type,
            &mut self.clamped,
        ]
    }
}

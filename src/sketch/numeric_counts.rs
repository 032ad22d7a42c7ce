//! Counts and sums of a numeric column on its grid.

use super::fixed_point::FixedPoint;
use super::locate::BLOCK;
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

    /// The same less the pivot, in units of the grid's scale. The squares are centred in integers, so a mean far
    /// off the pivot costs the deviation no digits.
    pub fn centred_moments(&self) -> Option<(f64, f64)> {
        let n = self.finite();
        if n <= 0 {
            return None;
        }
        let sum: i128 = self.sums.iter().sum();
        let centre = sum / i128::from(n);
        let off_centre = (sum - centre * i128::from(n)) as f64 / n as f64;
        // Σ(k−m)² = Σk² − 2mΣk + nm². Parts may wrap, the result fits.
        let both = centre.wrapping_mul(sum.wrapping_mul(2).wrapping_sub(centre.wrapping_mul(i128::from(n))));
        let squares = self.sum_squares.wrapping_sub(both);
        let variance = (squares as f64 / n as f64 - off_centre * off_centre).max(0.0);
        Some((centre as f64 + off_centre, variance.sqrt()))
    }

    /// Counts the values of a batch column; [`MISSING`] and [`WRONG_TYPE`] are told from a sender's NaN.
    pub fn count(&mut self, grid: &NumericGrid, values: &[f64]) {
        let (mut bins, mut units) = ([0; BLOCK], [0; BLOCK]);
        for values in values.chunks(BLOCK) {
            grid.locator().locate(values, &mut bins);
            let summed = whole_units(grid.scale(), values, &mut units);
            // As slices their addresses stay in registers; fields would be read again after every write.
            let (counts, sums) = (&mut self.bins[..], &mut self.sums[..]);
            let mut squares = 0;
            for (&bin, &k) in bins.iter().zip(&units).take(values.len()) {
                counts[usize::from(bin)] += 1;
                sums[usize::from(bin)] += i128::from(k);
                squares += i128::from(k) * i128::from(k);
            }
            self.sum_squares += squares;
            if summed < values.len() {
                self.count_odd(grid, values, values.len() - summed);
            }
        }
    }

    /// The second look at values of which `odd` were left out of the sums; NaN among them went into bin 0.
    fn count_odd(&mut self, grid: &NumericGrid, values: &[f64], odd: usize) {
        let (mut nan, mut missing, mut wrong_type) = (0, 0, 0);
        for &value in values {
            nan += i64::from(value.is_nan());
            missing += i64::from(value.to_bits() == MISSING.to_bits());
            wrong_type += i64::from(value.to_bits() == WRONG_TYPE.to_bits());
        }
        self.bins[0] -= nan;
        self.missing += missing;
        self.wrong_type += wrong_type;
        self.nan += nan - missing - wrong_type;
        if nan < odd as i64 {
            self.count_far(grid, values);
        }
    }

    /// Counts the infinities, and sums what lies too far out for the plain sums.
    #[cold]
    fn count_far(&mut self, grid: &NumericGrid, values: &[f64]) {
        let scale = grid.scale();
        for &value in values {
            let plain = scale.units_of(value).abs() <= PLAIN_UNITS_MAX;
            if plain || value.is_nan() {
                continue;
            }
            if value == f64::INFINITY {
                self.positive_infinite += 1;
            } else if value == f64::NEG_INFINITY {
                self.negative_infinite += 1;
            } else {
                let (k, clamped) = scale.to_units(value);
                self.sums[grid.bin_of(value)] += i128::from(k);
                self.sum_squares += i128::from(k) * i128::from(k);
                self.clamped += i64::from(clamped);
            }
        }
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

/// Up to here numbers are summed plainly: 2^47 units, as far as they go unclamped.
const PLAIN_UNITS_MAX: f64 = (1u64 << 47) as f64;

/// Writes the units of every value as [`FixedPoint::to_units`] has them, 0 for those past [`PLAIN_UNITS_MAX`] and NaN;
/// how many there are of the others. No branch, no call: it vectorises.
fn whole_units(scale: FixedPoint, values: &[f64], units: &mut [i64; BLOCK]) -> usize {
    // 1.5·2^52: a float of that size has no fraction, so the sum rounds half to even, and its bits count up by whole
    // units from those of the constant. Exact up to 2^51.
    const WHOLE: f64 = (3u64 << 51) as f64;
    let units_per_one = scale.units_per_one();
    let pivot = scale.pivot * units_per_one;
    let mut within = 0;
    for (&value, k) in values.iter().zip(units) {
        let exact = value * units_per_one - pivot;
        let plain = exact.abs() <= PLAIN_UNITS_MAX;
        // Wraps only where it is not taken.
        let whole = ((exact + WHOLE).to_bits() as i64).wrapping_sub(WHOLE.to_bits() as i64);
        *k = if plain { whole } else { 0 };
        within += usize::from(plain);
    }
    within
}

/// The smallest and largest finite value. A lattice: merges in any order, never subtracts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes {
    pub min: f64,
    pub max: f64,
}

impl Extremes {
    /// Those of no values.
    pub const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    pub fn of(values: &[f64]) -> Self {
        let extremes = Self::of_lanes(values, |value| value);
        match extremes.min > f64::NEG_INFINITY && extremes.max < f64::INFINITY || extremes.is_none() {
            true => extremes,
            false => Self::of_lanes(values, |value| if value.is_finite() { value } else { f64::NAN }),
        }
    }

    /// Extremes of what is no NaN, in lanes that do not wait for each other.
    fn of_lanes(values: &[f64], finite: impl Fn(f64) -> f64) -> Self {
        let (mut min, mut max) = ([Self::NONE.min; Self::LANES], [Self::NONE.max; Self::LANES]);
        let mut take = |values: &[f64]| {
            for (lane, &value) in values.iter().enumerate() {
                // Adding 0 makes −0 a 0, so that no order of values decides which is kept. No compare holds for NaN.
                let value = finite(value) + 0.0;
                min[lane] = if value < min[lane] { value } else { min[lane] };
                max[lane] = if value > max[lane] { value } else { max[lane] };
            }
        };
        let (whole, rest) = values.as_chunks::<{ Self::LANES }>();
        whole.iter().for_each(|values| take(values));
        take(rest);
        Self {
            min: min.into_iter().fold(Self::NONE.min, f64::min),
            max: max.into_iter().fold(Self::NONE.max, f64::max),
        }
    }

    const LANES: usize = 8;

    pub fn merge(&mut self, other: &Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Whether there was no finite value.
    pub fn is_none(&self) -> bool {
        self.min > self.max
    }
}

impl Default for Extremes {
    fn default() -> Self {
        Self::NONE
    }
}

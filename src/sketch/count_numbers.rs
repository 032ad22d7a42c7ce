//! From the values of a numeric column to its counts and sums.
//!
//! Values are located first, then counted: whoever counts some rows of a batch by themselves locates them once only.
//! A bin's count and sum of units are gathered in one word, twice so that equal values one after the other do not wait for
//! each other, and added to the counts each [`WINDOW`] values. What does not fit there (no number, an infinity, a value
//! very far out) is left out and looked at a second time.

use super::fixed_point::FixedPoint;
use super::numeric_counts::{MISSING, NumericCounts, WRONG_TYPE};
use super::numeric_grid::NumericGrid;

/// Values of which each bin's count and sum fit a word.
const WINDOW: usize = 1024;
/// Up to here units are summed plainly: about 2^8 standard deviations of the reference.
const PLAIN_UNITS_MAX: u64 = 1 << 40;
/// A word is `ONE` times a count, plus a sum of units.
const ONE: u64 = 1 << 52;
/// What makes a sum positive, for taking the word apart.
const BIAS: u64 = ONE / 2;
const LANES: usize = 2;

const _: () = assert!(WINDOW as u64 * PLAIN_UNITS_MAX < BIAS && WINDOW as u64 <= u64::MAX / ONE / 2);

/// Values, each with its bin and its units: what [`NumericGrid::locate`] and [`FixedPoint::whole_units`] say of them.
#[derive(Debug, Clone, Copy)]
pub struct Located<'a> {
    pub values: &'a [f64],
    pub bins: &'a [u16],
    pub units: &'a [i64],
    /// Whether the units of all are those to be summed.
    pub all_plain: bool,
}

impl NumericCounts {
    /// Counts the values of a batch column; [`MISSING`] and [`WRONG_TYPE`] are told from a sender's NaN.
    pub fn count(&mut self, grid: &NumericGrid, values: &[f64]) {
        let (mut bins, mut units) = ([0; WINDOW], [0; WINDOW]);
        let mut words = vec![[0; LANES]; self.bins.len()];
        for values in values.chunks(WINDOW) {
            let (bins, units) = (&mut bins[..values.len()], &mut units[..values.len()]);
            grid.locate(values, bins);
            let all_plain = grid.scale().whole_units(values, units) == values.len();
            self.count_window(grid, Located { values, bins, units, all_plain }, &mut words);
        }
    }

    /// Counts values whose bins on `grid` and units are known.
    pub fn count_located(&mut self, grid: &NumericGrid, located: Located<'_>) {
        let Located { values, bins, units, all_plain } = located;
        let mut words = vec![[0; LANES]; self.bins.len()];
        let windows = values.chunks(WINDOW).zip(bins.chunks(WINDOW)).zip(units.chunks(WINDOW));
        for ((values, bins), units) in windows {
            self.count_window(grid, Located { values, bins, units, all_plain }, &mut words);
        }
    }

    fn count_window(&mut self, grid: &NumericGrid, located: Located<'_>, words: &mut [[u64; LANES]]) {
        self.sum_squares += gather(located.bins, located.units, words);
        for ((word, count), sum) in words.iter_mut().zip(&mut self.bins).zip(&mut self.sums) {
            let both = word.iter().fold(BIAS, |both, &lane| both.wrapping_add(lane));
            *count += (both / ONE) as i64;
            *sum += i128::from((both % ONE) as i64 - BIAS as i64);
            *word = [0; LANES];
        }
        if !located.all_plain {
            self.count_odd(grid, located.values);
        }
    }

    /// The second look at values of which some were left out of the sums; NaN among them went into bin 0.
    fn count_odd(&mut self, grid: &NumericGrid, values: &[f64]) {
        let (mut odd, mut nan, mut missing, mut wrong_type) = (0, 0, 0, 0);
        for &value in values {
            odd += i64::from(!is_plain(grid.scale().units_of(value)));
            nan += i64::from(value.is_nan());
            missing += i64::from(value.to_bits() == MISSING.to_bits());
            wrong_type += i64::from(value.to_bits() == WRONG_TYPE.to_bits());
        }
        self.bins[0] -= nan;
        self.missing += missing;
        self.wrong_type += wrong_type;
        self.nan += nan - missing - wrong_type;
        if nan < odd {
            self.count_far(grid, values);
        }
    }

    /// Counts the infinities, and sums what lies too far out for the plain sums.
    #[cold]
    fn count_far(&mut self, grid: &NumericGrid, values: &[f64]) {
        let scale = grid.scale();
        for &value in values {
            if is_plain(scale.units_of(value)) || value.is_nan() {
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
}

/// Adds values to the words of their bins; the sum of their units' squares.
fn gather(bins: &[u16], units: &[i64], words: &mut [[u64; LANES]]) -> i128 {
    let mut squares = 0;
    let mut add = |lane: usize, bin: u16, k: i64| {
        let word = &mut words[usize::from(bin)][lane];
        *word = word.wrapping_add(ONE).wrapping_add_signed(k);
        squares += i128::from(k) * i128::from(k);
    };
    let ((bins, last_bin), (units, last_units)) = (bins.as_chunks::<LANES>(), units.as_chunks::<LANES>());
    for (bins, units) in bins.iter().zip(units) {
        (0..LANES).for_each(|lane| add(lane, bins[lane], units[lane]));
    }
    last_bin.iter().zip(last_units).for_each(|(&bin, &k)| add(0, bin, k));
    squares
}

/// Whether a value of so many units is summed plainly; NaN is not.
fn is_plain(units: f64) -> bool {
    units.abs() <= PLAIN_UNITS_MAX as f64
}

impl FixedPoint {
    /// Writes the units of every value as [`FixedPoint::to_units`] has them, 0 for NaN and those past
    /// [`PLAIN_UNITS_MAX`]; how many there are of the others. No branch, no call: it vectorises.
    pub fn whole_units(self, values: &[f64], units: &mut [i64]) -> usize {
        // 1.5·2^52: a float of that size has no fraction, so the sum rounds half to even, and its bits count up by whole
        // units from those of the constant. Exact up to 2^51.
        const WHOLE: f64 = (3u64 << 51) as f64;
        let units_per_one = self.units_per_one();
        let pivot = self.pivot * units_per_one;
        let mut plain = 0;
        for (&value, k) in values.iter().zip(units) {
            let exact = value * units_per_one - pivot;
            // Wraps only where it is not taken.
            let whole = ((exact + WHOLE).to_bits() as i64).wrapping_sub(WHOLE.to_bits() as i64);
            *k = if is_plain(exact) { whole } else { 0 };
            plain += usize::from(is_plain(exact));
        }
        plain
    }
}

//! Fixed-point numbers, so that sums add and subtract exactly, in any order.

use serde::{Deserialize, Serialize};

/// Largest magnitude of one number, in units: 2^47, about 2^15 standard deviations of the reference.
/// The sum of 2^16 of them fits an `i64`.
const UNITS_MAX: f64 = (1u64 << 47) as f64;

/// Units and their inverses must both be normal floats.
pub(super) const EXPONENT_MAX: i32 = 1022;

/// How a column's values become integers: `k = round_even((x − pivot) / 2^unit_exponent)`.
///
/// The pivot is the reference's mean and the unit `2^(⌊log2 std⌋ − 32)`, so a sum of n values is off by at most
/// n/2 units, 2^-33 standard deviations a value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FixedPoint {
    pub pivot: f64,
    pub unit_exponent: i32,
}

impl FixedPoint {
    /// For probabilities and losses: no pivot, units of 2^-40.
    pub const PROBABILITY: Self = Self { pivot: 0.0, unit_exponent: -40 };

    /// The scale of a column with this mean and standard deviation (ddof 0). A deviation of 0 takes max(|mean|, 1).
    pub fn for_reference(mean: f64, std: f64) -> Self {
        let scale = if std > 0.0 { std } else { mean.abs().max(1.0) };
        let unit_exponent = (scale.log2().floor() as i32 - 32).clamp(-EXPONENT_MAX, EXPONENT_MAX);
        Self { pivot: mean, unit_exponent }
    }

    /// One unit, in the column's own unit: a power of two.
    pub fn unit(self) -> f64 {
        power_of_two(self.unit_exponent)
    }

    /// What to multiply by to get units: the exact inverse of [`FixedPoint::unit`].
    pub(super) fn units_per_one(self) -> f64 {
        power_of_two(-self.unit_exponent)
    }

    /// `x` less the pivot, in units. Scaled first (exact), so that the difference of two huge numbers stays finite.
    #[inline]
    pub fn units_of(self, x: f64) -> f64 {
        x * self.units_per_one() - self.pivot * self.units_per_one()
    }

    /// `x` in units, and whether it was clamped to ±2^47. `x` is not NaN.
    pub fn to_units(self, x: f64) -> (i64, bool) {
        let units = self.units_of(x);
        let clamped = units.clamp(-UNITS_MAX, UNITS_MAX);
        (clamped.round_ties_even() as i64, clamped != units)
    }

    /// The value of a sum of `n` numbers whose units add to `units`, less the pivot of each: `Σ(x − pivot)`.
    pub fn centred_sum(self, units: i128) -> f64 {
        units as f64 * self.unit()
    }
}

/// Mean and standard deviation (ddof 0) of `n` ≥ 1 numbers, all three in their units. The squares are centred in integers,
/// so a mean far off the pivot costs the deviation no digits.
pub fn mean_and_std_of(n: i64, sum: i128, sum_squares: i128) -> (f64, f64) {
    let centre = sum / i128::from(n);
    let off_centre = (sum - centre * i128::from(n)) as f64 / n as f64;
    // Σ(k−m)² = Σk² − 2mΣk + nm². Parts may wrap, the result fits.
    let both = centre.wrapping_mul(sum.wrapping_mul(2).wrapping_sub(centre.wrapping_mul(i128::from(n))));
    let squares = sum_squares.wrapping_sub(both);
    let variance = (squares as f64 / n as f64 - off_centre * off_centre).max(0.0);
    (centre as f64 + off_centre, variance.sqrt())
}

/// 2^exponent, exact. `exponent` lies in [-1022, 1023].
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((exponent + 1023) as u64) << 52)
}

//! Wasserstein distance in standard deviations of the reference, with its bound.

use super::ks::{inside, larger, smaller};
use super::{Caution, Computed, Outcome, Reason};
use crate::sketch::{NumericCounts, NumericGrid};

/// A standard deviation this many times the robust scale measures the tail, not the bulk.
const INSENSITIVE_RATIO: f64 = 10.0;
/// Interquartile and interdecile range of a normal distribution, in standard deviations.
const QUARTILES_STD: f64 = 1.349;
const DECILES_STD: f64 = 2.563;

/// `∫ |F_q − F_p| dx / std_p` over values clipped to the range of the grid's reference (infinities too); std with
/// ddof 0 over the reference's finite values.
///
/// 0 … range / std; 0 for equal distributions; for a pure shift within the range it is the shift in standard
/// deviations. From each bin's counts and exact sums, `Σ |hi·ΔF(hi) − lo·ΔF(lo) − (Sx_q/N − Sx_p/R)|`: the integral of
/// the difference in each bin. That is a **lower bound**, exact unless the distribution functions cross inside a bin
/// (≤ 5 % low on most data, a quarter for lognormal σ = 2); `error_bound` says how much larger the exact value can be.
/// Sums are fixed point, so both hold up to 2^-32. A bin of one value needs no sum. One outlier counts as the
/// reference's extreme only.
///
/// [`Reason::ConstantReference`] for one single value. [`Caution::Insensitive`] where std is over 10 times the robust
/// scale, IQR/1.349 (or, if the IQR is 0, the 10–90 % range/2.563; none of both: not said). No test of its own.
/// Both sides hold `present` ≥ 1 values in bins; `std` is the reference's, in units of the grid's scale. O(bins), no
/// allocation.
pub(super) fn wasserstein_normed(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    [present_r, present_c]: [i64; 2],
    std: Option<f64>,
) -> Outcome {
    let std = match std {
        Some(std) if std > 0.0 && !grid.is_constant() => std,
        _ => return Outcome::NotComputable(Reason::ConstantReference),
    };
    let (area, upper) = areas(grid, reference, current, [present_r as f64, present_c as f64]);
    Outcome::Computed(Computed {
        error_bound: Some(((upper - area) / std).max(0.0)),
        caution: insensitive(grid, reference, std * grid.scale().unit()).then_some(Caution::Insensitive),
        ..Computed::plain(area / std, present_r, present_c)
    })
}

/// The area between the distribution functions, in units of the grid's scale: a lower and an upper bound.
fn areas(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    [total_r, total_c]: [f64; 2],
) -> (f64, f64) {
    let (edges, scale) = (grid.edges(), grid.scale());
    // Divided once, not in every bin.
    let (per_r, per_c) = (1.0 / total_r, 1.0 / total_c);
    let (mut below_r, mut below_c) = (reference.bins[0].max(0), current.bins[0].max(0));
    let mut low = below_c as f64 * per_c - below_r as f64 * per_r;
    // What lies below the range is clipped to the minimum, which the edge below it only neighbours.
    let mut at = scale.units_of(grid.range().0.max(edges[0]));
    let (mut lower, mut upper) = (0.0, 0.0);
    for (bin, &edge) in edges.iter().enumerate().skip(1) {
        let (r, c) = (reference.bins[bin].max(0), current.bins[bin].max(0));
        below_r += r;
        below_c += c;
        let high = below_c as f64 * per_c - below_r as f64 * per_r;
        let end = scale.units_of(edge);
        let width = (end - at).max(0.0);
        if (r == 0 && c == 0) || grid.is_atom(bin) {
            lower += width * low.abs();
            upper += width * low.abs();
        } else {
            let sums = real(current.sums[bin]) * per_c - real(reference.sums[bin]) * per_r;
            let integral = end * high - at * low - sums;
            lower += integral.abs();
            // ΔF lies in [−fall, rise] inside the bin.
            let (p, q) = (r as f64 * per_r, c as f64 * per_c);
            let (rise, fall) = inside(low, high, p, q);
            upper += largest_area(integral, width, rise, fall);
        }
        (low, at) = (high, end);
    }
    (lower, upper)
}

/// The largest `∫|f|` over a width for −fall ≤ f ≤ rise with the given integral: f is at one bound or the other.
///
/// Where f cannot change its sign that is the integral itself; no branch asks, since none could be foretold.
fn largest_area(integral: f64, width: f64, rise: f64, fall: f64) -> f64 {
    let (rise, fall) = (larger(rise, 0.0), larger(fall, 0.0));
    let risen = (fall * width + integral) / larger(rise + fall, f64::MIN_POSITIVE);
    let risen = smaller(larger(risen, 0.0), width);
    larger(rise * risen + fall * (width - risen), integral.abs())
}

/// An integer as a float; nearly all fit 64 bits, which convert much faster.
fn real(units: i128) -> f64 {
    match i64::try_from(units) {
        Ok(narrow) => narrow as f64,
        Err(_) => wide(units),
    }
}

#[cold]
#[inline(never)]
fn wide(units: i128) -> f64 {
    units as f64
}

fn insensitive(grid: &NumericGrid, reference: &NumericCounts, std: f64) -> bool {
    let spread = |low: i64, high: i64, of: i64| {
        let quantile = |part| grid.quantile(&reference.bins, part, of);
        Some(quantile(high)? - quantile(low)?).filter(|&spread| spread > 0.0)
    };
    let robust = spread(1, 3, 4)
        .map(|iqr| iqr / QUARTILES_STD)
        .or_else(|| spread(1, 9, 10).map(|deciles| deciles / DECILES_STD));
    robust.is_some_and(|robust| std > INSENSITIVE_RATIO * robust)
}

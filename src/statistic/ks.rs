//! Kolmogorov-Smirnov distance, with its bound.

use super::{Computed, Outcome, Test};
use crate::sketch::{NumericCounts, NumericGrid};

/// `D = max |F_q − F_p|` over the edges (and at ±∞), and `D_up ≥` the raw distance.
///
/// 0 … 1; 0 when the cumulative shares agree at every edge. Inside a bin (lo, hi] with shares p and q,
/// `F_q − F_p ≤ min(ΔF(hi) + p, ΔF(lo) + q)`, and its mirror; a bin of one value has no inside. So
/// D ≤ raw ≤ D_up, the loss is at most the largest share of the reference in a bin of several values (about 1/240), and
/// 0 where every value of the reference has a bin of its own. Asymptotic p-value (Smirnov's limit, n = NR/(N+R)):
/// good from n of some 30 on, conservative with ties.
///
/// Both sides hold `present` ≥ 1 values in bins. O(bins), no allocation.
pub(super) fn ks(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    [present_r, present_c]: [i64; 2],
) -> Outcome {
    let last = grid.bins() - 1;
    let (total_r, total_c) = (present_r as f64, present_c as f64);
    // In units of 1/(R·N) every share is whole: no bin needs a division, and where cumulative shares agree the gap is 0.
    let scale = total_r * total_c;
    let (mut below_r, mut below_c, mut low) = (0, 0, 0.0f64);
    let (mut distance, mut upper) = (0.0f64, 0.0f64);
    let mut pass = |r: i64, c: i64, one_value: bool| {
        below_r += r;
        below_c += c;
        let high = below_c as f64 * total_r - below_r as f64 * total_c;
        distance = larger(distance, high.abs());
        if !one_value {
            let (rise, fall) = inside(low, high, r as f64 * total_c, c as f64 * total_r);
            upper = larger(upper, larger(rise, fall));
        }
        low = high;
    };
    let infinite =
        |counts: &NumericCounts| [counts.negative_infinite.max(0), counts.positive_infinite.max(0)];
    let (infinite_r, infinite_c) = (infinite(reference), infinite(current));
    for (bin, (&r, &c)) in reference.bins.iter().zip(&current.bins).enumerate() {
        let (mut r, mut c) = (r.max(0), c.max(0));
        // Infinities lie in the outer bins, but are values of their own at the ends.
        if bin == 0 {
            pass(infinite_r[0], infinite_c[0], true);
            (r, c) = ((r - infinite_r[0]).max(0), (c - infinite_c[0]).max(0));
        }
        if bin == last {
            (r, c) = ((r - infinite_r[1]).max(0), (c - infinite_c[1]).max(0));
        }
        pass(r, c, grid.is_atom(bin));
    }
    let (distance, upper) = ((distance / scale).min(1.0), (upper / scale).min(1.0));
    let n = total_r * (total_c / (total_r + total_c));
    Outcome::Computed(Computed {
        test: Some(Test::Kolmogorov { n_d2: n * distance * distance }),
        error_bound: Some((upper - distance).max(0.0)),
        ..Computed::plain(distance, present_r, present_c)
    })
}

/// How far `F_q − F_p` can rise above 0 and fall below it inside a bin of shares p and q, given it at both edges.
#[inline]
pub(super) fn inside(low: f64, high: f64, p: f64, q: f64) -> (f64, f64) {
    (smaller(high + p, low + q), smaller(q - high, p - low))
}

// One instruction each, where `f64::min` and `max` need several for NaN; there is none here.
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

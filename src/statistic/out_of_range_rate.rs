//! Values beyond the reference's tails.

use super::groups::sum;
use super::{Computed, Outcome, Test, fisher};
use crate::sketch::{NumericCounts, NumericGrid};

/// The share of values below the reference's 0.1 % quantile or above its 99.9 % quantile, less the reference's own.
///
/// −0.002 … 1; 0 for equal shares. The quantiles and not the extremes, beyond which the reference has nothing by
/// construction and any larger sample something. Infinities are out of range. The test is Fisher's for each side,
/// p = min(1, 2 × the smaller); exact from one row on. Both sides hold values (`compute` sees to it).
pub(super) fn out_of_range_rate(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    [present_r, present_c]: [i64; 2],
) -> Outcome {
    let beyond =
        |counts: &NumericCounts| [grid.low_bins(), grid.high_bins()].map(|bins| sum(&counts.bins[bins]));
    let (beyond_r, beyond_c) = (beyond(reference), beyond(current));
    let (mut p, mut x2) = (1.0f64, 0.0f64);
    for side in 0..2 {
        let test = fisher::of_shares(beyond_c[side], present_c, beyond_r[side], present_r);
        if let Test::Fisher { p: p_side, x2: x2_side, .. } = test {
            (p, x2) = (p.min(p_side), x2.max(x2_side));
        }
    }
    let share = |beyond: [i64; 2], present: i64| (beyond[0] + beyond[1]) as f64 / present as f64;
    Outcome::Computed(Computed {
        test: Some(Test::Fisher { p: (2.0 * p).min(1.0), x2, sides: 2 }),
        ..Computed::plain(share(beyond_c, present_c) - share(beyond_r, present_r), present_r, present_c)
    })
}

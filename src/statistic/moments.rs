//! Mean and spread: to inform, not to judge by.

use super::{Caution, Computed, Outcome, Reason};
use crate::sketch::{NumericCounts, NumericGrid};

/// [`NumericCounts::centred_moments`] of one side.
pub(super) type Moments = Option<(f64, f64)>;

/// `(mean_q − mean_p) / std_p` over finite values, std with ddof 0.
///
/// Any number; 0 for equal means, positive when values grew. From fixed-point sums: off by at most 2^-32. One far
/// outlier moves it at will (up to 2^15 standard deviations, where sums clamp: then [`Caution::Clamped`]).
pub(super) fn mean_shift(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    moments: [Moments; 2],
) -> Outcome {
    moved(grid, reference, current, moments, |(mean_p, std_p), (mean_q, _)| (mean_q - mean_p) / std_p)
}

/// `std_q / std_p` over finite values, ddof 0.
///
/// 0 … ∞; 1 for equal spreads, 0 for a current side of one single value. Precision and clamping as for `mean_shift`.
pub(super) fn std_ratio(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    moments: [Moments; 2],
) -> Outcome {
    moved(grid, reference, current, moments, |(_, std_p), (_, std_q)| std_q / std_p)
}

fn moved(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    [of_reference, of_current]: [Moments; 2],
    value: impl Fn((f64, f64), (f64, f64)) -> f64,
) -> Outcome {
    let Some(of_reference) = of_reference else {
        return Outcome::NotComputable(Reason::EmptyReference);
    };
    let Some(of_current) = of_current else {
        return Outcome::NotComputable(Reason::EmptyCurrent);
    };
    if grid.is_constant() || of_reference.1 <= 0.0 {
        return Outcome::NotComputable(Reason::ConstantReference);
    }
    let caution = (reference.clamped != 0 || current.clamped != 0).then_some(Caution::Clamped);
    Outcome::Computed(Computed {
        caution,
        ..Computed::plain(value(of_reference, of_current), reference.finite(), current.finite())
    })
}

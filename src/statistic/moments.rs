//! Mean and spread: to inform, not to judge by.

use super::{Caution, Computed, Outcome, Reason};
use crate::sketch::{NumericCounts, NumericGrid};

/// `(mean_q − mean_p) / std_p` over finite values, std with ddof 0.
///
/// Any number; 0 for equal means, positive when values grew. From fixed-point sums: off by at most 2^-32. One far
/// outlier moves it at will (up to 2^15 standard deviations, where sums clamp: then [`Caution::Clamped`]).
pub(super) fn mean_shift(grid: &NumericGrid, reference: &NumericCounts, current: &NumericCounts) -> Outcome {
    moved(grid, reference, current, |(mean_p, std_p), (mean_q, _)| (mean_q - mean_p) / std_p)
}

/// `std_q / std_p` over finite values, ddof 0.
///
/// 0 … ∞; 1 for equal spreads, 0 for a current side of one single value. Precision and clamping as for `mean_shift`.
pub(super) fn std_ratio(grid: &NumericGrid, reference: &NumericCounts, current: &NumericCounts) -> Outcome {
    moved(grid, reference, current, |(_, std_p), (_, std_q)| std_q / std_p)
}

fn moved(
    grid: &NumericGrid,
    reference: &NumericCounts,
    current: &NumericCounts,
    value: impl Fn((f64, f64), (f64, f64)) -> f64,
) -> Outcome {
    let Some(of_reference) = reference.centred_moments() else {
        return Outcome::NotComputable(Reason::EmptyReference);
    };
    let Some(of_current) = current.centred_moments() else {
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

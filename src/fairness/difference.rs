//! The difference of two shares, by Newcombe's hybrid of Wilson intervals.

use super::measure::Share;
use crate::performance::wilson;

/// The bound that `p_high − p_low` lies above, `z` standard errors down (Newcombe, Statistics in Medicine 17, 1998,
/// method 10): `d − √((p_high − l_high)² + (u_low − p_low)²)`, l and u Wilson's bounds. Both wholes are positive.
pub(super) fn lower(low: Share, high: Share, z: f64) -> f64 {
    let below = high.value() - wilson(high.part, high.whole, z).low;
    let above = wilson(low.part, low.whole, z).high - low.value();
    high.value() - low.value() - below.hypot(above)
}

/// The standard error of the difference, `√(p(1−p)/n)` of each side with ½ added to every cell, so that it is never 0.
pub(super) fn std_error(low: Share, high: Share) -> f64 {
    let variance = |share: Share| {
        let whole = share.whole as f64 + 1.0;
        let p = (share.part as f64 + 0.5) / whole;
        p * (1.0 - p) / whole
    };
    (variance(low) + variance(high)).sqrt()
}

//! Jensen-Shannon distance.

use std::f64::consts::LN_2;

use super::groups::Groups;

/// The square root of the base-2 Jensen-Shannon divergence `½ KL(p‖m) + ½ KL(q‖m)`, m = (p+q)/2, over the groups.
///
/// 0 … 1: 0 for equal shares, 1 for sides that share no group. Shares are not floored, empty groups need nothing.
/// A metric; grows with the root of the change, so small windows read high (about √(groups/8N) with nothing changed).
/// Source: J. Lin 1991, IEEE Trans. Inf. Theory 37; Endres and Schindelin 2003 for the root; scipy's `jensenshannon`
/// with `base=2` is the same.
///
/// ```
/// use driftd::statistic::{Groups, jensen_shannon};
/// // scipy.spatial.distance.jensenshannon([.1, .2, .7], [.2, .2, .6], base=2)
/// let value = jensen_shannon(&Groups::new(&[10, 20, 70], &[20, 20, 60]));
/// assert!((value - 0.12260824212354167).abs() < 1e-12);
/// ```
pub fn jensen_shannon(groups: &Groups) -> f64 {
    let divergence: f64 = groups.shares().map(|(p, q)| term(p, q)).sum();
    (divergence / (4.0 * LN_2)).clamp(0.0, 1.0).sqrt()
}

/// `2 p ln(p/m) + 2 q ln(q/m)`, by way of d = (q−p)/(q+p): `(p+q)·((1+d) ln(1+d) + (1−d) ln(1−d))`.
fn term(p: f64, q: f64) -> f64 {
    if p + q <= 0.0 {
        return 0.0;
    }
    let d = (q - p) / (q + p);
    let square = d * d;
    if square < 1e-3 {
        // the terms of the logarithms cancel here: their series
        let series = 1.0 / 15.0 + square * (1.0 / 28.0 + square / 45.0);
        return (p + q) * square * (1.0 + square * (1.0 / 6.0 + square * series));
    }
    let x_ln_x = |x: f64| if x > 0.0 { x * x.ln() } else { 0.0 };
    (p + q) * (x_ln_x(1.0 + d) + x_ln_x(1.0 - d))
}

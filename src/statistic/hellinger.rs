//! Hellinger distance.

use super::groups::Groups;

/// `√(1 − Σ √(p·q)) = √(½ Σ (√p − √q)²)` over the groups; computed in the second form, which does not cancel.
///
/// 0 … 1: 0 for equal shares, 1 for sides that share no group. Empty groups need nothing. Source: E. Hellinger 1909.
///
/// ```
/// use driftd::statistic::{Groups, hellinger};
/// // numpy: sqrt(1 - sum(sqrt(p * q))) for p = (.1, .2, .7), q = (.2, .2, .6)
/// let value = hellinger(&Groups::new(&[10, 20, 70], &[20, 20, 60]));
/// assert!((value - 0.10249182368318223).abs() < 1e-12);
/// ```
pub fn hellinger(groups: &Groups) -> f64 {
    let squares: f64 = groups.shares().map(|(p, q)| (p.sqrt() - q.sqrt()).powi(2)).sum();
    (squares / 2.0).clamp(0.0, 1.0).sqrt()
}

//! Total variation distance.

use super::groups::Groups;

/// `½ Σ |p − q|` over the groups: the share of rows that would have to move to another group.
///
/// 0 … 1: 0 for equal shares, 1 for sides that share no group.
///
/// ```
/// use driftd::statistic::{Groups, total_variation};
/// let value = total_variation(&Groups::new(&[10, 20, 70], &[20, 20, 60]));
/// assert!((value - 0.1).abs() < 1e-15);
/// ```
pub fn total_variation(groups: &Groups) -> f64 {
    let sum: f64 = groups.shares().map(|(p, q)| (p - q).abs()).sum();
    (sum / 2.0).clamp(0.0, 1.0)
}

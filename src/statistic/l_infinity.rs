//! L-infinity distance.

use super::groups::Groups;

/// `max |p − q|` over the groups: by how much the share of the one group that moved most has changed.
///
/// 0 … 1: 0 for equal shares, 1 where everything went from one group to another.
///
/// ```
/// use driftd::statistic::{Groups, l_infinity};
/// let value = l_infinity(&Groups::new(&[10, 20, 70], &[20, 25, 55]));
/// assert!((value - 0.15).abs() < 1e-15);
/// ```
pub fn l_infinity(groups: &Groups) -> f64 {
    groups.shares().map(|(p, q)| (p - q).abs()).fold(0.0, f64::max)
}

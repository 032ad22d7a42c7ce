//! Population stability index.

use super::groups::Groups;

/// Smallest share: an empty group of a side weighs as one row in 10,000.
const SHARE_MIN: f64 = 1e-4;

/// `Σ (q − p) ln(q/p)` over the groups, each share at least 1e-4, not renormalised.
///
/// 0 … about 18 (all in other groups); 0 means equal shares in every group, which says nothing of moves inside one.
/// Above 0.1 is commonly read as some shift, above 0.25 as much. Not to be used below some 500 rows a side: quiet
/// windows of 100 rows pass 0.1 in four of ten. Its test is [`super::pearson`] on the same groups, since PSI's own
/// χ² approximation rejects too often in the tail. Source: N. Siddiqi, Credit Risk Scorecards, 2006.
///
/// ```
/// use driftd::statistic::{Groups, psi};
/// // numpy: sum((q - p) * log(q / p)) for p = (.1, .2, .7), q = (.2, .2, .6)
/// let value = psi(&Groups::new(&[10, 20, 70], &[20, 20, 60]));
/// assert!((value - 0.08472978603872035).abs() < 1e-12);
/// ```
pub fn psi(groups: &Groups) -> f64 {
    groups
        .shares()
        .map(|(p, q)| (p.max(SHARE_MIN), q.max(SHARE_MIN)))
        .map(|(p, q)| (q - p) * (q / p).ln())
        .sum()
}

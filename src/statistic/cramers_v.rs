//! Cramér's V of categories against side.

use super::Test;
use super::groups::Groups;

/// `√(X² / (N + R))`, X² Pearson's of the same groups ([`super::pearson`]): how well a row's category tells its side.
///
/// 0 … 1, 0 for equal shares. Where the sides differ much in size it stays small (at most about √(N/R) for N ≪ R).
/// Without a change X² is about its degrees of freedom, so V is about √(df / (N + R)). Source: H. Cramér 1946, with
/// min(rows, columns) − 1 = 1; scipy's `contingency.association` without correction.
///
/// ```
/// use driftd::statistic::{Groups, cramers_v, pearson};
/// let groups = Groups::new(&[10, 20, 30], &[20, 20, 20]);
/// // scipy.stats.contingency.association([[10, 20, 30], [20, 20, 20]])
/// assert!((cramers_v(&groups, pearson(&groups)) - 0.21081851067789195).abs() < 1e-12);
/// ```
pub fn cramers_v(groups: &Groups, pearson: Test) -> f64 {
    let (total_r, total_c) = groups.totals();
    match pearson {
        Test::ChiSquare { x2, .. } => (x2 / (total_r as f64 + total_c as f64)).clamp(0.0, 1.0).sqrt(),
        _ => 0.0,
    }
}

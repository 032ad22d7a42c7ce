//! Pearson's two-sample X²: the test behind the statistics on groups.

use super::Test;
use super::groups::Groups;

/// `Σ (R·c − N·r)² / (R·N·(r + c))` over the groups that hold any row, without Yates' correction; such groups less one
/// are its degrees of freedom. [`Test::Degenerate`] where one group holds everything or a side is empty.
///
/// Wants some 5 expected rows in a group: categories are merged until they have ([`Groups::of_categories`]), deciles
/// have from 50 rows on. Source: K. Pearson 1911, Biometrika 8 (two samples); scipy's `chi2_contingency`.
///
/// ```
/// use driftd::statistic::{Groups, Test, pearson};
/// // scipy.stats.chi2_contingency([[10, 20, 30], [20, 20, 20]], correction=False)
/// let Test::ChiSquare { x2, df: 2 } = pearson(&Groups::new(&[10, 20, 30], &[20, 20, 20])) else { panic!() };
/// assert!((x2 - 16.0 / 3.0).abs() < 1e-12);
/// ```
pub fn pearson(groups: &Groups) -> Test {
    let (total_r, total_c) = groups.totals();
    let filled = groups.counts().filter(|(r, c)| r + c > 0).count() as u32;
    if total_r == 0 || total_c == 0 || filled < 2 {
        return Test::Degenerate;
    }
    let scale = total_r as f64 * total_c as f64;
    let terms = groups.counts().zip(groups.shares()).filter(|((r, c), _)| r + c > 0);
    let x2 = terms.map(|((r, c), (p, q))| (q - p).powi(2) * (scale / (r + c) as f64)).sum();
    Test::ChiSquare { x2, df: filled - 1 }
}

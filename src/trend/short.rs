//! A trend over few periods: Kendall's S against its exact distribution.

use statrs::function::erf::erfc;

use super::mann_kendall::{sign, tied};

/// Most values of which the distribution of S is taken exactly.
const EXACT_MAX: usize = 10;

/// Which way a one-sided test is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Up,
    Down,
}

/// The one-sided p-value of Mann and Kendall's test that `values`, in order of time, go that way.
///
/// `S = Σ_(i<j) sign(y_j − y_i)`. Up to 10 values without ties: `P(S' ≥ S)` over all n! orders, each as likely
/// (Kendall, *Rank Correlation Methods*, 1948). Otherwise the normal approximation with the correction for ties
/// and for continuity, as in [`mann_kendall`](super::mann_kendall), without that for serial correlation: a few
/// periods do not tell it. None where all values are equal, fewer than 2, or not finite.
///
/// ```
/// use driftd::trend::{Way, one_sided};
/// // 4 values in order: 1 of 4! = 24 orders is as steep.
/// assert_eq!(one_sided(&[0.1, 0.2, 0.3, 0.5], Way::Up), Some(1.0 / 24.0));
/// assert_eq!(one_sided(&[0.1, 0.2, 0.3, 0.5], Way::Down), Some(1.0));
/// assert_eq!(one_sided(&[0.1, 0.1, 0.1, 0.1], Way::Up), None);
/// ```
pub fn one_sided(values: &[f64], way: Way) -> Option<f64> {
    if values.len() < 2 || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let towards = if way == Way::Up { 1.0 } else { -1.0 };
    let mut s = 0.0;
    for (i, earlier) in values.iter().enumerate() {
        for later in &values[i + 1..] {
            s += towards * sign(later - earlier);
        }
    }
    let n = values.len() as f64;
    let ties: f64 = tied(values).iter().map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum();
    let variance = (n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0;
    if variance <= 0.0 {
        return None;
    }
    if ties == 0.0 && values.len() <= EXACT_MAX {
        // S = n(n−1)/2 − 2 × inversions: at least S is at most so many inversions.
        let inversions = ((n * (n - 1.0) / 2.0 - s) / 2.0) as usize;
        return Some(share_of_orders(values.len(), inversions));
    }
    let z = (s - sign(s)) / variance.sqrt();
    Some(erfc(z / std::f64::consts::SQRT_2) / 2.0)
}

/// The share of the orders of n ≤ 10 values that have at most `inversions` inversions.
fn share_of_orders(n: usize, inversions: usize) -> f64 {
    // orders[k] of 1…i with k inversions: inserting i makes 0 to i − 1 more.
    let mut orders = vec![1_u64];
    for i in 2..=n {
        let mut next = vec![0; orders.len() + i - 1];
        for (k, count) in orders.iter().enumerate() {
            next[k..k + i].iter_mut().for_each(|slot| *slot += count);
        }
        orders = next;
    }
    let all: u64 = orders.iter().sum();
    let few: u64 = orders.iter().take(inversions + 1).sum();
    few as f64 / all as f64
}

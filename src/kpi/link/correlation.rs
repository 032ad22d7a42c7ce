//! Spearman's rank correlation and its interval.

use serde::Serialize;
use statrs::function::erf::erfc_inv;

use crate::trend::ranks;

/// Spearman's ρ over n windows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Correlation {
    /// −1 to 1: the correlation of the mid-ranks; 0 where neither rises with the other.
    pub rho: f64,
    /// None where |ρ| is 1: Fisher's z has no such value.
    pub interval: Option<Interval>,
    pub n: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

impl Correlation {
    /// `tanh(atanh ρ ± z √((1 + ρ²/2)/(n − 3)))`, z the normal quantile of the level; n is at least 4. Fisher's
    /// z with the variance of Bonett and Wright, *Psychometrika* 65 (2000) 23, which holds for windows that are
    /// independent.
    pub(super) fn at(rho: f64, n: usize, level: f64) -> Self {
        let interval = (rho.abs() < 1.0).then(|| {
            let error = ((1.0 + rho * rho / 2.0) / (n as f64 - 3.0)).sqrt();
            let (middle, half) = (rho.atanh(), quantile(level) * error);
            Interval { low: (middle - half).tanh(), high: (middle + half).tanh() }
        });
        Self { rho, interval, n }
    }
}

/// Pearson's correlation of the mid-ranks; neither side is constant.
pub(super) fn correlation(points: &[(f64, f64)]) -> f64 {
    let side = |read: fn(&(f64, f64)) -> f64| ranks(&points.iter().map(read).collect::<Vec<_>>());
    let (x, y) = (side(|point| point.0), side(|point| point.1));
    // Mid-ranks of n values have the mean (n + 1)/2, ties or none.
    let mean = (points.len() as f64 + 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum() };
    (product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt()).clamp(-1.0, 1.0)
}

/// z of a two-sided interval: 1.96 at 0.95.
pub(super) fn quantile(level: f64) -> f64 {
    std::f64::consts::SQRT_2 * erfc_inv(1.0 - level)
}

//! What one unit of the metric goes with in the KPI.

use serde::Serialize;

use super::correlation::{Interval, quantile};
use crate::trend::{median, slopes};

/// Theil and Sen's slope.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Slope {
    /// Units of the KPI that go with one unit of the metric: the median over all two windows of different x.
    pub per_unit: f64,
    /// None where ties leave no variance.
    pub interval: Option<Interval>,
}

impl Slope {
    /// The interval lies between the slopes of rank `(N ∓ z σ)/2`, N of them, with
    /// `σ² = (n(n−1)(2n+5) − Σ t(t−1)(2t+5))/18` over ties of t in x and in y: Sen, *JASA* 63 (1968) 1379, (2.6),
    /// the ranks rounded as scipy's `theilslopes` does. x is not constant.
    pub(super) fn through(points: &[(f64, f64)], level: f64) -> Self {
        let mut slopes = slopes(points);
        slopes.sort_by(f64::total_cmp);
        let count = slopes.len() as f64;
        let reach = quantile(level) * variance(points).max(0.0).sqrt();
        let interval = (variance(points) >= 0.0 && !slopes.is_empty()).then(|| {
            let last = slopes.len() - 1;
            let low = (((count - reach) / 2.0).round_ties_even() - 1.0).max(0.0) as usize;
            let high = ((count + reach) / 2.0).round_ties_even() as usize;
            Interval { low: slopes[low.min(last)], high: slopes[high.min(last)] }
        });
        Self { per_unit: median(slopes).unwrap_or_default(), interval }
    }
}

fn variance(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let ties = |read: fn(&(f64, f64)) -> f64| -> f64 {
        let mut sorted: Vec<f64> = points.iter().map(read).collect();
        sorted.sort_by(f64::total_cmp);
        let groups = sorted.chunk_by(|a, b| a == b).map(|group| group.len() as f64);
        groups.map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum()
    };
    (n * (n - 1.0) * (2.0 * n + 5.0) - ties(|point| point.0) - ties(|point| point.1)) / 18.0
}

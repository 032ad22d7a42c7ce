//! The test of Mann and Kendall, its variance corrected for serial correlation after Hamed and Rao.

use std::f64::consts::SQRT_2;

use statrs::function::erf::{erfc, erfc_inv};

use super::{NoTrend, Series, slope};

/// What the test says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MannKendall {
    /// Kendall's S over its maximum, n(n−1)/2: −1 always falling, 1 always rising.
    pub tau: f64,
    /// S, one nearer to 0, in standard deviations.
    pub z: f64,
    /// Of the two-sided test.
    pub p_value: f64,
}

/// Tests for a monotonic trend. `level` (0…1) decides which serial correlations of the detrended ranks count.
///
/// `S = Σ_(i<j) sign(y_j − y_i)`, `var S = (n(n−1)(2n+5) − Σ t(t−1)(2t+5))/18` over ties of t, times
/// `1 + 2/(n(n−1)(n−2)) Σ (n−i)(n−i−1)(n−i−2) ρ_i` over lags i with `|ρ_i| > z_(1−level/2)/√n`, ρ that of the ranks
/// less Sen's slope; days that are missing do not widen a lag. Hamed and Rao, *J. Hydrology* 204 (1998) 182; as
/// pymannkendall 1.4.3 has it.
///
/// Errors where all values are equal, or where the correction leaves no variance.
pub fn mann_kendall(series: &Series, level: f64) -> Result<MannKendall, NoTrend> {
    let n = series.0.len() as f64;
    let mut s = 0.0;
    for (earlier, later) in series.pairs() {
        s += sign(later.value - earlier.value);
    }
    let values: Vec<f64> = series.0.iter().map(|daily| daily.value).collect();
    let ties: f64 = tied(&values).iter().map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum();
    let independent = (n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0;
    if independent <= 0.0 {
        return Err(NoTrend::Constant);
    }
    let variance = independent * correction(series, level);
    if variance <= 0.0 {
        return Err(NoTrend::SerialCorrelation);
    }
    let z = (s - sign(s)) / variance.sqrt();
    Ok(MannKendall { tau: s / (0.5 * n * (n - 1.0)), z, p_value: erfc(z.abs() / SQRT_2) })
}

/// n/n*: by how much serial correlation widens the variance (or narrows it, where days alternate).
fn correction(series: &Series, level: f64) -> f64 {
    let n = series.0.len() as f64;
    let steepness = slope(series);
    let start = series.0.first().map_or(0.0, |daily| f64::from(daily.day));
    let detrended: Vec<f64> = series
        .0
        .iter()
        // Counted from 1, as the source has it: rounding makes ties or not.
        .map(|daily| daily.value - (f64::from(daily.day) - start + 1.0) * steepness)
        .collect();
    let ranks = ranks(&detrended);
    let mean = ranks.iter().sum::<f64>() / n;
    let products = |lag: usize| -> f64 {
        ranks.iter().zip(&ranks[lag..]).map(|(earlier, later)| (earlier - mean) * (later - mean)).sum()
    };
    let own = products(0);
    // A straight line leaves nothing to correlate.
    if own == 0.0 {
        return 1.0;
    }
    let band = SQRT_2 * erfc_inv(level) / n.sqrt();
    let mut sum = 0.0;
    for lag in 1..ranks.len() {
        let correlation = products(lag) / own;
        let left = n - lag as f64;
        if correlation.abs() > band {
            sum += left * (left - 1.0) * (left - 2.0) * correlation;
        }
    }
    1.0 + 2.0 / (n * (n - 1.0) * (n - 2.0)) * sum
}

/// Sizes of the groups of equal values.
pub(super) fn tied(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(|group| group.len() as f64).collect()
}

/// Ranks from 1, tied ones their mean.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for group in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (group.len() as f64 + 1.0) / 2.0;
        group.iter().for_each(|&at| ranks[at] = rank);
        before += group.len();
    }
    ranks
}

/// −1, 0 or 1; unlike `signum`, 0 for 0.
pub(super) fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

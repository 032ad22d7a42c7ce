//! The ratio of two shares, by Katz's logarithm.

use super::measure::Share;

/// A logarithm of a ratio of shares with its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LogRatio {
    pub value: f64,
    pub std_error: f64,
}

impl LogRatio {
    /// `ln(p_low / p_high)` with variance `1/x − 1/n` of each side (Katz, Baptista, Azen and Pike, Biometrics 34, 1978).
    ///
    /// Where a side has none of its rows, or both have all, every x and n is taken ½ larger (Walter 1975), so that a bound
    /// exists. Both wholes are positive.
    pub fn of(low: Share, high: Share) -> Self {
        let all = low.part == low.whole && high.part == high.whole;
        let more = if low.part == 0 || high.part == 0 || all { 0.5 } else { 0.0 };
        let [low, high] = [low, high].map(|share| (share.part as f64 + more, share.whole as f64 + more));
        let variance = |(part, whole): (f64, f64)| 1.0 / part - 1.0 / whole;
        Self {
            value: (low.0 / low.1).ln() - (high.0 / high.1).ln(),
            std_error: (variance(low) + variance(high)).max(0.0).sqrt(),
        }
    }

    /// The bound that the true ratio lies below, `z` standard errors up.
    pub fn upper(self, z: f64) -> f64 {
        (self.value + z * self.std_error).exp()
    }
}

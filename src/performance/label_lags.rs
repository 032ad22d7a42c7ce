//! How long labels take to come: counts that add and subtract, and quantiles of them.

use std::time::Duration;

use super::group::Group;

/// Bits of a lag that tell bins apart within its power of two.
const FINE_BITS: u32 = 3;
const FINE: u64 = 1 << FINE_BITS;
/// Lags up to 2^32 seconds (136 years) have bins of their own.
const BINS: usize = ((32 - FINE_BITS as usize) + 2) * FINE as usize;

/// Labelled rows by the time from prediction to label; a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelLags(Vec<i64>);

impl Default for LabelLags {
    fn default() -> Self {
        Self(vec![0; BINS])
    }
}

impl LabelLags {
    /// Adds `rows` rows of one lag: 1, or −1 to take one out again.
    pub fn count(&mut self, lag: Duration, rows: i64) {
        self.0[bin(lag.as_secs())] += rows;
    }

    /// The lag in seconds that the share `quantile` (0 … 1) of the labels does not exceed: the end of its bin, at most
    /// 12.5 % above the lag itself (exact below 16 s). None without a label.
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        let rows: i64 = self.0.iter().sum();
        let rank = (quantile.clamp(0.0, 1.0) * rows as f64).ceil().max(1.0) as i64;
        let mut passed = 0;
        self.0.iter().enumerate().find_map(|(bin, &count)| {
            passed += count;
            (passed >= rank).then(|| last_second(bin))
        })
    }
}

impl Group for LabelLags {
    fn counts(&self) -> impl Iterator<Item = i64> {
        self.0.iter().copied()
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        self.0.iter_mut()
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        std::iter::empty()
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        std::iter::empty()
    }
}

/// Whole seconds up to 15 have a bin each, then there are 8 bins to every doubling.
fn bin(seconds: u64) -> usize {
    let magnitude = seconds.checked_ilog2().unwrap_or(0);
    let shift = magnitude.saturating_sub(FINE_BITS);
    ((u64::from(shift) * FINE + (seconds >> shift)) as usize).min(BINS - 1)
}

/// The last whole second of a bin.
fn last_second(bin: usize) -> u64 {
    let bin = bin as u64;
    let shift = (bin / FINE).saturating_sub(1);
    let first = (bin - shift * FINE) << shift;
    first + ((1 << shift) - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_lies_in_a_bin_that_ends_near_it() {
        let around =
            (0..32).flat_map(|power| [1u64 << power, (1 << power) + 1, (2 << power) - 1, 3 << power >> 1]);
        let mut seconds: Vec<u64> = around.chain(0..5_000).collect();
        seconds.sort_unstable();
        assert!(seconds.is_sorted_by_key(|&seconds| bin(seconds)));
        for seconds in seconds {
            let last = last_second(bin(seconds));
            assert!(last >= seconds && last - seconds <= seconds / 8, "{seconds}: {last}");
            assert!(bin(last) == bin(seconds) && bin(last + 1) >= bin(seconds), "{seconds}");
        }
        assert_eq!(bin(u64::MAX), BINS - 1);
    }

    #[test]
    fn quantiles_are_those_of_the_rows_that_are_left() {
        let mut lags = LabelLags::default();
        assert_eq!(lags.quantile(0.5), None);
        for seconds in [5, 5, 7, 100_000] {
            lags.count(Duration::from_secs(seconds), 1);
        }
        assert_eq!((lags.quantile(0.5), lags.quantile(0.75)), (Some(5), Some(7)));
        assert!(lags.quantile(1.0).is_some_and(|lag| (100_000..=112_500).contains(&lag)));
        lags.count(Duration::from_secs(100_000), -1);
        assert_eq!(lags.quantile(1.0), Some(7));
    }
}

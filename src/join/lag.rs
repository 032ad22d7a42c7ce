//! How long labels take to come: counts that merge, and quantiles of them.

use std::collections::BTreeMap;

use super::change::Change;
use crate::sketch::varint::{VarintError, read_signed, read_unsigned, write_signed, write_unsigned};

/// Bits of a lag that tell bins apart within its power of two.
const FINE_BITS: u32 = 3;
const FINE: u64 = 1 << FINE_BITS;

/// No pane holds more rows (or takes more out): past it a count is corrupt, and sums of them cannot overflow.
const COUNTS: std::ops::RangeInclusive<i64> = -(1 << 48)..=1 << 48;

/// Rows of a pane that have their label, and the lags of those labels. Adds and subtracts exactly, in any order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labelled {
    rows: i64,
    /// By bin; none is 0.
    lags: BTreeMap<u16, i64>,
}

/// Why stored bytes are no counts of lags.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("counts of label lags end early or hold what does not belong there")]
pub struct LagDecodeError;

impl From<VarintError> for LagDecodeError {
    fn from(_: VarintError) -> Self {
        Self
    }
}

impl Labelled {
    /// Counts an outcome in, or one that is taken back out.
    pub fn count(&mut self, change: &Change) {
        self.put(bin(change.lag().as_secs()), change.sign.factor());
    }

    pub fn merge(&mut self, other: &Self) {
        other.lags.iter().for_each(|(&bin, &count)| self.put(bin, count));
    }

    /// Labelled rows.
    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// The lag in seconds that the share `quantile` (0…1) of the labels does not exceed: the end of its bin, at most
    /// 12.5 % above the lag itself (exact below 16 s). None without a label.
    pub fn lag_quantile(&self, quantile: f64) -> Option<u64> {
        let rank = (quantile.clamp(0.0, 1.0) * self.rows as f64).ceil().max(1.0) as i64;
        let mut passed = 0;
        self.lags.iter().find_map(|(&bin, &count)| {
            passed += count;
            (passed >= rank).then(|| last_second(bin))
        })
    }

    /// How many bins, then each (gap, count), as varints.
    pub fn encode(&self, out: &mut Vec<u8>) {
        write_unsigned(out, self.lags.len() as u128);
        let mut next = 0;
        for (&bin, &count) in &self.lags {
            write_unsigned(out, u128::from(bin - next));
            write_signed(out, count.into());
            next = bin + 1;
        }
    }

    /// Reads what [`Labelled::encode`] wrote, off the front of `bytes`.
    pub fn decode(bytes: &mut &[u8]) -> Result<Self, LagDecodeError> {
        let mut labelled = Self::default();
        let mut next = 0;
        for _ in 0..read_unsigned(bytes)? {
            let gap = u16::try_from(read_unsigned(bytes)?).map_err(|_| LagDecodeError)?;
            let at = gap.checked_add(next).filter(|&at| at <= bin(u64::MAX)).ok_or(LagDecodeError)?;
            let count = i64::try_from(read_signed(bytes)?).ok().filter(|count| COUNTS.contains(count));
            labelled.put(at, count.ok_or(LagDecodeError)?);
            next = at + 1;
        }
        Ok(labelled)
    }

    fn put(&mut self, bin: u16, count: i64) {
        self.rows += count;
        let held = self.lags.entry(bin).or_default();
        *held += count;
        if *held == 0 {
            self.lags.remove(&bin);
        }
    }
}

/// Whole seconds up to 15 have a bin each, then there are 8 bins to every doubling.
fn bin(seconds: u64) -> u16 {
    let magnitude = seconds.checked_ilog2().unwrap_or(0);
    let shift = magnitude.saturating_sub(FINE_BITS);
    (u64::from(shift) * FINE + (seconds >> shift)) as u16
}

/// The last whole second of a bin.
fn last_second(bin: u16) -> u64 {
    let bin = u64::from(bin);
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
            (0..62).flat_map(|power| [1u64 << power, (1 << power) + 1, (2 << power) - 1, 3 << power >> 1]);
        let mut seconds: Vec<u64> = around.chain(0..5_000).collect();
        seconds.sort_unstable();
        assert!(seconds.is_sorted_by_key(|&seconds| bin(seconds)));
        for seconds in seconds {
            let last = last_second(bin(seconds));
            assert!(last >= seconds && last - seconds <= seconds / 8, "{seconds}: {last}");
            assert!(bin(last) == bin(seconds) && bin(last + 1) == bin(seconds) + 1, "{seconds}");
        }
    }
}

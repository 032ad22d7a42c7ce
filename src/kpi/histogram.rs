//! Values in logarithmic buckets, so that every quantile is within 1 % of a sample's value.
//!
//! Bucket i holds the magnitudes in (γ^(i−1), γ^i], γ = (1 + α)/(1 − α), and stands for 2γ^i/(γ + 1), which is within α of
//! each of them: the mapping of DDSketch (Masson, Rim and Lee 2019, PVLDB 12(12), 2195–2205), without its collapsing. α is
//! 0.99 %: what is left to 1 % covers the rounding of the logarithm. Magnitudes from 10^-9 to 10^15 fall into 2,792
//! buckets, either sign has its own, and what is smaller is zero: 5,585 buckets at most, whatever is counted.

use super::sample::SampleError;
use super::sparse::Sparse;
use super::sums::finite;
use crate::sketch::varint::VarintError;

const ALPHA: f64 = 0.0099;
/// ln γ = 2 artanh α.
const LN_GAMMA: f64 = 0.019_800_646_904_042_287;

/// Smaller magnitudes are zero.
const MAGNITUDE_MIN: f64 = 1e-9;

/// The bucket of the smallest magnitude, ⌈ln 10^-9 / ln γ⌉, and one below: keys count up from 1.
const INDEX_BELOW: i16 = -1047;
/// The key of the largest, ⌈ln 10^15 / ln γ⌉ = 1,745.
const KEY_MAX: i16 = 1745 - INDEX_BELOW;

/// Samples by bucket. Keys are 0 for zero, `i − INDEX_BELOW` for positive and its negative for negative values: sorted
/// as the values are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram(Sparse<i16, 1>);

impl Histogram {
    /// Samples less those taken back.
    pub fn n(&self) -> i64 {
        self.0.entries().iter().fold(0, |n, (_, [count])| n.saturating_add(*count))
    }

    /// The value at the nearest rank: of n sorted samples the ⌈q·n⌉-th, the first for q = 0, within 1 %; magnitudes
    /// below 10^-9 are 0. `None` without samples. `q` lies in [0, 1].
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let n = self.n();
        if n <= 0 {
            return None;
        }
        let rank = ((q * n as f64).ceil() as i64).clamp(1, n);
        let mut below = 0i64;
        let reached = self.0.entries().iter().find(|(_, [count])| {
            below = below.saturating_add(*count);
            below >= rank
        });
        reached.map(|(key, _)| value_of(*key))
    }

    #[inline]
    pub(super) fn add(&mut self, value: f64, sign: i64) -> Result<(), SampleError> {
        self.0.add(key_of(finite("value", value)?), [sign]);
        Ok(())
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.bytes()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Result<Self, VarintError> {
        let largest = i64::from(KEY_MAX);
        Sparse::read(bytes, -largest..=largest).map(Self)
    }
}

#[inline]
fn key_of(value: f64) -> i16 {
    let magnitude = value.abs();
    if magnitude < MAGNITUDE_MIN {
        return 0;
    }
    let index = (magnitude.ln() / LN_GAMMA).ceil() as i16;
    let key = (index - INDEX_BELOW).clamp(1, KEY_MAX);
    if value < 0.0 { -key } else { key }
}

fn value_of(key: i16) -> f64 {
    let index = f64::from(key.abs()) + f64::from(INDEX_BELOW);
    let magnitude = (index * LN_GAMMA).exp() * (1.0 - ALPHA);
    f64::from(key.signum()) * magnitude
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_stands_for_all_that_fall_into_it() {
        for step in 0..200_000 {
            let value = 1e-9 * 1e24f64.powf(f64::from(step) / 199_999.0);
            for value in [value.min(1e15), -value.min(1e15)] {
                let error = (value_of(key_of(value)) - value) / value;
                assert!(error.abs() <= 0.01, "{value}: {error}");
            }
        }
        assert_eq!((key_of(1e-9), key_of(1e15), key_of(-1e15)), (1, KEY_MAX, -KEY_MAX));
        assert_eq!((key_of(0.0), key_of(-0.0), key_of(9.9e-10), value_of(0)), (0, 0, 0, 0.0));
    }
}

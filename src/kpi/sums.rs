//! Sums of samples, exact in any order: fixed-point integers.

use super::sample::{Sample, SampleError};
use super::sparse::read_count;
use crate::sketch::varint::{VarintError, read_signed, write_signed};

/// One unit of a sum: 2^-40, about 10^-12.
const UNITS_PER_ONE: f64 = (1u64 << 40) as f64;

/// As many as are beyond the rounding of a sample to units.
const DECIMALS: f64 = 1e11;
/// 2^53.
const FLOATS_TELL_APART: f64 = 9_007_199_254_740_992.0;

/// No stored sum is larger, either way: 2^37 samples of the largest magnitude.
const SUM_MAX: i128 = 1 << 126;

/// How many samples, and the sums of their `N` numbers, in units of 2^-40.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums<const N: usize> {
    n: i64,
    sums: [i128; N],
}

impl<const N: usize> Default for Sums<N> {
    fn default() -> Self {
        Self { n: 0, sums: [0; N] }
    }
}

impl<const N: usize> Sums<N> {
    /// Samples less those taken back.
    pub fn n(&self) -> i64 {
        self.n
    }

    /// A sum, to the nearest float of eleven decimals where floats tell so many apart: 486.2 comes back as 486.2.
    pub fn sum(&self, of: usize) -> f64 {
        let sum = self.sums[of] as f64 / UNITS_PER_ONE;
        match sum * DECIMALS {
            scaled if scaled.abs() < FLOATS_TELL_APART => scaled.round() / DECIMALS,
            _ => sum,
        }
    }

    #[inline]
    pub(super) fn add(&mut self, numbers: [(&'static str, f64); N], sign: i64) -> Result<(), SampleError> {
        let mut units = [0; N];
        for (units, (field, number)) in units.iter_mut().zip(numbers) {
            *units = to_units(field, number)? * i128::from(sign);
        }
        *self = self.plus(sign, units).ok_or(SampleError::Full)?;
        Ok(())
    }

    /// Adds another's sums; `None`, and nothing changes, where one would be past the largest.
    pub(super) fn merge(&mut self, other: &Self) -> Option<()> {
        *self = self.plus(other.n, other.sums)?;
        Some(())
    }

    #[inline]
    fn plus(&self, n: i64, sums: [i128; N]) -> Option<Self> {
        let mut both = Self { n: self.n.saturating_add(n), sums: self.sums };
        for (sum, more) in both.sums.iter_mut().zip(sums) {
            *sum = sum.checked_add(more).filter(|sum| sum.abs() <= SUM_MAX)?;
        }
        Some(both)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_signed(out, self.n.into());
        self.sums.iter().for_each(|sum| write_signed(out, *sum));
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Result<Self, VarintError> {
        let n = read_count(bytes)?;
        let mut sums = [0; N];
        for sum in &mut sums {
            *sum = read_signed(bytes)?;
            if !(-SUM_MAX..=SUM_MAX).contains(sum) {
                return Err(VarintError);
            }
        }
        Ok(Self { n, sums })
    }
}

/// A number in units, rounded half to even.
fn to_units(field: &'static str, number: f64) -> Result<i128, SampleError> {
    finite(field, number)?;
    Ok((number * UNITS_PER_ONE).round_ties_even() as i128)
}

/// A number that may be counted.
#[inline]
pub(super) fn finite(field: &'static str, number: f64) -> Result<f64, SampleError> {
    if number.abs() <= Sample::MAGNITUDE_MAX {
        Ok(number)
    } else if number.is_finite() {
        Err(SampleError::TooLarge { field })
    } else {
        Err(SampleError::NotFinite { field })
    }
}

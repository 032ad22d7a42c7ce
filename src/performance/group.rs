//! What every state of counts and sums has in common: it adds, subtracts and is stored exactly.
//!
//! ```text
//! 1 byte  format version (1)
//! 1 byte  which state
//! counts, then sums: how many are not 0, then each as (gap, value)
//! ```
//! Numbers are varints, values zigzag. Equal states have equal bytes. The shape (bins, classes) is not stored: whoever
//! reads holds the ruler, and compares its id before.

use crate::sketch::varint::{VarintError, read_signed, read_unsigned, write_signed, write_unsigned};

const VERSION: u8 = 1;
/// No state holds more rows (or takes more out): past it a count is corrupt.
const COUNT_MAX: i128 = 1 << 48;

/// A state of integers that form a commutative group under addition, entry by entry.
///
/// States of one shape only: who adds two compares their rulers first.
pub trait Group: Clone {
    /// Tells stored states apart.
    const KIND: u8;

    fn counts(&self) -> impl Iterator<Item = i64>;
    /// The same in the same order.
    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64>;
    fn sums(&self) -> impl Iterator<Item = i128>;
    /// The same in the same order.
    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128>;

    /// Adds what other rows of the same ruler gave.
    fn add(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_add, i128::wrapping_add);
    }

    /// Takes out what was added: the exact inverse of [`Group::add`].
    fn subtract(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_sub, i128::wrapping_sub);
    }

    fn combine(&mut self, other: &Self, narrow: fn(i64, i64) -> i64, wide: fn(i128, i128) -> i128) {
        let shapes = [self, other].map(|state| (state.counts().count(), state.sums().count()));
        assert_eq!(shapes[0], shapes[1], "states of one ruler have one shape");
        self.counts_mut().zip(other.counts()).for_each(|(a, b)| *a = narrow(*a, b));
        self.sums_mut().zip(other.sums()).for_each(|(a, b)| *a = wide(*a, b));
    }

    fn is_empty(&self) -> bool {
        self.counts().all(|count| count == 0) && self.sums().all(|sum| sum == 0)
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION, Self::KIND];
        write_sparse(&mut out, self.counts().map(i128::from));
        write_sparse(&mut out, self.sums());
        out
    }

    /// Reads what [`Group::encode`] wrote into an empty state of the ruler. Errors on another format or kind, an entry
    /// that the ruler does not have, a count past 2^48 and on any byte out of place.
    fn decode(mut bytes: &[u8], mut empty: Self) -> Result<Self, StateError> {
        match bytes.split_off(..2) {
            Some(&[VERSION, kind]) if kind == Self::KIND => {}
            Some(&[VERSION, found]) => return Err(StateError::Kind { found, expected: Self::KIND }),
            Some(&[found, _]) => return Err(StateError::Version { found }),
            _ => return Err(StateError::Corrupt),
        }
        let mut counts = vec![0; empty.counts().count()];
        read_sparse(&mut bytes, &mut counts)?;
        for (count, value) in empty.counts_mut().zip(counts) {
            let fits = (-COUNT_MAX..=COUNT_MAX).contains(&value);
            *count = i64::try_from(value).ok().filter(|_| fits).ok_or(StateError::Corrupt)?;
        }
        let mut sums = vec![0; empty.sums().count()];
        read_sparse(&mut bytes, &mut sums)?;
        empty.sums_mut().zip(sums).for_each(|(sum, value)| *sum = value);
        if bytes.is_empty() { Ok(empty) } else { Err(StateError::Corrupt) }
    }
}

/// Why stored bytes are no state of this ruler.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum StateError {
    #[error("outcomes are of format {found}; this driftd reads {VERSION}")]
    Version { found: u8 },
    #[error("outcomes are of kind {found}, not {expected}")]
    Kind { found: u8, expected: u8 },
    #[error("outcomes end early or hold what does not belong there")]
    Corrupt,
}

impl From<VarintError> for StateError {
    fn from(_: VarintError) -> Self {
        Self::Corrupt
    }
}

fn write_sparse(out: &mut Vec<u8>, values: impl Iterator<Item = i128>) {
    let filled: Vec<(usize, i128)> = values.enumerate().filter(|(_, value)| *value != 0).collect();
    write_unsigned(out, filled.len() as u128);
    let mut next = 0;
    for (i, value) in filled {
        write_unsigned(out, (i - next) as u128);
        write_signed(out, value);
        next = i + 1;
    }
}

fn read_sparse(bytes: &mut &[u8], values: &mut [i128]) -> Result<(), StateError> {
    let mut rest = values.iter_mut();
    for _ in 0..read_unsigned(bytes)? {
        let gap = usize::try_from(read_unsigned(bytes)?).map_err(|_| StateError::Corrupt)?;
        let value = rest.nth(gap).ok_or(StateError::Corrupt)?;
        *value = read_signed(bytes)?;
    }
    Ok(())
}

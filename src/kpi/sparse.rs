//! Counts under few of many keys, sorted by key; those that are all zero are not kept.

use std::ops::RangeInclusive;

use crate::sketch::varint::{VarintError, read_signed, read_unsigned, write_signed, write_unsigned};

/// No stored count is larger, either way: what is read past it is corrupt, and below it no sum of states overflows.
pub(super) const COUNT_MAX: i64 = 1 << 48;

/// `N` counts under each key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sparse<K, const N: usize> {
    entries: Vec<(K, [i64; N])>,
}

impl<K, const N: usize> Default for Sparse<K, N> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<K: Copy + Ord + Into<i64> + TryFrom<i64>, const N: usize> Sparse<K, N> {
    pub fn entries(&self) -> &[(K, [i64; N])] {
        &self.entries
    }

    /// Memory, in bytes.
    pub fn bytes(&self) -> usize {
        self.entries.capacity() * size_of::<(K, [i64; N])>()
    }

    #[inline]
    pub fn add(&mut self, key: K, counts: [i64; N]) {
        // Samples mostly come in the order of time, and the newest slot is the last.
        let place = match self.entries.last() {
            Some((last, _)) if *last == key => Ok(self.entries.len() - 1),
            Some((last, _)) if *last < key => Err(self.entries.len()),
            _ => self.entries.binary_search_by_key(&key, |(key, _)| *key),
        };
        match place {
            Ok(at) => {
                let held = &mut self.entries[at].1;
                *held = sum(*held, counts);
                if *held == [0; N] {
                    self.entries.remove(at);
                }
            }
            Err(at) => self.entries.insert(at, (key, counts)),
        }
    }

    pub fn merge(&mut self, other: &Self) {
        let ours = std::mem::take(&mut self.entries);
        let mut theirs = other.entries.iter().copied().peekable();
        let mut merged = Vec::with_capacity(ours.len().max(other.entries.len()));
        for (key, counts) in ours {
            while let Some(entry) = theirs.next_if(|(other, _)| *other < key) {
                merged.push(entry);
            }
            let both = match theirs.next_if(|(other, _)| *other == key) {
                Some((_, more)) => sum(counts, more),
                None => counts,
            };
            if both != [0; N] {
                merged.push((key, both));
            }
        }
        merged.extend(theirs);
        self.entries = merged;
    }

    /// How many keys there would be after a merge, at most.
    pub fn len_with(&self, other: &Self) -> usize {
        let shared = |(key, _): &&(K, [i64; N])| self.entries.binary_search_by_key(key, |(k, _)| *k).is_ok();
        self.entries.len() + other.entries.len() - other.entries.iter().filter(shared).count()
    }

    /// The number of keys, the first, the step to each next, each with its counts.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_unsigned(out, self.entries.len() as u128);
        let mut last: Option<i64> = None;
        for (key, counts) in &self.entries {
            let key: i64 = (*key).into();
            match last {
                None => write_signed(out, key.into()),
                Some(last) => write_unsigned(out, (i128::from(key) - i128::from(last)) as u128),
            }
            last = Some(key);
            counts.iter().for_each(|count| write_signed(out, (*count).into()));
        }
    }

    /// Reads what was written; an error on keys out of `keys` or out of order, and on counts that cannot be.
    pub fn read(bytes: &mut &[u8], keys: RangeInclusive<i64>) -> Result<Self, VarintError> {
        let len = read_unsigned(bytes)?;
        // Each takes a byte at least for the key and for each count.
        if len > (bytes.len() / (N + 1)) as u128 {
            return Err(VarintError);
        }
        let mut entries = Vec::with_capacity(len as usize);
        let mut last: Option<i64> = None;
        for _ in 0..len {
            let key = match last {
                None => read_signed(bytes)?,
                Some(last) => {
                    let step = i128::try_from(read_unsigned(bytes)?).map_err(|_| VarintError)?;
                    if step == 0 {
                        return Err(VarintError);
                    }
                    step.checked_add(last.into()).ok_or(VarintError)?
                }
            };
            let key = i64::try_from(key).ok().filter(|key| keys.contains(key)).ok_or(VarintError)?;
            let mut counts = [0; N];
            for count in &mut counts {
                *count = read_count(bytes)?;
            }
            if counts == [0; N] {
                return Err(VarintError);
            }
            entries.push((K::try_from(key).map_err(|_| VarintError)?, counts));
            last = Some(key);
        }
        Ok(Self { entries })
    }
}

fn sum<const N: usize>(a: [i64; N], b: [i64; N]) -> [i64; N] {
    std::array::from_fn(|i| a[i].saturating_add(b[i]))
}

pub(super) fn read_count(bytes: &mut &[u8]) -> Result<i64, VarintError> {
    let count = read_signed(bytes)?;
    i64::try_from(count).ok().filter(|count| count.abs() <= COUNT_MAX).ok_or(VarintError)
}

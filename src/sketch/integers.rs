//! Counts and sums that a layer above gives meaning to (outcomes of predictions): here they add, subtract and are stored.

use super::decode::{DecodeError, Sign, index};
use super::varint::{read_signed, read_unsigned, write_signed, write_unsigned};

/// How many counts and sums there are: part of the ruler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Shape {
    pub counts: usize,
    pub sums: usize,
}

/// So many counts and sums; a group. Without memory of their own while all are 0.
#[derive(Debug, Clone)]
pub struct Integers {
    shape: Shape,
    held: Option<Box<Held>>,
}

#[derive(Debug, Clone)]
struct Held {
    counts: Box<[i64]>,
    sums: Box<[i128]>,
}

impl PartialEq for Integers {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.counts().eq(other.counts()) && self.sums().eq(other.sums())
    }
}

impl Eq for Integers {}

impl Integers {
    pub fn zero(shape: Shape) -> Self {
        Self { shape, held: None }
    }

    pub fn of(counts: Box<[i64]>, sums: Box<[i128]>) -> Self {
        let shape = Shape { counts: counts.len(), sums: sums.len() };
        Self { shape, held: Some(Box::new(Held { counts, sums })) }
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    pub fn counts(&self) -> impl Iterator<Item = i64> {
        let held = self.held.as_ref().map_or(&[][..], |held| &held.counts);
        held.iter().copied().chain(std::iter::repeat_n(0, self.shape.counts - held.len()))
    }

    pub fn sums(&self) -> impl Iterator<Item = i128> {
        let held = self.held.as_ref().map_or(&[][..], |held| &held.sums);
        held.iter().copied().chain(std::iter::repeat_n(0, self.shape.sums - held.len()))
    }

    pub fn is_zero(&self) -> bool {
        self.held.as_ref().is_none_or(|held| {
            held.counts.iter().all(|count| *count == 0) && held.sums.iter().all(|sum| *sum == 0)
        })
    }

    /// Adds others of the same ruler.
    pub fn add(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_add, i128::wrapping_add);
    }

    /// Takes out what was added: the exact inverse of [`Integers::add`].
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_sub, i128::wrapping_sub);
    }

    fn combine(&mut self, other: &Self, narrow: fn(i64, i64) -> i64, wide: fn(i128, i128) -> i128) {
        assert_eq!(self.shape, other.shape, "integers of one ruler have one shape");
        let Some(theirs) = &other.held else { return };
        let held = self.held_mut();
        held.counts.iter_mut().zip(&theirs.counts).for_each(|(a, b)| *a = narrow(*a, *b));
        held.sums.iter_mut().zip(&theirs.sums).for_each(|(a, b)| *a = wide(*a, *b));
    }

    /// Bytes on the heap.
    pub fn bytes(&self) -> usize {
        self.held.as_ref().map_or(0, |held| size_of_val(&*held.counts) + size_of_val(&*held.sums))
    }

    fn held_mut(&mut self) -> &mut Held {
        let Shape { counts, sums } = self.shape;
        self.held.get_or_insert_with(|| {
            Box::new(Held { counts: vec![0; counts].into(), sums: vec![0; sums].into() })
        })
    }

    /// Counts, then sums: of each how many are not 0, then each as (gap, value).
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        write_sparse(out, self.counts().map(i128::from));
        write_sparse(out, self.sums());
    }

    /// Adds or takes out what [`Integers::encode`] wrote, off the front of `bytes`.
    pub(super) fn combine_encoded(&mut self, bytes: &mut &[u8], sign: Sign) -> Result<(), DecodeError> {
        let held = self.held_mut();
        let mut next = 0;
        for _ in 0..read_unsigned(bytes)? {
            let i = index(&mut next, read_unsigned(bytes)?, held.counts.len())?;
            held.counts[i] = held.counts[i].wrapping_add(sign.count(read_signed(bytes)?)?);
        }
        next = 0;
        for _ in 0..read_unsigned(bytes)? {
            let i = index(&mut next, read_unsigned(bytes)?, held.sums.len())?;
            held.sums[i] = held.sums[i].wrapping_add(sign.sum(read_signed(bytes)?));
        }
        Ok(())
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

//! Answers to a survey, counted apart.

use super::sample::SampleError;
use super::sparse::Sparse;
use crate::sketch::varint::VarintError;

/// How often each answer was given. Answers are whole numbers from −100 to 100.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answers(Sparse<i16, 1>);

impl Answers {
    pub const LOWEST: i16 = -100;
    pub const HIGHEST: i16 = 100;

    /// Each answer with its number, in order.
    pub fn counts(&self) -> impl Iterator<Item = (i16, i64)> {
        self.0.entries().iter().map(|(answer, [count])| (*answer, *count))
    }

    /// Answers less those taken back.
    pub fn n(&self) -> i64 {
        self.counts().fold(0, |n, (_, count)| n.saturating_add(count))
    }

    #[inline]
    pub(super) fn add(&mut self, answer: f64, sign: i64) -> Result<(), SampleError> {
        self.0.add(Self::on_scale(answer, Self::LOWEST, Self::HIGHEST)?, [sign]);
        Ok(())
    }

    /// The answer, where it is one of a scale.
    pub(super) fn on_scale(answer: f64, lowest: i16, highest: i16) -> Result<i16, SampleError> {
        if !answer.is_finite() {
            Err(SampleError::NotFinite { field: "value" })
        } else if answer.fract() != 0.0 {
            Err(SampleError::NotWhole { answer })
        } else if answer < lowest.into() || answer > highest.into() {
            Err(SampleError::OffScale { answer, lowest, highest })
        } else {
            Ok(answer as i16)
        }
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
        Sparse::read(bytes, Self::LOWEST.into()..=Self::HIGHEST.into()).map(Self)
    }
}

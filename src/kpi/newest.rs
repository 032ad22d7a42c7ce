//! The newest sample, whatever the order that samples come in.

use std::cmp::Ordering;

use super::sample::{Sample, SampleError};
use super::sums::finite;
use crate::domain::Timestamp;
use crate::sketch::varint::{VarintError, read_signed, read_unsigned, write_signed, write_unsigned};

/// The sample of the largest (instant, revision, value): a lattice, it only merges.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Newest(Option<Held>);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Held {
    at: Timestamp,
    revision: u32,
    value: f64,
}

impl Newest {
    pub fn value(&self) -> Option<f64> {
        self.0.map(|held| held.value)
    }

    pub(super) fn add(&mut self, at: Timestamp, revision: u32, value: f64) -> Result<(), SampleError> {
        // One zero, so that equal values have equal bytes.
        let value = finite("value", value)? + 0.0;
        self.merge(&Self(Some(Held { at, revision, value })));
        Ok(())
    }

    pub(super) fn merge(&mut self, other: &Self) {
        let order = |held: &Held, other: &Held| {
            (held.at, held.revision).cmp(&(other.at, other.revision)).then(held.value.total_cmp(&other.value))
        };
        let newer = match (&self.0, &other.0) {
            (Some(held), Some(other)) => order(other, held) == Ordering::Greater,
            (held, _) => held.is_none(),
        };
        if newer {
            self.0 = other.0;
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        if let Some(held) = self.0 {
            write_signed(out, held.at.micros().into());
            write_unsigned(out, held.revision.into());
            out.extend_from_slice(&held.value.to_le_bytes());
        }
    }

    pub(super) fn read(bytes: &mut &[u8]) -> Result<Self, VarintError> {
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        let at = i64::try_from(read_signed(bytes)?).map(Timestamp::from_micros).map_err(|_| VarintError)?;
        let revision = u32::try_from(read_unsigned(bytes)?).map_err(|_| VarintError)?;
        let (value, rest) = bytes.split_first_chunk().ok_or(VarintError)?;
        *bytes = rest;
        let value = f64::from_le_bytes(*value);
        // NaN is beyond it too.
        let fits = value.abs() <= Sample::MAGNITUDE_MAX && value.to_bits() != (-0.0f64).to_bits();
        if fits { Ok(Self(Some(Held { at, revision, value }))) } else { Err(VarintError) }
    }
}

//! The stored form of halves: a row of the log holds those of one commit, of each request one after the other.
//!
//! ```text
//! 1 byte   format version (1)
//! origins: how many, each: length and bytes of the version; 16 bytes of the ruler; pane length in seconds;
//!          how many segments, each length and bytes of its text
//! predictions: how many, each: 8 bytes of the id's hash, little-endian; milliseconds after the one before it (the
//!          first: after 1970), signed; number of its origin; tag of its facts, their length and bytes
//! labels:  how many, each: 8 bytes of the id's hash; milliseconds after the one before it, signed; 8 bytes of its value
//! ```
//! Numbers are varints. A prediction of a class with its score takes about 23 bytes, a label 18.

use std::sync::Arc;

use hashbrown::HashMap;

use super::facts::Facts;
use super::half::{Halves, Label, LabelHalf, LabelValue, Millis, Origin, PredictionHalf};
use crate::domain::{IdHash, PaneLength};
use crate::sketch::GridId;
use crate::sketch::varint::{VarintError, read_signed, read_unsigned, write_signed, write_unsigned};

const VERSION: u8 = 1;

/// Why stored bytes are no halves.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum HalvesDecodeError {
    #[error("waiting halves are of format {found}; this driftd reads {VERSION}")]
    Version { found: u8 },
    #[error("waiting halves end early or hold what does not belong there")]
    Corrupt,
}

use HalvesDecodeError::Corrupt;

impl From<VarintError> for HalvesDecodeError {
    fn from(_: VarintError) -> Self {
        Corrupt
    }
}

impl Halves {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        // Few origins are shared by many predictions: told apart by where they lie.
        let (mut numbers, mut origins) = (HashMap::new(), Vec::new());
        for prediction in &self.predictions {
            numbers.entry(Arc::as_ptr(&prediction.origin)).or_insert_with(|| {
                origins.push(&prediction.origin);
                origins.len() - 1
            });
        }
        write_unsigned(&mut out, origins.len() as u128);
        origins.into_iter().for_each(|origin| write_origin(&mut out, origin));
        write_unsigned(&mut out, self.predictions.len() as u128);
        let mut before = 0;
        for PredictionHalf { id, at, origin, facts } in &self.predictions {
            write_id_and_instant(&mut out, *id, *at, &mut before);
            write_unsigned(&mut out, numbers[&Arc::as_ptr(origin)] as u128);
            out.push(facts.tag());
            write_bytes(&mut out, facts.bytes());
        }
        write_unsigned(&mut out, self.labels.len() as u128);
        before = 0;
        for LabelHalf { id, label } in &self.labels {
            write_id_and_instant(&mut out, *id, label.at, &mut before);
            out.extend(label.value.bits().to_le_bytes());
        }
        out
    }

    /// Reads what [`Halves::encode`] wrote, once or several times end to end. Errors on another format, and on any byte
    /// out of place.
    pub fn decode(mut bytes: &[u8]) -> Result<Self, HalvesDecodeError> {
        let mut halves = Self::default();
        halves.decode_one(&mut bytes)?;
        while !bytes.is_empty() {
            halves.decode_one(&mut bytes)?;
        }
        Ok(halves)
    }

    fn decode_one(&mut self, bytes: &mut &[u8]) -> Result<(), HalvesDecodeError> {
        match take(bytes, 1)? {
            [VERSION] => {}
            version => return Err(HalvesDecodeError::Version { found: version[0] }),
        }
        let mut origins = Vec::new();
        for _ in 0..read_unsigned(bytes)? {
            origins.push(Arc::new(read_origin(bytes)?));
        }
        let mut before = 0;
        for _ in 0..read_unsigned(bytes)? {
            let (id, at) = read_id_and_instant(bytes, &mut before)?;
            let origin = usize::try_from(read_unsigned(bytes)?).map_err(|_| Corrupt)?;
            let origin = origins.get(origin).ok_or(Corrupt)?.clone();
            let tag = take(bytes, 1)?[0];
            let facts = Facts::new(tag, read_bytes(bytes)?).ok_or(Corrupt)?;
            self.predictions.push(PredictionHalf { id, at, origin, facts });
        }
        before = 0;
        for _ in 0..read_unsigned(bytes)? {
            let (id, at) = read_id_and_instant(bytes, &mut before)?;
            let value = i64::from_le_bytes(take(bytes, 8)?.try_into().map_err(|_| Corrupt)?);
            let label = Label { at, value: LabelValue::from_bits(value) };
            self.labels.push(LabelHalf { id, label });
        }
        Ok(())
    }
}

fn write_origin(out: &mut Vec<u8>, origin: &Origin) {
    write_bytes(out, origin.version.as_str().as_bytes());
    out.extend(origin.ruler.0);
    write_unsigned(out, origin.pane_length.seconds() as u128);
    write_unsigned(out, origin.segments.len() as u128);
    origin.segments.iter().for_each(|segment| write_bytes(out, segment.to_string().as_bytes()));
}

fn read_origin(bytes: &mut &[u8]) -> Result<Origin, HalvesDecodeError> {
    let version = read_text(bytes)?.parse().map_err(|_| Corrupt)?;
    let ruler = GridId(take(bytes, 16)?.try_into().map_err(|_| Corrupt)?);
    let seconds = narrow(read_unsigned(bytes)?.try_into().map_err(|_| Corrupt)?)?;
    let pane_length =
        PaneLength::ALL.into_iter().find(|length| length.seconds() == seconds).ok_or(Corrupt)?;
    let mut segments = Vec::new();
    for _ in 0..read_unsigned(bytes)? {
        segments.push(read_text(bytes)?.parse().map_err(|_| Corrupt)?);
    }
    Ok(Origin { version, ruler, pane_length, segments })
}

fn write_id_and_instant(out: &mut Vec<u8>, id: IdHash, at: Millis, before: &mut i64) {
    out.extend(id.bits().to_le_bytes());
    write_signed(out, (at.get() - *before).into());
    *before = at.get();
}

fn read_id_and_instant(bytes: &mut &[u8], before: &mut i64) -> Result<(IdHash, Millis), HalvesDecodeError> {
    let id = u64::from_le_bytes(take(bytes, 8)?.try_into().map_err(|_| Corrupt)?);
    let after = narrow(read_signed(bytes)?)?;
    let at = before.checked_add(after).and_then(Millis::from_number).ok_or(Corrupt)?;
    *before = at.get();
    Ok((IdHash::from_bits(id), at))
}

fn write_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    write_unsigned(out, bytes.len() as u128);
    out.extend(bytes);
}

fn read_bytes<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], HalvesDecodeError> {
    let length = usize::try_from(read_unsigned(bytes)?).map_err(|_| Corrupt)?;
    take(bytes, length)
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, HalvesDecodeError> {
    std::str::from_utf8(read_bytes(bytes)?).map_err(|_| Corrupt)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], HalvesDecodeError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Corrupt)?;
    *bytes = rest;
    Ok(taken)
}

fn narrow(value: i128) -> Result<i64, HalvesDecodeError> {
    i64::try_from(value).map_err(|_| Corrupt)
}

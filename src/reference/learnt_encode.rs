//! The stored form of what was learnt.
//!
//! ```text
//! 1 byte   format version (2)
//! unsigned rows, unsigned values kept of each column, 1 byte level (every 2^level-th is kept), unsigned columns,
//! then for each:
//!   unsigned length, column id; 1 byte type: 1 numeric, 2 categorical
//!   numeric:     unsigned distinct values, each (f64 bits, little-endian; unsigned count), ascending
//!   categorical: unsigned missing, unsigned wrong type, unsigned names, each (unsigned length, name; unsigned count)
//! ```

use std::collections::BTreeMap;

use super::learnt::{Learnt, LearntColumn, TotalOrder};
use crate::sketch::varint::{VarintError, read_unsigned, write_unsigned};

const VERSION: u8 = 2;
const NUMERIC: u8 = 1;
const CATEGORICAL: u8 = 2;

/// What stands before the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LearntHeader {
    pub rows: u64,
    pub kept: u64,
    pub level: u8,
    pub columns: u64,
}

/// Stored bytes that hold no multisets.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LearntError {
    #[error("learnt values are of format {found}; this driftd reads {VERSION}")]
    Version { found: u8 },
    #[error("learnt values end early or hold what does not belong there")]
    Corrupt,
}

impl From<VarintError> for LearntError {
    fn from(_: VarintError) -> Self {
        Self::Corrupt
    }
}

impl Learnt {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        write_unsigned(&mut out, self.rows.into());
        write_unsigned(&mut out, self.kept.into());
        out.push(self.level);
        write_unsigned(&mut out, self.columns.len() as u128);
        for (id, column) in &self.columns {
            write_text(&mut out, &id.to_string());
            match column {
                LearntColumn::Numeric(values) => {
                    out.push(NUMERIC);
                    write_unsigned(&mut out, values.len() as u128);
                    for (value, &count) in values {
                        out.extend(value.value().to_bits().to_le_bytes());
                        write_unsigned(&mut out, count.into());
                    }
                }
                LearntColumn::Categorical { names, missing, wrong_type } => {
                    out.push(CATEGORICAL);
                    write_unsigned(&mut out, (*missing).into());
                    write_unsigned(&mut out, (*wrong_type).into());
                    write_unsigned(&mut out, names.len() as u128);
                    for (name, &count) in names {
                        write_text(&mut out, name);
                        write_unsigned(&mut out, count.into());
                    }
                }
            }
        }
        out
    }

    /// What stands before encoded values, without reading the rest.
    pub fn header_of(mut bytes: &[u8]) -> Result<LearntHeader, LearntError> {
        read_header(&mut bytes)
    }

    pub fn decode(mut bytes: &[u8]) -> Result<Self, LearntError> {
        let bytes = &mut bytes;
        let LearntHeader { rows, kept, level, columns: count } = read_header(bytes)?;
        let mut columns = BTreeMap::new();
        for _ in 0..count {
            let id = read_text(bytes)?.parse().map_err(|_| LearntError::Corrupt)?;
            let column = match take(bytes, 1)? {
                [NUMERIC] => LearntColumn::Numeric(read_entries(bytes, |bytes| {
                    let bits = take(bytes, 8)?.try_into().map_err(|_| LearntError::Corrupt)?;
                    Ok(TotalOrder::of(f64::from_bits(u64::from_le_bytes(bits))))
                })?),
                [CATEGORICAL] => LearntColumn::Categorical {
                    missing: read_u64(bytes)?,
                    wrong_type: read_u64(bytes)?,
                    names: read_entries(bytes, |bytes| read_text(bytes).map(Box::from))?,
                },
                _ => return Err(LearntError::Corrupt),
            };
            columns.insert(id, column);
        }
        if bytes.is_empty() { Ok(Self { rows, kept, level, columns }) } else { Err(LearntError::Corrupt) }
    }
}

fn read_header(bytes: &mut &[u8]) -> Result<LearntHeader, LearntError> {
    match take(bytes, 1)? {
        [VERSION] => {}
        version => return Err(LearntError::Version { found: version[0] }),
    }
    let (rows, kept) = (read_u64(bytes)?, read_u64(bytes)?);
    Ok(LearntHeader { rows, kept, level: take(bytes, 1)?[0], columns: read_u64(bytes)? })
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_unsigned(out, text.len() as u128);
    out.extend(text.as_bytes());
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, LearntError> {
    let length = usize::try_from(read_unsigned(bytes)?).map_err(|_| LearntError::Corrupt)?;
    std::str::from_utf8(take(bytes, length)?).map_err(|_| LearntError::Corrupt)
}

fn read_u64(bytes: &mut &[u8]) -> Result<u64, LearntError> {
    u64::try_from(read_unsigned(bytes)?).map_err(|_| LearntError::Corrupt)
}

fn read_entries<K: Ord>(
    bytes: &mut &[u8],
    key: impl Fn(&mut &[u8]) -> Result<K, LearntError>,
) -> Result<BTreeMap<K, u64>, LearntError> {
    let mut entries = BTreeMap::new();
    for _ in 0..read_unsigned(bytes)? {
        let name = key(bytes)?;
        entries.insert(name, read_u64(bytes)?);
    }
    Ok(entries)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], LearntError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(LearntError::Corrupt)?;
    *bytes = rest;
    Ok(taken)
}

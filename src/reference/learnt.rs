//! What is kept of live traffic while a reference is being learnt: per column the sorted values and how often each came.
//!
//! No row is kept: columns are sorted apart, so which values came together is gone. Stored with the deltas of each
//! pane, merged like counts in any order, counted onto the grid at the freeze, then deleted.
//!
//! ```text
//! 1 byte   format version (1)
//! unsigned rows, unsigned columns, then for each:
//!   unsigned length, column id; 1 byte type: 1 numeric, 2 categorical
//!   numeric:     unsigned distinct values, each (f64 bits, little-endian; unsigned count), ascending
//!   categorical: unsigned missing, unsigned wrong type, unsigned names, each (unsigned length, name; unsigned count)
//! ```

use std::collections::BTreeMap;

use crate::batch::{Batch, Codes, ColumnValues, Part, Rows, Schema};
use crate::domain::{ColumnId, ColumnKind};
use crate::sketch::varint::{VarintError, read_unsigned, write_unsigned};
use crate::sketch::{MISSING, WRONG_TYPE};

const VERSION: u8 = 1;
const NUMERIC: u8 = 1;
const CATEGORICAL: u8 = 2;

/// Sorted multisets of the columns of some rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Learnt {
    pub rows: u64,
    pub columns: BTreeMap<ColumnId, LearntColumn>,
}

/// One column's values with their counts.
#[derive(Debug, Clone, PartialEq)]
pub enum LearntColumn {
    /// In total order; what is no number ([`crate::sketch::MISSING`] and the like) is among them.
    Numeric(BTreeMap<TotalOrder, u64>),
    Categorical {
        names: BTreeMap<Box<str>, u64>,
        missing: u64,
        wrong_type: u64,
    },
}

/// An f64 by its bits, in `total_cmp`'s order; −0 and 0 are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TotalOrder(i64);

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

impl TotalOrder {
    pub fn of(value: f64) -> Self {
        let value = if value == 0.0 { 0.0 } else { value };
        Self(flip(value.to_bits() as i64))
    }

    pub fn value(self) -> f64 {
        f64::from_bits(flip(self.0) as u64)
    }
}

/// Its own inverse.
fn flip(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

impl Learnt {
    /// The values of one part of a batch.
    pub fn of(batch: &Batch, schema: &Schema, part: &Part) -> Self {
        let columns = schema.columns.iter().zip(&batch.columns).map(|(column, values)| {
            let selected;
            let values = match &part.rows {
                Rows::All => values,
                Rows::Some(rows) => {
                    selected = values.select(rows);
                    &selected
                }
            };
            (column.id.clone(), LearntColumn::of(values))
        });
        Self { rows: part.rows.count(batch.rows()) as u64, columns: columns.collect() }
    }

    /// Adds what another part learnt. A column of another kind than before (the config changed) starts over.
    pub fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        for (id, theirs) in other.columns {
            match self.columns.get_mut(&id) {
                Some(mine) => mine.merge(theirs),
                None => {
                    self.columns.insert(id, theirs);
                }
            }
        }
    }

    /// The values of a column, one a row: rows before the column was first seen have none. A column that was learnt
    /// as another kind is of the wrong type.
    pub fn values_of(&self, id: &ColumnId, kind: ColumnKind) -> ColumnValues {
        let rows = self.rows as usize;
        match (kind, self.columns.get(id).map(LearntColumn::values)) {
            (ColumnKind::Numeric, Some(ColumnValues::Numeric(mut values))) => {
                values.resize(rows, MISSING);
                ColumnValues::Numeric(values)
            }
            (ColumnKind::Numeric, found) => {
                ColumnValues::Numeric(vec![found.map_or(MISSING, |_| WRONG_TYPE); rows])
            }
            (_, Some(ColumnValues::Categorical(mut codes))) => {
                codes.codes.resize(rows, Codes::MISSING);
                ColumnValues::Categorical(codes)
            }
            (_, found) => {
                let code = found.map_or(Codes::MISSING, |_| Codes::WRONG_TYPE);
                ColumnValues::Categorical(Codes { codes: vec![code; rows], names: Vec::new() })
            }
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        write_unsigned(&mut out, self.rows.into());
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

    /// The rows of encoded multisets, without reading the rest.
    pub fn rows_of(mut bytes: &[u8]) -> Result<u64, LearntError> {
        match take(&mut bytes, 1)? {
            [VERSION] => read_u64(&mut bytes),
            version => Err(LearntError::Version { found: version[0] }),
        }
    }

    pub fn decode(mut bytes: &[u8]) -> Result<Self, LearntError> {
        let bytes = &mut bytes;
        match take(bytes, 1)? {
            [VERSION] => {}
            version => return Err(LearntError::Version { found: version[0] }),
        }
        let rows = read_u64(bytes)?;
        let mut columns = BTreeMap::new();
        for _ in 0..read_unsigned(bytes)? {
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
        if bytes.is_empty() { Ok(Self { rows, columns }) } else { Err(LearntError::Corrupt) }
    }
}

impl LearntColumn {
    fn of(values: &ColumnValues) -> Self {
        match values {
            ColumnValues::Numeric(values) => {
                let mut counts = BTreeMap::new();
                values.iter().for_each(|&value| *counts.entry(TotalOrder::of(value)).or_default() += 1);
                Self::Numeric(counts)
            }
            ColumnValues::Categorical(codes) => {
                let mut by_code = vec![0u64; codes.names.len()];
                let (mut missing, mut wrong_type) = (0, 0);
                for &code in &codes.codes {
                    match code {
                        Codes::MISSING => missing += 1,
                        Codes::WRONG_TYPE => wrong_type += 1,
                        code => by_code[code as usize] += 1,
                    }
                }
                let named = codes.names.iter().cloned().zip(by_code).filter(|(_, count)| *count > 0);
                Self::Categorical { names: named.collect(), missing, wrong_type }
            }
        }
    }

    /// Booleans were learnt as names.
    pub fn kind(&self) -> ColumnKind {
        match self {
            Self::Numeric(_) => ColumnKind::Numeric,
            Self::Categorical { .. } => ColumnKind::Categorical,
        }
    }

    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Numeric(mine), Self::Numeric(theirs)) => add(mine, theirs),
            (
                Self::Categorical { names, missing, wrong_type },
                Self::Categorical { names: n, missing: m, wrong_type: w },
            ) => {
                add(names, n);
                *missing += m;
                *wrong_type += w;
            }
            (mine, theirs) => *mine = theirs,
        }
    }

    /// The values again, as a batch column of as many rows: sorted, so without the rows they came in.
    pub fn values(&self) -> ColumnValues {
        match self {
            Self::Numeric(counts) => ColumnValues::Numeric(
                counts
                    .iter()
                    .flat_map(|(value, &count)| std::iter::repeat_n(value.value(), count as usize))
                    .collect(),
            ),
            Self::Categorical { names, missing, wrong_type } => {
                let named = (0u32..).zip(names.values());
                let nameless = [(Codes::MISSING, missing), (Codes::WRONG_TYPE, wrong_type)];
                let codes = named
                    .chain(nameless)
                    .flat_map(|(code, &count)| std::iter::repeat_n(code, count as usize))
                    .collect();
                ColumnValues::Categorical(Codes { codes, names: names.keys().cloned().collect() })
            }
        }
    }
}

fn add<K: Ord>(mine: &mut BTreeMap<K, u64>, theirs: BTreeMap<K, u64>) {
    for (key, count) in theirs {
        *mine.entry(key).or_default() += count;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn learnt(numbers: &[f64], names: &[&str]) -> Learnt {
        let mut codes = crate::batch::CodesBuilder::default();
        names.iter().for_each(|name| codes.push(name));
        codes.push_nameless(Codes::MISSING);
        let columns = [
            (ColumnId::feature("x"), LearntColumn::of(&ColumnValues::Numeric(numbers.to_vec()))),
            (ColumnId::Prediction, LearntColumn::of(&ColumnValues::Categorical(codes.take()))),
        ];
        Learnt { rows: numbers.len() as u64, columns: columns.into() }
    }

    #[test]
    fn merges_in_any_order_and_survives_storage() {
        let parts = [
            learnt(&[1.0, -0.0, MISSING], &["a", "b"]),
            learnt(&[f64::INFINITY, 0.0, WRONG_TYPE], &["b", "b"]),
            learnt(&[f64::NAN, 1.0, -5e-324], &["c", ""]),
        ];
        let merged = |order: [usize; 3]| {
            let mut sum = Learnt::default();
            order.iter().for_each(|&i| sum.merge(parts[i].clone()));
            sum
        };
        let bytes = merged([0, 1, 2]).encode();
        assert_eq!(bytes, merged([2, 1, 0]).encode());
        assert_eq!(Learnt::decode(&bytes).unwrap().encode(), bytes);
        for cut in 0..bytes.len() {
            assert!(Learnt::decode(&bytes[..cut]).is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn values_come_back_with_their_counts() {
        let learnt = learnt(&[2.0, MISSING, 1.0, 2.0], &["a"]);
        let ColumnValues::Numeric(values) = learnt.columns[&ColumnId::feature("x")].values() else {
            unreachable!()
        };
        assert_eq!(values[..3], [1.0, 2.0, 2.0]);
        assert_eq!(values[3].to_bits(), MISSING.to_bits());
        let ColumnValues::Categorical(codes) = learnt.columns[&ColumnId::Prediction].values() else {
            unreachable!()
        };
        assert_eq!((codes.name(0), codes.codes[1]), (Some("a"), Codes::MISSING));
    }
}

//! The stored form of a tally: sparse, signed, versioned.
//!
//! ```text
//! 1 byte  format version (1)
//! 16 byte ruler id
//! signed  rows
//! then sections, one a column in the ruler's order, others after them:
//!   1 byte  type: 1 numeric, 2 categorical, 3 unknown features, if there are any; others are kept as they are
//!   unsigned length in bytes, then the body
//! numeric body:     entries, each (gap of bins, count, sum of units); 6 single counts; Σk²; 1 byte: extremes follow;
//!                   min and max as f64 bits, little-endian
//! categorical body: entries, each (gap of categories, count); 4 single counts; names of newcomers
//! features body:    rows; names
//! names:            how many, each (count, length, name); 1 byte: names were left out
//! ```
//! Numbers are varints; "entries" begins with how many there are. Equal tallies have equal bytes.

use super::categorical_counts::CategoricalCounts;
use super::extremes::Extremes;
use super::newcomers::Newcomers;
use super::numeric_counts::NumericCounts;
use super::ruler::{Grid, GridId, Ruler};
use super::tally::{ColumnCounts, Section, Tally};
use super::unknown_features::UnknownFeatures;
use super::varint::{VarintError, read_signed, read_unsigned, write_signed, write_unsigned};

const VERSION: u8 = 1;
const NUMERIC: u8 = 1;
const CATEGORICAL: u8 = 2;
const UNKNOWN_FEATURES: u8 = 3;

/// No column and pane holds more rows (or takes more out): past it a count is corrupt, and below it the sums of
/// bins and panes cannot overflow.
const COUNT_MAX: i64 = 1 << 48;
/// No sum of units is larger: that many values of at most 2^47 units.
const SUM_MAX: i128 = (COUNT_MAX as i128) << 47;

/// Why stored bytes are no tally of this ruler.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    #[error("counts are of format {found}; this driftd reads {VERSION}")]
    Version { found: u8 },
    #[error("counts lie on ruler {found}, not {expected}")]
    Ruler { found: GridId, expected: GridId },
    #[error("counts end early or hold what does not belong there")]
    Corrupt,
}

impl From<VarintError> for DecodeError {
    fn from(_: VarintError) -> Self {
        Self::Corrupt
    }
}

impl Tally {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend(self.ruler_id.0);
        write_signed(&mut out, self.rows.into());
        let mut body = Vec::new();
        for column in &self.columns {
            body.clear();
            let kind = match column {
                ColumnCounts::Numeric { counts, extremes } => {
                    encode_numeric(&mut body, counts, extremes);
                    NUMERIC
                }
                ColumnCounts::Categorical { counts, newcomers } => {
                    encode_categorical(&mut body, counts, newcomers);
                    CATEGORICAL
                }
            };
            write_section(&mut out, kind, &body);
        }
        if !self.unknown_features.is_empty() {
            body.clear();
            write_signed(&mut body, self.unknown_features.rows.into());
            encode_names(&mut body, &self.unknown_features.names);
            write_section(&mut out, UNKNOWN_FEATURES, &body);
        }
        self.unknown.iter().for_each(|section| write_section(&mut out, section.kind, &section.body));
        out
    }

    /// The ruler that encoded counts lie on.
    pub fn ruler_id_of(bytes: &[u8]) -> Result<GridId, DecodeError> {
        header(&mut { bytes })
    }

    /// The rows of encoded counts, without reading the rest.
    pub fn rows_of(mut bytes: &[u8]) -> Result<i64, DecodeError> {
        header(&mut bytes)?;
        narrow(read_signed(&mut bytes)?)
    }

    /// Reads what [`Tally::encode`] wrote. Errors on another format or ruler, and on any byte out of place.
    pub fn decode(mut bytes: &[u8], ruler: &Ruler) -> Result<Self, DecodeError> {
        let bytes = &mut bytes;
        let ruler_id = header(bytes)?;
        if ruler_id != ruler.id() {
            return Err(DecodeError::Ruler { found: ruler_id, expected: ruler.id() });
        }
        let rows = narrow(read_signed(bytes)?)?;
        let columns = ruler.columns().iter().map(|(_, grid)| {
            let (kind, mut body) = read_section(bytes)?;
            let column = match (kind, grid) {
                (NUMERIC, Grid::Numeric(grid)) => {
                    let (counts, extremes) = decode_numeric(&mut body, NumericCounts::empty(grid))?;
                    ColumnCounts::Numeric { counts, extremes }
                }
                (CATEGORICAL, Grid::Categorical(grid)) => {
                    let (counts, newcomers) = decode_categorical(&mut body, CategoricalCounts::empty(grid))?;
                    ColumnCounts::Categorical { counts, newcomers }
                }
                _ => return Err(DecodeError::Corrupt),
            };
            if body.is_empty() { Ok(column) } else { Err(DecodeError::Corrupt) }
        });
        let columns = columns.collect::<Result<_, _>>()?;
        let (mut unknown_features, mut unknown) = (UnknownFeatures::default(), Vec::new());
        while !bytes.is_empty() {
            match read_section(bytes)? {
                // A driftd that did not know them may have put several together.
                (UNKNOWN_FEATURES, body) => unknown_features.add(&decode_unknown_features(body)?),
                (kind, body) => unknown.push(Section { kind, body: body.to_vec() }),
            }
        }
        Ok(Self { ruler_id, rows, columns, unknown_features, unknown })
    }
}

fn header(bytes: &mut &[u8]) -> Result<GridId, DecodeError> {
    match take(bytes, 1)? {
        [VERSION] => {}
        version => return Err(DecodeError::Version { found: version[0] }),
    }
    Ok(GridId(array(take(bytes, 16)?)))
}

fn write_section(out: &mut Vec<u8>, kind: u8, body: &[u8]) {
    out.push(kind);
    write_unsigned(out, body.len() as u128);
    out.extend(body);
}

fn read_section<'a>(bytes: &mut &'a [u8]) -> Result<(u8, &'a [u8]), DecodeError> {
    let kind = take(bytes, 1)?[0];
    let length = usize::try_from(read_unsigned(bytes)?).map_err(|_| DecodeError::Corrupt)?;
    Ok((kind, take(bytes, length)?))
}

fn encode_numeric(out: &mut Vec<u8>, counts: &NumericCounts, extremes: &Extremes) {
    let entries = || counts.bins.iter().zip(&counts.sums).enumerate();
    let filled = || entries().filter(|(_, (count, sum))| **count != 0 || **sum != 0);
    write_unsigned(out, filled().count() as u128);
    let mut next = 0;
    for (i, (&count, &sum)) in filled() {
        write_unsigned(out, (i - next) as u128);
        write_signed(out, count.into());
        write_signed(out, sum);
        next = i + 1;
    }
    counts.scalars().into_iter().for_each(|count| write_signed(out, count.into()));
    write_signed(out, counts.sum_squares);
    out.push(u8::from(!extremes.is_none()));
    if !extremes.is_none() {
        out.extend(extremes.min.to_le_bytes());
        out.extend(extremes.max.to_le_bytes());
    }
}

fn decode_numeric(
    bytes: &mut &[u8],
    mut counts: NumericCounts,
) -> Result<(NumericCounts, Extremes), DecodeError> {
    let mut next = 0u128;
    for _ in 0..read_unsigned(bytes)? {
        let i = index(&mut next, read_unsigned(bytes)?, counts.bins.len())?;
        counts.bins[i] = narrow(read_signed(bytes)?)?;
        counts.sums[i] = Some(read_signed(bytes)?)
            .filter(|sum| (-SUM_MAX..=SUM_MAX).contains(sum))
            .ok_or(DecodeError::Corrupt)?;
    }
    for count in counts.scalars_mut() {
        *count = narrow(read_signed(bytes)?)?;
    }
    counts.sum_squares = read_signed(bytes)?;
    let extremes = match take(bytes, 1)? {
        [0] => Extremes::NONE,
        [1] => Extremes {
            min: f64::from_le_bytes(array(take(bytes, 8)?)),
            max: f64::from_le_bytes(array(take(bytes, 8)?)),
        },
        _ => return Err(DecodeError::Corrupt),
    };
    Ok((counts, extremes))
}

fn encode_categorical(out: &mut Vec<u8>, counts: &CategoricalCounts, newcomers: &Newcomers) {
    let filled = || counts.named.iter().enumerate().filter(|(_, count)| **count != 0);
    write_unsigned(out, filled().count() as u128);
    let mut next = 0;
    for (i, &count) in filled() {
        write_unsigned(out, (i - next) as u128);
        write_signed(out, count.into());
        next = i + 1;
    }
    counts.scalars().into_iter().for_each(|count| write_signed(out, count.into()));
    encode_names(out, newcomers);
}

fn encode_names(out: &mut Vec<u8>, newcomers: &Newcomers) {
    let names = newcomers.by_count();
    write_unsigned(out, names.len() as u128);
    for (name, count) in names {
        write_signed(out, count.into());
        write_unsigned(out, name.len() as u128);
        out.extend(name.as_bytes());
    }
    out.push(u8::from(newcomers.is_truncated()));
}

fn decode_categorical(
    bytes: &mut &[u8],
    mut counts: CategoricalCounts,
) -> Result<(CategoricalCounts, Newcomers), DecodeError> {
    let mut next = 0u128;
    for _ in 0..read_unsigned(bytes)? {
        let i = index(&mut next, read_unsigned(bytes)?, counts.named.len())?;
        counts.named[i] = narrow(read_signed(bytes)?)?;
    }
    for count in counts.scalars_mut() {
        *count = narrow(read_signed(bytes)?)?;
    }
    Ok((counts, decode_names(bytes)?))
}

fn decode_unknown_features(mut body: &[u8]) -> Result<UnknownFeatures, DecodeError> {
    let rows = narrow(read_signed(&mut body)?)?;
    let names = decode_names(&mut body)?;
    if body.is_empty() { Ok(UnknownFeatures { rows, names }) } else { Err(DecodeError::Corrupt) }
}

fn decode_names(bytes: &mut &[u8]) -> Result<Newcomers, DecodeError> {
    let mut newcomers = Newcomers::default();
    for _ in 0..read_unsigned(bytes)? {
        let count = narrow(read_signed(bytes)?)?;
        let length = usize::try_from(read_unsigned(bytes)?).map_err(|_| DecodeError::Corrupt)?;
        let name = std::str::from_utf8(take(bytes, length)?).map_err(|_| DecodeError::Corrupt)?;
        newcomers.add(name, count);
    }
    let truncated = take(bytes, 1)? == [1];
    Ok(newcomers.with_truncated(truncated))
}

/// The entry `gap` places after the one before it, if the grid has that many.
fn index(next: &mut u128, gap: u128, entries: usize) -> Result<usize, DecodeError> {
    let at = next.checked_add(gap).filter(|&at| at < entries as u128).ok_or(DecodeError::Corrupt)?;
    *next = at + 1;
    Ok(at as usize)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], DecodeError> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(DecodeError::Corrupt)?;
    *bytes = rest;
    Ok(taken)
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().expect("`take` was asked for N bytes")
}

fn narrow(value: i128) -> Result<i64, DecodeError> {
    let count = i64::try_from(value).map_err(|_| DecodeError::Corrupt)?;
    if (-COUNT_MAX..=COUNT_MAX).contains(&count) { Ok(count) } else { Err(DecodeError::Corrupt) }
}

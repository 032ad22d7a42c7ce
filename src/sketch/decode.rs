//! Reading the stored form of a tally: added to counts, or taken out of them, without one of its own in between.

use super::categorical_counts::CategoricalCounts;
use super::encode::{CATEGORICAL, NUMERIC, OUTCOMES, UNKNOWN_FEATURES, VERSION};
use super::extremes::Extremes;
use super::newcomers::Newcomers;
use super::numeric_counts::NumericCounts;
use super::ruler::{GridId, Ruler};
use super::tally::{ColumnCounts, Section, Tally};
use super::unknown_features::UnknownFeatures;
use super::varint::{VarintError, read_signed, read_unsigned};

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

/// What becomes of counts that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Add,
    /// What only merges stays as it is.
    Subtract,
}

impl Sign {
    pub fn count(self, value: i128) -> Result<i64, DecodeError> {
        let count = narrow(value)?;
        Ok(if self == Self::Add { count } else { -count })
    }

    pub fn sum(self, value: i128) -> i128 {
        if self == Self::Add { value } else { value.wrapping_neg() }
    }
}

impl Tally {
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
    pub fn decode(bytes: &[u8], ruler: &Ruler) -> Result<Self, DecodeError> {
        let mut tally = Self::empty(ruler);
        tally.add_encoded(bytes)?;
        Ok(tally)
    }

    /// Adds what [`Tally::encode`] wrote of counts on the same ruler. After an error this is spoilt: drop it.
    pub fn add_encoded(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        self.combine_encoded(bytes, Sign::Add)
    }

    /// Takes out what was added; as in [`Tally::subtract`], what only merges stays.
    pub fn subtract_encoded(&mut self, bytes: &[u8]) -> Result<(), DecodeError> {
        self.combine_encoded(bytes, Sign::Subtract)
    }

    fn combine_encoded(&mut self, mut bytes: &[u8], sign: Sign) -> Result<(), DecodeError> {
        let bytes = &mut bytes;
        let found = header(bytes)?;
        if found != self.ruler_id {
            return Err(DecodeError::Ruler { found, expected: self.ruler_id });
        }
        self.rows = self.rows.wrapping_add(sign.count(read_signed(bytes)?)?);
        for column in &mut self.columns {
            let (kind, mut body) = read_section(bytes)?;
            match (kind, column) {
                (NUMERIC, ColumnCounts::Numeric { counts, extremes }) => {
                    read_numeric(&mut body, counts, sign)?;
                    let read = read_extremes(&mut body)?;
                    if sign == Sign::Add {
                        extremes.merge(&read);
                    }
                }
                (CATEGORICAL, ColumnCounts::Categorical { counts, newcomers }) => {
                    read_categorical(&mut body, counts, sign)?;
                    let read = read_names(&mut body)?;
                    if sign == Sign::Add {
                        newcomers.merge(&read);
                    }
                }
                _ => return Err(DecodeError::Corrupt),
            }
            if !body.is_empty() {
                return Err(DecodeError::Corrupt);
            }
        }
        while !bytes.is_empty() {
            match (read_section(bytes)?, sign) {
                // A driftd that did not know them may have put several together.
                ((UNKNOWN_FEATURES, body), Sign::Add) => {
                    self.unknown_features.add(&read_unknown_features(body)?);
                }
                ((UNKNOWN_FEATURES, body), Sign::Subtract) => {
                    self.unknown_features.subtract(&read_unknown_features(body)?);
                }
                ((OUTCOMES, mut body), _) => {
                    self.outcomes.combine_encoded(&mut body, sign)?;
                    if !body.is_empty() {
                        return Err(DecodeError::Corrupt);
                    }
                }
                ((kind, body), Sign::Add) => self.unknown.push(Section { kind, body: body.to_vec() }),
                (_, Sign::Subtract) => {}
            }
        }
        Ok(())
    }
}

fn header(bytes: &mut &[u8]) -> Result<GridId, DecodeError> {
    match take(bytes, 1)? {
        [VERSION] => {}
        version => return Err(DecodeError::Version { found: version[0] }),
    }
    Ok(GridId(array(take(bytes, 16)?)))
}

fn read_section<'a>(bytes: &mut &'a [u8]) -> Result<(u8, &'a [u8]), DecodeError> {
    let kind = take(bytes, 1)?[0];
    let length = usize::try_from(read_unsigned(bytes)?).map_err(|_| DecodeError::Corrupt)?;
    Ok((kind, take(bytes, length)?))
}

fn read_numeric(bytes: &mut &[u8], counts: &mut NumericCounts, sign: Sign) -> Result<(), DecodeError> {
    let mut next = 0u128;
    for _ in 0..read_unsigned(bytes)? {
        let i = index(&mut next, read_unsigned(bytes)?, counts.bins.len())?;
        counts.bins[i] = counts.bins[i].wrapping_add(sign.count(read_signed(bytes)?)?);
        let sum = Some(read_signed(bytes)?)
            .filter(|sum| (-SUM_MAX..=SUM_MAX).contains(sum))
            .ok_or(DecodeError::Corrupt)?;
        counts.sums[i] = counts.sums[i].wrapping_add(sign.sum(sum));
    }
    read_scalars(bytes, counts.scalars_mut(), sign)?;
    counts.sum_squares = counts.sum_squares.wrapping_add(sign.sum(read_signed(bytes)?));
    Ok(())
}

fn read_extremes(bytes: &mut &[u8]) -> Result<Extremes, DecodeError> {
    match take(bytes, 1)? {
        [0] => Ok(Extremes::NONE),
        [1] => Ok(Extremes {
            min: f64::from_le_bytes(array(take(bytes, 8)?)),
            max: f64::from_le_bytes(array(take(bytes, 8)?)),
        }),
        _ => Err(DecodeError::Corrupt),
    }
}

fn read_categorical(
    bytes: &mut &[u8],
    counts: &mut CategoricalCounts,
    sign: Sign,
) -> Result<(), DecodeError> {
    let mut next = 0u128;
    for _ in 0..read_unsigned(bytes)? {
        let i = index(&mut next, read_unsigned(bytes)?, counts.named.len())?;
        counts.named[i] = counts.named[i].wrapping_add(sign.count(read_signed(bytes)?)?);
    }
    read_scalars(bytes, counts.scalars_mut(), sign)
}

fn read_scalars<const N: usize>(
    bytes: &mut &[u8],
    scalars: [&mut i64; N],
    sign: Sign,
) -> Result<(), DecodeError> {
    for count in scalars {
        *count = count.wrapping_add(sign.count(read_signed(bytes)?)?);
    }
    Ok(())
}

fn read_unknown_features(mut body: &[u8]) -> Result<UnknownFeatures, DecodeError> {
    let rows = narrow(read_signed(&mut body)?)?;
    let names = read_names(&mut body)?;
    if body.is_empty() { Ok(UnknownFeatures { rows, names }) } else { Err(DecodeError::Corrupt) }
}

fn read_names(bytes: &mut &[u8]) -> Result<Newcomers, DecodeError> {
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
pub(super) fn index(next: &mut u128, gap: u128, entries: usize) -> Result<usize, DecodeError> {
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

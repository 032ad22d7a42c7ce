//! The stored form of a detector's state.
//!
//! ```text
//! 1 byte  format version (1)
//! 1 byte  detector: 1 ADWIN, 2 Page-Hinkley, 3 DDM, 4 HDDM_A
//! then    numbers, 8 bytes each: f64 bits, little-endian; how many and which is the detector's own affair
//! ```
//! Equal states have equal bytes. No number is NaN.

const VERSION: u8 = 1;

/// Why stored bytes are no state of this detector.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum DecodeError {
    #[error("a detector's state is of format {found}; this driftd reads {VERSION}")]
    Version { found: u8 },
    #[error("a detector's state is of detector {found}, not {expected}")]
    Detector { found: u8, expected: u8 },
    #[error("a detector's state ends early or holds what does not belong there")]
    Corrupt,
}

pub(super) fn encode(detector: u8, numbers: impl IntoIterator<Item = f64>) -> Vec<u8> {
    let mut out = vec![VERSION, detector];
    numbers.into_iter().for_each(|number| out.extend(number.to_le_bytes()));
    out
}

/// The numbers of a state of `detector`.
pub(super) fn decode(detector: u8, bytes: &[u8]) -> Result<Vec<f64>, DecodeError> {
    let ([version, found], body) = bytes.split_first_chunk().ok_or(DecodeError::Corrupt)?;
    if *version != VERSION {
        return Err(DecodeError::Version { found: *version });
    }
    if *found != detector {
        return Err(DecodeError::Detector { found: *found, expected: detector });
    }
    let (numbers, rest) = body.as_chunks();
    let numbers: Vec<f64> = numbers.iter().map(|&number| f64::from_le_bytes(number)).collect();
    match rest.is_empty() && !numbers.iter().any(|number| number.is_nan()) {
        true => Ok(numbers),
        false => Err(DecodeError::Corrupt),
    }
}

/// The numbers of a state that has exactly `N`.
pub(super) fn decode_exactly<const N: usize>(detector: u8, bytes: &[u8]) -> Result<[f64; N], DecodeError> {
    decode(detector, bytes)?.try_into().map_err(|_| DecodeError::Corrupt)
}

/// A flag, kept as a number.
pub(super) fn flag(number: f64) -> Result<bool, DecodeError> {
    match number {
        0.0 => Ok(false),
        1.0 => Ok(true),
        _ => Err(DecodeError::Corrupt),
    }
}

/// A count of rows, kept as a number.
pub(super) fn count(number: f64) -> Result<f64, DecodeError> {
    if number >= 0.0 && number.fract() == 0.0 { Ok(number) } else { Err(DecodeError::Corrupt) }
}

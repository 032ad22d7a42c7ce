//! Integers of few bytes: LEB128, seven bits a byte, low ones first; signed ones zigzag.

/// A body that ends inside a number, or a number past 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("ends inside a number or holds one past 128 bits")]
pub struct VarintError;

pub fn write_unsigned(out: &mut Vec<u8>, mut value: u128) {
    // Longer than eight digits is rare.
    while value >= 1 << 56 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    if value < 0x80 {
        out.push(value as u8);
        return;
    }
    // Seven bits into each byte, by halves; no branch guesses the length.
    let mut word = value as u64;
    word = (word & 0x0fff_ffff) | ((word & 0x00ff_ffff_f000_0000) << 4);
    word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x0fff_c000_0fff_c000) << 2);
    word = (word & 0x007f_007f_007f_007f) | ((word & 0x3f80_3f80_3f80_3f80) << 1);
    let last = (63 - word.leading_zeros()) / 8;
    let more = 0x8080_8080_8080_8080 & ((1 << (8 * last)) - 1);
    let end = out.len() + last as usize + 1;
    out.extend_from_slice(&(word | more).to_le_bytes());
    out.truncate(end);
}

pub fn write_signed(out: &mut Vec<u8>, value: i128) {
    write_unsigned(out, ((value << 1) ^ (value >> 127)) as u128);
}

/// Reads one number off the front of `bytes`.
#[inline]
pub fn read_unsigned(bytes: &mut &[u8]) -> Result<u128, VarintError> {
    let Some((word, _)) = bytes.split_first_chunk::<8>() else { return read_by_digit(bytes) };
    let word = u64::from_le_bytes(*word);
    let last = !word & 0x8080_8080_8080_8080;
    if last == 0 {
        return read_by_digit(bytes);
    }
    // The bytes up to the first without its high bit; seven bits of each put together, by halves.
    let mut value = word & (last ^ (last - 1)) & 0x7f7f_7f7f_7f7f_7f7f;
    value = (value & 0x007f_007f_007f_007f) | ((value & 0x7f00_7f00_7f00_7f00) >> 1);
    value = (value & 0x0000_3fff_0000_3fff) | ((value & 0x3fff_0000_3fff_0000) >> 2);
    value = (value & 0x0fff_ffff) | ((value & 0x0fff_ffff_0000_0000) >> 4);
    *bytes = &bytes[last.trailing_zeros() as usize / 8 + 1..];
    Ok(value.into())
}

/// A number of more than eight digits, or one near the end of its bytes.
fn read_by_digit(bytes: &mut &[u8]) -> Result<u128, VarintError> {
    let mut value = 0u128;
    for shift in (0..128).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(VarintError)?;
        *bytes = rest;
        let digit = u128::from(byte & 0x7f);
        if shift > 121 && digit >> (128 - shift) != 0 {
            return Err(VarintError);
        }
        value |= digit << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(VarintError)
}

pub fn read_signed(bytes: &mut &[u8]) -> Result<i128, VarintError> {
    let value = read_unsigned(bytes)?;
    Ok((value >> 1) as i128 ^ -((value & 1) as i128))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_definition() {
        let around = |bits: u32| (0..3).map(move |i| ((1u128 << bits) - 2).wrapping_add(i));
        for value in (1..128).flat_map(around).chain([0, u128::MAX]) {
            let (mut rest, mut expected) = (value, Vec::new());
            while rest >= 0x80 {
                expected.push(rest as u8 | 0x80);
                rest >>= 7;
            }
            expected.push(rest as u8);
            let mut written = Vec::new();
            write_unsigned(&mut written, value);
            assert_eq!(written, expected, "{value}");
            assert_eq!(read_unsigned(&mut &written[..]), Ok(value));
            let followed = [&written[..], &[0xff; 9]].concat();
            let mut rest = &followed[..];
            assert_eq!((read_unsigned(&mut rest), rest.len()), (Ok(value), 9), "{value}");
        }
    }
}

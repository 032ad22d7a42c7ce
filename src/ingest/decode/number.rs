//! JSON numbers: scanned once, exact to the last bit.

use std::borrow::Cow;

use crate::batch::{INTEGRAL_MAX, number_name};

/// A number as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number<'a> {
    pub text: &'a str,
    /// Without a point and exponent.
    pub is_integer: bool,
    /// All digits as one integer, and the power of ten it is multiplied with. Right up to [`DIGITS_MAX`] digits.
    digits: u64,
    digit_count: usize,
    exponent: i64,
}

/// Digits that a `u64` always holds.
const DIGITS_MAX: usize = 19;
/// The powers of ten that a float holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

impl<'a> Number<'a> {
    /// Scans the number at `start`; gives it and the place behind it, or the place where a digit is wanting.
    #[inline(always)]
    pub fn scan(text: &'a str, start: usize) -> Result<(Self, usize), usize> {
        let bytes = text.as_bytes();
        let mut at = start;
        if bytes.get(at) == Some(&b'-') {
            at += 1;
        }
        let mut digits = 0;
        let whole = at;
        at = take_digits(bytes, at, &mut digits)?;
        let mut digit_count = at - whole;
        if bytes[whole] == b'0' && digit_count > 1 {
            return Err(whole + 1);
        }
        let mut is_integer = true;
        let mut exponent = 0;
        if bytes.get(at) == Some(&b'.') {
            is_integer = false;
            let fraction = at + 1;
            at = take_digits(bytes, fraction, &mut digits)?;
            digit_count += at - fraction;
            exponent = -((at - fraction) as i64);
        }
        if let Some(b'e' | b'E') = bytes.get(at) {
            is_integer = false;
            at += 1;
            let negative = bytes.get(at) == Some(&b'-');
            if let Some(b'-' | b'+') = bytes.get(at) {
                at += 1;
            }
            let (from, mut power) = (at, 0);
            at = take_digits(bytes, at, &mut power)?;
            // An exponent too long for these bounds leaves the short way below, whatever it is.
            let power = if at - from > 9 { i64::from(i32::MAX) } else { power as i64 };
            exponent += if negative { -power } else { power };
        }
        Ok((Self { text: &text[start..at], is_integer, digits, digit_count, exponent }, at))
    }

    /// The nearest float; infinite where the number is too large.
    ///
    /// Where digits and power of ten are floats themselves, one multiplication or division rounds once and so is
    /// exact (Clinger 1990); the standard library reads the rest.
    #[inline]
    pub fn to_f64(self) -> f64 {
        let power = self.exponent.unsigned_abs() as usize;
        if self.digit_count > DIGITS_MAX || self.digits > INTEGRAL_MAX as u64 || power >= POWERS.len() {
            return self.text.parse().unwrap_or(f64::NAN);
        }
        let magnitude = if self.exponent < 0 {
            self.digits as f64 / POWERS[power]
        } else {
            self.digits as f64 * POWERS[power]
        };
        if self.text.as_bytes()[0] == b'-' { -magnitude } else { magnitude }
    }

    /// Its name as a category: an integer's digits, however many; else [`number_name`].
    pub fn name(self) -> Option<Cow<'a, str>> {
        match self.is_integer && self.text != "-0" {
            true => Some(Cow::Borrowed(self.text)),
            false => number_name(self.to_f64()).map(Cow::Owned),
        }
    }

    /// Whether it is written as an integer that a float might not hold: beyond 2^53.
    pub fn is_integer_beyond_f64(self) -> bool {
        self.is_integer && (self.digit_count > DIGITS_MAX || self.digits > INTEGRAL_MAX as u64)
    }
}

/// Passes one digit or more; too many wrap round (the caller counts them).
#[inline(always)]
fn take_digits(bytes: &[u8], start: usize, digits: &mut u64) -> Result<usize, usize> {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        *digits = digits.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    if at == start { Err(at) } else { Ok(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_the_float_that_the_standard_library_reads() {
        let odd = [
            "0",
            "-0",
            "-0.0",
            "1",
            "9007199254740992",
            "9007199254740993",
            "-9007199254740993",
            "0.1",
            "0.3e1",
            "123456789012345678901234567890",
            "1e22",
            "1e23",
            "9007199254740992e22",
            "1e-22",
            "1e-23",
            "5e-324",
            "2.2250738585072011e-308",
            "1.7976931348623157e308",
            "1e309",
            "-1e999999999999",
            "1e-999999999999",
            "0e999999999999",
            "0.000000000000000000000000000001",
            "18446744073709551616",
            "00000000000000000000.5",
        ];
        for text in odd {
            match Number::scan(text, 0) {
                Ok((number, end)) => {
                    assert_eq!(end, text.len(), "{text}");
                    let expected: f64 = text.parse().unwrap();
                    assert_eq!(number.to_f64().to_bits(), expected.to_bits(), "{text}");
                }
                Err(at) => assert_eq!((text, at), ("00000000000000000000.5", 1)),
            }
        }
        for text in ["", "-", "1.", ".5", "1.e5", "1e", "1e+", "01", "+1"] {
            let whole = Number::scan(text, 0).is_ok_and(|(_, end)| end == text.len());
            assert!(!whole, "{text}");
        }
    }
}

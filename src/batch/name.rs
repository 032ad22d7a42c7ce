//! How a value that is no text is named, so that a category is the same whichever format brought it.

use std::borrow::Cow;

use crate::domain::Segment;

/// The name of a number: an integral one below 2^53 without a point (`1.0` is `1`), any other in the shortest form
/// that reads back as the same number (`0.10` is `0.1`, `1E3` is `1000`). `None` for NaN and the infinities.
///
/// ```
/// use driftd::batch::number_name;
/// assert_eq!(number_name(3.0).as_deref(), Some("3"));
/// assert_eq!(number_name(-0.0).as_deref(), Some("0"));
/// assert_eq!(number_name(0.10).as_deref(), Some("0.1"));
/// ```
pub fn number_name(number: f64) -> Option<String> {
    if !number.is_finite() {
        return None;
    }
    if number.fract() == 0.0 && number.abs() <= INTEGRAL_MAX {
        return Some((number as i64).to_string());
    }
    Some(format!("{number:?}"))
}

/// Up to here every integer is a float of its own: 2^53.
pub const INTEGRAL_MAX: f64 = (1u64 << 53) as f64;

/// The name of a boolean.
pub fn boolean_name(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A value of a segment's attribute as it is counted: at most [`Segment::VALUE_BYTES_MAX`] long, cut at a character's
/// boundary, each control character replaced by U+FFFD. An empty one is no value: the caller sees to it.
pub fn segment_value_name(value: &str) -> Cow<'_, str> {
    let cut = &value[..value.floor_char_boundary(Segment::VALUE_BYTES_MAX)];
    if cut.bytes().all(|byte| matches!(byte, b' '..=b'~')) || !cut.contains(char::is_control) {
        return Cow::Borrowed(cut);
    }
    let mut tidy = cut.replace(char::is_control, "\u{fffd}");
    tidy.truncate(tidy.floor_char_boundary(Segment::VALUE_BYTES_MAX));
    Cow::Owned(tidy)
}

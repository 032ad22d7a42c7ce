//! What a JSON value means in a column of some kind.

use std::borrow::Cow;

use super::json::{Broken, Cursor, Value};
use super::number::Number;
use crate::batch::{Codes, CodesBuilder, ColumnValues, boolean_name, segment_value_name};
use crate::domain::ColumnKind;
use crate::sketch::{MISSING, WRONG_TYPE, cut_name};

/// A column of a batch that grows row by row.
#[derive(Debug)]
pub(super) enum ColumnBuilder {
    Numeric(Vec<f64>),
    Categorical(CodesBuilder),
    Boolean(CodesBuilder),
}

impl ColumnBuilder {
    pub fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Numeric => Self::Numeric(Vec::new()),
            ColumnKind::Categorical => Self::Categorical(CodesBuilder::default()),
            ColumnKind::Boolean => Self::Boolean(CodesBuilder::default()),
        }
    }

    /// Reads a row's value. What is mostly there, a number or a plain text, goes the short way: the same, a third faster.
    #[inline]
    pub fn read(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Result<(), Broken> {
        match (self, cursor.peek()) {
            (Self::Numeric(numbers), b'-' | b'0'..=b'9') => numbers.push(float_of(cursor.number()?)),
            (Self::Numeric(numbers), _) => numbers.push(number_of(&cursor.value(depth)?)),
            (Self::Categorical(codes), b'"') => codes.push(cut_name(&cursor.text_value()?)),
            (Self::Categorical(codes), _) => push_name(codes, &cursor.value(depth)?),
            (Self::Boolean(codes), _) => push_boolean(codes, &cursor.value(depth)?),
        }
        Ok(())
    }

    /// Ends a row: without a value it has none.
    #[inline]
    pub fn fill(&mut self, rows: usize) {
        match self {
            Self::Numeric(numbers) if numbers.len() < rows => numbers.push(MISSING),
            Self::Categorical(codes) | Self::Boolean(codes) if codes.rows() < rows => {
                codes.push_nameless(Codes::MISSING);
            }
            _ => {}
        }
    }

    pub fn truncate(&mut self, rows: usize) {
        match self {
            Self::Numeric(numbers) => numbers.truncate(rows),
            Self::Categorical(codes) | Self::Boolean(codes) => codes.truncate(rows),
        }
    }

    pub fn take(&mut self) -> ColumnValues {
        match self {
            Self::Numeric(numbers) => {
                let next = Vec::with_capacity(numbers.len());
                ColumnValues::Numeric(std::mem::replace(numbers, next))
            }
            Self::Categorical(codes) | Self::Boolean(codes) => ColumnValues::Categorical(codes.take()),
        }
    }
}

/// A number. Integers beyond 2^53 and numbers beyond a float's range would be counted as something that they are not:
/// they are of the wrong type.
#[inline]
fn float_of(number: Number<'_>) -> f64 {
    let float = number.to_f64();
    if float.is_finite() && !number.is_integer_beyond_f64() { float } else { WRONG_TYPE }
}

/// A number, or the words for what JSON numbers cannot be.
pub(super) fn number_of(value: &Value<'_>) -> f64 {
    match value {
        Value::Number(number) => float_of(*number),
        Value::Null => MISSING,
        Value::Text(text) => match &**text {
            "NaN" => f64::NAN,
            "Infinity" | "inf" => f64::INFINITY,
            "-Infinity" | "-inf" => f64::NEG_INFINITY,
            _ => WRONG_TYPE,
        },
        Value::Boolean(_) | Value::Container => WRONG_TYPE,
    }
}

/// A category: a text (the empty one too), a boolean, or a number by its name.
fn push_name(codes: &mut CodesBuilder, value: &Value<'_>) {
    match plain_name(value) {
        Ok(name) => codes.push(cut_name(&name)),
        Err(code) => codes.push_nameless(code),
    }
}

/// What is a boolean by [`boolean_of`].
fn push_boolean(codes: &mut CodesBuilder, value: &Value<'_>) {
    match boolean_of(value) {
        Some(boolean) => codes.push(boolean_name(boolean)),
        None if matches!(value, Value::Null) => codes.push_nameless(Codes::MISSING),
        None => codes.push_nameless(Codes::WRONG_TYPE),
    }
}

/// `true` and `false`, also as 0 and 1, and as texts in any case.
pub(super) fn boolean_of(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Boolean(boolean) => Some(*boolean),
        Value::Number(number) => match number.to_f64() {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        Value::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::Text(_) | Value::Container | Value::Null => None,
    }
}

/// The value of a segment's attribute, as [`segment_value_name`] has it.
pub(super) fn push_segment(codes: &mut CodesBuilder, value: &Value<'_>) {
    match plain_name(value) {
        Ok(name) if name.is_empty() => codes.push_nameless(Codes::MISSING),
        Ok(name) => codes.push(&segment_value_name(&name)),
        Err(code) => codes.push_nameless(code),
    }
}

/// A value's name, or the code of what has none.
pub(super) fn plain_name<'v>(value: &'v Value<'_>) -> Result<Cow<'v, str>, u32> {
    match value {
        Value::Null => Err(Codes::MISSING),
        Value::Boolean(boolean) => Ok(Cow::Borrowed(boolean_name(*boolean))),
        Value::Number(number) => number.name().ok_or(Codes::WRONG_TYPE),
        Value::Text(text) => Ok(Cow::Borrowed(text)),
        Value::Container => Err(Codes::WRONG_TYPE),
    }
}

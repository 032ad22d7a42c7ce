//! Columns of a polars frame as [`Raw`] ones and as times.

use polars::prelude::{Column, DataType, PolarsResult, StringChunked, TimeUnit};

use super::raw::Raw;
use super::text::{INTEGER_MAX, boolean, instant, is_big_integer, number};
use crate::batch::{Codes, CodesBuilder};
use crate::domain::Timestamp;
use crate::sketch::MISSING;

/// The times of a column, `None` where a row has none or one that cannot be read; or the type that has no times.
pub type Instants = Result<Vec<Option<Timestamp>>, String>;

/// A typed column (Parquet).
pub fn typed(column: &Column) -> PolarsResult<Raw> {
    Ok(match column.dtype() {
        DataType::Null => Raw::Nothing(column.len()),
        DataType::Boolean => Raw::Booleans(names_of(column.cast(&DataType::String)?.str()?)),
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => {
            Raw::Names(names_of(column.cast(&DataType::String)?.str()?))
        }
        dtype if dtype.is_float() => Raw::Numbers(floats(column)?),
        dtype if dtype.is_integer() => {
            let numbers = floats(column)?;
            match numbers.iter().any(|number| number.abs() >= INTEGER_MAX) {
                true => Raw::BigIntegers(names_of(column.cast(&DataType::String)?.str()?)),
                false => Raw::Numbers(numbers),
            }
        }
        other => Raw::Other(other.to_string()),
    })
}

/// A column of texts (CSV), its type found over all rows. `as_names` leaves every text as it stands.
pub fn untyped(column: &Column, as_names: bool) -> PolarsResult<Raw> {
    let texts = column.str()?;
    if texts.null_count() == texts.len() {
        return Ok(Raw::Nothing(texts.len()));
    }
    if !as_names && let Some(numbers) = all_numbers(texts) {
        let big = numbers
            .iter()
            .zip(texts.iter())
            .any(|(&n, text)| text.is_some_and(|text| is_big_integer(text, n)));
        return Ok(if big { Raw::BigIntegers(names_of(texts)) } else { Raw::Numbers(numbers) });
    }
    let names = names_of(texts);
    let booleans = !as_names && names.names.iter().all(|name| boolean(name).is_some());
    Ok(if booleans { Raw::Booleans(names) } else { Raw::Names(names) })
}

/// The times of a typed column: dates, instants of any unit (without a zone UTC), texts, epoch numbers.
pub fn instants(column: &Column) -> PolarsResult<Instants> {
    let per_micro = |unit: &TimeUnit| match unit {
        TimeUnit::Nanoseconds => (1, 1_000),
        TimeUnit::Microseconds => (1, 1),
        TimeUnit::Milliseconds => (1_000, 1),
    };
    let scaled = |(times, parts): (i64, i64)| -> PolarsResult<Vec<Option<Timestamp>>> {
        let whole = column.to_physical_repr().cast(&DataType::Int64)?;
        let micros = |value: i64| {
            let at = value.checked_mul(times)?.div_euclid(parts);
            (Timestamp::MIN.micros()..=Timestamp::MAX.micros())
                .contains(&at)
                .then(|| Timestamp::from_micros(at))
        };
        Ok(whole.i64()?.iter().map(|value| value.and_then(micros)).collect())
    };
    Ok(match column.dtype() {
        DataType::Datetime(unit, _) => Ok(scaled(per_micro(unit))?),
        DataType::Date => Ok(scaled((86_400_000_000, 1))?),
        DataType::String => Ok(column.str()?.iter().map(|text| text.and_then(instant)).collect()),
        dtype if dtype.is_float() || dtype.is_integer() => {
            let numbers = floats(column)?;
            Ok(numbers.into_iter().map(|number| Timestamp::from_epoch(number).ok()).collect())
        }
        other => Err(other.to_string()),
    })
}

fn floats(column: &Column) -> PolarsResult<Vec<f64>> {
    let floats = column.cast(&DataType::Float64)?;
    Ok(floats.f64()?.iter().map(|value| value.map_or(MISSING, plain_nan)).collect())
}

/// A file's NaN must not pass for our marks.
fn plain_nan(value: f64) -> f64 {
    if value.is_nan() { f64::NAN } else { value }
}

/// The column as numbers, if every text is one or says that there is none, and one is finite.
fn all_numbers(texts: &StringChunked) -> Option<Vec<f64>> {
    let numbers =
        texts.iter().map(|text| text.map_or(Some(MISSING), number)).collect::<Option<Vec<f64>>>()?;
    numbers.iter().any(|number| number.is_finite()).then_some(numbers)
}

fn names_of(texts: &StringChunked) -> Codes {
    let mut names = CodesBuilder::default();
    for text in texts.iter() {
        match text {
            Some(text) => names.push(text),
            None => names.push_nameless(Codes::MISSING),
        }
    }
    names.take()
}

//! The values of a segment's attribute in a file, named as those of live rows are.

use super::error::FileError;
use super::raw::{Misfit, Raw};
use super::source::Attribute;
use crate::batch::{Codes, CodesBuilder, ColumnValues, segment_value_name};
use crate::domain::ColumnKind;

/// Each row's value: its own, else that of the column. Empty ones are none.
pub fn values(name: &str, found: Attribute, rows: usize) -> Result<Codes, FileError> {
    let names = |raw: Option<Raw>| raw.map(|raw| names_of(name, raw)).transpose();
    let sides = [names(found.first)?, names(found.column)?];
    let mut values = CodesBuilder::default();
    for row in 0..rows {
        let value = sides.iter().flatten().find_map(|codes| codes.name(row));
        match value.filter(|value| !value.is_empty()) {
            Some(value) => values.push(&segment_value_name(value)),
            None => values.push_nameless(Codes::MISSING),
        }
    }
    Ok(values.take())
}

fn names_of(column: &str, raw: Raw) -> Result<Codes, FileError> {
    let kind = if raw.is_boolean() { ColumnKind::Boolean } else { ColumnKind::Categorical };
    match raw.into_values(kind) {
        Ok(ColumnValues::Categorical(codes)) => Ok(codes),
        Ok(ColumnValues::Numeric(_)) => unreachable!("names were asked for"),
        Err(Misfit::Type(found)) => Err(FileError::Kind { column: column.to_owned(), found, kind }),
        Err(Misfit::BigIntegers) => Err(FileError::BigIntegers(column.to_owned())),
    }
}

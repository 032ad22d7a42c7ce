//! Lines of JSON objects as columns: a bad line is an error with its number. The members of an object `features`
//! are columns themselves, those of an object `scores` the score of a class each; those of an object `segments` are
//! attributes, kept apart.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::error::FileError;
use super::raw::{Raw, push_number};
use super::text::INTEGER_MAX;
use crate::batch::{Codes, CodesBuilder};
use crate::sketch::{MISSING, WRONG_TYPE};

/// What the column of a class's score is called, before the class; no column of a file may begin with `@`.
pub const CLASS_SCORE: &str = "@scores.";

/// Keys of a live row that say nothing of its inputs: beside an object `features` they are no columns.
const OF_LIVE_ROWS: [&str; 8] =
    ["id", "version", "user", "latency_ms", "cost", "cpu_seconds", "gpu_seconds", "failed"];

/// What the lines hold, each column in order of first sight.
pub struct Lines {
    pub columns: Vec<(String, Raw)>,
    /// The members of `segments`.
    pub segments: Vec<(String, Raw)>,
    pub rows: usize,
}

/// Reads lines; empty ones are passed over.
pub fn read(text: &[u8]) -> Result<Lines, FileError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let (mut columns, mut segments, mut rows) = (Table::default(), Table::default(), 0);
    for (line, number) in text.split(|&byte| byte == b'\n').zip(1..) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let row: Map<String, Value> = serde_json::from_slice(line)
            .map_err(|error| FileError::Line { line: number, reason: in_line(&error) })?;
        let is_as_live = row.get("features").is_some_and(Value::is_object);
        for (name, value) in row {
            if is_as_live && OF_LIVE_ROWS.contains(&name.as_str()) {
                continue;
            }
            match (name.as_str(), value) {
                ("features", Value::Object(members)) => columns.add(members, rows),
                ("scores", Value::Object(members)) => {
                    let of_class = |(class, score)| (format!("{CLASS_SCORE}{class}"), score);
                    columns.add(members.into_iter().map(of_class), rows);
                }
                ("segments", Value::Object(members)) => segments.add(members, rows),
                (_, value) => columns.set(name, value, rows),
            }
        }
        rows += 1;
    }
    Ok(Lines { columns: columns.finish(rows), segments: segments.finish(rows), rows })
}

/// The error without its own line number, which is always 1.
fn in_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

#[derive(Default)]
struct Table {
    columns: Vec<JsonColumn>,
    index: HashMap<String, usize>,
}

impl Table {
    fn add(&mut self, members: impl IntoIterator<Item = (String, Value)>, row: usize) {
        members.into_iter().for_each(|(name, value)| self.set(name, value, row));
    }

    fn set(&mut self, name: String, value: Value, row: usize) {
        let at = *self.index.entry(name).or_insert_with_key(|name| {
            self.columns.push(JsonColumn { name: name.clone(), ..JsonColumn::default() });
            self.columns.len() - 1
        });
        let column = &mut self.columns[at];
        column.truncate(row);
        column.pad(row);
        column.push(&value);
    }

    fn finish(self, rows: usize) -> Vec<(String, Raw)> {
        self.columns.into_iter().map(|column| (column.name.clone(), column.finish(rows))).collect()
    }
}

/// A column that is numbers until something else comes, then names.
#[derive(Default)]
struct JsonColumn {
    name: String,
    numbers: Vec<f64>,
    names: Option<CodesBuilder>,
    seen: Seen,
}

#[derive(Default)]
struct Seen {
    number: bool,
    big_integer: bool,
    text: bool,
    boolean: bool,
    nested: bool,
}

impl JsonColumn {
    fn rows(&self) -> usize {
        self.names.as_ref().map_or(self.numbers.len(), CodesBuilder::rows)
    }

    /// Fills rows that did not have the key.
    fn pad(&mut self, rows: usize) {
        for _ in self.rows()..rows {
            self.push_bare(MISSING);
        }
    }

    fn truncate(&mut self, rows: usize) {
        match &mut self.names {
            Some(names) => names.truncate(rows),
            None => self.numbers.truncate(rows),
        }
    }

    fn push(&mut self, value: &Value) {
        match value {
            Value::Null => self.push_bare(MISSING),
            Value::Number(number) => {
                self.seen.number = true;
                let float = number.as_f64().unwrap_or(WRONG_TYPE);
                if !number.is_f64() && float.abs() >= INTEGER_MAX {
                    self.seen.big_integer = true;
                    self.names().push(&number.to_string());
                } else {
                    self.push_bare(float);
                }
            }
            Value::String(text) => {
                self.seen.text = true;
                self.names().push(text);
            }
            Value::Bool(value) => {
                self.seen.boolean = true;
                self.names().push(&value.to_string());
            }
            Value::Array(_) | Value::Object(_) => {
                self.seen.nested = true;
                self.push_bare(WRONG_TYPE);
            }
        }
    }

    /// A number or one of the marks.
    fn push_bare(&mut self, number: f64) {
        match &mut self.names {
            None => self.numbers.push(number),
            Some(names) if number.to_bits() == MISSING.to_bits() => names.push_nameless(Codes::MISSING),
            Some(names) => push_number(names, number),
        }
    }

    /// The column as names from now on.
    fn names(&mut self) -> &mut CodesBuilder {
        let numbers = std::mem::take(&mut self.numbers);
        self.names.get_or_insert_with(|| {
            let mut names = CodesBuilder::default();
            numbers.into_iter().for_each(|number| push_number(&mut names, number));
            names
        })
    }

    fn finish(mut self, rows: usize) -> Raw {
        self.pad(rows);
        let Seen { number, big_integer, text, boolean, nested } = self.seen;
        match self.names {
            None if number => Raw::Numbers(self.numbers),
            None if nested => Raw::Other("object or list".to_owned()),
            None => Raw::Nothing(rows),
            Some(mut names) => match (number, text, boolean) {
                (true, false, false) if big_integer => Raw::BigIntegers(names.take()),
                (false, false, true) => Raw::Booleans(names.take()),
                _ => Raw::Names(names.take()),
            },
        }
    }
}

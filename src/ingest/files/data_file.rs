//! A file's columns, one by one, by the roles that its [`Mapping`] gives them.

use std::collections::VecDeque;
use std::path::Path;

use super::error::FileError;
use super::mapping::{Absent, Mapping, Planned, Wanted, no_column};
use super::raw::{Misfit, Raw};
use super::segments;
use super::source::Source;
use crate::batch::{Codes, ColumnValues};
use crate::domain::{ColumnId, ColumnKind, Task, Timestamp};

/// Fewest rows from which on values that are all different look like ids.
const ID_ROWS_MIN: usize = 20;

/// A file of rows, read but not yet handed out.
pub struct DataFile {
    source: Source,
    rows: usize,
    planned: VecDeque<Planned>,
    timestamp: Option<String>,
    label: Option<String>,
    attributes: Vec<String>,
    absent: Absent,
    notes: Vec<Note>,
}

/// One column of a file.
#[derive(Debug, Clone)]
pub struct FileColumn {
    pub id: ColumnId,
    pub kind: ColumnKind,
    pub values: ColumnValues,
}

/// What a person should know of a column of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Note {
    #[error("`{column}` is left out: values of type {found} are not counted")]
    Skipped { column: String, found: String },
    #[error("`{column}` looks like an id, every value is another: map it as the id or ignore it")]
    LooksLikeId { column: String },
    #[error("`{column}` looks like a row number: map it as the id or ignore it")]
    LooksLikeRowNumber { column: String },
    #[error("`{column}` holds integers of 2^53 and beyond: counted as categories")]
    BigIntegers { column: String },
}

impl DataFile {
    /// Reads a file by its extension and finds the roles of its columns.
    pub fn open(path: &Path, mapping: &Mapping) -> Result<Self, FileError> {
        let (source, rows) = Source::open(path)?;
        let names = source.names()?;
        let planned = mapping.plan(&names)?.into();
        // A default name that the file does not have was passed over by the plan.
        let timestamp = mapping.timestamp.clone().filter(|column| names.contains(column));
        let label = mapping.label.clone().filter(|column| names.contains(column));
        let (attributes, absent) = (mapping.segments.clone(), mapping.absent);
        Ok(Self { source, rows, planned, timestamp, label, attributes, absent, notes: Vec::new() })
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Columns that are still to be handed out, at most.
    pub fn columns_left(&self) -> usize {
        self.planned.len()
    }

    /// What was noticed of the columns handed out so far.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// When each row happened, where the mapping names a column for it. To be asked once.
    pub fn timestamps(&mut self) -> Result<Option<Vec<Timestamp>>, FileError> {
        let Some(column) = self.timestamp.take() else { return Ok(None) };
        let instants = match self.source.take_instants(&column)? {
            Ok(instants) => instants,
            Err(found) => return Err(FileError::TimeType { column, found }),
        };
        let mut read = Vec::with_capacity(instants.len());
        for (instant, row) in instants.into_iter().zip(1..) {
            match instant {
                Some(instant) => read.push(instant),
                None => return Err(FileError::Time { column, row }),
            }
        }
        Ok(Some(read))
    }

    /// What happened, row by row, where the mapping names a column for it: names of classes, or numbers of a regression. To
    /// be asked once.
    pub fn labels(&mut self, task: Task) -> Result<Option<ColumnValues>, FileError> {
        let Some(name) = self.label.take() else { return Ok(None) };
        let wanted = match task {
            Task::Regression => Wanted::Kind(ColumnKind::Numeric),
            Task::Binary | Task::Multiclass => Wanted::Class,
        };
        // Labels are no column of their own; under the id of predictions they are read as these are.
        let column = self.read(Planned { name, id: ColumnId::Prediction, wanted })?;
        Ok(column.map(|column| column.values))
    }

    /// The segment attributes of the mapping with each row's value, as live traffic names them. To be asked before the
    /// columns. An attribute that the file does not have is an error, or passed over, as the mapping says.
    pub fn segments(&self) -> Result<Vec<(Box<str>, Codes)>, FileError> {
        let mut read: Vec<(Box<str>, Codes)> = Vec::new();
        for name in &self.attributes {
            if read.iter().any(|(known, _)| **known == **name) {
                continue;
            }
            match self.source.attribute(name)? {
                Some(found) => read.push((name.as_str().into(), segments::values(name, found, self.rows)?)),
                None if self.absent == Absent::PassedOver => {}
                None => return Err(no_column("segment attribute", name, &self.source.names()?)),
            }
        }
        Ok(read)
    }

    /// The next column that can be counted; `None` after the last.
    pub fn next_column(&mut self) -> Option<Result<FileColumn, FileError>> {
        while let Some(planned) = self.planned.pop_front() {
            if let Some(column) = self.read(planned).transpose() {
                return Some(column);
            }
        }
        None
    }

    /// The column, or `None` where it is skipped with a note.
    fn read(&mut self, planned: Planned) -> Result<Option<FileColumn>, FileError> {
        let Planned { name: column, id, wanted } = planned;
        let as_names = matches!(wanted, Wanted::Kind(ColumnKind::Categorical) | Wanted::Class);
        let raw = self.source.take(&column, as_names)?;
        let kind = match (wanted, raw.kind()) {
            (Wanted::Kind(kind), _) => kind,
            (Wanted::Class, _) if raw.is_boolean() => ColumnKind::Boolean,
            (Wanted::Class, _) => ColumnKind::Categorical,
            (Wanted::Infer, Some(kind)) => kind,
            (Wanted::Infer, None) => {
                let Raw::Other(found) = raw else { return Ok(None) };
                self.notes.push(Note::Skipped { column, found });
                return Ok(None);
            }
        };
        if wanted == Wanted::Infer && matches!(raw, Raw::BigIntegers(_)) {
            self.notes.push(Note::BigIntegers { column: column.clone() });
        }
        let values = match raw.into_values(kind) {
            Ok(values) => values,
            Err(Misfit::BigIntegers) => return Err(FileError::BigIntegers(column)),
            Err(Misfit::Type(found)) => return Err(FileError::Kind { column, found, kind }),
        };
        if wanted == Wanted::Infer && id.is_feature() {
            self.notes.extend(looks_like_an_id(column, &values));
        }
        Ok(Some(FileColumn { id, kind, values }))
    }
}

fn looks_like_an_id(column: String, values: &ColumnValues) -> Option<Note> {
    match values {
        ColumnValues::Categorical(codes) => {
            let all_different = codes.codes.len() >= ID_ROWS_MIN && codes.names.len() == codes.codes.len();
            all_different.then_some(Note::LooksLikeId { column })
        }
        ColumnValues::Numeric(numbers) => {
            let counts_up = numbers.len() >= ID_ROWS_MIN
                && numbers.is_sorted_by(|a, b| a < b)
                && numbers.iter().all(|number| number.fract() == 0.0);
            counts_up.then_some(Note::LooksLikeRowNumber { column })
        }
    }
}

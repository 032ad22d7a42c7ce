//! What a decoder looks for in a row of a model.

use crate::domain::{ColumnId, ColumnKind, Task};

/// The columns and segment attributes of a model, in the order of a [`super::Batch`].
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    pub task: Task,
    /// In order of their ids, without doubles: the order of the ruler's columns.
    pub columns: Vec<SchemaColumn>,
    /// Attributes that rows are sliced by: looked up in the row's `segments`, then among its features.
    pub segments: Vec<Box<str>>,
    /// Features that are known and passed over.
    pub ignored: Vec<Box<str>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SchemaColumn {
    pub id: ColumnId,
    pub kind: ColumnKind,
}

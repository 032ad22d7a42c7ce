//! From rows to counts: the one place where values are looked at, after which they are forgotten.

use super::partition::{Part, Rows};
use super::{Batch, Codes, ColumnValues, Schema, count_column, count_names};
use crate::sketch::{ColumnCounts, Grid, Ruler, Tally};

/// Counts the rows of one part on a ruler. Columns of the ruler that the schema lacks stay empty.
pub fn count(batch: &Batch, schema: &Schema, ruler: &Ruler, part: &Part) -> Tally {
    let mut by_column = schema.columns.iter().zip(&batch.columns).peekable();
    let columns = ruler.columns().iter().map(|(id, grid)| {
        while by_column.next_if(|(column, _)| column.id < *id).is_some() {}
        match by_column.next_if(|(column, _)| column.id == *id) {
            Some((_, values)) => match (&part.rows, values, grid) {
                (Rows::All, ..) => count_column(values, grid),
                (Rows::Some(rows), ColumnValues::Categorical(codes), Grid::Categorical(grid)) => {
                    count_names(rows.iter().map(|&row| codes.codes[row as usize]), &codes.names, grid)
                }
                (Rows::Some(rows), ..) => count_column(&values.select(rows), grid),
            },
            None => ColumnCounts::empty(grid),
        }
    });
    let columns = columns.collect();
    let unknown_features = batch.unknown_features.count(&part.rows);
    let rows = match &part.rows {
        Rows::All => batch.rows(),
        Rows::Some(rows) => rows.len(),
    };
    Tally { ruler_id: ruler.id(), rows: rows as i64, columns, unknown_features, unknown: Vec::new() }
}

impl ColumnValues {
    /// The values of these rows; a categorical column keeps its whole dictionary.
    pub fn select(&self, rows: &[u32]) -> Self {
        match self {
            Self::Numeric(values) => Self::Numeric(rows.iter().map(|&row| values[row as usize]).collect()),
            Self::Categorical(codes) => Self::Categorical(Codes {
                codes: rows.iter().map(|&row| codes.codes[row as usize]).collect(),
                names: codes.names.clone(),
            }),
        }
    }
}

//! From rows to counts: the one place where values are looked at, after which they are forgotten.
//!
//! Column by column: a value is located once, and counted in every part that its row belongs to.

use super::located::LocatedNumbers;
use super::partition::{Part, Rows};
use super::placed::PlacedNames;
use super::{Batch, ColumnValues, Schema, count_column};
use crate::domain::Segment;
use crate::sketch::{ColumnCounts, Grid, Ruler, Tally};

/// What the parts of a batch are counted on. Both rulers have the same columns.
#[derive(Debug, Clone, Copy)]
pub struct Rulers<'r> {
    pub all: &'r Ruler,
    /// Mostly a coarser one.
    pub segments: &'r Ruler,
}

/// Counts each part of a batch, in their order. Columns of the rulers that the schema lacks stay empty.
pub fn count(batch: &Batch, schema: &Schema, rulers: Rulers<'_>, parts: &[Part]) -> Vec<Tally> {
    let columns = rulers.all.columns().len();
    assert_eq!(columns, rulers.segments.columns().len(), "both rulers have the same columns");
    let empty = |part: &Part| Tally {
        ruler_id: rulers.of(&part.segment).id(),
        rows: part.rows.count(batch.rows()) as i64,
        columns: Vec::with_capacity(columns),
        unknown_features: batch.unknown_features.count(&part.rows),
        unknown: Vec::new(),
    };
    let mut tallies: Vec<Tally> = parts.iter().map(empty).collect();
    let mut by_column = schema.columns.iter().zip(&batch.columns).peekable();
    for ((id, all), (_, segments)) in rulers.all.columns().iter().zip(rulers.segments.columns()) {
        while by_column.next_if(|(column, _)| column.id < *id).is_some() {}
        let values = by_column.next_if(|(column, _)| column.id == *id).map(|(_, values)| values);
        let mut column = Column::of(values, [all, segments]);
        for (part, tally) in parts.iter().zip(&mut tallies) {
            tally.columns.push(column.count(part));
        }
    }
    tallies
}

impl<'r> Rulers<'r> {
    fn of(self, segment: &Segment) -> &'r Ruler {
        match segment {
            Segment::All => self.all,
            Segment::Slice { .. } => self.segments,
        }
    }
}

/// A column on its way into the parts.
enum Column<'a> {
    Numbers(LocatedNumbers<'a>),
    Names(PlacedNames<'a>),
    /// Values of the other kind than the grids', or none.
    Odd(Option<&'a ColumnValues>, [&'a Grid; 2]),
}

impl<'a> Column<'a> {
    /// `grids`: that of all rows, and that of segments.
    fn of(values: Option<&'a ColumnValues>, grids: [&'a Grid; 2]) -> Self {
        match (values, grids) {
            (Some(ColumnValues::Numeric(values)), [Grid::Numeric(all), Grid::Numeric(segments)]) => {
                Self::Numbers(LocatedNumbers::of(values, all, segments))
            }
            (Some(ColumnValues::Categorical(codes)), [Grid::Categorical(grid), _]) => {
                Self::Names(PlacedNames::of(codes, grid))
            }
            _ => Self::Odd(values, grids),
        }
    }

    fn count(&mut self, part: &Part) -> ColumnCounts {
        match self {
            Self::Numbers(numbers) => numbers.count(&part.segment, &part.rows),
            Self::Names(names) => names.count(&part.rows),
            Self::Odd(values, [all, segments]) => {
                let grid = if part.segment == Segment::All { all } else { segments };
                match (values, &part.rows) {
                    (None, _) => ColumnCounts::empty(grid),
                    (Some(values), Rows::All) => count_column(values, grid),
                    (Some(values), Rows::Some(rows)) => count_column(&values.select(rows), grid),
                }
            }
        }
    }
}

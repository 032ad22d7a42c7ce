//! From rows to counts: the one place where values are looked at, after which they are forgotten.
//!
//! Column by column: a value is located once, and counted in every part that its row belongs to.

use std::sync::Arc;

use super::located::LocatedNumbers;
use super::partition::{Part, Rows};
use super::placed::PlacedNames;
use super::{Batch, ColumnValues, Schema, count_column};
use crate::domain::{ColumnId, Segment};
use crate::sketch::{ColumnCounts, EncodedTally, Grid, Integers, Ruler, TallyWriter};

/// What the parts of a batch are counted on. Both rulers have the same columns.
#[derive(Debug, Clone, Copy)]
pub struct Rulers<'r> {
    pub all: &'r Arc<Ruler>,
    /// Mostly a coarser one.
    pub segments: &'r Arc<Ruler>,
}

/// Counts each part of a batch, in their order, and tells `observe` what each column of each holds. Columns of the rulers
/// that the schema lacks stay empty. `outcomes`: what is counted of a part beside the columns.
pub fn count(
    batch: &Batch,
    schema: &Schema,
    rulers: Rulers<'_>,
    parts: &[Part],
    outcomes: impl Fn(&Part) -> Integers,
    mut observe: impl FnMut(&Part, &ColumnId, &ColumnCounts),
) -> Vec<EncodedTally> {
    assert_eq!(
        rulers.all.columns().len(),
        rulers.segments.columns().len(),
        "both rulers have the same columns"
    );
    let writer =
        |part: &Part| TallyWriter::new(rulers.of(&part.segment), part.rows.count(batch.rows()) as i64);
    let mut tallies: Vec<TallyWriter> = parts.iter().map(writer).collect();
    let mut by_column = schema.columns.iter().zip(&batch.columns).peekable();
    for ((id, all), (_, segments)) in rulers.all.columns().iter().zip(rulers.segments.columns()) {
        while by_column.next_if(|(column, _)| column.id < *id).is_some() {}
        let values = by_column.next_if(|(column, _)| column.id == *id).map(|(_, values)| values);
        let mut column = Column::of(values, [all, segments]);
        for (part, tally) in parts.iter().zip(&mut tallies) {
            let counts = column.count(part);
            observe(part, id, &counts);
            tally.column(&counts);
        }
    }
    let unknown_features = |part: &Part| batch.unknown_features.count(&part.rows);
    parts
        .iter()
        .zip(tallies)
        .map(|(part, tally)| tally.finish(&unknown_features(part), &outcomes(part)))
        .collect()
}

impl<'r> Rulers<'r> {
    fn of(self, segment: &Segment) -> &'r Arc<Ruler> {
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

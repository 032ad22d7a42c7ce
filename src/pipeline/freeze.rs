//! The end of learning: sorted values become grids, counts and a profile. Pure.

use std::collections::BTreeMap;

use super::options::LearnOptions;
use crate::batch::{ColumnValues, SchemaColumn, count_column};
use crate::domain::{ColumnId, ColumnKind, ModelId, Pane, Segment, Task, TimeRange, Timestamp};
use crate::reference::{BuildError, BuildOptions, Builder, Learnt, NullWindow, Profile, ReferenceColumn};
use crate::sketch::{ColumnCounts, Ruler, Tally};

/// Learnt values of one pane and segment, of all versions or one.
#[derive(Debug)]
pub struct LearntPane {
    pub segment: Segment,
    pub pane: Pane,
    pub values: Learnt,
}

/// The period that is learnt: `None` before any row, or where every row lies before it.
pub fn period(options: LearnOptions, first_pane: Option<Timestamp>) -> Option<TimeRange> {
    let start = options.from.or(first_pane)?;
    Some(TimeRange { start, end: start.saturating_add(options.length) })
}

/// Makes the profile of what was learnt within `period`. Rows of all versions count; segments give no reference of
/// their own, they are counted on its ruler.
pub fn profile_of(
    model: ModelId,
    task: Task,
    kinds: &[SchemaColumn],
    windows: Vec<NullWindow>,
    period: TimeRange,
    learnt: &[LearntPane],
) -> Result<Profile, BuildError> {
    let mut by_pane: BTreeMap<Timestamp, Learnt> = BTreeMap::new();
    for part in learnt.iter().filter(|part| part.segment == Segment::All) {
        if period.contains(part.pane.start) {
            by_pane.entry(part.pane.start).or_default().merge(part.values.clone());
        }
    }
    let at: Vec<Timestamp> = by_pane
        .iter()
        .flat_map(|(start, values)| std::iter::repeat_n(*start, values.rows as usize))
        .collect();
    let options = BuildOptions { model, task: Some(task), windows };
    let mut builder = Builder::new(options, at.len(), Some(&at))?;
    for column in kinds {
        let parts = by_pane.values().map(|values| values.values_of(&column.id, column.kind));
        builder.add(ReferenceColumn {
            id: column.id.clone(),
            kind: column.kind,
            values: concatenate(parts),
        })?;
    }
    builder.finish()
}

/// What was learnt, counted on the new ruler.
pub fn counts_of(learnt: &Learnt, ruler: &Ruler, kinds: &BTreeMap<ColumnId, ColumnKind>) -> Tally {
    let columns = ruler.columns().iter().map(|(id, grid)| match kinds.get(id) {
        Some(&kind) => count_column(&learnt.values_of(id, kind), grid),
        None => ColumnCounts::empty(grid),
    });
    Tally { rows: learnt.rows as i64, columns: columns.collect(), ..Tally::empty(ruler) }
}

fn concatenate(parts: impl Iterator<Item = ColumnValues>) -> ColumnValues {
    let mut numbers = Vec::new();
    let mut codes = crate::batch::CodesBuilder::default();
    let mut categorical = false;
    for part in parts {
        match part {
            ColumnValues::Numeric(values) => numbers.extend(values),
            ColumnValues::Categorical(part) => {
                categorical = true;
                for row in 0..part.codes.len() {
                    match part.name(row) {
                        Some(name) => codes.push(name),
                        None => codes.push_nameless(part.codes[row]),
                    }
                }
            }
        }
    }
    match categorical {
        true => ColumnValues::Categorical(codes.take()),
        false => ColumnValues::Numeric(numbers),
    }
}

//! The end of learning: sorted values become grids, counts and a profile. Pure.

use std::collections::BTreeMap;

use crate::batch::{ColumnValues, SchemaColumn, count_column};
use crate::domain::{ColumnId, ColumnKind, ModelId, Segment, Task, TimeRange, Timestamp};
use crate::reference::{BuildError, BuildOptions, Builder, Learnt, NullWindow, Profile, ReferenceColumn};
use crate::sketch::{ColumnCounts, Ruler, Tally};
use crate::store::DeltaKey;

/// What was learnt under one key.
#[derive(Debug)]
pub struct LearntPane {
    pub key: DeltaKey,
    pub values: Learnt,
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
    for part in learnt.iter().filter(|part| part.key.segment == Segment::All) {
        let start = part.key.pane.start;
        if period.contains(start) {
            by_pane.entry(start).or_default().merge(part.values.clone());
        }
    }
    let at: Vec<Timestamp> = by_pane
        .iter()
        .flat_map(|(start, values)| std::iter::repeat_n(*start, values.kept as usize))
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

/// What was learnt, counted on the new ruler: all rows, and of each column the values that were kept.
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

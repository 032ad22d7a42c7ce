//! The end of learning: sorted values become grids, counts and a profile. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::batch::{ColumnValues, SchemaColumn, count_column};
use crate::domain::{ColumnId, ColumnKind, ModelId, Segment, Task, TimeRange, Timestamp};
use crate::reference::{
    BuildError, BuildOptions, Builder, Learnt, NullWindow, Profile, ReferenceColumn, SegmentGrid,
    SegmentReference, without_extremes,
};
use crate::sketch::{ColumnCounts, Ruler, Tally};
use crate::store::DeltaKey;

/// What was learnt under one key.
#[derive(Debug)]
pub struct LearntPane {
    pub key: DeltaKey,
    pub values: Learnt,
}

/// Makes the profile of what was learnt within `period`. Rows of all versions count; those of segments become the
/// reference of segments, on its ruler (see [`segments_of`]).
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
    let mut profile = builder.finish()?;
    // Panes know their rows' times to the pane.
    let panes = learnt.iter().map(|part| part.key.pane).filter(|pane| period.contains(pane.start));
    let ends = panes.map(|pane| (pane.start, pane.end()));
    profile.facts.period = ends
        .map(|(start, end)| TimeRange { start, end })
        .reduce(|sum, pane| TimeRange { start: sum.start.min(pane.start), end: sum.end.max(pane.end) });
    Ok(profile)
}

/// The counts of each segment of these attributes within `period`, on the profile's ruler or its groups.
pub fn segments_of(
    profile: &Profile,
    grid: SegmentGrid,
    attributes: &[Box<str>],
    period: TimeRange,
    learnt: &[LearntPane],
) -> SegmentReference {
    let (ruler, kinds) = (grid.ruler(&profile.ruler), kinds_of(profile.schema_columns()));
    let mut sums: BTreeMap<Segment, Tally> = BTreeMap::new();
    for part in learnt.iter().filter(|part| period.contains(part.key.pane.start)) {
        if let Segment::Slice { attribute, .. } = &part.key.segment
            && attributes.contains(attribute)
        {
            // Of thinned values a part of the rows is known: the reference is of these.
            let counts = Tally { rows: part.values.kept as i64, ..counts_of(&part.values, &ruler, &kinds) };
            let counts = without_extremes(counts);
            let sum = sums.entry(part.key.segment.clone()).or_insert_with(|| Tally::empty(&ruler));
            sum.add(&counts).expect("all of them were counted on this ruler");
        }
    }
    let known = sums.into_iter().filter(|(_, tally)| tally.rows > 0);
    let tallies = known.map(|(segment, tally)| (segment, Arc::new(tally))).collect();
    SegmentReference { grid, attributes: attributes.iter().cloned().collect(), tallies }
}

/// The kinds of columns by id.
pub fn kinds_of(columns: Vec<SchemaColumn>) -> BTreeMap<ColumnId, ColumnKind> {
    columns.into_iter().map(|column| (column.id, column.kind)).collect()
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

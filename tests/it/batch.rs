//! Counting a batch part by part gives what counting each part by itself would.

use std::sync::Arc;

use driftd::batch::{
    Batch, Codes, CodesBuilder, ColumnValues, Part, Rows, Rulers, Schema, SchemaColumn, UnknownKeys, count,
    count_column,
};
use driftd::domain::{ColumnId, ColumnKind, PaneLength, Segment, Task, Timestamp, Version};
use driftd::sketch::{
    CategoricalGrid, Grid, Integers, MISSING, NumericGrid, NumericGridParts, Ruler, Shape, Tally, WRONG_TYPE,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const COLUMNS: [(&str, ColumnKind); 5] = [
    ("a name", ColumnKind::Categorical),
    ("a number", ColumnKind::Numeric),
    ("a number sent for names", ColumnKind::Numeric),
    ("no column of the ruler", ColumnKind::Numeric),
    ("zero mostly", ColumnKind::Numeric),
];

fn numbers(rows: usize) -> impl Strategy<Value = Vec<f64>> {
    let odd = [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, MISSING, WRONG_TYPE, 1e12, -1e300, 5e-324, -0.0];
    vec(prop_oneof![6 => -3.0..3.0f64, 3 => Just(0.0), 1 => select(odd.to_vec())], rows)
}

fn names(rows: usize) -> impl Strategy<Value = Codes> {
    vec(proptest::option::weighted(0.9, 0..60u8), rows).prop_map(|names| {
        let mut codes = CodesBuilder::default();
        names.iter().for_each(|name| match name {
            Some(name) => codes.push(&format!("{name:03}")),
            None => {
                codes.push_nameless(if codes.rows() % 2 == 0 { Codes::MISSING } else { Codes::WRONG_TYPE })
            }
        });
        codes.take()
    })
}

/// A batch, and for each row the values of two segment attributes.
fn batches() -> impl Strategy<Value = (Batch, Vec<(u8, u8)>)> {
    (1..2_300usize).prop_flat_map(|rows| {
        let numbers = || numbers(rows);
        let columns = (names(rows), numbers(), numbers(), numbers(), numbers());
        (columns, vec((0..4u8, 0..40u8), rows)).prop_map(move |((a, b, c, d, e), segments)| {
            let numeric = [b, c, d, e].map(ColumnValues::Numeric);
            let columns = std::iter::once(ColumnValues::Categorical(a)).chain(numeric).collect();
            let ts = vec![Timestamp::from_seconds(0); rows];
            let with: Vec<u32> = (0..rows as u32).step_by(7).collect();
            let unknown_features =
                UnknownKeys { rows: with.clone(), by_name: vec![("hat".into(), with)], further: 0 };
            let (versions, of_batch) = (Codes::default(), Vec::new());
            (
                Batch {
                    ids: Vec::new(),
                    actuals: None,
                    ts,
                    versions,
                    segments: of_batch,
                    columns,
                    operations: None,
                    unknown_features,
                },
                segments,
            )
        })
    })
}

fn schema() -> Schema {
    let columns = COLUMNS.map(|(name, kind)| SchemaColumn { id: ColumnId::feature(name), kind });
    Schema { task: Task::Binary, columns: columns.into(), segments: Vec::new(), ignored: Vec::new() }
}

fn ruler() -> Ruler {
    let smooth: Vec<f64> = (0..9_000).map(|i| f64::from(i) / 1_500.0 - 3.0).collect();
    let zeros: Vec<f64> = (0..900).map(|i| if i < 500 { 0.0 } else { f64::from(i) / 300.0 }).collect();
    let numeric = |values: &[f64]| Grid::Numeric(NumericGrid::from_sorted(values).expect("there are values"));
    let known: Vec<String> = (0..40).map(|i| format!("{i:03}")).collect();
    let names =
        || Grid::Categorical(CategoricalGrid::from_counts(known.iter().map(|name| (name.as_str(), 5))));
    Ruler::new([
        (ColumnId::feature("a column that no row has"), numeric(&smooth)),
        (ColumnId::feature("a name"), names()),
        (ColumnId::feature("a number"), numeric(&smooth)),
        (ColumnId::feature("a number sent for names"), names()),
        (ColumnId::feature("zero mostly"), numeric(&zeros)),
    ])
}

/// The ruler with other edges and units: nothing of it can be had from the first.
fn unlike(ruler: &Ruler) -> Ruler {
    Ruler::new(ruler.columns().iter().map(|(id, grid)| {
        let grid = match grid {
            Grid::Numeric(_) => Grid::Numeric(NumericGrid::from_sorted(&[-1.0, 0.5, 7.0]).expect("values")),
            Grid::Categorical(grid) => Grid::Categorical(grid.clone()),
        };
        (id.clone(), grid)
    }))
}

fn part(segment: Segment, rows: Rows) -> Part {
    Part { version: Version::unnamed(), segment, pane: PaneLength::Day.pane_of(Timestamp::MIN), rows }
}

fn parts(of_row: &[(u8, u8)]) -> Vec<Part> {
    let of = |attribute: &str, is_in: &dyn Fn(usize, (u8, u8)) -> bool| {
        let rows = of_row.iter().enumerate().filter(|(row, of)| is_in(*row, **of)).map(|(row, _)| row as u32);
        let segment = match attribute {
            "" => Segment::All,
            _ => Segment::Slice { attribute: attribute.into(), value: "some".into() },
        };
        part(segment, Rows::Some(rows.collect()))
    };
    let every = Segment::Slice { attribute: "every".into(), value: "row".into() };
    let mut parts = vec![part(Segment::All, Rows::All), part(every, Rows::All)];
    // A segment before the last part of all rows: no order is asked for.
    parts.extend((0..4).map(|value| of("few", &|_, of| of.0 == value)));
    parts.push(of("", &|row, _| row % 3 == 0));
    parts.extend((0..40).map(|value| of("many", &|_, of| of.1 == value)));
    parts
}

fn alone(batch: &Batch, ruler: &Ruler, part: &Part) -> Tally {
    let mut tally = Tally::empty(ruler);
    tally.rows = part.rows.count(batch.rows()) as i64;
    tally.unknown_features = batch.unknown_features.count(&part.rows);
    for ((id, grid), counts) in ruler.columns().iter().zip(&mut tally.columns) {
        let place = COLUMNS.iter().position(|(name, _)| ColumnId::feature(*name) == *id);
        let Some(values) = place.map(|place| &batch.columns[place]) else { continue };
        *counts = match &part.rows {
            Rows::All => count_column(values, grid),
            Rows::Some(rows) => count_column(&values.select(rows), grid),
        };
    }
    tally
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn parts_are_counted_together_as_each_alone((batch, of_row) in batches()) {
        let (all, schema, parts) = (Arc::new(ruler()), schema(), parts(&of_row));
        for segments in [all.coarse(), Ruler::clone(&all), unlike(&all)] {
            let segments = Arc::new(segments);
            let tallies = count(&batch, &schema, Rulers { all: &all, segments: &segments }, &parts, |_| Integers::zero(Shape::default()), |_, _, _| {});
            for (part, tally) in parts.iter().zip(&tallies) {
                let ruler = if part.segment == Segment::All { &all } else { &segments };
                prop_assert_eq!(&tally.tally(), &alone(&batch, ruler, part), "{:?}", part.segment);
            }
            prop_assert_eq!(tallies.len(), parts.len());
        }
    }

    #[test]
    fn bins_lie_in_those_of_a_coarser_grid(values in vec(-9.0..9.0f64, 1..3_000), more in numbers(99)) {
        let mut sorted = values;
        sorted.sort_by(f64::total_cmp);
        let grid = NumericGrid::from_sorted(&sorted).unwrap();
        let coarse = grid.coarse();
        let bin_on = grid.bins_on(&coarse).unwrap();
        for value in sorted.iter().chain(&more).filter(|value| !value.is_nan()) {
            prop_assert_eq!(usize::from(bin_on[grid.bin_of(*value)]), coarse.bin_of(*value));
        }
        prop_assert_eq!(grid.bins_on(&grid), Some((0..grid.bins() as u16).collect()));
        prop_assert!(coarse.bins() == grid.bins() || coarse.bins_on(&grid).is_none(), "a bin would be cut");
        let mut scaled: NumericGridParts = coarse.parts().clone();
        scaled.scale.unit_exponent += 1;
        prop_assert_eq!(grid.bins_on(&NumericGrid::from_parts(scaled).unwrap()), None);
    }
}

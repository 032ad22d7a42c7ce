//! Nanoseconds a value of counting bins alone and with moments, by the shape of the data and the rows at once; and a whole batch of
//! 1,000 rows and 25 columns, without segments and with three.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use driftd::batch::{
    Batch, Codes, CodesBuilder, ColumnValues, Naming, Rulers, Schema, SchemaColumn, UnknownKeys, count,
    partition,
};
use driftd::domain::{ColumnId, ColumnKind, PaneLength, Task, Timestamp, Version};
use driftd::sketch::{
    CategoricalGrid, EncodedTally, Extremes, Grid, Integers, MISSING, NumericCounts, NumericGrid, Ruler,
    Shape, Tally,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::LogNormal;

const ROWS: usize = 1_000;
const NUMERIC: usize = 20;
const CATEGORICAL: usize = 5;
const NAMES: u32 = 50;
const SEGMENTS: usize = 3;
const SEGMENT_VALUES: u32 = 4;
const LOCATED_AT_ONCE: usize = 1_024;

/// Values as columns have them: spread evenly, few distinct ones, a heavy tail, one in twenty missing.
const SHAPES: [&str; 4] = ["uniform", "ties", "lognormal", "missing"];

fn values(shape: &str, rows: usize, seed: u64) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(seed);
    let tail = LogNormal::new(0.0, 2.0).expect("a positive deviation");
    let mut value = || match shape {
        "uniform" => rng.random_range(-3.0..3.0),
        "ties" => f64::from(rng.random_range(0..8)),
        "lognormal" => rng.sample(tail),
        _ if rng.random_range(0..20) == 0 => MISSING,
        _ => rng.random_range(-3.0..3.0),
    };
    (0..rows).map(|_| value()).collect()
}

fn grid(shape: &str) -> NumericGrid {
    let mut reference: Vec<f64> =
        values(shape, 50_000, 1).into_iter().filter(|value| value.is_finite()).collect();
    reference.sort_by(f64::total_cmp);
    NumericGrid::from_sorted(&reference).expect("a reference with values")
}

/// Counts bins and nothing else.
fn fill(filled: &mut [u64], grid: &NumericGrid, values: &[f64], bins: &mut [u16]) {
    for values in values.chunks(LOCATED_AT_ONCE) {
        let bins = &mut bins[..values.len()];
        grid.locate(values, bins);
        bins.iter().for_each(|&bin| filled[usize::from(bin)] += 1);
    }
}

fn columns(criterion: &mut Criterion) {
    for rows in [ROWS, 1_000_000] {
        let mut group = criterion.benchmark_group(format!("{rows} values"));
        group.throughput(Throughput::Elements(rows as u64));
        group
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2))
            .sample_size(20);
        for shape in SHAPES {
            let (grid, values) = (grid(shape), values(shape, rows, 2));
            let mut counts = NumericCounts::empty(&grid);
            let mut filled = vec![0u64; grid.bins()];
            let mut bins = vec![0; rows.min(LOCATED_AT_ONCE)];
            group.bench_function(BenchmarkId::new("bins", shape), |bench| {
                bench.iter(|| fill(&mut filled, &grid, black_box(&values), &mut bins));
            });
            group.bench_function(BenchmarkId::new("counts and moments", shape), |bench| {
                bench.iter(|| counts.count(&grid, black_box(&values)));
            });
            group.bench_function(BenchmarkId::new("extremes", shape), |bench| {
                bench.iter(|| Extremes::of(black_box(&values)));
            });
        }
        group.finish();
    }
}

fn schema(segments: usize) -> Schema {
    let column = |name: String, kind| SchemaColumn { id: ColumnId::feature(name), kind };
    let categorical = (0..CATEGORICAL).map(|i| column(format!("cat_{i}"), ColumnKind::Categorical));
    let numeric = (0..NUMERIC).map(|i| column(format!("f_{i:02}"), ColumnKind::Numeric));
    Schema {
        task: Task::Binary,
        columns: categorical.chain(numeric).collect(),
        segments: (0..segments).map(|i| format!("segment_{i}").into()).collect(),
        ignored: Vec::new(),
    }
}

fn names(rng: &mut StdRng, distinct: u32) -> Codes {
    let mut codes = CodesBuilder::default();
    (0..ROWS).for_each(|_| codes.push(&format!("n{:03}", rng.random_range(0..distinct))));
    codes.take()
}

fn batch(schema: &Schema) -> Batch {
    let mut rng = StdRng::seed_from_u64(3);
    let categorical: Vec<_> =
        (0..CATEGORICAL).map(|_| ColumnValues::Categorical(names(&mut rng, NAMES))).collect();
    let numeric = (0..NUMERIC).map(|i| ColumnValues::Numeric(values("uniform", ROWS, i as u64)));
    Batch {
        ids: Vec::new(),
        actuals: None,
        ts: (0..ROWS).map(|i| Timestamp::from_seconds(1_763_805_600 + i as i64)).collect(),
        versions: Codes { codes: vec![Codes::MISSING; ROWS], names: Vec::new() },
        segments: schema.segments.iter().map(|_| names(&mut rng, SEGMENT_VALUES)).collect(),
        columns: categorical.into_iter().chain(numeric).collect(),
        operations: None,
        unknown_features: UnknownKeys::default(),
    }
}

fn ruler(schema: &Schema) -> Ruler {
    let numeric = grid("uniform");
    let all: Vec<String> = (0..NAMES).map(|i| format!("n{i:03}")).collect();
    let categories = CategoricalGrid::from_counts(all.iter().map(|name| (name.as_str(), 1)));
    Ruler::new(schema.columns.iter().map(|column| {
        let grid = match column.kind {
            ColumnKind::Numeric => Grid::Numeric(numeric.clone()),
            ColumnKind::Categorical | ColumnKind::Boolean => Grid::Categorical(categories.clone()),
        };
        (column.id.clone(), grid)
    }))
}

struct AsSent;

impl Naming for AsSent {
    fn version(&mut self, _: Option<&str>) -> Version {
        Version::unnamed()
    }

    fn segment_value(&mut self, _: &str, value: Option<&str>) -> Option<Box<str>> {
        value.map(Box::from)
    }
}

/// Every part of the batch, counted: what one body costs after it was decoded.
fn counted(batch: &Batch, schema: &Schema, fine: &Arc<Ruler>, coarse: &Arc<Ruler>) -> Vec<EncodedTally> {
    let parts = partition(batch, schema, PaneLength::Hour, &mut AsSent);
    count(
        batch,
        schema,
        Rulers { all: fine, segments: coarse },
        &parts,
        |_| Integers::zero(Shape::default()),
        |_, _, _| {},
    )
}

fn batches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(format!("{ROWS} rows of {} columns", NUMERIC + CATEGORICAL));
    group.throughput(Throughput::Elements(ROWS as u64));
    group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(3)).sample_size(30);
    for segments in [0, SEGMENTS] {
        let schema = schema(segments);
        let batch = batch(&schema);
        let fine = Arc::new(ruler(&schema));
        let coarse = Arc::new(fine.coarse());
        group.bench_function(BenchmarkId::new("partition", segments), |bench| {
            bench.iter(|| partition(black_box(&batch), &schema, PaneLength::Hour, &mut AsSent));
        });
        group.bench_function(BenchmarkId::new("partition, count and encode", segments), |bench| {
            bench.iter(|| counted(black_box(&batch), &schema, &fine, &coarse));
        });
        let tallies = counted(&batch, &schema, &fine, &coarse);
        group.bench_function(BenchmarkId::new("add", segments), |bench| {
            let mut sums: Vec<Tally> = tallies.iter().map(EncodedTally::tally).collect();
            bench.iter(|| {
                sums.iter_mut().zip(black_box(&tallies)).for_each(|(sum, counts)| {
                    sum.add_encoded(counts.bytes()).expect("one ruler");
                });
            });
        });
    }
    group.finish();
}

criterion_group!(benches, columns, batches);
criterion_main!(benches);

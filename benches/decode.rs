//! Rows a second on one core: NDJSON of 25 columns (20 numeric, 5 of names, 452 bytes a row), bodies of 1,000 rows.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftd::batch::{Batch, Codes, ColumnValues, Schema, SchemaColumn};
use driftd::domain::{ColumnId, ColumnKind, Task, Timestamp};
use driftd::ingest::decode::{Admission, DecodeLimits, Decoder, Format};
use driftd::sketch::{CategoricalCounts, CategoricalGrid, NumericCounts, NumericGrid};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const ROWS: usize = 1_000;
const NUMERIC: usize = 20;
const CATEGORICAL: usize = 5;
const NAMES: usize = 50;

const ADMISSION: Admission = Admission {
    arrival: Timestamp::from_seconds(1_763_805_600),
    latest: Timestamp::MAX,
    oldest: Timestamp::MIN,
};
const LIMITS: DecodeLimits = DecodeLimits { row_bytes_max: 1 << 20, rows_max: 100_000, depth_max: 32 };

fn schema() -> Schema {
    let column = |name: String, kind| SchemaColumn { id: ColumnId::feature(name), kind };
    let categorical = (0..CATEGORICAL).map(|i| column(format!("cat_{i}"), ColumnKind::Categorical));
    let numeric = (0..NUMERIC).map(|i| column(format!("f_{i:02}"), ColumnKind::Numeric));
    Schema {
        task: Task::Binary,
        columns: categorical.chain(numeric).collect(),
        segments: Vec::new(),
        ignored: Vec::new(),
    }
}

/// Rows of about 452 bytes: numbers of 5 to 17 digits, as senders write them.
fn body(array: bool) -> Vec<u8> {
    let mut rng = StdRng::seed_from_u64(7);
    let rows = (0..ROWS).map(|row| {
        let mut features: Vec<String> = (0..NUMERIC)
            .map(|i| {
                let value: f64 = rng.random_range(-3.0..3.0);
                if i % 10 == 0 { format!("\"f_{i:02}\":{value}") } else { format!("\"f_{i:02}\":{value:.4}") }
            })
            .collect();
        let names = (0..CATEGORICAL).map(|i| format!("\"cat_{i}\":\"n{:03}\"", rng.random_range(0..NAMES)));
        features.extend(names);
        format!(
            "{{\"id\":\"p-{row:07}\",\"ts\":\"2026-11-22T10:{:02}:{:02}Z\",\"features\":{{{}}}}}",
            row / 60 % 60,
            row % 60,
            features.join(",")
        )
    });
    let rows: Vec<String> = rows.collect();
    let text = if array { format!("[{}]", rows.join(",")) } else { rows.join("\n") };
    text.into_bytes()
}

struct Counted {
    numeric: Vec<NumericCounts>,
    categorical: Vec<CategoricalCounts>,
}

fn count(batch: &Batch, numeric_grid: &NumericGrid, names: &CategoricalGrid, counted: &mut Counted) {
    let (mut numeric, mut categorical) = (counted.numeric.iter_mut(), counted.categorical.iter_mut());
    for column in &batch.columns {
        match column {
            ColumnValues::Numeric(values) => {
                numeric.next().expect("a count a column").count(numeric_grid, values);
            }
            ColumnValues::Categorical(codes) => {
                let counts = categorical.next().expect("a count a column");
                let mut rows = vec![0i64; codes.names.len()];
                for &code in &codes.codes {
                    match code {
                        Codes::MISSING => counts.missing += 1,
                        Codes::WRONG_TYPE => counts.wrong_type += 1,
                        code => rows[code as usize] += 1,
                    }
                }
                codes.names.iter().zip(rows).for_each(|(name, rows)| counts.count(names.place(name), rows));
            }
        }
    }
}

fn decode(criterion: &mut Criterion) {
    let mut decoder = Decoder::new(&schema());
    let (lines, array) = (body(false), body(true));
    let mut rng = StdRng::seed_from_u64(8);
    let mut reference: Vec<f64> = (0..50_000).map(|_| rng.random_range(-3.0..3.0)).collect();
    reference.sort_by(f64::total_cmp);
    let grid = NumericGrid::from_sorted(&reference).expect("a reference with values");
    let names: Vec<String> = (0..NAMES).map(|i| format!("n{i:03}")).collect();
    let categories = CategoricalGrid::from_counts(names.iter().map(|name| (name.as_str(), 1)));
    let mut counted = Counted {
        numeric: vec![NumericCounts::empty(&grid); NUMERIC],
        categorical: vec![CategoricalCounts::empty(&categories); CATEGORICAL],
    };

    let mut group = criterion.benchmark_group(format!("{} bytes a row", lines.len() / ROWS));
    group.throughput(Throughput::Elements(ROWS as u64));
    group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    group.bench_function("utf8 only", |bench| bench.iter(|| str::from_utf8(black_box(&lines)).is_ok()));
    for (name, body, format) in [("ndjson", &lines, Format::Ndjson), ("array", &array, Format::JsonArray)] {
        group.bench_function(format!("decode {name}"), |bench| {
            bench.iter(|| {
                let decoded =
                    decoder.decode(black_box(body), format, &ADMISSION, &LIMITS).expect("a whole body");
                assert_eq!(decoded.batch.rows(), ROWS);
                decoded
            });
        });
    }
    group.bench_function("count", |bench| {
        let decoded = decoder.decode(&lines, Format::Ndjson, &ADMISSION, &LIMITS).expect("a whole body");
        bench.iter(|| count(black_box(&decoded.batch), &grid, &categories, &mut counted));
    });
    group.bench_function("decode ndjson and count", |bench| {
        bench.iter(|| {
            let decoded =
                decoder.decode(black_box(&lines), Format::Ndjson, &ADMISSION, &LIMITS).expect("a whole body");
            count(&decoded.batch, &grid, &categories, &mut counted);
        });
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);

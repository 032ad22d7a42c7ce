//! Durable commits a second, and the bytes that each writes to the log.
//!
//! Each commit waits for a sync: results depend on the disk (see the line printed at the start).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use driftd::domain::{ColumnId, Pane, PaneLength, Segment, Timestamp, Version};
use driftd::sketch::{ColumnCounts, Extremes, Grid, NumericGrid, Ruler, Tally};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{Delta, DeltaBody, DeltaKey, Fold, Guard, IngestCommit, Store, Unit};

const COLUMNS: usize = 25;

fn ruler(random: &mut StdRng) -> Ruler {
    Ruler::new((0..COLUMNS).map(|column| {
        let mut values: Vec<f64> = (0..20_000).map(|_| random.random::<f64>()).collect();
        values.sort_unstable_by(f64::total_cmp);
        let grid = NumericGrid::from_sorted(&values).expect("20,000 values make a grid");
        (ColumnId::feature(format!("f{column:02}")), Grid::Numeric(grid))
    }))
}

fn tally(ruler: &Ruler, rows: usize, random: &mut StdRng) -> Tally {
    let mut tally = Tally::empty(ruler);
    tally.rows = rows as i64;
    for (column, (_, grid)) in tally.columns.iter_mut().zip(ruler.columns()) {
        let values: Vec<f64> = (0..rows).map(|_| random.random()).collect();
        if let (ColumnCounts::Numeric { counts, extremes }, Grid::Numeric(grid)) = (column, grid) {
            counts.count(grid, &values);
            *extremes = Extremes::of(&values);
        }
    }
    tally
}

/// A commit of `requests` with a key each, all for one pane of one model.
fn commit(number: u64, requests: u64, tally: &Tally) -> IngestCommit {
    let pane =
        Pane { start: Timestamp::from_seconds((number / 1000) as i64 * 3600), length: PaneLength::Hour };
    let model: driftd::domain::ModelId = "credit".parse().expect("a right id");
    let units = (0..requests).map(|request| Unit {
        guard: Guard::Key {
            model: model.clone(),
            endpoint: "predictions",
            key: format!("{number}-{request}"),
            body_hash: [0; 16],
        },
        deltas: vec![(
            DeltaKey { model: model.clone(), version: Version::unnamed(), segment: Segment::All, pane },
            Delta::Counts(tally.clone()),
        )],
        newest: BTreeMap::from([((model.clone(), "http".to_owned()), pane.start)]),
        answer: br#"{"accepted":1000,"rejected":0,"duplicate":false,"late":0,"errors":[]}"#.to_vec(),
    });
    IngestCommit { at: Timestamp::from_seconds(number as i64 / 100), units: units.collect() }
}

fn sync_takes(dir: &std::path::Path) -> std::io::Result<Duration> {
    let mut file = File::create(dir.join("sync"))?;
    let start = Instant::now();
    for _ in 0..200 {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
    }
    Ok(start.elapsed() / 200)
}

fn commits(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let mut random = StdRng::seed_from_u64(1);
    let ruler = ruler(&mut random);
    eprintln!("a synced write of 4 KiB takes {:?} here", sync_takes(dir.path()).expect("a file"));

    let mut group = criterion.benchmark_group("commit_ingest");
    for (requests, rows) in [(1, 1000), (16, 1000), (1, 10)] {
        let tally = tally(&ruler, rows, &mut random);
        let name = format!("{requests}x{rows}rows");
        let dir = dir.path().join(&name);
        report_bytes(&runtime, &dir.join("bytes"), requests, &ruler, &tally, &name);
        let store = SqliteStore::open(&dir, SqliteOptions::default()).expect("a store").0;
        let mut number = 0;
        group.throughput(Throughput::Elements(requests));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_batched(
                || {
                    number += 1;
                    commit(number, requests, &tally)
                },
                |commit| runtime.block_on(store.commit_ingest(commit)).expect("a commit"),
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Bytes that the log grows by, with no checkpoint between, and how long ingest waits for a fold of 1 MiB.
fn report_bytes(
    runtime: &tokio::runtime::Runtime,
    dir: &std::path::Path,
    requests: u64,
    ruler: &Ruler,
    tally: &Tally,
    name: &str,
) {
    const COMMITS: u64 = 200;
    let options = SqliteOptions {
        checkpoint_interval: Duration::from_secs(3600),
        checkpoint_bytes: u64::MAX,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(dir, options).expect("a store").0;
    let written = runtime.block_on(async {
        for number in 0..COMMITS {
            store.commit_ingest(commit(number, requests, tally)).await.expect("a commit");
        }
        store.size().await.expect("a size").log_bytes
    });
    let delta = tally.encode().len();
    let rows = runtime.block_on(store.fold_candidates(1 << 20, None)).expect("rows");
    let mut sum = Tally::empty(ruler);
    for row in &rows {
        let tally = Tally::decode(row.body.bytes(), ruler).expect("a tally");
        sum.add(&tally).expect("one ruler");
    }
    let inserted = vec![(rows[0].key.clone(), DeltaBody::Counts(sum.encode()))];
    let fold = Fold { deleted: rows.iter().map(|row| row.row).collect(), inserted };
    let start = Instant::now();
    runtime.block_on(store.fold(fold)).expect("a fold");
    eprintln!("{name}: folding {} rows of 1 MiB at most takes {:?}", rows.len(), start.elapsed());
    eprintln!("{name}: {} bytes a commit in the log, a delta of {delta} bytes", written / COMMITS);
}

criterion_group!(benches, commits);
criterion_main!(benches);

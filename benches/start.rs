//! A start on a store that is full: 35 days of hourly panes of 100 models (or as many as are given, in this order).
//!
//! Says how long the store takes to open, the models to be taken up, and the window that is due to be judged.

#[path = "support/model.rs"]
mod model_of_bench;
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use driftd::batch::{ColumnValues, count_column};
use driftd::clock::{Clock, ManualClock};
use driftd::domain::{ColumnId, ColumnKind, ModelId, PaneLength, Segment, Task, Timestamp, Version};
use driftd::metrics::{Format, Metrics, SeriesOptions};
use driftd::pipeline::{KpiOptions, ModelOptions};
use driftd::reference::{BuildOptions, Profile, ReferenceColumn, build};
use driftd::sketch::{EncodedTally, Tally};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{Delta, DeltaKey, EvaluationCommit, Guard, IncidentChanges, IngestCommit, Store, Unit};
use driftd::verdict::{self, Controls, Due, ModelState, Present, evaluate_closed};
use driftd::window::PaneBook;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

const COLUMNS: usize = 25;
const ROWS: usize = 1_000;
const SEGMENTS: usize = 3;
/// 2026-11-01.
const START: i64 = 1_793_491_200;

fn columns(random: &mut StdRng, rows: usize) -> Vec<ColumnValues> {
    let mut column = || ColumnValues::Numeric((0..rows).map(|_| random.random()).collect());
    (0..COLUMNS).map(|_| column()).collect()
}

fn id(column: usize) -> ColumnId {
    ColumnId::feature(format!("f{column:02}"))
}

fn profile(random: &mut StdRng) -> Profile {
    let options = BuildOptions { model: "any".parse().expect("an id"), task: None, windows: Vec::new() };
    let columns = columns(random, 20_000).into_iter().enumerate();
    let columns = columns.map(|(i, values)| ReferenceColumn { id: id(i), kind: ColumnKind::Numeric, values });
    build(options, 20_000, None, columns).expect("a profile")
}

fn model(number: usize, profile: &Profile) -> ModelOptions {
    model_of_bench::model(name(number), Task::Regression, profile)
}

fn name(number: usize) -> ModelId {
    format!("m{number:03}").parse().expect("an id")
}

/// One commit an hour, of all models.
fn commit(hour: usize, models: usize, counts: &[(Segment, EncodedTally)]) -> IngestCommit {
    let pane = PaneLength::Hour.pane_of(Timestamp::from_seconds(START + hour as i64 * 3_600));
    let deltas = (0..models).flat_map(|number| {
        counts.iter().map(move |(segment, tally)| {
            let (model, version, segment) = (name(number), Version::unnamed(), segment.clone());
            (DeltaKey { model, version, segment, pane }, Delta::Counts(tally.clone()))
        })
    });
    let newest = (0..models).map(|number| ((name(number), "http".to_owned()), pane.start));
    let unit = Unit {
        kpis: Vec::new(),
        guard: Guard::None,
        deltas: deltas.collect(),
        halves: Vec::new(),
        newest: BTreeMap::from_iter(newest),
        answer: Vec::new(),
    };
    IngestCommit { at: pane.end(), units: vec![unit] }
}

/// The state of a model whose windows were judged up to then.
fn evaluated_to(end: i64, profile: &Profile) -> ModelState {
    let options = model(0, profile);
    let judged = verdict::Model {
        trained_at: &Default::default(),
        outcomes: None,
        plan: &options.plan,
        profile,
        ruler: &profile.ruler,
        segment_ruler: &profile.ruler,
        segments: &BTreeMap::new(),
        controls: &Controls::default(),
        baseline: &BTreeMap::new(),
        ignored: &options.ignored,
        sensitive: &options.sensitive,
    };
    let end = Timestamp::from_seconds(end);
    let present = Present { now: end, mode: options.clock, idle_timeout: options.idle_timeout };
    let ruler = Arc::new(profile.ruler.clone());
    let mut nothing = PaneBook::new(PaneLength::Hour, vec![ruler], usize::MAX, Timestamp::MIN);
    let due = Due { window: 0, end, closed_at: end };
    let evaluated = evaluate_closed(&judged, &ModelState::default(), due, present, &mut nothing);
    evaluated.expect("all counts are there: none").state
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // Cargo gives `--bench` too.
    let mut given = std::env::args().skip(1).filter_map(|number| number.parse::<usize>().ok());
    let (days, models) = (given.next().unwrap_or(35), given.next().unwrap_or(100));
    let dir = tempfile::tempdir().expect("a directory");
    let mut random = StdRng::seed_from_u64(3);
    let profile = profile(&mut random);
    let (fine, coarse) = (Arc::new(profile.ruler.clone()), Arc::new(profile.ruler.coarse()));
    let counts: Vec<(Segment, EncodedTally)> = (0..=SEGMENTS)
        .map(|segment| {
            let (ruler, segment) = match segment {
                0 => (&fine, Segment::All),
                n => (&coarse, Segment::Slice { attribute: "region".into(), value: format!("r{n}").into() }),
            };
            let values = columns(&mut random, ROWS);
            let columns = values.iter().zip(ruler.columns()).map(|(of, (_, grid))| count_column(of, grid));
            let tally = Tally { rows: ROWS as i64, columns: columns.collect(), ..Tally::empty(ruler) };
            (segment, EncodedTally::of(ruler, &tally))
        })
        .collect();

    let filled = Instant::now();
    let (store, _) = SqliteStore::open(dir.path(), SqliteOptions::default()).expect("a store");
    for hour in 0..days * 24 {
        store.commit_ingest(commit(hour, models, &counts)).await.expect("a commit");
    }
    let state = evaluated_to(START + (days as i64 * 24 - 1) * 3_600, &profile).to_bytes();
    for number in 0..models {
        let (model, state) = (name(number), state.clone());
        let evaluation = EvaluationCommit {
            kpis: Vec::new(),
            model,
            expected_revision: 0,
            state,
            verdicts: Vec::new(),
            incidents: IncidentChanges::default(),
        };
        store.commit_evaluation(evaluation).await.expect("a commit");
    }
    let rows = days * 24 * models * counts.len();
    eprintln!("filled with {rows} rows of counts in {:.1?}", filled.elapsed());
    store.close().await.expect("it closes");
    drop(store);

    let opened = Instant::now();
    let (store, recovered) = SqliteStore::open(dir.path(), SqliteOptions::default()).expect("a store");
    let store = Arc::new(store);
    eprintln!("opened in {:.1?}", opened.elapsed());
    let size = store.size().await.expect("a size");
    eprintln!("the database has {} MiB", size.database_bytes >> 20);

    let taken_up = Instant::now();
    let metrics = Arc::new(Metrics::new("bench", SeriesOptions::default()));
    let clock = Arc::new(ManualClock::at(Timestamp::from_seconds(START + days as i64 * 86_400 + 3_900)));
    let options = (0..models).map(|number| model(number, &profile)).collect();
    let opened = (store.clone(), recovered);
    let running = support::start(
        opened,
        clock.clone(),
        metrics.clone(),
        support::limits(),
        options,
        KpiOptions::default(),
    )
    .await;
    eprintln!("{models} models taken up in {:.1?}", taken_up.elapsed());

    let due = Instant::now();
    let evaluated = |model: &ModelId| {
        let of = metrics.model(model, Task::Regression);
        of.evaluated.get() == Some(clock.now().as_seconds_f64())
    };
    while !(0..models).all(|number| evaluated(&name(number))) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    eprintln!("the window that closed meanwhile judged of each in {:.1?}", due.elapsed());
    running.stop().await;
    store.close().await.expect("it closes");
    for line in metrics.encode(Format::Text, clock.now()).lines() {
        if line.starts_with("driftd_store_job_duration_seconds_count") {
            eprintln!("{line}");
        }
    }
}

//! Judging 1,000 models of 50 features on two threads, with all counts in memory: by the default statistics and by
//! all of them, and a thread alone; then with every model's 24 panes read from the store, decoded and added up first.
//! An element is a feature.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use driftd::batch::{CodesBuilder, ColumnValues, count_column};
use driftd::domain::{
    ColumnId, ColumnKind, ModelId, PaneLength, Segment, Task, TimeRange, Timestamp, Version,
};
use driftd::reference::{BuildOptions, Profile, ReferenceColumn, build};
use driftd::sketch::{EncodedTally, Tally};
use driftd::statistic::{Statistic, Thresholds};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{Delta, DeltaKey, Guard, IngestCommit, Store, Unit};
use driftd::verdict::{
    Against, Budget, MonitoringPlan, OutcomePlan, Side, SilenceAfter, StatisticChoice, StatisticsPlan,
    Verdict, WindowAsked, WindowPlan, judge,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;

const MODELS: usize = 1_000;
const THREADS: usize = 2;
const NUMERIC: usize = 40;
const CATEGORICAL: usize = 10;
const FEATURES: usize = NUMERIC + CATEGORICAL;
const NAMES: u32 = 50;
/// References that the models share; the counts of their windows are their own.
const PROFILES: usize = 20;
const REFERENCE_ROWS: usize = 10_000;
const WINDOW_ROWS: usize = 1_000;
const PANES: usize = 24;
/// Where the window starts: on an hour.
const START: Timestamp = Timestamp::from_seconds(1_763_805_600);

fn numbers(rng: &mut StdRng, rows: usize, shift: f64) -> ColumnValues {
    ColumnValues::Numeric((0..rows).map(|_| rng.sample::<f64, _>(StandardNormal) + shift).collect())
}

fn names(rng: &mut StdRng, rows: usize) -> ColumnValues {
    let mut codes = CodesBuilder::default();
    (0..rows).for_each(|_| codes.push(&format!("n{:03}", rng.random_range(0..NAMES))));
    ColumnValues::Categorical(codes.take())
}

fn profile(rng: &mut StdRng) -> Profile {
    let options = BuildOptions { model: "model".parse().expect("an id"), task: None, windows: Vec::new() };
    let columns = (0..FEATURES).map(|i| {
        let (kind, values) = match i < NUMERIC {
            true => (ColumnKind::Numeric, numbers(rng, REFERENCE_ROWS, 0.0)),
            false => (ColumnKind::Categorical, names(rng, REFERENCE_ROWS)),
        };
        ReferenceColumn { id: ColumnId::feature(format!("f_{i:02}")), kind, values }
    });
    build(options, REFERENCE_ROWS, None, columns).expect("a profile")
}

/// Quiet rows, but for one feature in fifty that moved.
fn counted(rng: &mut StdRng, profile: &Profile, rows: usize) -> Tally {
    let columns = profile.ruler.columns().iter().enumerate().map(|(i, (_, grid))| {
        let values = match i < NUMERIC {
            true => numbers(rng, rows, if i == 7 { 0.5 } else { 0.0 }),
            false => names(rng, rows),
        };
        count_column(&values, grid)
    });
    Tally { rows: rows as i64, columns: columns.collect(), ..Tally::empty(&profile.ruler) }
}

fn plan(every_statistic: bool) -> MonitoringPlan {
    let mut statistics = StatisticsPlan::default();
    for statistic in Statistic::ALL.into_iter().filter(|_| every_statistic) {
        let choice = statistic.default_thresholds().map_or(StatisticChoice::Inform, StatisticChoice::Judge);
        statistics.every.insert(statistic, choice);
    }
    MonitoringPlan {
        windows: vec![WindowPlan::default()],
        references: vec![Against::Static],
        statistics,
        budget: Budget::default(),
        schema_violations: Thresholds { warning: 0.01, critical: 0.05 },
        silence_after: SilenceAfter::Off,
        outcomes: OutcomePlan::of(Task::Regression),
    }
}

fn window() -> TimeRange {
    TimeRange { start: START, end: START.saturating_add(PaneLength::Hour.duration() * PANES as u32) }
}

fn judged(plan: &MonitoringPlan, profile: &Profile, current: &Tally) -> Verdict {
    let sides = [Side {
        segment: &Segment::All,
        reference: Against::Static,
        range: None,
        ruler: &profile.ruler,
        current,
        counts: Ok(&profile.tally),
    }];
    judge(&WindowAsked {
        version: &Version::unnamed(),
        window: window(),
        plan,
        window_plan: &plan.windows[0],
        profile,
        alpha: 1e-3,
        ignored: &BTreeSet::new(),
        sensitive: &BTreeSet::new(),
        sides: &sides,
    })
}

/// Runs `evaluate` for every model, on so many threads.
fn on_threads(threads: usize, evaluate: impl Fn(usize) -> Verdict + Sync) {
    thread::scope(|scope| {
        for thread in 0..threads {
            let evaluate = &evaluate;
            scope.spawn(move || {
                for model in (thread..MODELS).step_by(threads) {
                    black_box(evaluate(model));
                }
            });
        }
    });
}

fn evaluate(criterion: &mut Criterion) {
    let mut rng = StdRng::seed_from_u64(11);
    let profiles: Vec<Profile> = (0..PROFILES).map(|_| profile(&mut rng)).collect();
    let windows: Vec<Tally> =
        (0..MODELS).map(|i| counted(&mut rng, &profiles[i % PROFILES], WINDOW_ROWS)).collect();

    let mut group = criterion.benchmark_group(format!("{MODELS} models of {FEATURES} features"));
    group.throughput(Throughput::Elements((MODELS * FEATURES) as u64));
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(5)).sample_size(10);
    for (name, every_statistic) in [("default statistics", false), ("all statistics", true)] {
        let plan = plan(every_statistic);
        for threads in [THREADS, 1] {
            group.bench_function(format!("{name}, {threads} threads"), |bench| {
                bench.iter(|| {
                    on_threads(threads, |i| judged(&plan, &profiles[i % PROFILES], &windows[i]));
                });
            });
        }
    }
    drop(windows);
    let stored = Stored::new(&mut rng, &profiles);
    let plan = plan(true);
    group.bench_function(format!("all statistics, {THREADS} threads, from the store"), |bench| {
        bench.iter(|| {
            on_threads(THREADS, |i| {
                let profile = &profiles[i % PROFILES];
                judged(&plan, profile, &stored.read(i, profile))
            });
        });
    });
    group.finish();
}

/// A store with every model's panes of the window.
struct Stored {
    runtime: tokio::runtime::Runtime,
    store: SqliteStore,
    _dir: tempfile::TempDir,
}

impl Stored {
    /// Models of one profile have the same panes, each its own copy.
    fn new(rng: &mut StdRng, profiles: &[Profile]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).build();
        let runtime = runtime.expect("a runtime");
        let store = SqliteStore::open(dir.path(), SqliteOptions::default()).expect("a store").0;
        for (at, profile) in profiles.iter().enumerate() {
            for hour in 0..PANES {
                let ruler = Arc::new(profile.ruler.clone());
                let counts = EncodedTally::of(&ruler, &counted(rng, profile, WINDOW_ROWS / PANES));
                let start = START.saturating_add(PaneLength::Hour.duration() * hour as u32);
                let pane = PaneLength::Hour.pane_of(start);
                let deltas = (at..MODELS).step_by(PROFILES).map(|model| {
                    let (version, segment) = (Version::unnamed(), Segment::All);
                    let key = DeltaKey { model: model_id(model), version, segment, pane };
                    (key, Delta::Counts(counts.clone()))
                });
                let unit = Unit {
                    kpis: Vec::new(),
                    guard: Guard::None,
                    deltas: deltas.collect(),
                    halves: Vec::new(),
                    newest: BTreeMap::new(),
                    answer: Vec::new(),
                };
                let commit = IngestCommit { at: START, units: vec![unit] };
                runtime.block_on(store.commit_ingest(commit)).expect("a commit");
            }
        }
        Self { runtime, store, _dir: dir }
    }

    /// The window's counts of a model, added up from its panes.
    fn read(&self, model: usize, profile: &Profile) -> Tally {
        let rows = self.runtime.block_on(self.store.read_deltas(&model_id(model), window()));
        let rows = rows.expect("the store can be read");
        assert_eq!(rows.len(), PANES, "a row a pane");
        let mut sum = Tally::empty(&profile.ruler);
        for row in rows {
            sum.add_encoded(row.body.bytes()).expect("counts on the ruler");
        }
        sum
    }
}

fn model_id(model: usize) -> ModelId {
    format!("model-{model:04}").parse().expect("an id")
}

criterion_group!(benches, evaluate);
criterion_main!(benches);

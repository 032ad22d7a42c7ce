//! Predictions that wait and labels that find them, through the log and the joiner: `cargo bench --bench join`.
//!
//! Ten million predictions of 30 days (or as many millions as are given), then a million labels in the order of their
//! predictions, and a million scattered over all of them; then the start again. Says how fast each became durable, how
//! long the store's jobs for it took at most, and the memory.

#[path = "support/model.rs"]
mod model_of_bench;
mod support;

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use driftd::batch::{CodesBuilder, ColumnValues};
use driftd::clock::ManualClock;
use driftd::domain::{ColumnKind, IdHash, ModelId, PaneLength, Task, Timestamp};
use driftd::join::{Facts, Halves, Label, LabelHalf, LabelValue, Millis, Origin, PredictionHalf};
use driftd::metrics::{Metrics, SeriesOptions};
use driftd::performance::Predicted;
use driftd::pipeline::{KpiOptions, ModelOptions, PipelineOptions, Running};
use driftd::reference::{BuildOptions, Builder, NamedClasses, Profile, ReferenceColumn, yardstick};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{Guard, IngestCommit, JobKind, JobObserver, Store, Unit, UnitHalves};

const SPAN: Duration = Duration::from_secs(30 * 86_400);
/// 2026-11-01.
const START: Timestamp = Timestamp::from_seconds(1_793_491_200);
/// Halves of one commit.
const BODY: u64 = 40_000;
const LABELS: u64 = 1_000_000;
const REGIONS: usize = 4;

/// The longest job of each kind, in microseconds.
#[derive(Debug, Default)]
struct Longest([AtomicU64; JobKind::ALL.len()]);

impl JobObserver for Longest {
    fn done(&self, job: JobKind, took: Duration) {
        self.0[job as usize].fetch_max(took.as_micros() as u64, Ordering::Relaxed);
    }
}

impl Longest {
    fn take(&self, job: JobKind) -> Duration {
        Duration::from_micros(self.0[job as usize].swap(0, Ordering::Relaxed))
    }
}

fn profile() -> Profile {
    let options = BuildOptions { model: "loan".parse().expect("an id"), task: None, windows: Vec::new() };
    let mut builder = Builder::new(options, 10_000, None).expect("a builder");
    let score = |row: usize| (row * 7_919 % 10_000) as f64 / 10_000.0;
    let mut predictions = CodesBuilder::default();
    (0..10_000).for_each(|row| predictions.push(if score(row) > 0.5 { "yes" } else { "no" }));
    for (id, kind, values) in [
        ("@score", ColumnKind::Numeric, ColumnValues::Numeric((0..10_000).map(score).collect())),
        ("@prediction", ColumnKind::Categorical, ColumnValues::Categorical(predictions.take())),
    ] {
        let id = id.parse().expect("a column");
        builder.add(ReferenceColumn { id, kind, values }).expect("a column");
    }
    builder.finish().expect("a profile")
}

/// Rows of a commit: what each of them is in the log.
struct Log {
    predictions: u64,
    origins: Vec<Arc<Origin>>,
}

impl Log {
    fn of(predictions: u64, profile: &Profile) -> Self {
        let named = NamedClasses { positive: Some("yes"), all: &[] };
        let yardstick = yardstick(Task::Binary, named, &profile.ruler, None).expect("a yardstick");
        let ruler = profile.ruler.clone().with_outcomes(yardstick.on_ruler()).id();
        let origin = |region: usize| Origin {
            version: "1".parse().expect("a version"),
            ruler,
            pane_length: PaneLength::Hour,
            segments: ["all".to_owned(), format!("region=r{region}")]
                .map(|segment| segment.parse().expect("a segment"))
                .into(),
        };
        Self { predictions, origins: (0..REGIONS).map(|region| Arc::new(origin(region))).collect() }
    }

    fn id(n: u64) -> IdHash {
        let mixed = (n ^ (n >> 30)).wrapping_add(1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        IdHash::from_bits((mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb))
    }

    fn at(&self, n: u64) -> Timestamp {
        START.saturating_add(SPAN.mul_f64(n as f64 / self.predictions as f64))
    }

    fn predictions(&self, rows: std::ops::Range<u64>) -> Halves {
        let half = |n: u64| {
            let score = (n % 1_000) as f64 / 1_000.0;
            let (tag, facts) = Predicted::Binary { positive: score > 0.5, score: Some(score) }.to_facts();
            PredictionHalf {
                id: Self::id(n),
                at: Millis::of(self.at(n)),
                origin: self.origins[n as usize % REGIONS].clone(),
                facts: Facts::new(tag, &facts).expect("few bytes"),
            }
        };
        Halves { predictions: rows.map(half).collect(), labels: Vec::new() }
    }

    fn labels(&self, rows: impl Iterator<Item = u64>) -> Halves {
        let half = |n: u64| {
            let value = LabelValue::class_name(if n.is_multiple_of(3) { "yes" } else { "no" });
            LabelHalf { id: Self::id(n), label: Label { at: Millis::of(START.saturating_add(SPAN)), value } }
        };
        Halves { predictions: Vec::new(), labels: rows.map(half).collect() }
    }
}

fn loan() -> ModelId {
    "loan".parse().expect("an id")
}

async fn append(store: &SqliteStore, halves: Halves) {
    let halves = vec![UnitHalves { model: loan(), until: START.saturating_add(SPAN), body: halves.encode() }];
    let unit = Unit {
        kpis: Vec::new(),
        guard: Guard::None,
        deltas: Vec::new(),
        halves,
        newest: Default::default(),
        answer: Vec::new(),
    };
    store.commit_ingest(IngestCommit { at: START, units: vec![unit] }).await.expect("a commit");
}

/// Until the model's metrics say so.
async fn until(metrics: &Metrics, reached: impl Fn(&driftd::metrics::ModelMetrics) -> bool) {
    let model = metrics.model(&loan(), Task::Binary);
    while !reached(&model) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn memory(name: &str) -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    kib.map_or("unknown".to_owned(), |kib| format!("{} MB", kib * 1_024 / 1_000_000))
}

fn rate(what: &str, halves: u64, took: Duration, longest: &Longest) {
    eprintln!(
        "{halves} {what} joined durably in {took:.2?}: {:.0} a second; jobs of the store at most {:.1?} (join), {:.1?} (ingest)",
        halves as f64 / took.as_secs_f64(),
        longest.take(JobKind::Join),
        longest.take(JobKind::Ingest),
    );
}

fn matched(model: &driftd::metrics::ModelMetrics) -> u64 {
    model.labels.counts().iter().find(|(outcome, _)| &**outcome == "matched").map_or(0, |(_, n)| *n)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // Cargo gives `--bench` too.
    let given: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let millions: u64 = given.first().and_then(|number| number.parse().ok()).unwrap_or(10).max(3);
    let bench = Bench {
        predictions: millions * 1_000_000,
        profile: profile(),
        clock: Arc::new(ManualClock::at(START.saturating_add(SPAN))),
        longest: Arc::default(),
    };
    if let Some(dir) = given.get(1) {
        return bench.start_again(Path::new(dir)).await;
    }
    let dir = tempfile::tempdir().expect("a directory");
    bench.fill(dir.path()).await;
    // In a process of its own: what this one gave back would not be told from what that one takes.
    let mut again = Command::new(std::env::current_exe().expect("the bench itself"));
    again.arg(millions.to_string()).arg(dir.path());
    assert!(again.status().expect("it runs").success());
}

/// What all starts have in common.
struct Bench {
    predictions: u64,
    profile: Profile,
    clock: Arc<ManualClock>,
    longest: Arc<Longest>,
}

impl Bench {
    async fn start(&self, dir: &Path) -> (Arc<SqliteStore>, Arc<Metrics>, Running<SqliteStore>) {
        let options = SqliteOptions { jobs: Some(self.longest.clone()), ..SqliteOptions::default() };
        let (store, recovered) = SqliteStore::open(dir, options).expect("a store");
        let (store, metrics) = (Arc::new(store), Arc::new(Metrics::new("bench", SeriesOptions::default())));
        let slots_max = NonZeroUsize::new((self.predictions + 2 * LABELS) as usize).expect("it is not 0");
        let limits = PipelineOptions { join_slots_max: slots_max, ..support::limits() };
        let model = ModelOptions {
            positive_class: Some("yes".into()),
            label_ttl: SPAN * 2,
            ..model_of_bench::model(loan(), Task::Binary, &self.profile)
        };
        let opened = (store.clone(), recovered);
        let running = support::start(
            opened,
            self.clock.clone(),
            metrics.clone(),
            limits,
            vec![model],
            KpiOptions::default(),
        )
        .await;
        (store, metrics, running)
    }

    async fn fill(&self, dir: &Path) {
        let Self { predictions, longest, .. } = self;
        let (predictions, log) = (*predictions, Log::of(*predictions, &self.profile));
        let (store, metrics, running) = self.start(dir).await;
        eprintln!("before: {} resident", memory("VmRSS"));
        let begun = Instant::now();
        for first in (0..predictions).step_by(BODY as usize) {
            append(&store, log.predictions(first..(first + BODY).min(predictions))).await;
        }
        until(&metrics, |model| model.waiting_predictions.get() == Some(predictions as f64)).await;
        rate("predictions", predictions, begun.elapsed(), longest);
        eprintln!("{predictions} wait: {} resident", memory("VmRSS"));

        let in_order = |n: u64| n;
        // A prime that is far from all others: each body has labels of all panes.
        let scattered = |n: u64| LABELS + n.wrapping_mul(7_368_787) % (predictions - LABELS);
        let ways: [(&str, &dyn Fn(u64) -> u64); 2] =
            [("labels in order", &in_order), ("scattered labels", &scattered)];
        for (done, (what, of)) in (0..).zip(ways) {
            let begun = Instant::now();
            for first in (0..LABELS).step_by(BODY as usize) {
                append(&store, log.labels((first..(first + BODY).min(LABELS)).map(of))).await;
            }
            until(&metrics, |model| matched(model) == (done + 1) * LABELS).await;
            rate(what, LABELS, begun.elapsed(), longest);
        }
        let size = store.size().await.expect("a size").database_bytes >> 20;
        eprintln!("{} resident, {} at most; the database has {size} MiB", memory("VmRSS"), memory("VmHWM"));
        running.stop().await;
        store.close().await.expect("it closes");
    }

    async fn start_again(&self, dir: &Path) {
        let begun = Instant::now();
        let (store, metrics, running) = self.start(dir).await;
        eprintln!("started again in {:.2?}", begun.elapsed());
        let left = (self.predictions - 2 * LABELS) as f64;
        until(&metrics, |model| model.waiting_predictions.get() == Some(left)).await;
        eprintln!("recovered in {:.2?}; {} resident", begun.elapsed(), memory("VmRSS"));
        running.stop().await;
        store.close().await.expect("it closes");
    }
}

//! Durable commits a second, and the bytes that each writes to the log; claims of a full outbox, pages of many incidents.
//!
//! Each commit waits for a sync: results depend on the disk (see the line printed at the start).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use driftd::domain::{ColumnId, Pane, PaneLength, Segment, TimeRange, Timestamp, Version};
use driftd::incident::{
    IncidentId, IncidentKey, IncidentKind, IncidentPolicy, Input, Observation, Origin, Subject, transition,
};
use driftd::notification::{Announcement, Links, Notification, NotificationId, ReceiverName};
use driftd::sketch::{ColumnCounts, EncodedTally, Extremes, Grid, NumericGrid, Ruler, Tally};
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{
    Claim, Delivery, Delta, DeltaBody, DeltaKey, EvaluationCommit, Fold, Guard, IncidentChange,
    IncidentChanges, IncidentQuery, IncidentState, IngestCommit, Marked, Store, Unit, VerdictRow,
    VerdictSubject,
};
use driftd::verdict::Severity;

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
fn commit(number: u64, requests: u64, counts: &EncodedTally) -> IngestCommit {
    let pane =
        Pane { start: Timestamp::from_seconds((number / 1000) as i64 * 3600), length: PaneLength::Hour };
    let model: driftd::domain::ModelId = "credit".parse().expect("a right id");
    let units = (0..requests).map(|request| Unit {
        kpis: Vec::new(),
        guard: Guard::Key {
            model: Some(model.clone()),
            endpoint: "predictions",
            key: format!("{number}-{request}"),
            body_hash: [0; 16],
        },
        deltas: vec![(
            DeltaKey { model: model.clone(), version: Version::unnamed(), segment: Segment::All, pane },
            Delta::Counts(counts.clone()),
        )],
        halves: Vec::new(),
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
    let ruler = Arc::new(ruler(&mut random));
    eprintln!("a synced write of 4 KiB takes {:?} here", sync_takes(dir.path()).expect("a file"));

    let mut group = criterion.benchmark_group("commit_ingest");
    for (requests, rows) in [(1, 1000), (16, 1000), (1, 10)] {
        let counts = EncodedTally::of(&ruler, &tally(&ruler, rows, &mut random));
        let name = format!("{requests}x{rows}rows");
        let dir = dir.path().join(&name);
        report_bytes(&runtime, &dir.join("bytes"), requests, &ruler, &counts, &name);
        let store = SqliteStore::open(&dir, SqliteOptions::default()).expect("a store").0;
        let mut number = 0;
        group.throughput(Throughput::Elements(requests));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_batched(
                || {
                    number += 1;
                    commit(number, requests, &counts)
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
    counts: &EncodedTally,
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
            store.commit_ingest(commit(number, requests, counts)).await.expect("a commit");
        }
        store.size().await.expect("a size").log_bytes
    });
    let delta = counts.bytes().len();
    let rows = runtime.block_on(store.fold_candidates(1 << 20, None)).expect("rows");
    let mut sum = Tally::empty(ruler);
    for row in &rows {
        sum.add_encoded(row.body.bytes()).expect("a tally");
    }
    let inserted = vec![(rows[0].key.clone(), DeltaBody::Counts(sum.encode()))];
    let fold = Fold { deleted: rows.iter().map(|row| row.row).collect(), inserted };
    let start = Instant::now();
    runtime.block_on(store.fold(fold)).expect("a fold");
    eprintln!("{name}: folding {} rows of 1 MiB at most takes {:?}", rows.len(), start.elapsed());
    eprintln!("{name}: {} bytes a commit in the log, a delta of {delta} bytes", written / COMMITS);
}

const INCIDENTS: u64 = 10_000;
/// For each incident: 100,000 in all.
const NOTIFICATIONS: u64 = 10;
const RECEIVERS: [&str; 4] = ["webhook", "slack", "pagerduty", "mail"];

fn name(receiver: &str) -> ReceiverName {
    receiver.parse().expect("a right name")
}

/// An incident that opens, and all that receivers are told of it.
fn opened(id: u64) -> IncidentChanges {
    let key = IncidentKey {
        model: Some(format!("model-{}", id % 100).parse().expect("a right id")),
        version: None,
        segment: Segment::All,
        kind: IncidentKind::ALL[id as usize % IncidentKind::ALL.len()],
        subject: Subject::cut(&id.to_string()),
    };
    let severity = if id.is_multiple_of(4) { Severity::Critical } else { Severity::Warning };
    let seen = Observation {
        moved: (0..3).map(|i| format!("feature {i} of {id} moved from about 40 to about 70")).collect(),
        ..Observation::words("the share of drifted features is 0.42, at most 0.2 is allowed")
    };
    let raise = Input::Raise { severity, seen, origin: Origin::Verdict, tags: BTreeMap::new() };
    let now = Timestamp::from_seconds(id as i64);
    let outcome = transition(None, &key, raise, now, &IncidentPolicy::default(), IncidentId(id));
    let outcome = outcome.expect("nothing refuses it").expect("it opens");
    let links = Links { external_url: "https://driftd.example".to_owned() };
    let notification = |n: u64| Notification {
        id: NotificationId(id * NOTIFICATIONS + n),
        receiver: name(RECEIVERS[(n as usize) % RECEIVERS.len()]),
        incident: outcome.incident.id,
        severity,
        group: format!("{} {}", id % 1000, n / 4),
        created_at: now,
        due_at: now,
        announcement: Announcement::of(&outcome.incident, &outcome.happened[0], &links),
    };
    IncidentChanges {
        notifications: (0..NOTIFICATIONS).map(notification).collect(),
        changes: vec![IncidentChange {
            incident: outcome.incident.clone(),
            happened: outcome.happened.clone(),
        }],
        ..IncidentChanges::default()
    }
}

fn incidents(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a directory");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let store = SqliteStore::open(dir.path(), SqliteOptions::default()).expect("a store").0;
    let start = Instant::now();
    let mut longest = Duration::ZERO;
    for id in 1..=INCIDENTS {
        let (changes, start) = (opened(id), Instant::now());
        runtime.block_on(store.commit_incidents(changes)).expect("a commit");
        longest = longest.max(start.elapsed());
    }
    eprintln!(
        "{INCIDENTS} incidents with {NOTIFICATIONS} notifications each: {:?}, the longest commit {longest:?}",
        start.elapsed()
    );
    report_evaluations("alone", |_| 500, &runtime, &store);
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let until = |done| if over.load(Ordering::Relaxed) { done } else { usize::MAX };
            report_evaluations("beside delivery", until, &runtime, &store);
        });
        report_deliveries(&runtime, &store);
        over.store(true, Ordering::Relaxed);
    });

    let mut group = criterion.benchmark_group("read_incidents");
    let page = IncidentQuery { limit: 100, ..IncidentQuery::default() };
    let rare = IncidentQuery {
        states: [IncidentState::Open].into(),
        model: Some("model-7".parse().expect("a right id")),
        severity: Some(Severity::Critical),
        ..page.clone()
    };
    for (name, query) in [("newest", page), ("none that fits", rare)] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| runtime.block_on(store.read_incidents(query.clone())).expect("a page"));
        });
    }
    group.finish();
}

/// Commits evaluations of a model, one after the other, as long as there are fewer than `until` says of those done.
fn report_evaluations(
    when: &str,
    until: impl Fn(usize) -> usize,
    runtime: &tokio::runtime::Runtime,
    store: &SqliteStore,
) {
    let model: driftd::domain::ModelId = when.replace(' ', "_").parse().expect("a right id");
    let mut took = Vec::new();
    while took.len() < until(took.len()) {
        let at = Timestamp::from_seconds(took.len() as i64 * 3_600);
        let window = TimeRange { start: at, end: at.saturating_add(Duration::from_secs(3_600)) };
        let evaluation = EvaluationCommit {
            kpis: Vec::new(),
            model: model.clone(),
            expected_revision: took.len() as i64,
            state: vec![1; 4 << 10],
            verdicts: vec![VerdictRow {
                subject: VerdictSubject::Data,
                window,
                revision: 0,
                at,
                body: vec![1; 8 << 10],
            }],
            incidents: IncidentChanges::default(),
        };
        let asked = Instant::now();
        runtime.block_on(store.commit_evaluation(evaluation)).expect("a commit");
        took.push(asked.elapsed());
    }
    took.sort_unstable();
    eprintln!(
        "{} evaluations {when}: {:?} a commit (median), {:?} (99 %), {:?} (longest)",
        took.len(),
        took[took.len() / 2],
        took[took.len() * 99 / 100],
        took[took.len() - 1]
    );
}

/// Claims all of a full outbox and marks its messages one by one, every tenth at the second attempt.
fn report_deliveries(runtime: &tokio::runtime::Runtime, store: &SqliteStore) {
    let (start, mut now) = (Instant::now(), Timestamp::from_seconds(1 << 30));
    let (mut messages, mut notifications) = (0, 0);
    let (mut longest_claim, mut longest_mark) = (Duration::ZERO, Duration::ZERO);
    loop {
        now = now.saturating_add(Duration::from_secs(1));
        let claim = Claim {
            now,
            lease_until: now.saturating_add(Duration::from_secs(60)),
            receivers: RECEIVERS.map(name).to_vec(),
            messages_max: 32,
        };
        let asked = Instant::now();
        let claimed = runtime.block_on(store.claim_notifications(claim)).expect("a claim");
        longest_claim = longest_claim.max(asked.elapsed());
        if claimed.is_empty() {
            break;
        }
        let marked = claimed.iter().map(|message| Marked {
            message: message.id,
            receiver: message.receiver.clone(),
            at: now,
            delivery: match message.attempts == 0 && message.id.0.is_multiple_of(10) {
                true => Delivery::Retry { due_at: now, error: "503".to_owned() },
                false => Delivery::Delivered,
            },
        });
        notifications += claimed.iter().map(|message| message.notifications.len()).sum::<usize>();
        for marked in marked {
            messages += 1;
            let asked = Instant::now();
            runtime.block_on(store.mark_deliveries(vec![marked])).expect("a mark");
            longest_mark = longest_mark.max(asked.elapsed());
        }
    }
    let rate = notifications as f64 / start.elapsed().as_secs_f64();
    eprintln!(
        "{messages} messages of {notifications} notifications claimed and marked: {rate:.0} notifications a second, \
         the longest claim {longest_claim:?}, the longest mark {longest_mark:?}"
    );
}

criterion_group!(benches, commits, incidents);
criterion_main!(benches);

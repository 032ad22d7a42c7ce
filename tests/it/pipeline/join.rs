//! Labels meet their predictions: in any order, through failing commits, restarts and changes of the grids.

use std::collections::BTreeMap;
use std::time::Duration;

use driftd::batch::{CodesBuilder, ColumnValues};
use driftd::domain::{ColumnKind, Segment, Task, TimeRange, Timestamp};
use driftd::performance::Record;
use driftd::pipeline::{ModelOptions, ReferenceOptions};
use driftd::reference::{BuildOptions, Builder, NamedClasses, Profile, ReferenceColumn, yardstick};
use driftd::sketch::Tally;
use driftd::store::{DeltaBody, Store, StoreError};
use serde_json::{Value, json};

use crate::api::{at, model};
use crate::support::daemon::Daemon;
use crate::support::faulty::Call;

const START: &str = "01T00:00";

/// 400 rows with scores of hundredths; the threshold of the classes lies at `cut`.
fn profile(cut: f64) -> Profile {
    let score = |row: usize| (row * 7 % 100) as f64 / 100.0;
    let options =
        BuildOptions { model: "price".parse().unwrap(), task: Some(Task::Binary), windows: Vec::new() };
    let mut builder = Builder::new(options, 400, None).unwrap();
    let mut predictions = CodesBuilder::default();
    (0..400).for_each(|row| predictions.push(if score(row) >= cut { "yes" } else { "no" }));
    let columns = [
        (
            "@score",
            ColumnKind::Numeric,
            ColumnValues::Numeric((0..400).map(|row| score(row) * cut).collect()),
        ),
        ("@prediction", ColumnKind::Categorical, ColumnValues::Categorical(predictions.take())),
    ];
    for (id, kind, values) in columns {
        builder.add(ReferenceColumn { id: id.parse().unwrap(), kind, values }).unwrap();
    }
    builder.finish().unwrap()
}

pub fn loan(cut: f64) -> ModelOptions {
    ModelOptions {
        task: Task::Binary,
        positive_class: Some("yes".into()),
        ..model("price", ReferenceOptions::Profile(Box::new(profile(cut))))
    }
}

/// A prediction each half hour: of every third the positive class.
pub fn predictions(rows: std::ops::Range<usize>) -> Vec<Value> {
    let row = |row: usize| {
        let ts = at(START).saturating_add(Duration::from_secs(1_800 * row as u64)).to_string();
        let prediction = if row.is_multiple_of(3) { "yes" } else { "no" };
        let city = if row.is_multiple_of(2) { "paris" } else { "rome" };
        json!({"id": format!("p-{row}"), "ts": ts, "prediction": prediction, "score": (row % 10) as f64 / 10.0,
            "segments": {"city": city}})
    };
    rows.map(row).collect()
}

/// A label two days after each: of every second the positive class.
pub fn labels(rows: std::ops::Range<usize>, positive: impl Fn(usize) -> bool) -> Vec<Value> {
    let row = |row: usize| {
        let ts = at("03T00:00").saturating_add(Duration::from_secs(1_800 * row as u64)).to_string();
        json!({"id": format!("p-{row}"), "ts": ts, "actual": if positive(row) { "yes" } else { "no" }})
    };
    rows.map(row).collect()
}

/// The same, all at a time.
fn labels_at(ts: &str, rows: std::ops::Range<usize>) -> Vec<Value> {
    let at = |mut row: Value| {
        row["ts"] = json!(at(ts).to_string());
        row
    };
    labels(rows, |row| row.is_multiple_of(2)).into_iter().map(at).collect()
}

pub async fn label(daemon: &Daemon, labels: &[Value]) {
    let answer = daemon.post("/v1/models/price/labels", &json!(labels)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["accepted"], labels.len(), "{}", answer.text());
}

/// What the store holds of outcomes, by segment.
async fn outcomes(daemon: &Daemon, profile: &Profile) -> BTreeMap<Segment, Record> {
    let named = NamedClasses { positive: Some("yes"), all: &[] };
    let whole = yardstick(Task::Binary, named, &profile.ruler, None).unwrap();
    let coarse = whole.coarse();
    let always = TimeRange { start: Timestamp::MIN, end: Timestamp::MAX };
    let mut sums: BTreeMap<Segment, Tally> = BTreeMap::new();
    for row in daemon.store().read_deltas(&"price".parse().unwrap(), always).await.unwrap() {
        let ruler = match row.key.segment {
            Segment::All => profile.ruler.clone().with_outcomes(whole.on_ruler()),
            Segment::Slice { .. } => profile.ruler.coarse().with_outcomes(coarse.on_ruler()),
        };
        let DeltaBody::Counts(body) = &row.body else { unreachable!() };
        let sum = sums.entry(row.key.segment).or_insert_with(|| Tally::empty(&ruler));
        sum.add(&Tally::decode(body, &ruler).unwrap()).unwrap();
    }
    let record = |(segment, tally): (Segment, Tally)| {
        let yardstick = if segment == Segment::All { &whole } else { &coarse };
        (segment, Record::of(&tally, yardstick).unwrap())
    };
    sums.into_iter().map(record).collect()
}

/// Rows, correct rows, and rows of which label and prediction are positive.
fn confusion(record: &Record) -> [i64; 3] {
    let confusion = record.confusion().unwrap();
    [confusion.rows(), confusion.right(), confusion.true_positive]
}

/// Until the log is joined whole, whatever becomes of its labels.
pub async fn joined(daemon: &Daemon, outcome: &str, halves: f64) {
    let name = format!("driftd_labels_total{{model=\"price\",outcome=\"{outcome}\"}}");
    daemon.until_sample(&name, halves).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_before_after_corrected_and_twice_count_as_if_they_had_come_in_order() {
    let daemon = Daemon::start(at("10T00:00"), vec![loan(0.5)]).await;
    label(&daemon, &labels(0..60, |row| row.is_multiple_of(2))).await;
    daemon.predict("price", &predictions(0..120)).await;
    // The other way round, and then as they are.
    label(&daemon, &labels(60..90, |row| !row.is_multiple_of(2))).await;
    joined(&daemon, "matched", 90.0).await;
    let later = |row: Value| {
        let mut row = row;
        row["ts"] = json!("2026-11-09T00:00:00Z");
        row
    };
    let corrected = labels(60..90, |row| row.is_multiple_of(2)).into_iter().map(later).collect::<Vec<_>>();
    label(&daemon, &corrected).await;
    label(&daemon, &corrected).await;
    joined(&daemon, "duplicate", 30.0).await;
    joined(&daemon, "correction", 30.0).await;
    let found = outcomes(&daemon, &profile(0.5)).await;
    let expected = |city: Option<usize>| {
        let rows = || (0..90usize).filter(|row| city.is_none_or(|city| row % 2 == city));
        let correct = rows().filter(|row| row.is_multiple_of(3) == row.is_multiple_of(2)).count();
        [rows().count() as i64, correct as i64, rows().filter(|row| row.is_multiple_of(6)).count() as i64]
    };
    assert_eq!(confusion(&found[&Segment::All]), expected(None));
    for (segment, city) in [("city=paris", 0), ("city=rome", 1)] {
        assert_eq!(confusion(&found[&segment.parse().unwrap()]), expected(Some(city)), "{segment}");
    }
    assert_eq!(found[&Segment::All].predicted_rows(), 120);
    daemon.until_sample("driftd_waiting_predictions{model=\"price\"}", 30.0).await;
    daemon.until_sample("driftd_label_sample_ratio{model=\"price\"}", 1.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_survives_a_restart_and_counts_in_memory_follow() {
    let mut daemon = Daemon::start(at("10T00:00"), vec![loan(0.5)]).await;
    daemon.predict("price", &predictions(0..50)).await;
    daemon.until_sample("driftd_waiting_predictions{model=\"price\"}", 50.0).await;
    label(&daemon, &labels(0..20, |_| true)).await;
    joined(&daemon, "matched", 20.0).await;
    for end in [30, 40, 50] {
        daemon = daemon.restart(vec![loan(0.5)]).await;
        label(&daemon, &labels(0..end, |_| true)).await;
        joined(&daemon, "matched", 10.0).await;
        joined(&daemon, "duplicate", (end - 10) as f64).await;
    }
    let found = outcomes(&daemon, &profile(0.5)).await;
    assert_eq!(confusion(&found[&Segment::All]), [50, 17, 17]);
}

/// Each pane has an outcome: more than one transaction takes. It fails between two of them, and then the daemon dies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_that_was_committed_in_part_goes_on_with_the_rest() {
    const ROWS: usize = 1_200;
    let daemon = Daemon::start(at("29T00:00"), vec![loan(0.5)]).await;
    daemon.predict("price", &predictions(0..ROWS)).await;
    daemon.until_sample("driftd_waiting_predictions{model=\"price\"}", ROWS as f64).await;
    daemon.faults.spare(Call::CommitJoin, 2);
    daemon.faults.order(Call::CommitJoin, 1_000, || StoreError::Unavailable("as ordered".to_owned()));
    label(&daemon, &labels(0..ROWS, |_| true)).await;
    daemon.faults.until_met().await;
    assert_eq!(daemon.stored("SELECT count(*) FROM join_state WHERE through IS NOT NULL"), 1);
    daemon.faults.clear();
    let daemon = daemon.restart(vec![loan(0.5)]).await;
    joined(&daemon, "matched", ROWS as f64).await;
    assert_eq!(daemon.stored("SELECT count(*) FROM join_state WHERE through IS NOT NULL"), 0);
    let found = outcomes(&daemon, &profile(0.5)).await;
    assert_eq!(confusion(&found[&Segment::All]), [1_200, 400, 400]);
    assert_eq!(confusion(&found[&"city=rome".parse().unwrap()]), [600, 200, 200]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passing_fault_delays_outcomes_and_a_failed_sync_is_the_end() {
    let daemon = Daemon::start(at("10T00:00"), vec![loan(0.5)]).await;
    daemon.predict("price", &predictions(0..10)).await;
    daemon.faults.order(Call::CommitJoin, 2, || StoreError::Unavailable("as ordered".to_owned()));
    label(&daemon, &labels(0..10, |_| true)).await;
    joined(&daemon, "matched", 10.0).await;
    assert_eq!(daemon.faults.met(), 2);
    let found = outcomes(&daemon, &profile(0.5)).await;
    assert_eq!(confusion(&found[&Segment::All]), [10, 4, 4]);
    daemon.faults.order(Call::CommitJoin, 1, || StoreError::SyncFailed("as ordered".to_owned()));
    label(
        &daemon,
        &labels(0..10, |_| false)
            .into_iter()
            .map(|mut row| {
                row["ts"] = json!("2026-11-09T00:00:00Z");
                row
            })
            .collect::<Vec<_>>(),
    )
    .await;
    assert!(daemon.fatal().await.contains("as ordered"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outcome_on_grids_that_went_is_named_and_counts_nowhere() {
    let daemon = Daemon::start(at("10T00:00"), vec![loan(0.5)]).await;
    daemon.predict("price", &predictions(0..10)).await;
    let daemon = daemon.restart(vec![loan(0.25)]).await;
    daemon.predict("price", &predictions(10..15)).await;
    label(&daemon, &labels(0..15, |_| true)).await;
    joined(&daemon, "matched", 15.0).await;
    joined(&daemon, "other_grids", 10.0).await;
}

/// Labels were counted and acknowledged; that their windows were to be judged again was known in memory only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_counted_just_before_a_restart_revise_their_windows_after_it() {
    let hour = Duration::from_secs(3_600);
    let model = || {
        let mut model = loan(0.5);
        model.plan.outcomes.label_wait = hour;
        vec![model]
    };
    let of_the_day = "FROM verdict WHERE subject = 'outcomes' AND window_end = 1793577600000000";
    let revision = format!("SELECT coalesce(max(revision), -1) {of_the_day}");
    let daemon = Daemon::start(at("02T11:59"), model()).await;
    daemon.predict("price", &predictions(0..48)).await;
    daemon.clock.set(at("02T13:00"));
    daemon.evaluated("price").await;
    assert_eq!(daemon.stored(&revision), 0, "judged without a label");
    label(&daemon, &labels_at("02T11:00", 0..40)).await;
    joined(&daemon, "matched", 40.0).await;

    let daemon = daemon.restart(model()).await;
    daemon.evaluated("price").await;
    assert_eq!(daemon.stored(&revision), 0, "an hour is waited for more");
    for _ in 0..2 {
        daemon.clock.advance(hour + Duration::from_secs(1));
        daemon.evaluated("price").await;
        assert_eq!(daemon.stored(&revision), 1, "once, however often it is looked at");
    }
    let path = "/v1/models/price/performance?current=2026-11-01T00:00:00Z/2026-11-02T00:00:00Z";
    assert_eq!(daemon.read(path).await["versions"][0]["labelled"], 40);
    // What is as it was stored is judged no more.
    let daemon = daemon.restart(model()).await;
    daemon.evaluated("price").await;
    daemon.clock.advance(hour + Duration::from_secs(1));
    daemon.evaluated("price").await;
    assert_eq!(daemon.stored(&revision), 1);
}

/// Scores go to 0.9, and to 0.5 in the reference: that they moved is told of any range, not only of windows that were judged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn performance_over_any_range_knows_whether_its_inputs_moved() {
    let daemon = Daemon::start(at("12T00:00"), vec![loan(0.5)]).await;
    daemon.predict("price", &predictions(0..384)).await;
    label(&daemon, &labels(0..384, |row| row.is_multiple_of(2))).await;
    joined(&daemon, "matched", 384.0).await;
    for range in ["01T00:00:00Z/2026-11-09T00:00:00Z", "01T12:00:00Z/2026-11-08T06:00:00Z"] {
        let of = |what: &str| format!("/v1/models/price/{what}?current=2026-11-{range}");
        let drift = daemon.read(&of("drift")).await;
        assert_eq!(drift["verdict"]["status"], "critical", "{drift:#}");
        let told = daemon.read(&of("performance")).await.to_string();
        assert!(told.contains("inputs moved"), "{told}");
        assert!(!told.contains("inputs did not move"), "{told}");
    }
}

/// The counts that it is told from lie in the store alone then, no row having come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn performance_is_told_after_a_restart_as_before() {
    let daemon = Daemon::start(at("08T00:00"), vec![loan(0.5)]).await;
    daemon.predict("price", &predictions(0..96)).await;
    label(&daemon, &labels(0..96, |row| row.is_multiple_of(2))).await;
    joined(&daemon, "matched", 96.0).await;
    let path = "/v1/models/price/performance?current=2026-11-01T00:00:00Z/2026-11-02T00:00:00Z";
    let told = |of: &Value| of["versions"][0]["labelled"] == 48;
    let before = daemon.until(path, told).await;
    assert_eq!(before["versions"][0]["label_coverage"], 1.0, "{before:#}");
    // Of 48 rows every third is predicted positive and every second is: 8 are both, 16 neither.
    let accuracy = |of: &Value| of["versions"][0]["metrics"][0]["realised"]["value"].as_f64();
    assert_eq!(accuracy(&before), Some(0.5), "{before:#}");
    let daemon = daemon.restart(vec![loan(0.5)]).await;
    let after = daemon.until(path, told).await;
    assert_eq!(after["versions"][0]["metrics"], before["versions"][0]["metrics"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_outcome_of_no_class_is_none_and_the_label_after_it_is_the_first() {
    let daemon = Daemon::start(at("10T00:00"), vec![loan(0.5)]).await;
    let mut rows = predictions(0..5);
    rows[0]["actual"] = json!("maybe");
    rows[1]["actual"] = json!("yes");
    rows[2]["prediction"] = json!("perhaps");
    rows[3]["actual"] = json!("maybe");
    rows[3]["id"] = json!(null);
    daemon.predict("price", &rows).await;
    joined(&daemon, "matched", 1.0).await;
    joined(&daemon, "unknown_class", 2.0).await;
    // The third row waits for nothing: no label can say whether it was right.
    label(&daemon, &labels(0..3, |_| true)).await;
    joined(&daemon, "matched", 2.0).await;
    daemon.until_sample("driftd_waiting_predictions{model=\"price\"}", 1.0).await;
    let corrections = daemon.sample("driftd_labels_total{model=\"price\",outcome=\"correction\"}").await;
    assert_eq!(corrections.unwrap_or_default(), 0.0);
    joined(&daemon, "unknown_class", 2.0).await;

    let found = outcomes(&daemon, &profile(0.5)).await;
    assert_eq!(confusion(&found[&Segment::All]), [2, 1, 1]);
    assert_eq!(found[&Segment::All].predicted_rows(), 4, "what cannot be judged does not lower coverage");
    let strange =
        "driftd_schema_violations_total{model=\"price\",feature=\"@prediction\",kind=\"unknown_class\"}";
    assert_eq!(daemon.sample(strange).await, Some(1.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_of_a_model_whose_outcomes_are_not_counted_are_rejected_with_the_reason() {
    let nameless = ModelOptions { positive_class: None, ..loan(0.5) };
    let daemon = Daemon::start(at("10T00:00"), vec![nameless]).await;
    daemon.predict("price", &predictions(0..2)).await;
    let answer = daemon.post("/v1/models/price/labels", &json!(labels(0..2, |_| true))).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let why = "it is not known which of its classes (no, yes) is the positive one";
    let said = answer.text();
    assert_eq!(said.matches(why).count(), 2, "each line has its reason: {said}");

    let performance = daemon.read("/v1/models/price/performance").await;
    let expected = format!("outcomes are not counted: {why}; name it: positive_class = \"…\"");
    assert_eq!(performance["reason"]["message"], expected, "{performance:#}");
    let model = daemon.read("/v1/models/price").await;
    assert_eq!(model["drift"]["concept"]["reason"]["message"], expected, "{model:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_in_sum_says_how_far_its_labels_are() {
    let mut options = loan(0.5);
    options.plan.outcomes.label_wait = Duration::ZERO;
    let daemon = Daemon::start(at("01T23:00"), vec![options]).await;
    assert_eq!(daemon.read("/v1/models/price").await["labels"], Value::Null, "before any window was judged");
    daemon.predict("price", &predictions(0..46)).await;
    let at_once = |row: usize| json!({"id": format!("p-{row}"), "actual": "yes"});
    label(&daemon, &(0..12).map(at_once).collect::<Vec<_>>()).await;
    joined(&daemon, "matched", 12.0).await;
    daemon.clock.set(at("02T01:05"));
    let model = daemon.until("/v1/models/price", |of| of["labels"]["predicted"] == 46).await;
    let labels = &model["labels"];
    assert_eq!((&labels["labelled"], &labels["coverage"]), (&json!(12), &json!(12.0 / 46.0)), "{labels:#}");
}

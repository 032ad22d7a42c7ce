//! Every read of a daemon that counts, judges and learns, over HTTP.

use std::collections::BTreeSet;
use std::time::Duration;

use driftd::batch::{CodesBuilder, ColumnValues};
use driftd::domain::{ColumnId, ColumnKind, PaneLength, Task, Timestamp};
use driftd::pipeline::{LearnOptions, ModelOptions, ReferenceOptions};
use driftd::reference::{BuildOptions, Profile, ReferenceColumn, build};
use driftd::statistic::Thresholds;
use driftd::verdict::{
    Against, Budget, MonitoringPlan, OutcomePlan, SilenceAfter, StatisticsPlan, WindowPlan,
};
use driftd::window::ClockMode;
use serde_json::{Value, json};

use crate::support::daemon::Daemon;

const MINUTE: Duration = Duration::from_secs(60);
const CITIES: [&str; 4] = ["berlin", "berlin", "paris", "rome"];

pub fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn x(i: usize) -> f64 {
    ((i * 37) % 100) as f64
}

/// One row each five minutes from `start`, `x` moved by `shift`.
pub fn rows(start: &str, count: usize, version: &str, shift: f64) -> Vec<Value> {
    let start = at(start);
    let row = |i: usize| {
        let ts = start.saturating_add(5 * MINUTE * i as u32).to_string();
        json!({"ts": ts, "version": version, "features": {"x": x(i) + shift, "city": CITIES[i % 4]}, "prediction": 1.5})
    };
    (0..count).map(row).collect()
}

pub fn profile() -> Profile {
    let mut cities = CodesBuilder::default();
    (0..400).for_each(|i| cities.push(CITIES[i % 4]));
    let columns = [
        ("x", ColumnKind::Numeric, ColumnValues::Numeric((0..400).map(x).collect())),
        ("city", ColumnKind::Categorical, ColumnValues::Categorical(cities.take())),
    ];
    let columns =
        columns.map(|(id, kind, values)| ReferenceColumn { id: ColumnId::feature(id), kind, values });
    let options =
        BuildOptions { model: "price".parse().unwrap(), task: Some(Task::Regression), windows: Vec::new() };
    build(options, 400, None, columns).unwrap()
}

pub fn model(id: &str, reference: ReferenceOptions) -> ModelOptions {
    let window = WindowPlan {
        length: Duration::from_secs(86_400),
        pane: PaneLength::Hour,
        lateness: 60 * MINUTE,
        min_samples: 100,
        consecutive: 1,
    };
    ModelOptions {
        id: id.parse().unwrap(),
        task: Task::Regression,
        positive_class: None,
        classes: Vec::new(),
        declared: Vec::new(),
        ignored: BTreeSet::new(),
        sensitive: BTreeSet::new(),
        segments: vec!["city".into()],
        full_grid: false,
        clock: ClockMode::Live,
        idle_timeout: 10 * MINUTE,
        tags: Default::default(),
        plan: MonitoringPlan {
            windows: vec![window],
            references: vec![Against::Static],
            statistics: StatisticsPlan::default(),
            budget: Budget::default(),
            schema_violations: Thresholds { warning: 0.01, critical: 0.05 },
            silence_after: SilenceAfter::Off,
            outcomes: OutcomePlan::of(Task::Regression),
        },
        reference,
        label_ttl: Duration::from_secs(30 * 86_400),
        trained_at: [("1".parse().unwrap(), at("01T00:00"))].into(),
        retraining: None,
        maintenance: Default::default(),
    }
}

/// A model whose reference is the profile.
pub fn price() -> ModelOptions {
    model("price", ReferenceOptions::Profile(Box::new(profile())))
}

fn rows_in(histogram: &Value, uncounted: &Value, side: &str) -> u64 {
    let bins = histogram["bins"].as_array().unwrap().iter().chain(uncounted.as_array().unwrap());
    bins.map(|bin| bin[side]["rows"].as_u64().unwrap()).sum()
}

fn waits_for(status: &Value, model: &str) -> Vec<String> {
    let models = status["models"].as_array().unwrap();
    let model = models.iter().find(|of| of["model"] == model).unwrap();
    model["waits_for"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wait| wait["code"].as_str().unwrap().to_owned())
        .collect()
}

/// A quiet day, judged, of version 1.
pub async fn quiet_day() -> Daemon {
    let daemon = Daemon::start(at("21T00:00"), vec![price()]).await;
    let status = daemon.read("/v1/status").await;
    assert_eq!(waits_for(&status, "price"), ["no_rows"], "{status:#}");
    daemon.clock.set(at("22T00:00"));
    daemon.predict("price", &rows("21T00:00", 288, "1", 0.0)).await;
    daemon.clock.set(at("22T01:05"));
    let ends_at_midnight = |model: &Value| model["windows"][0]["last"]["end"] == "2026-11-22T00:00:00Z";
    daemon.until("/v1/models/price", ends_at_midnight).await;
    daemon
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_day_is_ok_and_a_shifted_one_is_not() {
    let daemon = quiet_day().await;
    let summary = daemon.read("/v1/models/price").await;
    assert_eq!(summary["drift"]["data"]["status"], "ok", "{summary:#}");
    assert_eq!(summary["drift"]["concept"]["reason"]["code"], "no_outcomes");
    assert_eq!((&summary["rows"], &summary["versions"][0]["rows"]), (&json!(288), &json!(288)));
    assert_eq!(summary["versions"][0]["trained_at"], "2026-11-01T00:00:00Z");
    assert_eq!(summary["windows"][0]["length"], "24h");
    assert_eq!(summary["windows"][0]["next_at"], "2026-11-22T02:00:00Z");
    assert_eq!(
        (&summary["reference"]["state"], &summary["reference"]["rows"]),
        (&json!("profile"), &json!(400))
    );
    assert_eq!(daemon.read("/v1/models").await["models"], json!([summary]));
    let status = daemon.read("/v1/status").await;
    assert!(waits_for(&status, "price").is_empty(), "{status:#}");
    assert_eq!(status["models"][0]["sources"][0]["idle"], true);

    daemon.clock.set(at("23T00:00"));
    daemon.predict("price", &rows("22T00:00", 288, "1", 45.0)).await;
    daemon.clock.set(at("23T01:05"));
    let ended = |drift: &Value| drift["current"]["range"]["end"] == "2026-11-23T00:00:00Z";
    let drift = daemon.until("/v1/models/price/drift", ended).await;
    assert_eq!(drift["verdict"]["status"], "critical", "{drift:#}");
    assert_eq!((&drift["verdict"]["provisional"], &drift["current"]["rows"]), (&json!(false), &json!(288)));
    assert_eq!((&drift["columns"][0]["column"], &drift["columns"][1]["status"]), (&json!("x"), &json!("ok")));
    let psi = &drift["columns"][0]["statistics"][0];
    assert_eq!(
        (&psi["statistic"], &psi["status"], &psi["n_current"]),
        (&json!("psi"), &json!("critical"), &json!(288))
    );
    assert!(psi["p_value_note"].as_str().unwrap().contains("no timestamps"), "{psi:#}");
    assert!(drift["verdict"]["moved"][0].as_str().unwrap().contains("`x`"), "{drift:#}");
    let summary = daemon.read("/v1/models/price").await;
    assert_eq!(summary["drift"]["data"]["status"], "critical");
    assert!(summary["drift"]["data"]["since"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_range_is_set_against_any_other() {
    let daemon = quiet_day().await;
    let halves = "current=2026-11-21T12:10:00Z/2026-11-21T23:30:00Z&reference=2026-11-21T00:00:00Z/2026-11-21T12:00:00Z";
    let drift = daemon.read(&format!("/v1/models/price/drift?{halves}")).await;
    assert_eq!(
        drift["current"]["range"],
        json!({"start": "2026-11-21T12:00:00Z", "end": "2026-11-22T00:00:00Z"})
    );
    assert_eq!(drift["current"]["asked"]["start"], "2026-11-21T12:10:00Z");
    assert_eq!((&drift["current"]["rows"], &drift["reference"]["rows"]), (&json!(144), &json!(144)));
    assert_eq!((&drift["verdict"]["status"], &drift["verdict"]["provisional"]), (&json!("ok"), &json!(true)));
    let previous = daemon.read("/v1/models/price/drift?reference=previous").await;
    assert_eq!(previous["verdict"]["reason"]["code"], "no_history", "{previous:#}");

    for (column, reference_rows) in [("x", 400), ("city", 400)] {
        let feature = daemon.read(&format!("/v1/models/price/features/{column}")).await;
        assert_eq!(rows_in(&feature["histogram"], &feature["uncounted"], "current"), 288, "{feature:#}");
        assert_eq!(rows_in(&feature["histogram"], &feature["uncounted"], "reference"), reference_rows);
    }
    let paris = daemon.read("/v1/models/price/drift?segment=city%3Dparis").await;
    assert!(paris["verdict"]["reason"]["message"].as_str().unwrap().contains("(--segment)"), "{paris:#}");
    let paris = daemon.read("/v1/models/price/features/x?segment=city%3Dparis&version=1").await;
    assert_eq!(rows_in(&paris["histogram"], &paris["uncounted"], "current"), 72, "{paris:#}");

    for (path, code, hint) in [
        ("/v1/models/prize", "unknown_model", "price"),
        ("/v1/models/price/drift?version=9", "unknown_version", "it has 1"),
        ("/v1/models/price/drift?segment=city%3Doslo", "unknown_segment", "city=paris"),
        ("/v1/models/price/features/y", "unknown_column", "city, x"),
    ] {
        let answer = daemon.get(path).await;
        assert_eq!((answer.status, answer.code()), (404, code.to_owned()), "{path}");
        assert!(answer.text().contains(hint), "{path}: {}", answer.text());
    }
    let odd = daemon.get("/v1/models/price/drift?window=7d").await;
    assert_eq!(odd.status, 400, "{}", odd.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_is_learnt_and_frozen() {
    let learn = LearnOptions {
        from: None,
        length: Duration::from_secs(86_400),
        values_max: LearnOptions::VALUES_MAX,
    };
    let daemon = Daemon::start(at("22T00:00"), vec![model("fresh", ReferenceOptions::Learn(learn))]).await;
    daemon.predict("fresh", &rows("21T00:00", 144, "1", 0.0)).await;
    let drift = daemon.read("/v1/models/fresh/drift").await;
    assert_eq!(drift["verdict"]["reason"]["code"], "no_reference", "{drift:#}");
    assert!(drift["verdict"]["reason"]["message"].as_str().unwrap().contains(" % are there"), "{drift:#}");
    let feature = daemon.read("/v1/models/fresh/features/x").await;
    assert_eq!(feature["histogram"]["kind"], "unavailable");
    let summary = daemon.read("/v1/models/fresh").await;
    assert_eq!((&summary["reference"]["state"], &summary["rows"]), (&json!("learning"), &json!(144)));
    assert_eq!(summary["reference"]["ready_at"], "2026-11-22T01:00:00Z");
    let progress = |model: &Value| model["reference"]["progress"].as_f64().unwrap() > 0.4;
    daemon.until("/v1/models/fresh", progress).await;
    assert!(waits_for(&daemon.read("/v1/status").await, "fresh").contains(&"learning".to_owned()));

    daemon.predict("fresh", &rows("21T12:00", 144, "1", 0.0)).await;
    daemon.clock.set(at("22T01:05"));
    let learnt = |model: &Value| model["reference"]["state"] == "learnt";
    let summary = daemon.until("/v1/models/fresh", learnt).await;
    assert_eq!(summary["reference"]["rows"], 288, "{summary:#}");
    let day = "current=2026-11-21T00:00:00Z/2026-11-22T00:00:00Z";
    let feature = daemon.read(&format!("/v1/models/fresh/features/x?{day}")).await;
    assert_eq!(rows_in(&feature["histogram"], &feature["uncounted"], "current"), 288, "{feature:#}");
    let paris = daemon.read(&format!("/v1/models/fresh/drift?segment=city%3Dparis&{day}")).await;
    assert_eq!(
        (&paris["current"]["rows"], &paris["reference"]["rows"]),
        (&json!(72), &json!(72)),
        "{paris:#}"
    );
    assert_eq!(paris["verdict"]["reason"]["code"], "insufficient_data", "72 rows are too few: {paris:#}");
    let berlin = daemon.read(&format!("/v1/models/fresh/drift?segment=city%3Dberlin&{day}")).await;
    assert_eq!((&berlin["reference"]["rows"], &berlin["verdict"]["status"]), (&json!(144), &json!("ok")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_set_baselines_pause_and_exclude() {
    let daemon = quiet_day().await;
    let half = json!({"start": "2026-11-21T00:00:00Z", "end": "2026-11-21T12:00:00Z"});
    let answer =
        daemon.post("/v1/models/price/baseline", &json!({"range": half, "reason": "a new season"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let drift = daemon.read("/v1/models/price/drift").await;
    assert_eq!((&drift["reference"]["range"], &drift["reference"]["rows"]), (&half, &json!(144)));
    assert_eq!(drift["verdict"]["provisional"], true, "judged against what was the reference then");
    assert_eq!(daemon.read("/v1/models/price").await["reference"]["state"], "baseline");

    let until = "2026-11-24T00:00:00Z";
    let answer = daemon.post("/v1/models/price/pause", &json!({"until": until, "reason": "a sale"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(daemon.read("/v1/models/price").await["paused_until"], until);
    assert_eq!(waits_for(&daemon.read("/v1/status").await, "price"), ["paused"]);

    let answer = daemon.post("/v1/models/price/exclude", &json!({"range": half, "reason": "a test"})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(daemon.read("/v1/models/price/drift").await["current"]["rows"], 144);

    let audit = daemon.read("/v1/audit?model=price").await;
    let actions: Vec<&Value> =
        audit["entries"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["exclude", "pause", "baseline"], "{audit:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_exclusion_stands_whoever_asks_at_the_same_time() {
    let daemon = quiet_day().await;
    let exclude = async |hour: u32| {
        let (start, end) =
            (format!("2026-11-21T{hour:02}:00:00Z"), format!("2026-11-21T{:02}:00:00Z", hour + 1));
        let body = json!({"range": {"start": start, "end": end}, "reason": "at once"});
        daemon.post("/v1/models/price/exclude", &body).await.status
    };
    let answers = tokio::join!(exclude(0), exclude(1), exclude(2), exclude(3), exclude(4), exclude(5));
    assert_eq!(answers, (200, 200, 200, 200, 200, 200));
    assert_eq!(daemon.read("/v1/models/price/drift").await["current"]["rows"], 288 - 6 * 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_of_1970_beside_rows_of_today_is_too_old_from_the_first_body_on() {
    let reference = ReferenceOptions::Profile(Box::new(profile()));
    let daemon = Daemon::start(at("21T12:00"), vec![model("price", reference)]).await;
    let mut sent = rows("21T00:00", 2, "1", 0.0);
    sent.push(json!({"ts": 0, "features": {"x": 1}, "prediction": 1}));
    let answer = daemon.post("/v1/models/price/predictions", &json!(sent)).await.json();
    assert_eq!((&answer["accepted"], &answer["rejected"]), (&json!(2), &json!(1)), "{answer:#}");
    let ahead = json!([{"ts": "9999-12-30T00:00:00Z", "features": {"x": 1}, "prediction": 1}]);
    let answer = daemon.post("/v1/models/price/predictions", &ahead).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rejected_rows_are_told_without_their_values() {
    let daemon = quiet_day().await;
    let mut sent = rows("22T00:00", 2, "1", 0.0);
    sent.push(json!({"ts": "secret", "features": {"x": 1}, "prediction": 1}));
    let answer = daemon.post("/v1/models/price/predictions", &json!(sent)).await;
    assert_eq!(answer.json()["rejected"], 1, "{}", answer.text());
    let rejections = daemon.read("/v1/models/price/rejections").await;
    assert_eq!((&rejections["rejected"], &rejections["by_reason"][0]["rows"]), (&json!(1), &json!(1)));
    assert_eq!(rejections["recent"][0]["line"], 3, "{rejections:#}");
    assert!(!rejections.to_string().contains("secret"), "{rejections:#}");
}

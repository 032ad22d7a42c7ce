//! Daemons that lived through days in a moment: the whole pipeline, its store and its HTTP face, on a clock that the
//! test moves up to the present, where the real Prometheus scrapes it. Where rules look back further than the test
//! lasts, expositions of the same daemon from then are given to Prometheus as its history.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use driftd::clock::{Clock, SystemClock};
use driftd::domain::Timestamp;
use driftd::fairness::FairnessMeasure;
use driftd::pipeline::{LearnOptions, ReferenceOptions};
use driftd::retraining::{MaintenancePlan, MaintenanceTask, Period, Sending};
use driftd::store::StoreError;
use driftd::verdict::FairnessPlan;
use serde_json::{Value, json};

use super::lived::{A_DAY, CITIES, DAY, DAYS, HOUR, STEP, Traffic, between, lived, row, usual};
use super::scene::Scene;
use crate::api::model;
use crate::http::request;
use crate::pipeline::join::loan;
use crate::retraining::stand;
use crate::support::daemon::Daemon;
use crate::support::faulty::Call;
use crate::support::prometheus::{Stack, look_again};
use crate::support::sink::Reply;

fn target(daemon: &Daemon) -> String {
    daemon.url().trim_start_matches("http://").to_owned()
}

async fn watch(daemon: Daemon) -> Scene {
    let stack = Stack::start(&[target(&daemon)], None).await;
    Scene::new(stack, daemon)
}

/// Six usual days up to now.
pub async fn quiet() -> Scene {
    watch(lived(&[("price", usual)], DAYS, SystemClock.now()).await).await
}

/// One usual day: enough for a verdict on drift, not for one on traffic.
pub async fn begins() -> Scene {
    watch(lived(&[("price", usual)], A_DAY, SystemClock.now()).await).await
}

/// Inputs that moved on the last day, by much and by a little; and some that did not.
pub async fn drifts() -> Scene {
    let steady: Traffic = |i, _| (0..5).map(|k| row(5 * i + k)).collect();
    let bad: Traffic = |i, ago| {
        let moved = |mut row: Value| {
            row["features"]["x"] = json!(row["features"]["x"].as_i64().unwrap() + 45);
            row
        };
        let rows = (0..5).map(|k| row(5 * i + k));
        if ago < DAY { rows.map(moved).collect() } else { rows.collect() }
    };
    // Every sixth row lies in the lowest fifth: the distribution function moves by 0.8/6 = 0.133, between the thresholds
    // of ks (0.1, 0.2); the mean by 40/6 = 0.23 deviations, between those of wasserstein_normed (0.1, 0.25).
    let worse: Traffic = |i, ago| {
        let moved = |k: usize| {
            let mut row = row(5 * i + k);
            if ago < DAY && (5 * i + k).is_multiple_of(6) {
                row["features"]["x"] = json!(row["features"]["x"].as_i64().unwrap() % 20);
            }
            row
        };
        (0..5).map(moved).collect()
    };
    watch(lived(&[("steady", steady), ("bad", bad), ("worse", worse)], DAYS, SystemClock.now()).await).await
}

/// Features that nobody announced, in every fiftieth row (2 %, a warning from 1 %) and in every tenth (critical from 5 %):
/// on the last day only, since a look between the days may find them, and a critical incident of then is past its deadline.
pub async fn breaks_schema() -> Scene {
    fn stranger(i: usize, ago: Duration, every: usize) -> Vec<Value> {
        let mut row = row(i);
        if ago < DAY && i.is_multiple_of(every) {
            row["features"]["shoe_size"] = json!(43);
        }
        vec![row]
    }
    let models: [(&str, Traffic); 3] = [
        ("price", usual),
        ("seldom", |i, ago| stranger(i, ago, 50)),
        ("often", |i, ago| stranger(i, ago, 10)),
    ];
    watch(lived(&models, DAYS, SystemClock.now()).await).await
}

/// Nothing for 7 h, which is a warning from 6 h on, and for 30 h, which is critical from 24 h on. Where rows are usual none
/// is far from the habit too; a window of a day that has none has no verdict. Windows close by the clock: none is stale.
pub async fn falls_silent() -> Scene {
    let models: [(&str, Traffic); 3] = [
        ("price", usual),
        ("paused", |i, ago| if ago < 7 * HOUR { Vec::new() } else { usual(i, ago) }),
        ("gone", |i, ago| if ago < 30 * HOUR { Vec::new() } else { usual(i, ago) }),
    ];
    watch(lived(&models, DAYS, SystemClock.now()).await).await
}

/// From three hours ago on 5 and 25 times the usual traffic: a warning from 3 times on, critical from 10 on.
pub async fn floods() -> Scene {
    fn times(i: usize, ago: Duration, times: usize) -> Vec<Value> {
        if ago < 3 * HOUR { (0..times).map(|k| row(i + k)).collect() } else { vec![row(i)] }
    }
    let models: [(&str, Traffic); 3] =
        [("price", usual), ("busy", |i, ago| times(i, ago, 5)), ("flooded", |i, ago| times(i, ago, 25))];
    watch(lived(&models, DAYS, SystemClock.now()).await).await
}

/// Reported 25 h ago, with a day to resolve it; 22 h ago; and now.
pub async fn on_call() -> Scene {
    let now = SystemClock.now();
    let daemon = lived(&[("price", usual)], DAYS, now.saturating_sub(25 * HOUR)).await;
    let report = async |kind: &str, severity: &str| {
        let report = json!({"kind": kind, "severity": severity, "model": "price", "summary": "a test"});
        let answer = daemon.post("/v1/incidents", &report).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    report("security", "critical").await;
    daemon.clock.set(now.saturating_sub(22 * HOUR));
    report("hallucination", "critical").await;
    daemon.clock.set(now);
    report("performance", "warning").await;
    daemon.predict("price", &between(usual, now.saturating_sub(25 * HOUR), now, now)).await;
    daemon.evaluated("price").await;
    watch(daemon).await
}

/// For five hours verdicts cannot be stored; then rows cannot either.
pub async fn store_fails() -> Scene {
    const OFTEN: usize = 100_000;
    let failed = || StoreError::Unavailable("a test".to_owned());
    let now = SystemClock.now();
    let daemon = lived(&[("price", usual)], DAYS, now.saturating_sub(5 * HOUR)).await;
    daemon.faults.order(Call::CommitEvaluation, OFTEN, failed);
    daemon.clock.set(now);
    daemon.predict("price", &between(usual, now.saturating_sub(5 * HOUR), now, now)).await;
    daemon.faults.order(Call::CommitIngest, OFTEN, failed);
    let daemon = Arc::new(daemon);
    let stack = Stack::start(&[target(&daemon)], None).await;
    let sender = daemon.clone();
    tokio::spawn(async move {
        loop {
            let answer = sender.post("/v1/models/price/predictions", &json!([row(0)])).await;
            assert_eq!(answer.status, 503, "{}", answer.text());
            look_again().await;
        }
    });
    Scene::new(stack, daemon)
}

/// Of the rows that come now every fifth is rejected, or four of five are.
pub async fn rejects_rows() -> Scene {
    let now = SystemClock.now();
    let models: [(&str, Traffic); 3] = [("price", usual), ("sloppy", usual), ("broken", usual)];
    let daemon = Arc::new(lived(&models, DAYS, now).await);
    let stack = Stack::start(&[target(&daemon)], None).await;
    let sender = daemon.clone();
    tokio::spawn(async move {
        loop {
            for (model, bad) in [("price", 0), ("sloppy", 1), ("broken", 4)] {
                let rows = (0..5).map(|i| if i < bad { json!({"ts": "yesterday"}) } else { row(i) });
                let rows: Vec<Value> = rows.collect();
                let answer = sender.post(&format!("/v1/models/{model}/predictions"), &json!(rows)).await;
                assert_eq!(answer.json()["rejected"], bad, "{}", answer.text());
            }
            look_again().await;
        }
    });
    Scene::new(stack, daemon)
}

/// A run that its target refuses, and a task of the calendar that nobody did for three months. Without rows the model has
/// no verdict.
pub async fn neglected() -> Scene {
    let now = SystemClock.now();
    let maintenance = MaintenancePlan {
        tasks: [(MaintenanceTask::DataRefresh, Period::Monthly)].into(),
        ..MaintenancePlan::default()
    };
    let model = stand::model(stand::plan(), maintenance);
    let stand = stand::Stand::start(now.saturating_sub(100 * DAY), model, Sending::Idempotent).await;
    // The calendar begins when it is first looked at.
    stand.look().await;
    stand.sink.reply(vec![Reply::status(422)]);
    stand.at(now).await;
    stand.incident("data_drift", Some("critical")).await;
    let stack = Stack::start(&[target(stand.daemon())], None).await;
    Scene::new(stack, stand)
}

/// The daemon's exposition, as if Prometheus had scraped it at the daemon's own present.
async fn scraped(daemon: &Daemon) -> String {
    let accept = [("Accept", "application/openmetrics-text; version=1.0.0")];
    let answer = daemon.send(&request("GET", "/metrics", &accept, b"")).await;
    let (at, target) = (daemon.clock.now().as_seconds_f64(), target(daemon));
    let sample = |line: &str| {
        let labels = format!("job=\"driftd\",instance=\"{target}\"");
        let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
        match rest.strip_prefix('{') {
            // A label that the target has too is another one in Prometheus.
            Some(rest) => format!("{name}{{{labels},{} {at}\n", rest.replace("job=\"", "exported_job=\"")),
            None => format!("{name}{{{labels}}}{rest} {at}\n"),
        }
    };
    answer.text().lines().filter(|line| !line.starts_with('#')).map(sample).collect()
}

/// Nine days: `price` has labels for its first hours only while its predictions wait, so that nothing can be said of them;
/// `fresh` has nothing to learn from.
pub async fn feeds_stop() -> Scene {
    let now = SystemClock.now();
    let start = now.saturating_sub(9 * DAY);
    let learn = LearnOptions { from: None, length: DAY, values_max: LearnOptions::VALUES_MAX };
    let mut price = loan(0.5);
    let measures = BTreeMap::from([(
        FairnessMeasure::DemographicParityRatio,
        FairnessMeasure::DemographicParityRatio.default_limit(),
    )]);
    price.plan.outcomes.fairness =
        vec![FairnessPlan { attribute: "city".into(), measures, min_samples: 100 }];
    let daemon = Daemon::start(start, vec![price, model("fresh", ReferenceOptions::Learn(learn))]).await;
    let id = |at: Timestamp| format!("p-{at}");
    let mut history = String::new();
    for day in 0..9 {
        let from = start.saturating_add(DAY * day);
        let to = from.saturating_add(DAY);
        // A minute before what `offset` asks for: it looks back for five.
        daemon.clock.set(to.saturating_sub(Duration::from_secs(60)));
        let times: Vec<Timestamp> = (0..280).map(|i| from.saturating_add(STEP * i)).collect();
        let rows = times.iter().enumerate().map(|(i, &at)| {
            // As in the reference.
            let percent = i % 100;
            let prediction = if percent >= 50 { "yes" } else { "no" };
            json!({"id": id(at), "ts": at.to_string(), "prediction": prediction, "score": percent as f64 / 200.0,
                "segments": {"city": CITIES[i % 4]}})
        });
        daemon.predict("price", &rows.collect::<Vec<_>>()).await;
        if day == 0 {
            let labels = times[..20].iter().map(|&at| json!({"id": id(at), "actual": "yes"}));
            let labels: Vec<Value> = labels.collect();
            let answer = daemon.post("/v1/models/price/labels", &json!(labels)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            let matched = "driftd_labels_total{model=\"price\",outcome=\"matched\"}";
            daemon.until_sample(matched, 20.0).await;
        }
        let waiting = f64::from(280 * (day + 1) - 20);
        daemon.until_sample("driftd_waiting_predictions{model=\"price\"}", waiting).await;
        daemon.evaluated("price").await;
        history += &scraped(&daemon).await;
    }
    history += "# EOF\n";
    let stack = Stack::start(&[target(&daemon)], Some(&history)).await;
    Scene::new(stack, daemon)
}

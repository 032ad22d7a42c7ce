//! A replay that has ended waits for no more rows; labels may come yet.

use std::time::Duration;

use driftd::window::ClockMode;
use serde_json::Value;

use super::join::{joined, label, labels, loan, predictions};
use crate::api::at;
use crate::support::daemon::Daemon;

const END: &str =
    "driftd_performance_window_end_timestamp_seconds{model=\"price\",version=\"default\",window=\"24h\"}";

fn seconds(text: &str) -> f64 {
    at(text).as_seconds_f64()
}

/// Three days of predictions, whose labels are waited for two days.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn windows_whose_labels_are_lacking_are_judged_once_they_come() {
    let mut options = loan(0.5);
    options.clock = ClockMode::Replay;
    options.plan.outcomes.label_wait = Duration::from_secs(2 * 86_400);
    let daemon = Daemon::start(at("10T00:00"), vec![options]).await;
    daemon.predict("price", &predictions(0..144)).await;
    daemon.clock.set(at("10T01:00"));
    // The rows are all there is: what they say is judged to their end.
    let data = "driftd_window_end_timestamp_seconds{model=\"price\",version=\"default\",window=\"24h\"}";
    daemon.until_sample(data, seconds("04T00:00")).await;
    // Two days and the lateness before the newest of them; not a window more.
    daemon.until_sample(END, seconds("01T22:00")).await;

    // Those of two days: a window that has enough of them goes on, the next one waits.
    label(&daemon, &labels(0..96, |row| row.is_multiple_of(3))).await;
    joined(&daemon, "matched", 96.0).await;
    daemon.until_sample(END, seconds("03T04:00")).await;
    let judged = daemon.read("/v1/models/price/performance").await;
    assert_eq!(judged["versions"][0]["provisional"], false, "{judged:#}");

    label(&daemon, &labels(96..144, |row| row.is_multiple_of(3))).await;
    joined(&daemon, "matched", 144.0).await;
    daemon.until_sample(END, seconds("04T00:00")).await;
    let coverage = "driftd_label_coverage_ratio{model=\"price\",version=\"default\",window=\"24h\"}";
    assert_eq!(daemon.sample(coverage).await, Some(1.0));

    // Every third was said to be positive, and was; then it turns out that all are.
    let accuracy =
        "driftd_performance_accuracy{model=\"price\",version=\"default\",segment=\"all\",window=\"24h\"}";
    assert_eq!(daemon.sample(accuracy).await, Some(1.0));
    let corrected =
        labels(96..144, |_| true).into_iter().enumerate().filter(|(row, _)| !row.is_multiple_of(3));
    let later = |(_, mut label): (usize, Value)| {
        label["ts"] = "2026-11-09T00:00:00Z".into();
        label
    };
    label(&daemon, &corrected.map(later).collect::<Vec<_>>()).await;
    joined(&daemon, "correction", 32.0).await;
    // A look after they came, and one a minute later.
    daemon.clock.set(at("10T01:05"));
    daemon.evaluated("price").await;
    daemon.clock.set(at("10T01:10"));
    daemon.until_sample(accuracy, 16.0 / 48.0).await;
}

/// A version that is judged before its labels came would never alarm on them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn labels_of_one_version_judge_no_other() {
    let mut options = loan(0.5);
    options.clock = ClockMode::Replay;
    options.plan.outcomes.label_wait = Duration::from_secs(2 * 86_400);
    let daemon = Daemon::start(at("10T00:00"), vec![options]).await;
    let mut rows = predictions(0..144);
    rows.iter_mut().enumerate().for_each(|(i, row)| row["version"] = version(i).into());
    daemon.predict("price", &rows).await;
    daemon.clock.set(at("10T01:00"));
    let of = |version: &str| END.replace("default", version);
    daemon.until_sample(&of("old"), seconds("01T22:00")).await;

    let all = labels(0..144, |row| row.is_multiple_of(3));
    let (old, new): (Vec<_>, Vec<_>) = all.into_iter().enumerate().partition(|(i, _)| version(*i) == "old");
    let [old, new] = [old, new].map(|labels| labels.into_iter().map(|(_, label)| label).collect::<Vec<_>>());
    label(&daemon, &old).await;
    joined(&daemon, "matched", old.len() as f64).await;
    daemon.clock.set(at("10T01:01"));
    daemon.evaluated("price").await;
    assert_eq!(daemon.sample(&of("old")).await, Some(seconds("01T22:00")));
    let waits = daemon.read("/v1/status").await["models"][0]["waits_for"].clone();
    let waits = waits.as_array().unwrap().iter().find(|wait| wait["code"] == "labels").cloned();
    let message = waits.as_ref().and_then(|wait| wait["message"].as_str()).unwrap_or_default();
    assert!(message.contains("windows that end after 2026-11-01T22:00:00Z"), "{waits:?}");

    label(&daemon, &new).await;
    for version in ["old", "new"] {
        daemon.until_sample(&of(version), seconds("04T00:00")).await;
    }
}

fn version(row: usize) -> &'static str {
    if row.is_multiple_of(10) { "old" } else { "new" }
}

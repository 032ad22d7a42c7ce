//! A reference that is learnt: periods that never fill, rows outside of them, more values than are kept, ids.

use std::time::Duration;

use driftd::domain::Timestamp;
use driftd::pipeline::{LearnOptions, ReferenceOptions};
use serde_json::{Value, json};

use crate::api::{at, model, rows};
use crate::support::daemon::Daemon;

const DAY: Duration = Duration::from_secs(86_400);
const OUTSIDE: &str = "driftd_reference_rows_outside_total{model=\"fresh\"}";

async fn learns(options: LearnOptions) -> Daemon {
    Daemon::start(at("22T00:00"), vec![model("fresh", ReferenceOptions::Learn(options))]).await
}

fn day_from(from: Option<Timestamp>) -> LearnOptions {
    LearnOptions { from, length: DAY, values_max: LearnOptions::VALUES_MAX }
}

fn why_no_verdict(drift: &Value) -> &str {
    drift["verdict"]["reason"]["message"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_of_the_past_says_what_it_waits_for_and_keeps_no_other_rows() {
    let daemon = learns(day_from(Some(at("10T00:00")))).await;
    daemon.predict("fresh", &rows("21T00:00", 1, "1", 0.0)).await;
    let said = |drift: &Value| why_no_verdict(drift).contains("is over with 0 of them, and 100 are needed");
    daemon.until("/v1/models/fresh/drift", said).await;
    daemon.predict("fresh", &rows("21T00:00", 288, "1", 0.0)).await;
    daemon.predict("fresh", &rows("09T00:00", 12, "1", 0.0)).await;
    daemon.until_sample(OUTSIDE, 300.0).await;
    let kept = "SELECT count(DISTINCT pane_start) FROM learning";
    assert_eq!(daemon.stored(kept), 1, "only the row that came before anything was known");
    let drift = daemon.read("/v1/models/fresh/drift").await;
    assert!(why_no_verdict(&drift).contains("300 rows since the start lie outside"), "{drift:#}");

    // Its rows come after all.
    daemon.predict("fresh", &rows("10T00:00", 150, "1", 0.0)).await;
    let learnt = |model: &Value| model["reference"]["state"] == "learnt";
    let model = daemon.until("/v1/models/fresh", learnt).await;
    assert_eq!((&model["reference"]["rows"], &model["rows"]), (&json!(150), &json!(151)), "{model:#}");
    assert_eq!(daemon.stored("SELECT count(*) FROM learning"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stray_row_of_long_ago_is_no_reference() {
    let daemon = learns(day_from(None)).await;
    daemon.predict("fresh", &rows("01T00:00", 1, "1", 0.0)).await;
    daemon.predict("fresh", &rows("21T00:00", 288, "1", 0.0)).await;
    daemon.clock.set(at("22T01:05"));
    let learnt = |model: &Value| model["reference"]["state"] == "learnt";
    let model = daemon.until("/v1/models/fresh", learnt).await;
    assert_eq!((&model["reference"]["rows"], &model["rows"]), (&json!(288), &json!(289)), "{model:#}");
    let day = json!({"start": "2026-11-21T00:00:00Z", "end": "2026-11-22T00:00:00Z"});
    assert_eq!(model["reference"]["range"], day);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn past_the_limit_values_are_thinned_and_rows_are_not() {
    let daemon = learns(LearnOptions { values_max: 400, ..day_from(None) }).await;
    let sent = rows("21T00:00", 288, "1", 0.0);
    for body in sent.chunks(36) {
        daemon.predict("fresh", body).await;
    }
    daemon.clock.set(at("22T01:05"));
    let learnt = |model: &Value| model["reference"]["state"] == "learnt";
    let model = daemon.until("/v1/models/fresh", learnt).await;
    let kept = model["reference"]["rows"].as_u64().unwrap();
    assert!((9..=144).contains(&kept), "every second row at most: {kept}");
    assert_eq!(model["rows"], 288);
    let day = "current=2026-11-21T00:00:00Z/2026-11-22T00:00:00Z";
    let drift = daemon.read(&format!("/v1/models/fresh/drift?{day}")).await;
    assert_eq!(drift["current"]["rows"], 288, "{drift:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_of_ids_is_warned_of() {
    let daemon = learns(day_from(None)).await;
    let mut sent = rows("21T00:00", 288, "1", 0.0);
    for (number, row) in sent.iter_mut().enumerate() {
        row["features"]["user"] = json!(format!("u-{number}"));
    }
    daemon.predict("fresh", &sent).await;
    daemon.clock.set(at("22T01:05"));
    let warned = |status: &Value| {
        let problems = status["problems"].as_array().unwrap();
        problems.iter().any(|problem| {
            let message = problem["message"].as_str().unwrap();
            problem["code"] == "like_ids" && message.contains("`user`") && !message.contains("`city`")
        })
    };
    daemon.until("/v1/status", warned).await;
}

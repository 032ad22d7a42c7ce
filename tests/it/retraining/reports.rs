//! What pipelines may report, and what not.

use driftd::domain::Timestamp;
use driftd::retraining::{MaintenancePlan, Sending};
use serde_json::{Value, json};

use super::stand::{MODEL, Stand, model, plan};

const START: &str = "2026-03-02T06:00:00Z";

/// A daemon whose version `1` serves, with one run for it that was taken: its key.
async fn asked() -> (Stand, String) {
    let start: Timestamp = START.parse().unwrap();
    let stand = Stand::start(start, model(plan(), MaintenancePlan::default()), Sending::Idempotent).await;
    stand.predict("2026-03-01T00:00:00Z".parse().unwrap(), 20, 10).await;
    let body = json!({"reason": "a test"});
    let answer = stand.daemon().post(&format!("/v1/models/{MODEL}/retrain"), &body).await;
    assert_eq!(answer.json()["decision"]["order"]["version"], "1", "{}", answer.text());
    stand.look().await;
    let key = stand.asked().remove(0);
    (stand, key)
}

async fn report(stand: &Stand, body: Value) -> (u16, Value) {
    let answer = stand.daemon().post(&format!("/v1/models/{MODEL}/versions"), &body).await;
    (answer.status, answer.json())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_that_cannot_be_is_refused_and_the_run_stays_open() {
    let (stand, key) = asked().await;
    let refused = [
        (json!({"version": "1", "run_key": key}), 409, "was to replace version 1"),
        (json!({"version": "other", "run_key": key}), 400, "`version` other"),
        (json!({"version": " 2", "run_key": key}), 400, "begins or ends with a blank"),
        (json!({"version": "2", "run_key": key, "trained_at": "1999-12-31T00:00:00Z"}), 400, "before 2000"),
        (json!({"version": "2", "run_key": key, "trained_at": "2026-03-03T00:00:00Z"}), 400, "in the future"),
        (json!({"version": "2", "run_key": "retrain-price-2026-W10-drift"}), 404, "no such run"),
        (json!({"status": "failed", "why": "x"}), 400, "`run_key` is missing"),
    ];
    for (body, status, why) in refused {
        let (found, answer) = report(&stand, body.clone()).await;
        assert_eq!(found, status, "{body}: {answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(why), "{body}: {answer}");
    }
    let decisions = stand.decisions().await;
    assert_eq!(decisions[0]["run"]["state"], "accepted");
    assert_eq!(stand.daemon().read(&format!("/v1/models/{MODEL}/versions")).await["versions"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_compared_with_the_one_that_served_and_keeps_its_age() {
    let (stand, key) = asked().await;
    let trained = "2026-03-02T01:00:00Z";
    let (status, answer) =
        report(&stand, json!({"version": "2", "run_key": key, "trained_at": trained})).await;
    assert_eq!((status, &answer["champion"]), (200, &json!("1")), "{answer}");
    // Once more, without its time: a retry makes no version younger.
    let (status, answer) = report(&stand, json!({"version": "2"})).await;
    assert_eq!((status, &answer["trained_at"]), (200, &json!(trained)), "{answer}");
    let (status, answer) = report(&stand, json!({"version": "3", "run_key": key})).await;
    assert_eq!(status, 409, "{answer}");
    let versions = stand.daemon().read(&format!("/v1/models/{MODEL}/versions")).await;
    assert_eq!(versions["versions"][0]["version"], "2", "{versions:#}");
    assert_eq!(versions["versions"].as_array().unwrap().len(), 1);
}

//! What the senders and the operator hear when the store fails.

use driftd::store::StoreError;
use serde_json::{Value, json};

use crate::api::{price, quiet_day, rows};
use crate::http::logs::Log;
use crate::support::faulty::Call;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_passing_fault_is_a_503_and_the_next_commit_makes_it_ready_again() {
    let daemon = quiet_day().await;
    daemon.faults.order(Call::CommitIngest, 1, || StoreError::Unavailable("as ordered".to_owned()));
    let late = json!(rows("22T00:00", 3, "1", 0.0));
    let answer = daemon.post("/v1/models/price/predictions", &late).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")), "{}", answer.text());
    assert!(answer.text().contains("as ordered"), "{}", answer.text());
    assert_eq!(daemon.get("/-/ready").await.status, 503);
    daemon.predict("price", &rows("22T00:00", 3, "1", 0.0)).await;
    assert_eq!(daemon.get("/-/ready").await.status, 200);
    let rows = daemon.read("/v1/models/price").await["rows"].as_u64();
    assert_eq!(rows, Some(291), "what failed counted nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_sync_is_a_503_and_the_end() {
    let daemon = quiet_day().await;
    daemon.faults.order(Call::CommitIngest, 1, || StoreError::SyncFailed("as ordered".to_owned()));
    let answer = daemon.post("/v1/models/price/predictions", &json!(rows("22T00:00", 3, "1", 0.0))).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")), "{}", answer.text());
    let why = daemon.fatal().await;
    assert!(why.contains("sync") && why.contains("as ordered"), "{why}");
    let ready = daemon.get("/-/ready").await;
    assert_eq!(ready.status, 503);
    assert!(ready.text().contains("as ordered"), "{}", ready.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_sync_of_a_verdict_is_the_end_too() {
    let daemon = quiet_day().await;
    daemon.faults.order(Call::CommitEvaluation, 1, || StoreError::SyncFailed("as ordered".to_owned()));
    daemon.predict("price", &rows("22T00:00", 3, "1", 0.0)).await;
    daemon.clock.set(crate::api::at("22T02:30"));
    let why = daemon.fatal().await;
    assert!(why.contains("as ordered"), "{why}");
}

/// All on one thread, whose log is caught.
#[tokio::test]
async fn a_stored_verdict_that_cannot_be_read_is_named_and_the_daemon_starts() {
    let daemon = quiet_day().await;
    daemon.tamper("UPDATE verdict SET body = x'00' WHERE subject = 'data'");
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let daemon = daemon.restart(vec![price()]).await;
    assert_eq!(daemon.read("/v1/models/price").await["windows"][0]["last"], Value::Null);
    let text = log.text();
    let named = text.lines().find(|line| line.contains("a stored verdict cannot be read")).expect(&text);
    let window = "2026-11-21T00:00:00Z/2026-11-22T00:00:00Z";
    assert!(named.contains("\"model\":\"price\"") && named.contains(window), "{named}");
}

//! Rows that come after their pane closed: revisions, few of them, none lost.

use std::time::Duration;

use driftd::store::StoreError;

use crate::api::{quiet_day, rows};
use crate::support::daemon::Daemon;
use crate::support::faulty::Call;

const SAMPLES: &str = "driftd_window_samples{model=\"price\",version=\"1\",window=\"24h\"}";
/// Without a sample where nothing is known of traffic: here it has no history.
const TRAFFIC: &str = "driftd_traffic_status{model=\"price\"}";
/// The window of the quiet day, in the store.
const OF_THE_DAY: &str = "FROM verdict WHERE window_end = 1795305600000000";

/// Twelve late rows of the quiet day, each in a body of its own.
async fn late_rows(daemon: &Daemon) {
    for row in rows("21T22:00", 12, "1", 0.0) {
        daemon.predict("price", &[row]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_rows_of_a_minute_make_one_revision_and_its_row_takes_the_place_of_the_one_before() {
    let daemon = quiet_day().await;
    daemon.until_sample(SAMPLES, 288.0).await;
    for revision in 1..=3 {
        late_rows(&daemon).await;
        daemon.clock.advance(Duration::from_secs(1));
        daemon.evaluated("price").await;
        let before = 288.0 + 12.0 * f64::from(revision - 1);
        assert_eq!(daemon.sample(SAMPLES).await, Some(before), "late rows are judged together");
        daemon.clock.advance(Duration::from_secs(60));
        daemon.until_sample(SAMPLES, before + 12.0).await;
        assert_eq!(daemon.sample(TRAFFIC).await, Some(-1.0), "what was said of traffic stays");
        assert_eq!(daemon.stored(&format!("SELECT max(revision) {OF_THE_DAY}")), i64::from(revision));
        assert_eq!(daemon.stored(&format!("SELECT count(*) {OF_THE_DAY}")), 2, "the first and the last");
    }
    assert_eq!(daemon.stored(&format!("SELECT count(*) {OF_THE_DAY} AND revision = 0")), 1);

    let daemon = daemon.restart(vec![crate::api::price()]).await;
    daemon.until_sample(SAMPLES, 288.0 + 36.0).await;
    assert_eq!(daemon.sample(TRAFFIC).await, Some(-1.0));
    let drift = daemon.read("/v1/models/price/drift").await;
    assert_eq!(drift["verdict"]["revision"], 3, "{drift:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revision_that_cannot_be_committed_stays_due() {
    let daemon = quiet_day().await;
    daemon.until_sample(SAMPLES, 288.0).await;
    late_rows(&daemon).await;
    daemon.faults.order(Call::CommitEvaluation, 2, || StoreError::Unavailable("as ordered".to_owned()));
    // No pane closes before an hour is over.
    daemon.until_sample_with_time(SAMPLES, 300.0, Duration::from_secs(2)).await;
    assert_eq!(daemon.faults.met(), 2);
    assert_eq!(daemon.stored(&format!("SELECT max(revision) {OF_THE_DAY}")), 1);
}

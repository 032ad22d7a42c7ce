//! How many rows a model has, from when on: the same after a restart, until retention takes them.

use serde_json::{Value, json};

use crate::api::{price, quiet_day};
use crate::support::daemon::Daemon;

/// Rows in all, and of each version with its first and newest pane.
fn counted(model: &Value) -> Value {
    let of_version = |version: &Value| {
        json!([version["version"], version["rows"], version["first_row"], version["newest_row"]])
    };
    let versions: Vec<Value> = model["versions"].as_array().unwrap().iter().map(of_version).collect();
    json!([model["rows"], versions])
}

/// Rows of one version at one instant.
async fn send(daemon: &Daemon, at: &str, version: &str, rows: usize) {
    daemon.clock.set(at.parse().unwrap());
    let row = json!({"ts": at, "version": version, "features": {"x": 1, "city": "rome"}, "prediction": 1.5});
    daemon.predict("price", &vec![row; rows]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_and_the_first_of_them_are_known_after_a_restart_until_retention_takes_them() {
    let mut daemon = quiet_day().await;
    send(&daemon, "2026-11-22T01:10:00Z", "2", 5).await;
    let one = json!(["1", 288, "2026-11-21T00:00:00Z", "2026-11-21T23:00:00Z"]);
    let two = json!(["2", 5, "2026-11-22T01:00:00Z", "2026-11-22T01:00:00Z"]);
    let before = json!([293, [two, one]]);
    assert_eq!(counted(&daemon.read("/v1/models/price").await), before);
    daemon = daemon.restart(vec![price()]).await;
    assert_eq!(counted(&daemon.read("/v1/models/price").await), before);

    // Panes become days: the start looks after retention.
    send(&daemon, "2027-01-20T00:30:00Z", "2", 7).await;
    daemon = daemon.restart(vec![price()]).await;
    let days = || daemon.stored("SELECT count(*) FROM delta WHERE pane_length = 86400 AND segment = 'all'");
    daemon.until("/v1/models/price", |_| days() == 2).await;
    let hours = "SELECT count(*) FROM delta WHERE pane_length = 3600 AND segment = 'all'";
    assert_eq!(daemon.stored(hours), 1);
    daemon = daemon.restart(vec![price()]).await;
    let one = json!(["1", 288, "2026-11-21T00:00:00Z", "2026-11-21T00:00:00Z"]);
    let two = json!(["2", 12, "2026-11-22T00:00:00Z", "2027-01-20T00:00:00Z"]);
    assert_eq!(counted(&daemon.read("/v1/models/price").await), json!([300, [two, one]]));

    // 400 days are kept: the first goes, the second stays.
    send(&daemon, "2027-12-27T00:30:00Z", "3", 1).await;
    daemon = daemon.restart(vec![price()]).await;
    let left = |model: &Value| model["rows"] == 13;
    let model = daemon.until("/v1/models/price", left).await;
    let two = json!(["2", 12, "2026-11-22T00:00:00Z", "2027-01-20T00:00:00Z"]);
    let versions = counted(&model)[1].clone();
    assert!(versions.as_array().unwrap().contains(&two), "{versions:#}");
    assert_eq!(counted(&daemon.restart(vec![price()]).await.read("/v1/models/price").await)[0], 13);
}

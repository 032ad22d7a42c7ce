//! The open window is shown each minute, apart from what is judged.

use std::time::Duration;

use crate::api::{at, quiet_day, rows};

fn of_day(name: &str) -> String {
    format!("driftd_{name}{{model=\"price\",version=\"1\",window=\"24h\"}}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_open_window_is_shown_each_minute_and_leaves_what_was_judged_alone() {
    let daemon = quiet_day().await;
    let samples = of_day("provisional_window_samples");
    daemon.clock.advance(Duration::from_secs(61));
    daemon.evaluated("price").await;
    assert_eq!(daemon.sample(&samples).await, None, "no row came since the last window closed");

    // Six hours far from the reference, in a window of 24.
    daemon.clock.set(at("22T06:00"));
    daemon.predict("price", &rows("22T00:00", 72, "1", 60.0)).await;
    daemon.until_sample_with_time(&samples, 288.0, Duration::from_secs(1)).await;
    let end = daemon.sample(&of_day("provisional_window_end_timestamp_seconds")).await;
    assert_eq!(end, Some(at("22T06:00").as_seconds_f64()));
    let of_reference = |name: &str, labels: &str| {
        format!("driftd_{name}{{model=\"price\",version=\"1\",window=\"24h\",reference=\"static\"{labels}}}")
    };
    let beyond = of_reference("provisional_features_beyond_threshold", ",severity=\"critical\"");
    assert_eq!(daemon.sample(&beyond).await, Some(1.0));
    let largest = daemon.sample(&of_reference("provisional_largest_psi", "")).await;
    assert!(largest > Some(0.1), "{largest:?}");

    // The pane that is open is in no verdict yet: five hours are.
    let judged = daemon.sample(&of_day("window_end_timestamp_seconds")).await;
    assert!(judged < end, "{judged:?}");
    let verdicts = daemon.stored("SELECT count(*) FROM verdict WHERE window_end >= 1795327200000000");
    assert_eq!(verdicts, 0, "what is provisional is not stored");
}

//! The demo as a new user runs it: the built binary, from nothing to an alarm.

use std::process::Command;

use driftd::domain::Timestamp;

/// Drift sets in with the 25,000th row of the analysis set.
const ONSET: &str = "2019-03-31T03:00:00Z";

#[test]
fn the_demo_finds_the_drift_within_days_and_nothing_before() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_driftd"))
        .args(["demo", "--once", "--listen", "127.0.0.1:0", "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let trouble = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{trouble}");

    let changes: Vec<&str> = said.lines().filter(|line| line.contains("data drift:")).collect();
    let (quiet, drifted) = (changes.first().unwrap(), changes.get(1).unwrap());
    assert!(quiet.ends_with("no verdict yet -> ok"), "{said}");
    assert!(drifted.ends_with("ok -> CRITICAL"), "{said}");
    assert_eq!(changes.len(), 2, "one alarm, that stays open to the end: {said}");
    let found: Timestamp = drifted.split_whitespace().next().unwrap().parse().unwrap();
    let onset: Timestamp = ONSET.parse().unwrap();
    assert!(found > onset && found.since(onset).as_secs() <= 5 * 86_400, "found on {found}: {said}");
    assert!(said.contains("median of `car_value`"), "what moved is said in words: {said}");
}

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
    let became: Vec<&str> = changes.iter().map(|line| line.split("data drift: ").nth(1).unwrap()).collect();
    // A warning on the way may pass between two looks of whoever watches.
    let expected = [
        ["no verdict yet -> ok", "ok -> CRITICAL"].as_slice(),
        &["no verdict yet -> ok", "ok -> WARNING", "WARNING -> CRITICAL"],
    ];
    assert!(expected.contains(&&*became), "one alarm, that stays open to the end: {said}");
    // What is printed is when it was seen: up to five days of verdicts pass between two looks.
    let onset: Timestamp = ONSET.parse().unwrap();
    for line in &changes[1..] {
        let at: Timestamp = line.split_whitespace().next().unwrap().parse().unwrap();
        assert!(at > onset && at.since(onset).as_secs() <= 10 * 86_400, "{line}: {said}");
    }
    assert!(said.contains("median of `car_value`"), "what moved is said in words: {said}");
    // What NannyML's documentation shows on this data: performance is estimated to fall, and labels say so a month later.
    let weeks: Vec<Vec<&str>> = said
        .lines()
        .filter(|line| line.starts_with("201") && line.split_whitespace().count() == 4)
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(weeks.len(), 10, "a line every four weeks: {said}");
    for week in weeks {
        let [estimated, realised, baseline] = [1, 2, 3].map(|at| week[at].parse::<f64>().unwrap());
        assert_eq!(baseline, 0.944, "{week:?}");
        let fallen = week[0] > "2019-04-05";
        assert_eq!(estimated < 0.93, fallen, "{week:?}: {said}");
        assert!((realised - estimated).abs() < 0.025, "{week:?}: {said}");
    }
    assert!(said.contains("inputs moved and it shows"), "the drift is named: {said}");
    assert!(!said.contains("concept drift"), "and nothing is taken for concept drift: {said}");
    let opened = |line: &&str| line.contains("webhook driftd.incident.opened") && line.contains("car_loan");
    assert!(said.lines().any(|line| opened(&line)), "the incident's webhook is told: {said}");
    assert!(!said.contains("http://127.0.0.1:0/"), "links lead to the port that was chosen: {said}");
    let decided = said.split("Decisions on retraining:").nth(1).expect("it ends with decisions");
    for part in [
        "-drift: retrain (minor update, adaptive), for data drift",
        "agreed by model_owner before it serves",
        "The request to the training pipeline:\nPOST /train\n",
        "\"type\": \"driftd.retraining.triggered\"",
        "\"run_key\": \"retrain-car_loan-2019-W1",
    ] {
        assert!(decided.contains(part), "{part}: {said}");
    }
    for part in ["\"corrective_action\": \"retrain on recent data\"", "/runbooks/data_drift"] {
        assert!(said.contains(part), "its body is printed, with {part}: {said}");
    }
}

//! Incidents: scenarios as texts, and laws that hold for any sequence of events, times and restarts.

mod laws;

mod script;

mod world;

use std::fs;
use std::path::Path;

/// Every text of `tests/scenarios` is played; what was sent, and when, must be what it says.
#[test]
fn every_scenario_goes_as_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("the scenarios").map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    assert!(paths.len() >= 30, "{} scenarios", paths.len());
    let mut faults = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a scenario");
        if let Err(fault) = script::play(&text) {
            faults.push(format!("{}:\n{fault}", path.file_name().unwrap_or_default().to_string_lossy()));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

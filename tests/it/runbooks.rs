//! Every kind of incident has a runbook, and what a runbook names is there.

use std::fs;
use std::path::Path;

use clap::CommandFactory;
use driftd::cli::Cli;
use driftd::incident::IncidentKind;
use driftd::pipeline::Pipeline;
use driftd::store::sqlite::SqliteStore;
use driftd::web::{routes, runbook_of};

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn each_says_what_it_means_where_to_look_what_to_do_and_when_it_is_none() {
    for kind in IncidentKind::ALL {
        let text = runbook_of(kind);
        let sections = ["# ", "## Look", "## Do", "## A false alarm if"];
        assert!(sections.iter().all(|section| text.contains(section)), "{kind}");
        assert!(text.len() < 3_000, "{kind} is {} bytes: too long for 3 a.m.", text.len());
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/runbooks");
    assert_eq!(fs::read_dir(folder).unwrap().count(), IncidentKind::ALL.len());
}

#[test]
fn the_routes_that_they_name_exist() {
    let known: Vec<String> = routes::<Pipeline<SqliteStore>>()
        .into_iter()
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    let mut checked = 0;
    for kind in IncidentKind::ALL {
        for named in
            quoted(runbook_of(kind)).filter(|named| named.starts_with("GET /") || named.starts_with("POST /"))
        {
            let route = named.split('?').next().unwrap();
            assert!(known.iter().any(|known| known == route), "{kind}: {route}");
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}

#[test]
fn the_metrics_that_they_name_exist() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/metrics.txt");
    let golden = fs::read_to_string(golden).unwrap();
    for kind in IncidentKind::ALL {
        for named in quoted(runbook_of(kind)).filter(|named| named.starts_with("driftd_")) {
            let known = golden.lines().any(|line| line.split_whitespace().next() == Some(named));
            assert!(known, "{kind}: {named}");
        }
    }
}

#[test]
fn the_commands_that_they_name_are_understood() {
    let mut checked = 0;
    for kind in IncidentKind::ALL {
        for named in quoted(runbook_of(kind)).filter(|named| named.starts_with("driftd ")) {
            let named = named.replace('\n', " ");
            // A placeholder is in capitals.
            let words =
                named.split_whitespace().map(|word| match (word, named.contains("notification retry")) {
                    ("ID", true) => "ntf-1",
                    ("ID", false) => "inc-1",
                    ("MODEL", _) => "car_loan",
                    ("NAME", _) => "hook",
                    ("TASK", _) => "data_refresh",
                    ("PERIOD", _) => "monthly",
                    (word, _) => word.trim_matches('"'),
                });
            let words: Vec<String> = words.map(str::to_owned).collect();
            // Words within quotes are one argument to a shell.
            let words = match words.iter().position(|word| word == "--note") {
                Some(at) => words[..=at].iter().cloned().chain([words[at + 1..].join(" ")]).collect(),
                None => words,
            };
            let understood = Cli::command().try_get_matches_from(&words);
            assert!(understood.is_ok(), "{kind}: {named}: {}", understood.unwrap_err());
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}

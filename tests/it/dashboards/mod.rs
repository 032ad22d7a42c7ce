//! The dashboards for Grafana: current, well formed, and asking for what driftd has. No Grafana draws them here.

#[path = "../../../dashboards/generator/mod.rs"]
mod generator;

mod languages;

mod layout;

mod links;

mod promql;

mod queries;

mod types;

pub use promql::substituted;
pub use queries::expressions;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::golden;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

/// Files below `dashboards/` and what the generator says they should hold.
fn all() -> Vec<(String, Value)> {
    generator::all().into_iter().map(|(path, value)| (path.to_str().unwrap().to_owned(), value)).collect()
}

/// As the files have it: keys in order, whatever order maps keep.
fn text(mut dashboard: Value) -> String {
    dashboard.sort_all_objects();
    serde_json::to_string_pretty(&dashboard).unwrap() + "\n"
}

/// Panels that show something; rows are headings.
fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row")
}

/// Every string in it, with the keys that lead to it.
fn strings<'a>(value: &'a Value, path: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&'a str], &'a str)) {
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(values) => values.iter().for_each(|value| strings(value, path, visit)),
        Value::Object(fields) => {
            for (key, value) in fields {
                path.push(key);
                strings(value, path, visit);
                path.pop();
            }
        }
        _ => {}
    }
}

#[test]
fn files_are_current() {
    let dashboards = all();
    assert_eq!(dashboards.len(), 6);
    for (file, dashboard) in &dashboards {
        golden::compare_file(&format!("dashboards/{file}"), &text(dashboard.clone()));
    }
}

/// Grafana takes every `.json` file below the folder for a dashboard.
#[test]
fn no_file_is_left_behind() {
    let known: BTreeSet<PathBuf> = all().into_iter().map(|(file, _)| root().join(file)).collect();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_dashboard = path.extension().is_some_and(|extension| extension == "json");
            assert!(!is_dashboard || known.contains(&path), "{}: no output of the generator", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
}

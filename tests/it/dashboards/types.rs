//! Dashboards against Grafana's own types, by the TypeScript compiler.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use super::{all, panels};

const INSTALL: &str = "apt-get install nodejs npm";

/// What npm installs from and what the compiler reads.
const FILES: [&str; 4] = ["package.json", "package-lock.json", "tsconfig.json", "types.ts"];

fn checks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dashboards")
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command.output().unwrap_or_else(|error| panic!("{program}: {error}; install it: {INSTALL}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// A folder with the compiler and Grafana's types, installed once for each lock file, and the lock on it.
fn installed() -> (PathBuf, File) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboards-check");
    fs::create_dir_all(&folder).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    for file in FILES {
        fs::copy(checks().join(file), folder.join(file)).unwrap();
    }
    let wanted = fs::read_to_string(folder.join("package-lock.json")).unwrap();
    let mark = folder.join("installed");
    if fs::read_to_string(&mark).ok().as_ref() != Some(&wanted) {
        let output = run("npm", &["ci", "--no-audit", "--no-fund", "--ignore-scripts"], &folder);
        assert!(output.status.success(), "npm ci:\n{}", said(&output));
        fs::write(mark, wanted).unwrap();
    }
    (folder, lock)
}

/// Compiles dashboards, each by its name.
fn compile(dashboards: &[(String, Value)]) -> Output {
    let (folder, _lock) = installed();
    let sources = tempfile::tempdir_in(&folder).unwrap();
    for (name, dashboard) in dashboards {
        let import = "import type { DashboardFile } from '../types';";
        let text = format!(
            "{import}
export const dashboard = {dashboard:#} satisfies DashboardFile;
"
        );
        fs::write(sources.path().join(format!("{name}.ts")), text).unwrap();
    }
    let config = json!({ "extends": "../tsconfig.json", "include": ["*.ts"] });
    fs::write(sources.path().join("tsconfig.json"), config.to_string()).unwrap();
    run(
        "node",
        &["../node_modules/typescript/bin/tsc", "--project", ".", "--pretty", "false"],
        sources.path(),
    )
}

fn first_of_type<'d>(dashboard: &'d mut Value, plugin: &str) -> &'d mut Value {
    let panels = dashboard["panels"].as_array_mut().unwrap();
    panels.iter_mut().find(|panel| panel["type"] == plugin).unwrap()
}

#[test]
fn grafana_would_take_every_key_and_value() {
    let dashboards: Vec<_> =
        all().into_iter().map(|(file, value)| (file.replace(['/', '.'], "_"), value)).collect();
    let output = compile(&dashboards);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn what_grafana_would_not_take_is_refused() {
    let (_, good) = all().swap_remove(0);
    assert!(panels(&good).count() > 0);
    let broken = |break_it: fn(&mut Value)| {
        let mut dashboard = good.clone();
        break_it(&mut dashboard);
        assert_ne!(dashboard, good);
        dashboard
    };
    let each = [
        ("key_of_dashboard", broken(|of| of["titel"] = "x".into())),
        ("type_of_dashboard", broken(|of| of["schemaVersion"] = "39".into())),
        ("plugin", broken(|of| of["panels"][1]["type"] = "stats".into())),
        ("key_of_panel", broken(|of| of["panels"][1]["gridpos"] = json!({}))),
        ("option", broken(|of| first_of_type(of, "stat")["options"]["colourMode"] = "value".into())),
        ("value_of_option", broken(|of| first_of_type(of, "stat")["options"]["colorMode"] = "values".into())),
        (
            "custom",
            broken(|of| {
                first_of_type(of, "timeseries")["fieldConfig"]["defaults"]["custom"]["lineWith"] = 1.into();
            }),
        ),
        ("key_of_query", broken(|of| first_of_type(of, "table")["targets"][0]["legend"] = "x".into())),
        ("colour", broken(|of| of["panels"][1]["fieldConfig"]["defaults"]["color"]["mode"] = "green".into())),
        ("annotation", broken(|of| of["annotations"]["list"][0]["colour"] = "red".into())),
        ("variable", broken(|of| of["templating"]["list"][0]["type"] = "data source".into())),
    ];
    let each = each.map(|(name, dashboard)| (name.to_owned(), dashboard));
    let output = compile(&each);
    let said = said(&output);
    for (name, _) in &each {
        assert!(said.contains(&format!("{name}.ts(")), "{name} was taken:\n{said}");
    }
}

/// The file is as good for every registry.
#[test]
fn the_lock_file_names_no_host() {
    let lock = fs::read_to_string(checks().join("package-lock.json")).unwrap();
    assert!(lock.contains("\"integrity\"") && !lock.contains("\"resolved\""));
}

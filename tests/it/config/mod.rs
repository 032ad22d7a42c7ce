//! The config: what is refused and in which words, what holds by default, what overrides it, what is never shown.

mod refused;

mod understood;

mod use_cases;

mod shown;

mod fits;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use driftd::config::{ConfigErrors, Settings, load_with};
use tempfile::TempDir;

const MODEL: &str = "id = \"m\"\ntask = \"binary\"\nreference = { learn = { for = \"7d\" } }\n";

/// The least that a use case may be.
const USE_CASE: &str =
    "id = \"u\"\nname = \"U\"\nprocess = \"P\"\ncategory = \"foundation\"\nrisk = \"low\"\n";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/config")
}

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
}

/// A directory with `driftd.toml` and files of `models/`.
fn directory(main: &str, models: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().expect("a directory");
    fs::write(directory.path().join("driftd.toml"), main).expect("a writable directory");
    fs::create_dir(directory.path().join("models")).expect("a writable directory");
    for (name, text) in models {
        fs::write(directory.path().join("models").join(name), text).expect("a writable directory");
    }
    directory
}

/// As [`directory`], with a model `m` and one use case.
fn use_case(main: &str, text: &str) -> TempDir {
    let directory = directory(main, &[("m.toml", MODEL)]);
    fs::create_dir(directory.path().join("use_cases")).expect("a writable directory");
    fs::write(directory.path().join("use_cases/u.toml"), text).expect("a writable directory");
    directory
}

fn read(directory: &Path, pairs: &[(&str, &str)]) -> Result<Settings, ConfigErrors> {
    load_with(Some(&directory.join("driftd.toml")), variables(pairs))
}

/// The errors, with paths relative to the directory.
fn errors_of(directory: &Path, pairs: &[(&str, &str)]) -> Vec<String> {
    let errors = read(directory, pairs).expect_err("the config is bad").to_string();
    let prefix = format!("{}/", directory.display());
    errors.lines().map(|line| line.replace(&prefix, "").replace("models/", "")).collect()
}

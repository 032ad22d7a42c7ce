//! What is refused, and in which words: `tests/fixtures/config/bad` holds a case a file.

use std::fs;

use driftd::config::Origin;
use tempfile::TempDir;

use super::{MODEL, directory, errors_of, fixtures, read, use_case};

fn expected_in(text: &str) -> Vec<&str> {
    text.lines().map_while(|line| line.strip_prefix("# expect: ")).collect()
}

fn bad_fixtures(kind: &str) -> Vec<(String, String)> {
    let mut cases: Vec<_> = fs::read_dir(fixtures().join("bad").join(kind))
        .expect("a directory of fixtures")
        .map(|entry| {
            let path = entry.expect("a fixture").path();
            let text = fs::read_to_string(&path).expect("a fixture in UTF-8");
            (path.with_extension("").display().to_string(), text)
        })
        .collect();
    cases.sort();
    cases
}

#[test]
fn bad_configs_are_refused_in_the_expected_words() {
    let cases = bad_fixtures("main");
    assert!(cases.len() >= 25, "only {} cases", cases.len());
    for (name, text) in cases {
        assert_eq!(errors_of(directory(&text, &[]).path(), &[]), expected_in(&text), "{name}");
    }
}

#[test]
fn bad_models_are_refused_in_the_expected_words() {
    let cases = bad_fixtures("model");
    assert!(cases.len() >= 40, "only {} cases", cases.len());
    for (name, text) in cases {
        let directory = directory("", &[("m.toml", &text)]);
        assert_eq!(errors_of(directory.path(), &[]), expected_in(&text), "{name}");
    }
}

#[test]
fn bad_use_cases_are_refused_in_the_expected_words() {
    let cases = bad_fixtures("use_case");
    assert!(cases.len() >= 20, "only {} cases", cases.len());
    for (name, text) in cases {
        assert_eq!(errors_of(use_case("", &text).path(), &[]), expected_in(&text), "{name}");
    }
}

#[test]
fn a_file_that_does_not_parse_hides_no_error_of_another() {
    let directory = directory(
        "[server\n",
        &[("a.toml", "id = \n"), ("b.toml", &MODEL.replace("binary", "unary")), ("c.toml", "colour = 1\n")],
    );
    let errors = errors_of(directory.path(), &[]);
    let beginnings: Vec<_> = errors.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(
        beginnings,
        ["driftd.toml:1", "a.toml:1", "b.toml:2", "c.toml", "c.toml", "c.toml", "c.toml:1"],
        "{errors:#?}"
    );
}

#[test]
fn ids_and_limits_hold_across_files() {
    let more = format!("{MODEL}[features.a]\n[features.b]\n[versions.1]\n[versions.2]\n");
    let directory = directory(
        "[limits]\nmodels_max = 1\ncolumns_max = 1\nversions_max = 1\n",
        &[("a.toml", MODEL), ("b.toml", &more), ("notes.txt", "no model"), (".hidden.toml", "no model")],
    );
    let path = directory.path().join("models/a.toml");
    let a = path
        .display()
        .to_string()
        .replace("models/", "")
        .replace(&format!("{}/", directory.path().display()), "");
    assert_eq!(
        errors_of(directory.path(), &[]),
        [
            "models: has 2 models; at most 1 (limits.models_max)".to_owned(),
            format!("b.toml:1: id = \"m\": is the id of {a} too; ids differ"),
            "b.toml:4: features = { a = {}, b = {} }: are 2; at most 1 (limits.columns_max)".to_owned(),
            "b.toml:6: versions = { 1 = {}, 2 = {} }: are 2; at most 1 (limits.versions_max)".to_owned(),
        ]
    );
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let directory = TempDir::new().unwrap();
    let errors = read(directory.path(), &[]).unwrap_err();
    assert_eq!(errors.list().len(), 1);
    assert!(matches!(errors.list()[0].origin, Origin::File { line: None, .. }));
    assert!(errors.to_string().contains("driftd.toml: cannot be read: "), "{errors}");
}

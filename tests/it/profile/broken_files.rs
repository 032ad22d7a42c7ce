//! Files that give no profile, and the exact words that say why.

use std::fs;

use driftd::domain::{ColumnKind, Task};
use driftd::ingest::files::Mapping;

use super::{fixture, profile_of_file};

fn error_of(name: &str, content: &[u8], mapping: &Mapping) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    match profile_of_file(&path, mapping) {
        Ok(_) => "no error".to_owned(),
        Err(error) => error.to_string(),
    }
}

fn plain(name: &str, content: &str) -> String {
    error_of(name, content.as_bytes(), &Mapping::default())
}

fn named(column: &str) -> Option<String> {
    Some(column.to_owned())
}

#[test]
fn files_without_rows() {
    for name in ["x.csv", "x.ndjson", "x.parquet", "x.csv.gz"] {
        assert_eq!(plain(name, ""), "is empty", "{name}");
    }
    assert_eq!(plain("x.ndjson", "\n \n"), "is empty");
    assert_eq!(plain("x.csv", "a,b\n"), "has no rows");
    assert_eq!(plain("x.csv", "a,b"), "has no rows");
}

#[test]
fn files_of_another_format() {
    let expected = "is of no known format: .parquet, .csv, .ndjson and .jsonl are (.csv.gz, .ndjson.gz and .jsonl.gz too)";
    for name in ["x.xlsx", "x", "csv", "x.parquet.gz", "x.gz"] {
        assert_eq!(plain(name, "a\n1\n"), expected, "{name}");
    }
    let missing = profile_of_file(&fixture("tests/fixtures/none.csv"), &Mapping::default());
    assert!(missing.err().unwrap().to_string().starts_with("cannot be opened: "));
}

#[test]
fn damaged_files() {
    assert_eq!(
        plain("x.ndjson", "{\"a\":1}\n\n{\"a\":\n{\"a\":3}\n"),
        "is damaged in line 3: EOF while parsing a value at column 5"
    );
    assert_eq!(
        plain("x.jsonl", "{\"a\":1}\n[1]"),
        "is damaged in line 2: invalid type: sequence, expected a map at column 0"
    );
    assert_eq!(plain("x.csv", "a,b\n1,2\n1,2,3\n"), "is damaged: a row has more fields than the header");
    assert_eq!(plain("x.csv", "a,a\n1,2\n"), "has the column `a` twice");
    assert_eq!(plain("x.csv.gz", "no gzip stream begins like this"), "is damaged: invalid gzip header");
    assert!(error_of("x.csv", b"a,b\n\xff\xfe,2\n", &Mapping::default()).starts_with("is damaged: "));
}

#[test]
fn a_parquet_file_cut_short_anywhere() {
    let whole = fs::read(fixture("src/demo/data/car_loan_reference.parquet")).unwrap();
    for kept in [1, 4, 100, whole.len() / 2, whole.len() - 1] {
        let error = error_of("x.parquet", &whole[..kept], &Mapping::default());
        assert!(error.starts_with("is damaged: "), "{kept} bytes: {error}");
    }
    let text = error_of("x.parquet", b"a,b\n1,2\n3,4\n5,6\n", &Mapping::default());
    assert!(text.starts_with("is damaged: "), "{text}");
}

#[test]
fn roles_that_do_not_fit_the_file() {
    let csv = b"a,b,t\n1,x,2018-01-01\n2,y,soon\n";
    let cases = [
        (
            Mapping { prediction: named("c"), ..Mapping::default() },
            "has no column `c`, which is to be the prediction; its columns are `a`, `b`, `t`",
        ),
        (
            Mapping { ignore: vec!["c".into()], ..Mapping::default() },
            "has no column `c`, which is to be the ignored column; its columns are `a`, `b`, `t`",
        ),
        (
            Mapping { kinds: vec![("c".into(), ColumnKind::Numeric)], ..Mapping::default() },
            "has no column `c`, which is to be the column with a kind; its columns are `a`, `b`, `t`",
        ),
        (
            Mapping { prediction: named("a"), label: named("a"), ..Mapping::default() },
            "has one column `a` for both prediction and label",
        ),
        (
            Mapping { timestamp: named("t"), ..Mapping::default() },
            "has no time that can be read in row 2 of column `t`: RFC 3339, YYYY-MM-DD HH:MM:SS (taken as UTC) and epoch numbers can",
        ),
        (
            Mapping { task: Some(Task::Multiclass), scores: vec!["a".into()], ..Mapping::default() },
            "gives the score column `a` without its class: a multiclass score is CLASS=COLUMN",
        ),
        (
            Mapping { ignore: ["a", "b", "t"].map(String::from).into(), ..Mapping::default() },
            "has nothing to count: every column is ignored, skipped or has another role",
        ),
    ];
    for (mapping, expected) in cases {
        assert_eq!(error_of("x.csv", csv, &mapping), expected);
    }
}

#[test]
fn columns_that_do_not_fit() {
    assert_eq!(
        plain("x.csv", "@score,b\n1,2\n"),
        "has a column `@score`: a feature's name may not begin with `@`; rename or ignore it"
    );
    let numeric = Mapping { kinds: vec![("a".into(), ColumnKind::Numeric)], ..Mapping::default() };
    let big = "has integers of 2^53 and beyond in column `a`, which no float holds; make it categorical or ignore it";
    assert_eq!(error_of("x.csv", b"a\n1\n9007199254740993\n", &numeric), big);
    assert_eq!(error_of("x.ndjson", b"{\"a\":9007199254740993}\n", &numeric), big);
    assert_eq!(
        error_of("x.ndjson", b"{\"a\":[1]}\n", &numeric),
        "has values of type object or list in column `a`; they cannot be numeric"
    );
    let timed = Mapping { timestamp: named("a"), ..Mapping::default() };
    assert_eq!(
        error_of("x.ndjson", b"{\"a\":true,\"b\":1}\n", &timed),
        "has values of type bool in column `a`; they cannot be times"
    );
}

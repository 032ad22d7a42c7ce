//! What files become, and that the format does not matter.

use std::fs::{self, File};
use std::path::Path;

use driftd::domain::{ColumnKind, Task};
use driftd::ingest::files::Mapping;
use driftd::reference::Profile;
use driftd::sketch::{ColumnCounts, Grid};
use polars::prelude::{CsvWriter, JsonFormat, JsonWriter, ParquetReader, SerReader, SerWriter};

use super::{fixture, kind_of, profile_of_file};

fn car_loan() -> Mapping {
    Mapping {
        task: Some(Task::Binary),
        prediction: Some("y_pred".into()),
        scores: vec!["y_pred_proba".into()],
        timestamp: Some("timestamp".into()),
        id: Some("id".into()),
        label: Some("repaid".into()),
        ..Mapping::default()
    }
}

#[test]
fn one_table_gives_one_profile_in_every_format() {
    let parquet = fixture("src/demo/data/car_loan_reference.parquet");
    let folder = tempfile::tempdir().unwrap();
    let (csv, ndjson) = (folder.path().join("x.csv"), folder.path().join("x.ndjson"));
    let mut frame = ParquetReader::new(File::open(&parquet).unwrap()).finish().unwrap();
    CsvWriter::new(File::create(&csv).unwrap()).finish(&mut frame).unwrap();
    JsonWriter::new(File::create(&ndjson).unwrap())
        .with_json_format(JsonFormat::JsonLines)
        .finish(&mut frame)
        .unwrap();

    let (profile, notes) = profile_of_file(&parquet, &car_loan()).unwrap();
    assert_eq!(notes, [""; 0]);
    assert_eq!(profile.rows(), 50_000);
    assert_eq!(kind_of(&profile, "repaid_loan_on_prev_car"), Some(ColumnKind::Boolean));
    assert_eq!(kind_of(&profile, "salary_range"), Some(ColumnKind::Categorical));
    assert_eq!(kind_of(&profile, "@prediction"), Some(ColumnKind::Categorical));
    assert_eq!(kind_of(&profile, "@score"), Some(ColumnKind::Numeric));
    assert_eq!(kind_of(&profile, "id"), None);
    assert_eq!(profile.facts.period.unwrap().start.to_string(), "2018-01-01T00:00:00Z");
    let text = profile.to_text();
    assert!(text.contains("\"windows\": 302"), "the reference is 302 whole days long");
    for other in [csv, ndjson] {
        let (same, _) = profile_of_file(&other, &car_loan()).unwrap();
        assert!(same.to_text() == text, "{} differs from Parquet", other.display());
    }
    assert!(Profile::from_text(&text).unwrap() == profile);
}

fn written(folder: &Path, name: &str, content: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn kinds_are_found_over_all_rows_and_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..30)
        .map(|i| {
            let odd = if i == 29 { "x7" } else { "7" };
            format!(
                "{i},user-{i},{odd},{},{},0{i},90071992547410{}\n",
                i % 2 == 0,
                ["1.5", "NA", "inf", ""][i % 4],
                i + 10
            )
        })
        .collect();
    let csv = written(folder.path(), "x.csv", &format!("row,user,late,flag,amount,zip,long\n{rows}"));
    let kinds = vec![("zip".into(), ColumnKind::Categorical)];
    let (profile, notes) = profile_of_file(&csv, &Mapping { kinds, ..Mapping::default() }).unwrap();
    let kinds =
        ["row", "user", "late", "flag", "amount", "zip", "long"].map(|name| kind_of(&profile, name).unwrap());
    use ColumnKind::{Boolean, Categorical, Numeric};
    assert_eq!(kinds, [Numeric, Categorical, Categorical, Boolean, Numeric, Categorical, Categorical]);
    let ColumnCounts::Numeric { counts, .. } =
        &profile.tally.columns[profile.ruler.position(&"amount".parse().unwrap()).unwrap()]
    else {
        panic!("amounts are numbers")
    };
    assert_eq!((counts.present(), counts.missing, counts.positive_infinite), (15, 15, 7));
    let Grid::Categorical(grid) = profile.ruler.grid(&"zip".parse().unwrap()).unwrap() else {
        panic!("zips are categories")
    };
    assert!(grid.categories().iter().any(|name| &**name == "01"), "a zip keeps its zero");
    assert_eq!(
        notes,
        [
            "`row` looks like a row number: map it as the id or ignore it",
            "`user` looks like an id, every value is another: map it as the id or ignore it",
            "`long` holds integers of 2^53 and beyond: counted as categories",
            "`long` looks like an id, every value is another: map it as the id or ignore it",
        ]
    );
}

#[test]
fn values_of_a_given_kind_that_do_not_fit_are_of_the_wrong_type() {
    let folder = tempfile::tempdir().unwrap();
    let csv = written(folder.path(), "x.csv", "n,b\n1,true\nx,0\n,maybe\n3,\nnan,FALSE\n");
    let kinds = vec![("n".into(), ColumnKind::Numeric), ("b".into(), ColumnKind::Boolean)];
    let (profile, _) = profile_of_file(&csv, &Mapping { kinds, ..Mapping::default() }).unwrap();
    let seen =
        profile.tally.columns.iter().map(|column| (column.present(), column.absent(), column.wrong_type()));
    // In order of the columns: b, n.
    assert_eq!(seen.collect::<Vec<_>>(), [(3, 1, 1), (2, 2, 1)]);
}

#[test]
fn lines_may_lack_keys_mix_types_and_nest_features() {
    let folder = tempfile::tempdir().unwrap();
    let ndjson = written(
        folder.path(),
        "x.ndjson",
        "{\"prediction\":true,\"features\":{\"a\":1,\"b\":\"x\"},\"ts\":\"2018-01-01T00:00:00Z\"}\n\
         {\"prediction\":false,\"features\":{\"b\":2.0,\"c\":[1]},\"ts\":1514764801}\n",
    );
    let mapping = Mapping {
        task: Some(Task::Binary),
        prediction: Some("prediction".into()),
        timestamp: Some("ts".into()),
        ..Mapping::default()
    };
    let (profile, notes) = profile_of_file(&ndjson, &mapping).unwrap();
    let period = profile.facts.period.unwrap();
    assert_eq!(period.end.since(period.start), std::time::Duration::from_micros(1_000_001));
    let seen: Vec<_> = profile
        .iter()
        .map(|(id, _, counts, column)| (id.to_string(), column.kind, counts.present(), counts.absent()))
        .collect();
    assert_eq!(
        seen,
        [
            ("a".to_owned(), ColumnKind::Numeric, 1, 1),
            ("b".to_owned(), ColumnKind::Categorical, 2, 0),
            ("@prediction".to_owned(), ColumnKind::Boolean, 2, 0),
        ]
    );
    assert_eq!(notes, ["`c` is left out: values of type object or list are not counted"]);
}

/// `types.parquet` is written by pyarrow (`tests/fixtures/make_types.py`).
#[test]
fn parquet_of_every_type_is_read_or_named() {
    let path = fixture("tests/fixtures/types.parquet");
    for (column, hours) in [("ts_tz", 39), ("ts_ns", 39), ("date", 24)] {
        let mapping = Mapping { timestamp: Some(column.into()), ..Mapping::default() };
        let (profile, _) = profile_of_file(&path, &mapping).unwrap();
        let period = profile.facts.period.unwrap();
        assert_eq!(period.start.to_string(), "2018-01-01T00:00:00Z", "{column}");
        assert_eq!(period.end.since(period.start).as_secs(), hours * 3_600, "{column}");
    }
    let (profile, notes) = profile_of_file(&path, &Mapping::default()).unwrap();
    let kinds: Vec<_> = profile.iter().map(|(id, _, _, column)| (id.to_string(), column.kind)).collect();
    use ColumnKind::{Categorical, Numeric};
    let expected = [
        ("dict", Categorical),
        ("f32", Numeric),
        ("i16", Numeric),
        ("i8", Numeric),
        ("u16", Numeric),
        ("u64", Categorical),
        ("u8", Numeric),
    ];
    assert_eq!(kinds, expected.map(|(name, kind)| (name.to_owned(), kind)));
    assert_eq!(profile.without_values.iter().map(ToString::to_string).collect::<Vec<_>>(), ["nanf", "null"]);
    let skipped: Vec<_> = notes.iter().filter(|note| note.contains("is left out")).collect();
    assert_eq!(skipped.len(), 10, "{notes:#?}");
}

/// As live rows have them: `"scores": {"a": 0.7, …}`.
#[test]
fn scores_of_classes_are_read_from_the_format_of_live_rows() {
    const CLASSES: [&str; 3] = ["a", "b", "c"];
    let line = |row: usize| {
        let best = CLASSES[row % 3];
        let actual = if row.is_multiple_of(5) { "a" } else { best };
        let score = |class: &str| if class == best { 0.5 + (row % 40) as f64 / 100.0 } else { 0.1 };
        let scores: Vec<String> = CLASSES.map(|class| format!("\"{class}\":{}", score(class))).to_vec();
        format!(
            "{{\"features\":{{\"x\":{}}},\"prediction\":\"{best}\",\"scores\":{{{}}},\"actual\":\"{actual}\"}}\n",
            row % 7,
            scores.join(",")
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let file = written(folder.path(), "x.ndjson", &(0..900).map(line).collect::<String>());
    let mapping = Mapping {
        task: Some(Task::Multiclass),
        prediction: Some("prediction".into()),
        label: Some("actual".into()),
        ..Mapping::default()
    };
    let kinds = |mapping: &Mapping| {
        let (profile, notes) = profile_of_file(&file, mapping).unwrap();
        assert_eq!(notes, [""; 0]);
        ["@score:a", "@score:c", "a", "scores", "x"].map(|column| kind_of(&profile, column))
    };
    let number = Some(ColumnKind::Numeric);
    assert_eq!(kinds(&mapping), [number, number, None, None, number]);
    let named = Mapping { scores: vec!["a=x".into()], ..mapping.clone() };
    assert_eq!(kinds(&named), [number, number, None, None, None], "a column that is named goes first");
    let binary = Mapping { task: Some(Task::Binary), ..mapping };
    assert_eq!(kinds(&binary), [None, None, None, None, number]);

    let profile = folder.path().join("m.profile");
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_driftd"))
        .args(["profile", "--model", "m", "--task", "multiclass", "--prediction", "prediction"])
        .args(["--label", "actual", "--output"])
        .args([&profile, &file])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let outcomes = Profile::from_text(&fs::read_to_string(profile).unwrap()).unwrap().outcomes.unwrap();
    assert_eq!((outcomes.classes.len(), outcomes.calibrations.len()), (3, 3));
}

#[test]
fn keys_of_live_rows_are_no_columns_beside_features() {
    let folder = tempfile::tempdir().unwrap();
    let of = |row: fn(usize) -> String| {
        let text: String = (0..200).map(|n| row(n) + "\n").collect();
        let path = written(folder.path(), "x.ndjson", &text);
        profile_of_file(&path, &Mapping { task: Some(Task::Binary), ..Mapping::default() }).unwrap().0
    };
    let live =
        of(|n| format!(r#"{{"version":"3","id":"r{n}","cost":0.5,"features":{{"age":{n}}},"extra":{n}}}"#));
    assert_eq!(["version", "id", "cost"].map(|name| kind_of(&live, name)), [None; 3]);
    assert_eq!(["age", "extra"].map(|name| kind_of(&live, name)), [Some(ColumnKind::Numeric); 2]);
    let flat = of(|n| format!(r#"{{"version":"3","cost":{n},"age":{n}}}"#));
    assert_eq!(kind_of(&flat, "version"), Some(ColumnKind::Categorical));
    assert_eq!(kind_of(&flat, "cost"), Some(ColumnKind::Numeric));
}

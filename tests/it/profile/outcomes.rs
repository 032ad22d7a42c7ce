//! What labels of a reference say: its baseline, calibrations and errors, written, read and refused.

use std::fs::File;
use std::process::Command;

use driftd::batch::{Codes, CodesBuilder, ColumnValues};
use driftd::domain::{ColumnKind, Task};
use driftd::performance::{Metric, ScoreMap, Yardstick};
use driftd::reference::{
    BuildError, BuildOptions, Builder, NamedClasses, NoYardstick, Profile, ReferenceColumn, SegmentGrid,
    yardstick,
};
use polars::prelude::{DataType, ParquetReader, SerReader};

use super::fixture;

const ROWS: usize = 4_000;

fn codes<'a>(name: impl Fn(usize) -> &'a str) -> Codes {
    let mut codes = CodesBuilder::default();
    (0..ROWS).for_each(|row| codes.push(name(row)));
    codes.take()
}

/// Scores that are too sure of themselves: of a score s a share of 0.25 + s/2 is positive.
fn score(row: usize) -> f64 {
    (row * 7 % 100) as f64 / 100.0
}

fn actual(row: usize) -> bool {
    (row * 61 % 400) as f64 / 400.0 < 0.25 + score(row) / 2.0
}

fn region(row: usize) -> &'static str {
    ["ARA", "IDF", "BRE", "BRE"][row * 13 % 4]
}

fn builder(task: Task, grid: SegmentGrid) -> Builder {
    let options = BuildOptions { model: "m".parse().unwrap(), task: Some(task), windows: Vec::new() };
    let mut builder = Builder::new(options, ROWS, None).unwrap();
    builder.slice_by(grid, 10, vec![("region".into(), codes(region))]).unwrap();
    builder
}

fn finish(
    mut builder: Builder,
    columns: Vec<(&str, ColumnKind, ColumnValues)>,
) -> Result<Profile, BuildError> {
    for (id, kind, values) in columns {
        builder.add(ReferenceColumn { id: id.parse().unwrap(), kind, values }).unwrap();
    }
    builder.finish()
}

fn binary(positive: Option<&str>, labels: ColumnValues) -> Result<Profile, BuildError> {
    let mut builder = builder(Task::Binary, SegmentGrid::Groups);
    builder.learn_outcomes(Task::Binary, positive.map(Box::from), labels).unwrap();
    let scores = ColumnValues::Numeric((0..ROWS).map(score).collect());
    let predictions = codes(|row| if score(row) >= 0.5 { "yes" } else { "no" });
    finish(
        builder,
        vec![
            ("@score", ColumnKind::Numeric, scores),
            ("@prediction", ColumnKind::Categorical, ColumnValues::Categorical(predictions)),
        ],
    )
}

fn yes_or_no() -> ColumnValues {
    ColumnValues::Categorical(codes(|row| if actual(row) { "yes" } else { "no" }))
}

fn regression() -> Profile {
    let mut builder = builder(Task::Regression, SegmentGrid::Full);
    let predicted = |row: usize| (row * row % 997) as f64;
    let actuals = (0..ROWS).map(|row| predicted(row) + (row % 7) as f64 - 3.0).collect();
    builder.learn_outcomes(Task::Regression, None, ColumnValues::Numeric(actuals)).unwrap();
    let predictions = ColumnValues::Numeric((0..ROWS).map(predicted).collect());
    finish(builder, vec![("@prediction", ColumnKind::Numeric, predictions)]).unwrap()
}

fn multiclass() -> Profile {
    let mut builder = builder(Task::Multiclass, SegmentGrid::Groups);
    let labels = codes(|row| ["a", "b", "c"][row * 31 % 3]);
    builder.learn_outcomes(Task::Multiclass, None, ColumnValues::Categorical(labels)).unwrap();
    let of = |class: usize| {
        let score = |row: usize| if row % 3 == class { 0.6 } else { 0.2 };
        ColumnValues::Numeric((0..ROWS).map(score).collect())
    };
    let predictions = codes(|row| ["a", "b", "c"][row % 3]);
    finish(
        builder,
        vec![
            ("@score:a", ColumnKind::Numeric, of(0)),
            ("@score:b", ColumnKind::Numeric, of(1)),
            ("@score:c", ColumnKind::Numeric, of(2)),
            ("@prediction", ColumnKind::Categorical, ColumnValues::Categorical(predictions)),
        ],
    )
    .unwrap()
}

fn realised(profile: &Profile, metric: Metric) -> f64 {
    let task = profile.facts.task.unwrap();
    let baseline = profile.outcomes.as_ref().unwrap().baseline(task, &profile.ruler).unwrap();
    baseline.record.realised(&baseline.yardstick, metric).unwrap().value
}

#[test]
fn the_baseline_is_that_of_the_references_own_rows() {
    let profile = binary(Some("yes"), yes_or_no()).unwrap();
    let right = (0..ROWS).filter(|&row| (score(row) >= 0.5) == actual(row)).count();
    assert_eq!(realised(&profile, Metric::Accuracy), right as f64 / ROWS as f64);

    let baseline = profile.outcomes.as_ref().unwrap().baseline(Task::Binary, &profile.ruler).unwrap();
    let labelled: i64 = baseline.segments.values().map(|record| record.labelled_rows()).sum();
    assert_eq!((baseline.segments.len(), labelled), (3, ROWS as i64), "every row is in one region");
    let estimated = baseline.record.estimated(&baseline.yardstick, Metric::Accuracy).unwrap().value;
    assert!((estimated - right as f64 / ROWS as f64).abs() < 0.01, "calibrated on these rows: {estimated}");

    let off: i64 = (0..ROWS as i64).map(|row| (row % 7 - 3).abs()).sum();
    assert_eq!(realised(&regression(), Metric::Mae), off as f64 / ROWS as f64);
    let right = (0..ROWS).filter(|row| row * 31 % 3 == row % 3).count() as f64 / ROWS as f64;
    assert_eq!(realised(&multiclass(), Metric::Accuracy), right);
}

#[test]
fn scores_are_calibrated_where_that_helps() {
    let profile = binary(Some("yes"), yes_or_no()).unwrap();
    let outcomes = profile.outcomes.unwrap();
    assert!(matches!(outcomes.calibrations[0].map, ScoreMap::Isotonic(_)));
    let high = outcomes.calibrations[0].probability(0.95).unwrap();
    assert!((high - 0.725).abs() < 0.06, "{high}");
    assert_eq!(&*outcomes.classes[0], "yes", "the positive class comes first");
}

#[test]
fn a_written_profile_reads_back_the_same() {
    for profile in [binary(Some("no"), yes_or_no()).unwrap(), regression(), multiclass()] {
        let text = profile.to_text();
        assert!(text.contains("\"format_version\": 3"));
        assert_eq!(Profile::from_text(&text).unwrap(), profile);
        let task = profile.facts.task.unwrap();
        let yardstick = |profile: &Profile| {
            profile.outcomes.as_ref().unwrap().baseline(task, &profile.ruler).unwrap().yardstick
        };
        let read = Profile::from_text(&text).unwrap();
        assert_eq!(yardstick(&read).on_ruler(), yardstick(&profile).on_ruler(), "outcomes may be added up");
    }
}

#[test]
fn yardsticks_differ_where_what_is_counted_differs() {
    let of = |profile: &Profile| {
        let task = profile.facts.task.unwrap();
        profile.outcomes.as_ref().unwrap().baseline(task, &profile.ruler).unwrap().yardstick.on_ruler()
    };
    let (yes, no) = (binary(Some("yes"), yes_or_no()).unwrap(), binary(Some("no"), yes_or_no()).unwrap());
    assert_ne!(of(&yes), of(&no));
    assert_eq!(of(&yes).shape, of(&no).shape);
    let Yardstick::Binary(binary) =
        yes.outcomes.as_ref().unwrap().baseline(Task::Binary, &yes.ruler).unwrap().yardstick
    else {
        panic!("a binary model has a binary yardstick")
    };
    assert_eq!(binary.positive(), "yes");
}

#[test]
fn classes_without_a_known_positive_one_are_refused_with_their_names() {
    let refused = binary(None, yes_or_no()).unwrap_err();
    let classes = vec!["no".to_owned(), "yes".to_owned()];
    assert_eq!(refused, BuildError::Outcomes(NoYardstick::NoPositiveClass { classes }));
    assert_eq!(
        refused.remedy("--positive-class CLASS").as_deref(),
        Some("name it: --positive-class CLASS"),
        "{refused}"
    );
}

#[test]
fn a_positive_class_that_no_row_has_is_refused_with_those_that_there_are() {
    let refused = binary(Some("GHOST"), yes_or_no()).unwrap_err();
    let classes = vec!["no".to_owned(), "yes".to_owned()];
    let positive = "GHOST".to_owned();
    assert_eq!(refused, BuildError::Outcomes(NoYardstick::StrangePositiveClass { positive, classes }));

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("rows.csv");
    std::fs::write(&data, "said,was,age\ndeny,approve,3\napprove,deny,4\n").unwrap();
    let said = |more: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_driftd"))
            .args(["profile", "--model", "m", "--task", "binary", "--prediction", "said", "--label", "was"])
            .args(more)
            .args(["-o".as_ref(), folder.path().join("m.profile").as_os_str(), data.as_os_str()])
            .output()
            .unwrap();
        assert!(!run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
        String::from_utf8(run.stderr).unwrap()
    };
    let strange = said(&["--positive-class", "GHOST"]);
    let expected = "no row is of the positive class `GHOST`; its classes are approve, deny; name one of them: \
        --positive-class CLASS";
    assert!(strange.contains(expected), "{strange}");
    let nameless = said(&[]);
    let expected =
        "which of its classes (approve, deny) is the positive one; name it: --positive-class CLASS";
    assert!(nameless.contains(expected), "{nameless}");
}

/// A reference whose predictions and labels are all of one class.
fn of_one_class(class: &str, positive: Option<&str>) -> Result<Profile, BuildError> {
    let mut builder = builder(Task::Binary, SegmentGrid::Groups);
    let all = || ColumnValues::Categorical(codes(|_| class));
    builder.learn_outcomes(Task::Binary, positive.map(Box::from), all()).unwrap();
    finish(builder, vec![("@prediction", ColumnKind::Categorical, all())])
}

#[test]
fn where_one_class_occurs_the_other_one_of_a_usual_pair_is_known_too() {
    for (class, positive, classes) in [
        ("1", None, ["1", "0"]),
        ("0", None, ["1", "0"]),
        ("0", Some("0"), ["0", "1"]),
        ("true", None, ["true", "false"]),
        ("no", Some("yes"), ["yes", "no"]),
        ("yes", Some("yes"), ["yes", "no"]),
    ] {
        let profile = of_one_class(class, positive).unwrap();
        let named = NamedClasses { positive, all: &[] };
        let of = |outcomes| yardstick(Task::Binary, named, &profile.ruler, outcomes).unwrap();
        assert_eq!(of(profile.outcomes.as_ref()).classes(), classes, "all {class}");
        assert_eq!(of(None).classes(), classes, "all {class}, without labels");
        assert_eq!(Profile::from_text(&profile.to_text()).unwrap(), profile);
    }
    let refused = of_one_class("deny", Some("deny")).unwrap_err();
    assert_eq!(refused, BuildError::Outcomes(NoYardstick::OneClass { class: "deny".to_owned() }));
}

#[test]
fn rows_without_labels_have_no_outcomes() {
    let mut nothing = CodesBuilder::default();
    (0..ROWS).for_each(|_| nothing.push_nameless(Codes::MISSING));
    let profile = binary(Some("yes"), ColumnValues::Categorical(nothing.take())).unwrap();
    assert_eq!(profile.outcomes, None);
    assert!(!profile.to_text().contains("outcomes"));
}

#[test]
fn damaged_outcomes_are_refused() {
    let text = binary(Some("yes"), yes_or_no()).unwrap().to_text();
    for (from, to, said) in [
        ("\"format_version\": 3", "\"format_version\": 2", "do not have"),
        ("\"task\": \"binary\",", "", "without `task`"),
        ("\"calibrations\": {\n      \"yes\"", "\"calibrations\": {\n      \"maybe\"", "other classes"),
        ("\"count_places\": [\n        0", "\"count_places\": [\n        99999999", "record of"),
    ] {
        let damaged = text.replacen(from, to, 1);
        assert_ne!(damaged, text, "{from} stands in the text");
        let error = Profile::from_text(&damaged).unwrap_err().to_string();
        assert!(error.contains(said), "{from}: {error}");
    }
}

#[test]
fn the_command_says_what_labels_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = fixture("src/demo/data/car_loan_reference.parquet");
    let summary = |more: &[&str]| {
        let run = Command::new(env!("CARGO_BIN_EXE_driftd"))
            .args(["profile", "--model", "loans", "--task", "binary", "--prediction", "y_pred"])
            .args(["--score", "y_pred_proba", "--id", "id", "--ignore", "timestamp"])
            .args(more)
            .args(["-o".as_ref(), folder.path().join("loans.profile").as_os_str(), data.as_os_str()])
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let lines = String::from_utf8(run.stdout).unwrap();
        lines.lines().find(|line| line.contains("outcomes")).unwrap().to_owned()
    };
    let frame = ParquetReader::new(File::open(&data).unwrap()).finish().unwrap();
    let numbers = |name: &str| {
        let column = frame.column(name).unwrap().cast(&DataType::Float64).unwrap();
        column.f64().unwrap().into_no_null_iter().collect::<Vec<_>>()
    };
    let (said, was) = (numbers("y_pred"), numbers("repaid"));
    let right = said.iter().zip(&was).filter(|(said, was)| said == was).count();
    let accuracy = format!("outcomes of 50000 labelled rows: accuracy {:.4}, ", right as f64 / 50_000.0);
    let of_ones = summary(&["--label", "repaid"]);
    assert!(of_ones.starts_with(&accuracy), "{of_ones}");
    assert_eq!(summary(&["--label", "repaid", "--positive-class", "1"]), of_ones);
    let of_zeros = summary(&["--label", "repaid", "--positive-class", "0"]);
    assert!(of_zeros.starts_with(&accuracy) && of_zeros != of_ones, "{of_zeros}");
    assert_eq!(
        summary(&["--ignore", "repaid"]),
        "no outcomes (no --label): performance has no baseline and no estimate"
    );
}

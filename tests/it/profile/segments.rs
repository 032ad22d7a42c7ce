//! Segments of a reference: counted from every format, written, read and refused.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use driftd::batch::{Codes, CodesBuilder, ColumnValues};
use driftd::domain::{ColumnKind, Segment};
use driftd::ingest::files::{Absent, Mapping};
use driftd::reference::{BuildOptions, Builder, Profile, ReferenceColumn, SegmentGrid};
use driftd::sketch::{ColumnCounts, MISSING};
use polars::prelude::{CsvWriter, ParquetReader, SerReader, SerWriter};

use super::{fixture, kind_of, profile_of_file};

const ROWS: usize = 1_200;

fn region(row: usize) -> Option<&'static str> {
    [Some("ARA"), Some("IDF"), Some("ARA"), Some("BRE"), Some("COR"), None][row % 6]
}

fn codes<'a>(of_row: impl Fn(usize) -> Option<&'a str>) -> Codes {
    let mut codes = CodesBuilder::default();
    (0..ROWS).for_each(|row| match of_row(row) {
        Some(name) => codes.push(name),
        None => codes.push_nameless(Codes::MISSING),
    });
    codes.take()
}

/// A reference sliced by region, and by plan, which no row has.
fn sliced(grid: SegmentGrid, values_max: usize) -> Profile {
    let options = BuildOptions { model: "small".parse().unwrap(), task: None, windows: Vec::new() };
    let mut builder = Builder::new(options, ROWS, None).unwrap();
    let attributes = [("region".into(), codes(region)), ("plan".into(), codes(|_| None))];
    builder.slice_by(grid, values_max, attributes.into()).unwrap();
    let amount = |row: usize| match row % 50 {
        0 => MISSING,
        1 => f64::INFINITY,
        _ => (row * row % 509) as f64 / 7.0,
    };
    let amounts = ColumnValues::Numeric((0..ROWS).map(amount).collect());
    let towns = codes(|row| (row % 11 != 0).then(|| ["Lyon", "Brest", "Nice"][row % 3]));
    for (id, kind, values) in [
        ("town", ColumnKind::Categorical, ColumnValues::Categorical(towns)),
        ("amount", ColumnKind::Numeric, amounts),
    ] {
        builder.add(ReferenceColumn { id: id.parse().unwrap(), kind, values }).unwrap();
    }
    builder.finish().unwrap()
}

fn rows_of(profile: &Profile, attribute: &str) -> Vec<(String, i64)> {
    let values = profile.segments.values_of(attribute);
    values.into_iter().map(|(value, rows)| (value.to_owned(), rows)).collect()
}

fn named(values: &[(&str, i64)]) -> Vec<(String, i64)> {
    values.iter().map(|&(value, rows)| (value.to_owned(), rows)).collect()
}

#[test]
fn each_value_is_counted_and_the_rarest_share_other() {
    let profile = sliced(SegmentGrid::Groups, 10);
    assert_eq!(rows_of(&profile, "region"), named(&[("ARA", 400), ("BRE", 200), ("COR", 200), ("IDF", 200)]));
    assert_eq!(rows_of(&profile, "plan"), []);
    let segment: Segment = "region=IDF".parse().unwrap();
    let place = profile.ruler.position(&"amount".parse().unwrap()).unwrap();
    let ColumnCounts::Numeric { counts, .. } = &profile.segments.tallies[&segment].columns[place] else {
        panic!("amounts are numbers")
    };
    // Rows 1, 7, 13 …: of 50 rows in a row the second is infinite, and the first, which has none, is even.
    let infinite = (0..ROWS).filter(|row| row % 6 == 1 && row % 50 == 1).count() as i64;
    assert_eq!((counts.present(), counts.missing, counts.positive_infinite), (200, 0, infinite));

    let few = sliced(SegmentGrid::Groups, 2);
    assert_eq!(rows_of(&few, "region"), named(&[("ARA", 400), ("other", 400), ("BRE", 200)]));
    assert_eq!(profile.segments.at_most(2), few.segments, "the same whether it is cut at once or later");
}

#[test]
fn the_groups_follow_from_all_bins_but_not_the_other_way() {
    let (groups, full) = (sliced(SegmentGrid::Groups, 10), sliced(SegmentGrid::Full, 10));
    let ruler = &groups.ruler;
    assert_eq!(full.segments.on(SegmentGrid::Groups, ruler), groups.segments.tallies);
    assert_eq!(full.segments.on(SegmentGrid::Full, ruler), full.segments.tallies);
    assert!(groups.segments.on(SegmentGrid::Full, ruler).is_empty());
    let coarse = ruler.coarse().id();
    assert!(groups.segments.tallies.values().all(|tally| tally.ruler_id == coarse));
}

#[test]
fn the_file_holds_segments_from_format_version_2_on() {
    for grid in [SegmentGrid::Groups, SegmentGrid::Full] {
        let profile = sliced(grid, 10);
        let text = profile.to_text();
        assert!(text.contains("\"format_version\": 2"));
        let read = Profile::from_text(&text).unwrap();
        assert!(read == profile && read.to_text() == text, "{grid:?}");
        assert!(text.lines().all(|line| line.len() < 300), "lines are short enough to read in a diff");
    }
    let without = Profile { segments: Default::default(), ..sliced(SegmentGrid::Groups, 10) };
    assert!(without.to_text().contains("\"format_version\": 1"), "an older driftd reads it too");
    assert!(Profile::from_text(&without.to_text()).unwrap() == without);
    let [groups, full] =
        [SegmentGrid::Groups, SegmentGrid::Full].map(|grid| sliced(grid, 10).to_text().len());
    assert!(groups < without.to_text().len() * 2 && full > groups, "{groups} and {full} bytes");
}

/// Each change to a good file, and the error that it must give (its start).
#[test]
fn segments_that_do_not_fit_are_refused_by_name() {
    let good = sliced(SegmentGrid::Groups, 10).to_text();
    let (whole, segments) = good.split_at(good.find("\"segments\"").unwrap());
    let cases = [
        ("\"rows\": 400", "\"rows\": 401", "segment `region=ARA` column `amount` counts 400 rows, not 401"),
        ("\"rows\": 400", "\"rows\": 0", "segment `region=ARA` has 0 rows; a segment that is known has some"),
        ("\"ARA\"", "\"\"", "segment `region=` has a name that is none: is empty"),
        ("\"ARA\"", "\"IDF\"", "`IDF` is given twice"),
        ("\"amount\"", "\"amounts\"", "segment `region=ARA` has other columns than the profile"),
        ("\"Lyon\"", "\"Lyons\"", "segment `region=ARA` column `town` has the category `Lyons`, which"),
        ("\"counts\": [", "\"counts\": [1,", "segment `region=ARA` column `amount` has "),
        (
            "\"sum_squares\": ",
            "\"other\": 1, \"sum_squares\": ",
            "segment `region=ARA` column `amount` needs `num",
        ),
        ("\"grid\": \"groups\"", "\"grid\": \"full\"", "segment `region=ARA` column `amount` has "),
        ("\"grid\": \"groups\"", "\"grid\": \"half\"", "unknown variant `half`"),
    ];
    for (from, to, expected) in cases {
        assert!(segments.contains(from), "the good file holds {from}");
        let text = format!("{whole}{}", segments.replacen(from, to, 1));
        let error = Profile::from_text(&text).err().map(|error| error.to_string());
        let error = error.unwrap_or_else(|| panic!("{from} → {to} was taken"));
        assert!(error.starts_with(&format!("is a damaged profile: {expected}")), "{from} → {to}: {error}");
    }
    let older = good.replacen("\"format_version\": 2", "\"format_version\": 1", 1);
    let error = Profile::from_text(&older).err().unwrap().to_string();
    assert_eq!(error, "is a damaged profile: it has segments, which format version 1 does not have");
}

fn written(folder: &Path, name: &str, content: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn lines_of_our_own_format_and_flat_files_give_the_same_segments() {
    let folder = tempfile::tempdir().unwrap();
    let wire = [
        // A row's own value goes before its feature; a null is none; numbers and booleans have names too.
        r#"{"features":{"x":1,"region":"b"},"segments":{"region":"a","beta":true}}"#,
        r#"{"features":{"x":2,"region":"b"},"segments":{"region":null,"tier":1.0}}"#,
        r#"{"features":{"x":3},"segments":{"region":"a\u0007","beta":false}}"#,
        r#"{"features":{"x":4,"region":""},"segments":{"tier":1}}"#,
        r#"{"features":{"x":5}}"#,
    ];
    let mapping =
        Mapping { segments: ["region", "beta", "tier"].map(String::from).into(), ..Mapping::default() };
    let of_wire = profile_of_file(&written(folder.path(), "x.ndjson", &wire.join("\n")), &mapping).unwrap().0;
    let flat = "x,region,beta,tier\n1,a,True,\n2,b,,1\n3,a\u{fffd},FALSE,\n4,,,1\n5,,,\n";
    let mapping = Mapping { ignore: ["region", "beta", "tier"].map(String::from).into(), ..mapping };
    let of_flat = profile_of_file(&written(folder.path(), "x.csv", flat), &mapping).unwrap().0;
    for profile in [&of_wire, &of_flat] {
        assert_eq!(rows_of(profile, "region"), named(&[("a", 1), ("a\u{fffd}", 1), ("b", 1)]));
        assert_eq!(rows_of(profile, "beta"), named(&[("false", 1), ("true", 1)]));
        assert_eq!(rows_of(profile, "tier"), named(&[("1", 2)]));
    }
    // The attribute in `features` is a feature too, those in `segments` are not; of a flat file only unless ignored.
    assert_eq!(kind_of(&of_wire, "region"), Some(ColumnKind::Categorical));
    assert_eq!((kind_of(&of_wire, "beta"), kind_of(&of_wire, "tier")), (None, None));
    assert_eq!((kind_of(&of_flat, "region"), kind_of(&of_flat, "x")), (None, Some(ColumnKind::Numeric)));
}

#[test]
fn an_attribute_that_the_file_lacks_is_refused_where_somebody_named_it() {
    let folder = tempfile::tempdir().unwrap();
    let csv = written(folder.path(), "x.csv", "x\n1\n2\n");
    let mapping = Mapping { segments: vec!["region".into()], ..Mapping::default() };
    let error = profile_of_file(&csv, &mapping).err().unwrap().to_string();
    assert_eq!(error, "has no column `region`, which is to be the segment attribute; its columns are `x`");
    let mapping = Mapping { absent: Absent::PassedOver, ..mapping };
    assert!(profile_of_file(&csv, &mapping).unwrap().0.segments.attributes.is_empty());
}

#[test]
fn the_command_counts_segments_of_csv_and_parquet_alike() {
    let folder = tempfile::tempdir().unwrap();
    let parquet = fixture("src/demo/data/car_loan_reference.parquet");
    let csv = folder.path().join("loans.csv");
    let mut frame = ParquetReader::new(File::open(&parquet).unwrap()).finish().unwrap();
    CsvWriter::new(File::create(&csv).unwrap()).finish(&mut frame).unwrap();
    let profiled = |data: &Path, name: &str| {
        let output = folder.path().join(name);
        let run = Command::new(env!("CARGO_BIN_EXE_driftd"))
            .args(["profile", "--model", "loans", "--task", "binary", "--id", "id", "--label", "repaid"])
            .args(["--ignore", "timestamp"])
            .args(["--segment", "salary_range", "--segment-values-max", "3", "-o"])
            .args([output.as_path(), data])
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        (fs::read_to_string(output).unwrap(), String::from_utf8(run.stdout).unwrap())
    };
    let (text, summary) = profiled(&parquet, "loans.profile");
    let profile = Profile::from_text(&text).unwrap();
    let rows: i64 = profile.segments.values_of("salary_range").iter().map(|(_, rows)| rows).sum();
    assert_eq!((profile.segments.values_of("salary_range").len(), rows), (4, 50_000));
    assert!(summary.contains("segments by salary_range: ") && summary.contains("other ("), "{summary}");
    assert!(profiled(&csv, "csv.profile").0 == text, "CSV differs from Parquet");
}

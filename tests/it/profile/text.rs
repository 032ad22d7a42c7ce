//! The profile's file: stable, exact, and refused where it does not fit.

use std::fs;
use std::path::Path;

use driftd::batch::{Codes, CodesBuilder, ColumnValues};
use driftd::domain::{ColumnId, ColumnKind, Task, Timestamp};
use driftd::reference::{BuildError, BuildOptions, IidReason, NullKind, Profile, ReferenceColumn, build};
use driftd::sketch::{MISSING, WRONG_TYPE};
use driftd::statistic::Statistic;

use super::fixture;

const ROWS: usize = 1_500;

fn names(of_row: impl Fn(usize) -> Option<String>) -> ColumnValues {
    let mut codes = CodesBuilder::default();
    (0..ROWS).for_each(|row| match of_row(row) {
        Some(name) => codes.push(&name),
        None => codes.push_nameless(Codes::MISSING),
    });
    ColumnValues::Categorical(codes.take())
}

fn column(id: &str, kind: ColumnKind, values: ColumnValues) -> ReferenceColumn {
    ReferenceColumn { id: id.parse().unwrap(), kind, values }
}

fn numbers(of_row: impl Fn(usize) -> f64) -> ColumnValues {
    ColumnValues::Numeric((0..ROWS).map(of_row).collect())
}

fn columns() -> Vec<ReferenceColumn> {
    vec![
        column(
            "amount",
            ColumnKind::Numeric,
            numbers(|row| match row % 10 {
                0 => MISSING,
                1 => f64::NAN,
                2 => f64::INFINITY,
                3 => WRONG_TYPE,
                4 => f64::NEG_INFINITY,
                _ => (row * row % 97) as f64 / 7.0,
            }),
        ),
        column("nothing", ColumnKind::Numeric, numbers(|_| MISSING)),
        column(
            "town",
            ColumnKind::Categorical,
            names(|row| (row % 11 != 0).then(|| ["Lyon", "Zürich \"Nord\"", "\n"][row % 3].to_owned())),
        ),
        column("many", ColumnKind::Categorical, names(|row| Some(format!("c{}", row % 1_003)))),
        column("void", ColumnKind::Categorical, names(|_| None)),
        column(
            "flag",
            ColumnKind::Boolean,
            names(|row| Some(["true", "false", "perhaps"][row % 3].to_owned())),
        ),
        column("@score", ColumnKind::Numeric, numbers(|row| (row % 101) as f64 / 100.0)),
    ]
}

fn profile() -> Profile {
    let windows = vec!["24h/1h".parse().unwrap(), "7d/6h".parse().unwrap()];
    let options = BuildOptions { model: "small".parse().unwrap(), task: Some(Task::Binary), windows };
    // One row every 30 minutes: 31 days and a bit.
    let timestamps: Vec<Timestamp> =
        (0..ROWS as i64).map(|row| Timestamp::from_seconds(1_514_764_800 + row * 1_800)).collect();
    let mut profile = build(options, ROWS, Some(&timestamps), columns()).unwrap();
    profile.facts.driftd_version = "0.0.0".to_owned();
    profile
}

#[test]
fn text_is_the_golden_one_and_reads_back_equal() {
    let (profile, golden) = (profile(), fixture("tests/fixtures/profile.json"));
    let text = profile.to_text();
    if text != fs::read_to_string(&golden).unwrap() {
        let today = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profile.json");
        fs::write(&today, &text).unwrap();
        panic!("{} is not what is written today: {}", golden.display(), today.display());
    }
    let read = Profile::from_text(&text).unwrap();
    assert!(read == profile);
    assert_eq!(read.to_text(), text);
    assert!(text.lines().all(|line| line.len() < 300), "lines are short enough to read in a diff");
}

#[test]
fn columns_without_values_are_named_and_do_no_harm() {
    let profile = profile();
    assert_eq!(profile.without_values, [ColumnId::feature("nothing")]);
    assert_eq!(profile.ruler.position(&ColumnId::feature("nothing")), None);
    let void = profile.ruler.position(&ColumnId::feature("void")).unwrap();
    assert_eq!((profile.tally.columns[void].present(), profile.tally.columns[void].absent()), (0, 1_500));
    let flag = profile.ruler.position(&ColumnId::feature("flag")).unwrap();
    assert_eq!(profile.tally.columns[flag].wrong_type(), 500);
}

#[test]
fn a_null_says_where_it_comes_from() {
    let profile = profile();
    let hours = |hours: u64| std::time::Duration::from_secs(3_600 * hours);
    let score = profile.ruler.position(&ColumnId::Score).unwrap();
    assert!(
        matches!(profile.null(score, hours(24), Statistic::Ks), NullKind::Measured(null) if null.windows == 31)
    );
    let reason_of = |profile: &Profile, length, statistic| match profile.null(score, length, statistic) {
        NullKind::Iid { reason } => reason,
        NullKind::Measured(null) => panic!("{statistic} was measured: {null:?}"),
    };
    assert_eq!(reason_of(&profile, hours(168), Statistic::Ks), IidReason::TooFewWindows { windows: 4 });
    assert_eq!(reason_of(&profile, hours(1), Statistic::Ks), IidReason::WindowNotProfiled);
    assert_eq!(reason_of(&profile, hours(24), Statistic::Hellinger), IidReason::Untested);
    let options = BuildOptions { model: "m".parse().unwrap(), task: None, windows: Vec::new() };
    let timeless = build(options, ROWS, None, columns()).unwrap();
    assert_eq!(reason_of(&timeless, hours(24), Statistic::Ks), IidReason::NoTimestamps);
    let same_counts = timeless.ruler.id() == profile.ruler.id() && timeless.tally == profile.tally;
    assert!(same_counts, "sorting in place or in a copy gives the same grid and counts");
}

#[test]
fn rows_in_any_order_give_the_same_profile() {
    let windows = vec!["24h/1h".parse().unwrap()];
    let options = BuildOptions { model: "m".parse().unwrap(), task: None, windows };
    let built = |order: &[usize]| {
        let at: Vec<_> = order.iter().map(|&row| Timestamp::from_seconds(row as i64 * 1_800)).collect();
        let x = ColumnValues::Numeric(order.iter().map(|&row| (row * row % 97) as f64).collect());
        build(options.clone(), order.len(), Some(&at), [column("x", ColumnKind::Numeric, x)]).unwrap()
    };
    let straight: Vec<usize> = (0..ROWS).collect();
    let shuffled: Vec<usize> = (0..ROWS).map(|i| i * 7 % ROWS).map(|i| (i + 3) % ROWS).collect();
    assert_eq!(built(&straight).to_text(), built(&shuffled).to_text());
}

#[test]
fn what_is_no_reference_is_refused() {
    let options = BuildOptions { model: "m".parse().unwrap(), task: None, windows: Vec::new() };
    let refused =
        |rows, columns| build(options.clone(), rows, None, columns).err().map(|error| error.to_string());
    let x = || column("x", ColumnKind::Numeric, numbers(|row| row as f64));
    assert_eq!(refused(0, vec![]), Some(BuildError::NoRows.to_string()));
    assert_eq!(refused(ROWS, vec![]).as_deref(), Some("the reference has no columns"));
    assert_eq!(
        refused(3, vec![x()]).as_deref(),
        Some("column `x` has 1500 values; the reference has 3 rows")
    );
    assert_eq!(refused(ROWS, vec![x(), x()]).as_deref(), Some("column `x` was given twice"));
    let wrong = column("x", ColumnKind::Boolean, numbers(|row| row as f64));
    assert_eq!(refused(ROWS, vec![wrong]).as_deref(), Some("column `x` is boolean, but its values are not"));
}

/// Each change to a good file, and the error that it must give (its start).
#[test]
fn files_that_do_not_fit_are_refused_by_name() {
    let good = profile().to_text();
    let cases = [
        (
            "\"format_version\": 1",
            "\"format_version\": 4",
            "is a profile of format version 4; this driftd reads versions 1 to 3",
        ),
        ("driftd profile", "something else", "is no profile: it has no `\"format\": \"driftd profile\"`"),
        (
            "\"rows\": 1500",
            "\"rows\": 1501",
            "is a damaged profile: column `amount` counts 1500 rows, not 1501 as it must",
        ),
        ("\"rows\": 1500", "\"rows\": 0", "is a damaged profile: it was made from no rows"),
        ("\"nan\": 150", "\"nan\": -150", "is a damaged profile: column `amount` has a count below 0"),
        (
            "\"positive_infinite\": 150",
            "\"positive_infinite\": 151",
            "is a damaged profile: column `amount` has more infinite values",
        ),
        (
            "\"kind\": \"boolean\"",
            "\"kind\": \"numeric\"",
            "is a damaged profile: column `flag` needs `numeric` for the kind numeric",
        ),
        ("\"Lyon\": ", "\"Lyons\": ", "is a damaged profile: column `town` has the grid "),
        (
            "\"false\": 500",
            "\"no\": 500",
            "is a damaged profile: column `flag` is boolean, but its categories",
        ),
        (
            "\"windows\": 31,",
            "\"windows\": 3,",
            "is a damaged profile: column `amount` has a null of psi whose",
        ),
        (
            "\"24h/1h\"",
            "\"24h/5h\"",
            "is a damaged profile: column `amount` has nulls of a window that cannot be: `24h/5h` is no window",
        ),
        ("\"void\"", "\"@void\"", "is a damaged profile: column `@void` has a name that begins with `@`"),
        ("\"void\"", "\"town\"", "is a damaged profile: `town` is given twice"),
        (
            "\"void\"",
            "\"nothing\"",
            "is a damaged profile: column `nothing` stands among the columns without values",
        ),
        ("\"task\": \"binary\"", "\"tusk\": \"binary\"", "is a damaged profile: unknown field `tusk`"),
        ("  \"columns\"", "  columns", "is a damaged profile: "),
        (
            "\"low_edge\": ",
            "\"low_edge\": 99",
            "is a damaged profile: column `amount` names an edge that does not exist",
        ),
    ];
    for (from, to, expected) in cases {
        assert!(good.contains(from), "the good file holds {from}");
        let error = Profile::from_text(&good.replacen(from, to, 1)).err().map(|error| error.to_string());
        let error = error.unwrap_or_else(|| panic!("{from} → {to} was taken"));
        assert!(error.starts_with(expected), "{from} → {to}: {error}");
    }
    let mut shorter = good.clone();
    let sums = shorter.find("\"sums\": [").unwrap() + "\"sums\": [".len();
    let end = sums + shorter[sums..].find(',').unwrap() + 1;
    shorter.replace_range(sums..end, "");
    let error = Profile::from_text(&shorter).err().unwrap().to_string();
    assert!(error.starts_with("is a damaged profile: column `amount` has "), "{error}");
    for cut in [0, 1, good.len() / 3, good.len() - 2] {
        assert!(Profile::from_text(&good[..cut]).is_err(), "cut at {cut}");
    }
}

//! Statistics against the oracles' values: scipy's and exact arithmetic over the raw rows, never over a grid.

use std::collections::HashMap;
use std::fs::File;

use driftd::sketch::{
    CategoricalCounts, CategoricalGrid, ColumnCounts, Extremes, Grid, Newcomers, NumericCounts, NumericGrid,
};
use driftd::statistic::{Caution, Computed, Outcome, Pair, Statistic, Test, compute, fisher, tails};
use driftd::verdict::largest_rejected;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::support::distributions::{self, Case, Expected, Kind, Named};

/// A grid and the counts of its own reference.
type Reference = (Grid, ColumnCounts);

#[test]
fn every_case_agrees_with_the_oracle() {
    let cases = distributions::cases();
    assert!(cases.len() > 250, "only {} cases", cases.len());
    let mut references: HashMap<String, Reference> = HashMap::new();
    let (mut failures, mut compared) = (Vec::new(), 0);
    for case in &cases {
        let key = format!("{:?} {:?}", case.kind, case.reference);
        let (grid, reference) = references.entry(key).or_insert_with(|| reference_of(case));
        let current = match grid {
            Grid::Numeric(grid) => numeric(grid, &case.current.numbers()),
            Grid::Categorical(grid) => categorical(grid, &case.current.names(case.kind)),
        };
        check(case, grid, reference, &current, &mut failures);
        compared += case.expected.len();
    }
    assert!(failures.is_empty(), "{} of {compared} disagree:\n{}", failures.len(), failures.join("\n"));
}

/// A boolean column that is declared as one names both values, whatever its reference held: the answers are the same.
#[test]
fn the_grid_of_a_declared_boolean_gives_the_same_answers() {
    let mut failures = Vec::new();
    for case in distributions::cases().iter().filter(|case| case.kind == Kind::Boolean) {
        let grid = CategoricalGrid::boolean();
        let reference = categorical(&grid, &case.reference.names(case.kind));
        let current = categorical(&grid, &case.current.names(case.kind));
        check(case, &Grid::Categorical(grid), &reference, &current, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn reference_of(case: &Case) -> Reference {
    if case.kind == Kind::Numeric {
        let values = case.reference.numbers();
        let mut finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        finite.sort_by(f64::total_cmp);
        // A reference without a number has no grid; any will do to be told so.
        let grid = NumericGrid::from_sorted(&finite)
            .or_else(|| NumericGrid::from_sorted(&[0.0]))
            .expect("one value makes a grid");
        let counts = numeric(&grid, &values);
        (Grid::Numeric(grid), counts)
    } else {
        let names = case.reference.names(case.kind);
        let counts = names.counts.iter().map(|(name, &rows)| (name.as_str(), rows as u64));
        let grid = CategoricalGrid::from_counts(counts);
        let counts = categorical(&grid, &names);
        (Grid::Categorical(grid), counts)
    }
}

fn numeric(grid: &NumericGrid, values: &[f64]) -> ColumnCounts {
    let mut counts = NumericCounts::empty(grid);
    counts.count(grid, values);
    ColumnCounts::Numeric { counts, extremes: Extremes::of(values) }
}

fn categorical(grid: &CategoricalGrid, names: &Named) -> ColumnCounts {
    let mut counts = CategoricalCounts { missing: names.missing, ..CategoricalCounts::empty(grid) };
    names.counts.iter().for_each(|(name, &rows)| counts.count(grid.place(name), rows));
    ColumnCounts::Categorical { counts, newcomers: Newcomers::default() }
}

fn check(
    case: &Case,
    grid: &Grid,
    reference: &ColumnCounts,
    current: &ColumnCounts,
    failures: &mut Vec<String>,
) {
    let pair = Pair::of(grid, reference, current).expect("counts are of the grid's kind");
    let outcomes = compute(&pair, &Statistic::ALL);
    for (statistic, outcome) in Statistic::ALL.into_iter().zip(outcomes) {
        let Some(expected) = case.expected.get(statistic.as_str()) else { continue };
        let complaint = match (expected, outcome) {
            (Expected::NotComputable { not_computable }, Outcome::NotComputable(reason)) => {
                let said = serde_json::to_value(reason).expect("a reason is a word");
                (said != not_computable.as_str()).then(|| format!("{said} instead of {not_computable}"))
            }
            (Expected::Value { value, p_value }, Outcome::Computed(computed)) => match statistic {
                Statistic::Ks => ks(&computed, *value, *p_value),
                Statistic::WassersteinNormed => wasserstein(case, &computed, *value),
                _ if computed.caution == Some(Caution::Clamped) => None,
                _ => plain(&computed, *value, *p_value),
            },
            (expected, outcome) => Some(format!("{outcome:?} instead of {expected:?}")),
        };
        failures.extend(complaint.map(|text| format!("{} {statistic}: {text}", case.name)));
    }
}

fn plain(computed: &Computed, value: f64, p_value: Option<f64>) -> Option<String> {
    if !close(computed.value, value, 1e-9, 1e-12) {
        return Some(format!("{} instead of {value}", computed.value));
    }
    match (computed.test.map(Test::p_value), p_value) {
        (Some(got), Some(want)) if !close(got, want, 1e-6, 1e-290) => {
            Some(format!("p {got} instead of {want}"))
        }
        (got, want) if got.is_some() != want.is_some() => Some(format!("p {got:?} instead of {want:?}")),
        _ => None,
    }
}

/// The raw distance lies between the grid's and its bound; the p-values fall the other way.
fn ks(computed: &Computed, raw: f64, p_value: Option<f64>) -> Option<String> {
    let (value, bound) = (computed.value, computed.error_bound.expect("has a bound"));
    if raw < value - 1e-12 || raw > value + bound + 1e-12 {
        return Some(format!("raw {raw} outside [{value}, {value} + {bound}]"));
    }
    if bound == 0.0 {
        return plain(computed, raw, p_value);
    }
    let (got, want) = (computed.test.map_or(f64::NAN, Test::p_value), p_value.expect("ks has a p-value"));
    (got.is_nan() || got < want * (1.0 - 1e-6))
        .then(|| format!("p {got} below that of the raw distance, {want}"))
}

/// A lower bound with an upper one; equal where nothing is lost, near on real data.
fn wasserstein(case: &Case, computed: &Computed, raw: f64) -> Option<String> {
    let (value, bound) = (computed.value, computed.error_bound.expect("has a bound"));
    let real = !case.name.starts_with("edge/");
    let within = value <= raw * (1.0 + 1e-9) + 1e-12 && raw <= value + bound + raw * 1e-9 + 1e-9;
    if !within || (real && value < 0.95 * raw) {
        return Some(format!("raw {raw} outside [{value}, {value} + {bound}] or too far above"));
    }
    if bound == 0.0 { plain(computed, raw, None) } else { None }
}

fn close(got: f64, want: f64, relative: f64, absolute: f64) -> bool {
    (got - want).abs() <= relative * want.abs() + absolute
}

#[derive(Deserialize)]
struct Tails {
    chi2_sf: Vec<Point>,
    kolmogorov_sf: Vec<Point>,
    f_sf: Vec<Point>,
    fisher_exact: Vec<Table>,
    benjamini_hochberg: Vec<Adjusted>,
}

#[derive(Deserialize)]
struct Point {
    x: f64,
    #[serde(default)]
    df: f64,
    #[serde(default)]
    d1: f64,
    #[serde(default)]
    d2: f64,
    sf: f64,
}

#[derive(Deserialize)]
struct Table {
    table: [[u64; 2]; 2],
    p: f64,
}

/// p-values and what they are adjusted to: rejected at every level from there on.
#[derive(Deserialize)]
struct Adjusted {
    p: Vec<f64>,
    adjusted: Vec<f64>,
}

fn golden<T: DeserializeOwned>(name: &str) -> T {
    let file = File::open(distributions::root().join("tests/golden").join(name)).expect("a golden file");
    serde_json::from_reader(std::io::BufReader::new(file)).expect("golden files parse")
}

#[test]
fn tails_agree_with_60_digit_arithmetic() {
    let tails: Tails = golden("tails.json");
    let mut failures = Vec::new();
    let mut compare = |what: String, got: f64, want: f64| {
        if !close(got, want, 1e-9, 1e-290) {
            failures
                .push(format!("{what}: {got:e} instead of {want:e}, {:.1e} off", (got / want - 1.0).abs()));
        }
    };
    for Point { x, df, sf, .. } in &tails.chi2_sf {
        compare(format!("chi_square({x}, {df})"), tails::chi_square(*x, *df), *sf);
    }
    for Point { x, sf, .. } in &tails.kolmogorov_sf {
        compare(format!("kolmogorov({x})"), tails::kolmogorov(*x), *sf);
    }
    for Point { x, d1, d2, sf, .. } in &tails.f_sf {
        compare(format!("f_survival({x}, {d1}, {d2})"), tails::f_survival(*x, *d1, *d2), *sf);
    }
    for Table { table, p } in &tails.fisher_exact {
        compare(format!("fisher({table:?})"), fisher::two_sided(*table), *p);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// At levels just above and below every adjusted p-value those are rejected whose adjusted one is no larger.
#[test]
fn benjamini_hochberg_rejects_what_scipy_does() {
    let tails: Tails = golden("tails.json");
    for Adjusted { p, adjusted } in &tails.benjamini_hochberg {
        let levels = adjusted.iter().flat_map(|level| [level * (1.0 - 1e-9), level * (1.0 + 1e-9) + 1e-300]);
        for alpha in levels {
            let rejected = p.iter().zip(adjusted).filter(|(_, adjusted)| **adjusted <= alpha);
            let largest = rejected.map(|(p, _)| *p).max_by(f64::total_cmp);
            assert_eq!(largest_rejected(p, alpha), largest, "{p:?} at {alpha}");
        }
    }
}

//! Links against scipy, laws that they keep, and what has none; trends over few periods against scipy and
//! pymannkendall.

use std::fs;

use driftd::kpi::link::{CAUTION, Correlation, Link, NoLink, Options, Outcome, Side, WINDOWS_MAX, link};
use driftd::trend::{Way, one_sided};
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    links: Vec<Case>,
    short: Vec<Short>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    x: Vec<Option<f64>>,
    y: Vec<Option<f64>>,
    /// n, rho, low, high.
    lags: Vec<(usize, f64, f64, f64)>,
    strongest: Strongest,
}

#[derive(Deserialize)]
struct Strongest {
    lag: usize,
    level: f64,
    interval: (f64, f64),
    /// Itself, low, high.
    slope: (f64, f64, f64),
}

#[derive(Deserialize)]
struct Short {
    values: Vec<f64>,
    up: f64,
    down: f64,
}

/// The series of `tests/golden/make_links.py`.
fn golden() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/links.json");
    serde_json::from_str(&fs::read_to_string(path).expect("the golden file")).expect("what the script wrote")
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1e-3)
}

fn agrees(found: &Correlation, rho: f64, low: f64, high: f64) -> bool {
    let interval = found.interval.expect("rho is not 1");
    close(found.rho, rho) && close(interval.low, low) && close(interval.high, high)
}

#[test]
fn every_link_agrees_with_the_oracle() {
    let cases = golden().links;
    assert!(cases.len() >= 10 && cases.iter().any(|case| case.strongest.lag > 0));
    for Case { name, x, y, lags, strongest } in cases {
        let options = Options { lag_max: lags.len() - 1, windows_min: 12 };
        let found = link(&x, &y, options).unwrap();
        assert_eq!(found.lags.len(), lags.len());
        for (lag, (n, rho, low, high)) in found.lags.iter().zip(lags) {
            let Outcome::Correlation(correlation) = &lag.outcome else { panic!("{name}: {lag:?}") };
            assert!(correlation.n == n && agrees(correlation, rho, low, high), "{name}: {lag:?}, not {rho}");
        }
        let best = found.strongest;
        assert!(best.lag == strongest.lag && close(best.level, strongest.level), "{name}: {best:?}");
        let (low, high) = strongest.interval;
        assert!(agrees(&best.correlation, best.correlation.rho, low, high), "{name}: {best:?}");
        let (slope, low, high) = strongest.slope;
        let interval = best.slope.interval.unwrap();
        let close =
            close(best.slope.per_unit, slope) && close(interval.low, low) && close(interval.high, high);
        assert!(close, "{name}: {:?}, not {slope} ({low} to {high})", best.slope);
    }
}

#[test]
fn every_short_trend_agrees_with_the_oracle() {
    let cases = golden().short;
    assert!(cases.len() > 80 && cases.iter().filter(|case| case.up < 0.05).count() > 10);
    for Short { values, up, down } in cases {
        let found = (one_sided(&values, Way::Up).unwrap(), one_sided(&values, Way::Down).unwrap());
        assert!(close(found.0, up) && close(found.1, down), "{values:?}: {found:?}, not {up} and {down}");
    }
}

fn known(values: impl IntoIterator<Item = f64>) -> Vec<Option<f64>> {
    values.into_iter().map(Some).collect()
}

fn at_once(x: &[Option<f64>], y: &[Option<f64>]) -> Result<Link, NoLink> {
    link(x, y, Options { lag_max: 0, windows_min: 12 })
}

#[test]
fn a_straight_line_has_its_slope_and_no_interval_of_rho() {
    // y = 5 − 2x.
    let x: Vec<f64> = (0..20).map(f64::from).collect();
    let found = at_once(&known(x.clone()), &known(x.iter().map(|x| 5.0 - 2.0 * x))).unwrap();
    let best = &found.strongest;
    assert_eq!((best.correlation.rho, best.correlation.interval), (-1.0, None));
    assert_eq!(best.slope.per_unit, -2.0);
    assert_eq!(found.caution, CAUTION);
}

#[test]
fn too_few_windows_say_how_many_there_are() {
    let x = known((0..14).map(f64::from));
    let mut y = x.clone();
    (y[3], y[8]) = (None, Some(f64::NAN));
    assert!(at_once(&x, &y).is_ok(), "12 are left");
    y[9] = None;
    assert_eq!(at_once(&x, &y), Err(NoLink::NotEnoughWindows { have: 11, need: 12 }));
    // A smaller minimum than 4 is 4: below there is no interval.
    let few = link(&x[..3], &x[..3], Options { lag_max: 0, windows_min: 1 });
    assert_eq!(few, Err(NoLink::NotEnoughWindows { have: 3, need: 4 }));
    assert_eq!(at_once(&[], &[]), Err(NoLink::NotEnoughWindows { have: 0, need: 12 }));
}

/// 14 windows: lags 0 to 2 have 14, 13 and 12 pairs, lag 3 has 11. Three lags share 5 %.
#[test]
fn lags_with_too_few_windows_do_not_count_as_looks() {
    let x = known((0..14).map(|t| f64::from(t * 5 % 7)));
    let y = known((0..14).map(|t| f64::from(t * 3 % 11)));
    let found = link(&x, &y, Options { lag_max: 3, windows_min: 12 }).unwrap();
    assert_eq!(found.lags[3].outcome, Outcome::Reason(NoLink::NotEnoughWindows { have: 11, need: 12 }));
    assert!(close(found.strongest.level, 1.0 - 0.05 / 3.0));
}

#[test]
fn a_constant_side_is_named() {
    let (moving, still) = (known((0..20).map(f64::from)), known([0.9; 20]));
    assert_eq!(at_once(&still, &moving), Err(NoLink::Constant { side: Side::Technical }));
    assert_eq!(at_once(&moving, &still), Err(NoLink::Constant { side: Side::Business }));
    let unpaired = NoLink::Unpaired { technical: 20, business: 19 };
    assert_eq!(at_once(&moving, &still[..19]), Err(unpaired));
}

#[test]
fn only_the_newest_windows_are_looked_at() {
    // Before the newest 1,000 they go together, since then against each other.
    let x: Vec<f64> = (0..WINDOWS_MAX + 500).map(|t| t as f64).collect();
    let y = x.iter().map(|&t| if t < 500.0 { t - 1e6 } else { -t });
    let found = at_once(&known(x.clone()), &known(y)).unwrap();
    assert_eq!((found.strongest.correlation.n, found.strongest.correlation.rho), (WINDOWS_MAX, -1.0));
}

#[test]
fn as_json_it_says_what_it_is_not() {
    let x = known((0..12).map(|t| f64::from(t * 5 % 13)));
    let y = known((0..12).map(f64::from));
    let json = serde_json::to_value(link(&x, &y, Options { lag_max: 1, windows_min: 12 }).unwrap()).unwrap();
    assert!(json["caution"].as_str().unwrap().contains("not a cause"));
    assert_eq!(json["lags"][0]["correlation"]["n"], 12);
    let reason =
        serde_json::json!({"lag": 1, "reason": {"code": "not_enough_windows", "have": 11, "need": 12}});
    assert_eq!(json["lags"][1], reason);
}

proptest! {
    /// ρ sees only ranks; the slope follows the unit of the KPI.
    #[test]
    fn ranks_and_units(points in prop::collection::vec((-50_i32..50, -50_i32..50), 12..40)) {
        let x: Vec<f64> = points.iter().map(|point| f64::from(point.0)).collect();
        let y: Vec<f64> = points.iter().map(|point| f64::from(point.1)).collect();
        let Ok(plain) = at_once(&known(x.clone()), &known(y.clone())) else { return Ok(()) };
        let bent = at_once(&known(x.iter().map(|x| x.powi(3))), &known(y.clone())).unwrap();
        prop_assert_eq!(plain.strongest.correlation, bent.strongest.correlation);
        let scaled = at_once(&known(x), &known(y.iter().map(|y| 7.0 - 2.0 * y))).unwrap();
        let (before, after) = (plain.strongest, scaled.strongest);
        prop_assert_eq!(before.correlation.rho, -after.correlation.rho);
        prop_assert!((after.slope.per_unit + 2.0 * before.slope.per_unit).abs() < 1e-9);
        if let Some(interval) = before.correlation.interval {
            prop_assert!(interval.low < before.correlation.rho && before.correlation.rho < interval.high);
        }
        if let Some(interval) = before.slope.interval {
            prop_assert!(interval.low <= before.slope.per_unit && before.slope.per_unit <= interval.high);
        }
    }
}

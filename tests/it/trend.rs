//! Trends against pymannkendall and scipy, and series that have none.

use std::fs;

use driftd::trend::{Daily, MannKendall, NoTrend, Series, mann_kendall, slope};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    trends: Vec<Trend>,
    gaps: Gaps,
}

#[derive(Deserialize)]
struct Trend {
    name: String,
    level: f64,
    values: Vec<f64>,
    slope: f64,
    tau: f64,
    z: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct Gaps {
    days: Vec<i32>,
    values: Vec<f64>,
    slope: f64,
}

/// The series of `tests/golden/make_detectors.py`.
fn golden() -> Golden {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/detectors.json");
    let text = fs::read_to_string(path).expect("the golden file");
    serde_json::from_str(&text).expect("what the script wrote")
}

fn daily(values: &[f64]) -> Result<Series, NoTrend> {
    Series::new((20_000..).zip(values).map(|(day, &value)| Daily { day, value }).collect())
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1e-3)
}

#[test]
fn every_trend_agrees_with_the_oracle() {
    let trends = golden().trends;
    assert!(trends.len() >= 16, "{} trends", trends.len());
    let corrected = trends.iter().filter(|trend| trend.p_value > 1e-3).count();
    assert!(corrected > 3 && corrected < trends.len() - 3, "some are trends, some are not");
    for trend in &trends {
        let series = daily(&trend.values).unwrap();
        let steepness = slope(&series);
        assert!(close(steepness, trend.slope), "{}: slope {steepness}, not {}", trend.name, trend.slope);
        let MannKendall { tau, z, p_value } = mann_kendall(&series, trend.level).unwrap();
        let agree = close(tau, trend.tau) && close(z, trend.z) && close(p_value, trend.p_value);
        let expected = (trend.tau, trend.z, trend.p_value);
        assert!(agree, "{} at {}: {tau}, {z}, {p_value}, not {expected:?}", trend.name, trend.level);
    }
}

#[test]
fn a_day_without_a_value_still_passes() {
    let Gaps { days, values, slope: expected } = golden().gaps;
    let days = days.into_iter().zip(values).map(|(day, value)| Daily { day, value }).collect();
    let found = slope(&Series::new(days).unwrap());
    assert!(close(found, expected), "{found}, not {expected}");
}

#[test]
fn a_straight_line_is_a_trend() {
    let values: Vec<f64> = (0..30).map(|day| 0.5 * f64::from(day)).collect();
    let found = mann_kendall(&daily(&values).unwrap(), 0.001).unwrap();
    assert!(found.tau == 1.0 && found.p_value < 1e-12, "{found:?}");
}

#[test]
fn what_has_no_trend_says_why() {
    let constant = daily(&[0.9; 30]).unwrap();
    assert_eq!(mann_kendall(&constant, 0.001), Err(NoTrend::Constant));
    assert_eq!(slope(&constant), 0.0);
    // Their lags alternate so strongly that n/n* is −0.20.
    let alternating = [2.0, 5.0, 0.0, 8.0, 0.0, 7.0, 2.0, 4.0, 1.0, 8.0, 0.0];
    assert_eq!(mann_kendall(&daily(&alternating).unwrap(), 0.05), Err(NoTrend::SerialCorrelation));
    assert_eq!(daily(&[1.0; 9]), Err(NoTrend::TooFewDays { days: 9 }));
    assert_eq!(daily(&[1.0; 1_001]), Err(NoTrend::TooManyDays { days: 1_001 }));
    assert_eq!(daily(&[f64::NAN; 20]), Err(NoTrend::NotFinite));
    let twice = vec![Daily { day: 3, value: 1.0 }; 20];
    assert_eq!(Series::new(twice), Err(NoTrend::OutOfOrder));
}

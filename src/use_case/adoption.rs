//! The adoption curve: is a use case used more and more?

use serde::Serialize;

use crate::trend::{Way, median, one_sided, slopes};

/// Fewest periods of which a trend can be told: in order by chance they are once in 4! = 24 times.
pub const PERIODS_MIN: usize = 4;
/// Most periods that are looked at, the newest.
pub const PERIODS_MAX: usize = 1_000;
/// Of each of the two one-sided tests.
const LEVEL: f64 = 0.05;

/// Which way a curve goes: Mann and Kendall's test, one-sided at 5 % each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    Grows,
    /// No trend is told, or all periods are equal.
    Stagnates,
    Falls,
    /// Fewer than [`PERIODS_MIN`] periods have a value.
    NotEnough,
}

/// One value a period, and where they lead.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// Oldest first; none where a period has no value.
    pub values: Vec<Option<f64>>,
    pub trend: Trend,
    /// Theil and Sen's slope: units a period, periods without a value counted as time that passes.
    pub slope_per_period: Option<f64>,
    /// Periods with a value.
    pub n: usize,
}

/// The curve through values of equal periods, oldest first. Values that are not finite count as missing; periods
/// without one are left out of the test.
pub fn curve(values: &[Option<f64>]) -> Curve {
    let newest = &values[values.len().saturating_sub(PERIODS_MAX)..];
    let values: Vec<Option<f64>> =
        newest.iter().map(|value| value.filter(|value| value.is_finite())).collect();
    let points: Vec<(f64, f64)> =
        values.iter().enumerate().filter_map(|(at, value)| Some((at as f64, (*value)?))).collect();
    let n = points.len();
    let (trend, slope_per_period) = match n < PERIODS_MIN {
        true => (Trend::NotEnough, None),
        false => (trend(&points), median(slopes(&points))),
    };
    Curve { values, trend, slope_per_period, n }
}

fn trend(points: &[(f64, f64)]) -> Trend {
    let known: Vec<f64> = points.iter().map(|point| point.1).collect();
    let told = |way| one_sided(&known, way).is_some_and(|p_value| p_value <= LEVEL);
    match (told(Way::Up), told(Way::Down)) {
        (true, _) => Trend::Grows,
        (_, true) => Trend::Falls,
        _ => Trend::Stagnates,
    }
}

impl Curve {
    /// The value of the newest period; of the one before it where the newest has none yet.
    pub fn newest(&self) -> Option<f64> {
        self.values.iter().rev().take(2).find_map(|value| *value)
    }
}

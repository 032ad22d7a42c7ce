//! Shares of rows, with Wilson's interval.

use super::measured::{Interval, Measured, Measurement, Reason};
use super::normal::Z_95;

/// `part / whole` with Wilson's 95 % interval and the standard error `√(p(1−p)/n)`; `empty` where there is no whole.
pub(super) fn proportion(part: i64, whole: i64, empty: Reason) -> Measurement {
    if whole <= 0 {
        return Err(empty);
    }
    let (n, value) = (whole as f64, part.clamp(0, whole) as f64 / whole as f64);
    Ok(Measured {
        value,
        std_error: (value * (1.0 - value) / n).sqrt(),
        interval: wilson(part, whole, Z_95),
        error_bound: 0.0,
        rows: whole as u64,
    })
}

/// Wilson's score interval of `part` of `whole` ≥ 1 rows, `z` standard errors to either side (Wilson 1927).
///
/// Inside 0 … 1 and never of width 0, also for no row or all of them.
pub(crate) fn wilson(part: i64, whole: i64, z: f64) -> Interval {
    let (n, p) = (whole as f64, part.clamp(0, whole) as f64 / whole as f64);
    let square = z * z;
    let centre = (p + square / (2.0 * n)) / (1.0 + square / n);
    let reach = z / (1.0 + square / n) * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
    // The ends are exact, whatever the rounding.
    Interval {
        low: if part <= 0 { 0.0 } else { (centre - reach).max(0.0) },
        high: if part >= whole { 1.0 } else { (centre + reach).min(1.0) },
    }
}

//! What is said of a metric: its value with its error, or why there is none.

use serde::{Deserialize, Serialize};

use super::normal::Z_95;

/// A metric's value, and how far it may be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    pub value: f64,
    /// Of the sampling of independent rows, in the metric's unit.
    pub std_error: f64,
    /// 95 % confidence, or for an estimate the band that the metric measured later falls in 19 times of 20.
    pub interval: Interval,
    /// The exact value on the raw rows lies within `value ± error_bound`, where the grid loses anything.
    pub error_bound: f64,
    /// Rows behind the value.
    pub rows: u64,
}

/// From `low` to `high`, in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Why a metric has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// No labelled row.
    NoRows,
    /// No row carried a usable score.
    NoScores,
    /// Scores lie outside 0 … 1: they rank rows, but are no probabilities.
    NotProbabilities,
    /// The rows are all of one actual class, and the metric compares two.
    OneClass,
    /// Nothing was predicted positive.
    NoPredictedPositives,
    /// No actual is positive.
    NoActualPositives,
    /// No actual is negative.
    NoActualNegatives,
    /// Every actual value is 0: nothing to take a percentage of.
    OnlyZeroActuals,
    /// All actual values are one: no variance to explain.
    ConstantActuals,
    /// The reference gave no grid (of scores, residuals) that the metric is read from, or one of other groups.
    NoGrid,
    /// The metric does not exist for the model's task.
    WrongTask,
    /// The metric has no estimate that needs no labels.
    NotEstimated,
    /// The reference held no labels: nothing says what its scores, or errors, mean.
    NotCalibrated,
    /// Realised and estimated stand for different rows: some carried no usable score.
    RowsDiffer,
    /// The value, or how far it may be off, is too large for a number.
    OutOfRange,
}

/// A metric's value or why there is none; never NaN, never a 0 that stands for "unknown".
pub type Measurement = Result<Measured, Reason>;

impl Interval {
    /// `value ± z·std_error` at 95 %, cut to `[low, high]`: what a metric can be.
    pub(super) fn normal(value: f64, std_error: f64, [low, high]: [f64; 2]) -> Self {
        let reach = Z_95 * std_error;
        Self { low: (value - reach).max(low), high: (value + reach).min(high) }
    }
}

impl Measured {
    /// The same where it and its interval are numbers: what is infinite can be neither stored nor judged.
    pub fn in_range(self) -> Measurement {
        let Self { value, std_error, interval, .. } = self;
        let is_number = [value, std_error, interval.low, interval.high].iter().all(|part| part.is_finite());
        if is_number { Ok(self) } else { Err(Reason::OutOfRange) }
    }

    /// A value with a normal interval inside `bounds`.
    pub(super) fn normal(value: f64, std_error: f64, bounds: [f64; 2], rows: i64) -> Self {
        let interval = Interval::normal(value, std_error, bounds);
        Self { value, std_error, interval, error_bound: 0.0, rows: rows.max(0) as u64 }
    }
}

/// What shares and areas can be.
pub(super) const SHARE: [f64; 2] = [0.0, 1.0];
/// What losses and errors can be.
pub(super) const NOT_NEGATIVE: [f64; 2] = [0.0, f64::INFINITY];
/// What can be anything.
pub(super) const ANY: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

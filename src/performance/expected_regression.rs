//! The error to expect of a regression, from what the reference's error was at such predictions.
//!
//! It assumes that predictions of one size are off by as much as in the reference: that only how often each size is
//! predicted has moved. It sees nothing of a change in what the inputs or the target mean.

use serde::{Deserialize, Serialize};

use super::group::Group;
use super::measured::{Measured, Measurement, NOT_NEGATIVE, Reason};
use super::metric::Metric;
use crate::sketch::NumericGrid;

/// The reference's |error| by group of the predicted value (the deciles of the prediction's grid).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorByPrediction {
    /// All rows together.
    all: ErrorOfGroup,
    groups: Vec<ErrorOfGroup>,
}

/// |error| of the reference's rows in one group; its mean and standard deviation (ddof 0).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorOfGroup {
    pub rows: u64,
    pub mean: f64,
    pub std: f64,
}

/// Predicted rows by group of the predicted value, labelled or not; a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegressionExpectation {
    groups: Vec<i64>,
}

impl ErrorByPrediction {
    /// From predicted and actual values of a reference, all finite; `None` for no rows, and for errors too large to be
    /// squared. A group without rows of its own has what all rows together have.
    pub fn of_reference(grid: &NumericGrid, rows: &[(f64, f64)]) -> Option<Self> {
        let mut errors: Vec<Vec<f64>> = vec![Vec::new(); grid.groups().count()];
        let groups = groups_of_bins(grid);
        for &(predicted, actual) in rows {
            errors[groups[grid.bin_of(predicted)]].push((predicted - actual).abs());
        }
        let all = ErrorOfGroup::of(&rows.iter().map(|(p, a)| (p - a).abs()).collect::<Vec<_>>())?;
        let groups = errors.iter().map(|errors| ErrorOfGroup::of(errors).unwrap_or(all)).collect();
        Self::of_groups(all, groups)
    }
}

impl ErrorByPrediction {
    /// Labelled rows of the reference.
    pub fn rows(&self) -> u64 {
        self.all.rows
    }

    /// The mean |error| of all of them.
    pub fn mean(&self) -> f64 {
        self.all.mean
    }

    /// That of all rows, and of each group; `None` where a number is negative or not finite, or no row is behind one.
    pub fn of_groups(all: ErrorOfGroup, groups: Vec<ErrorOfGroup>) -> Option<Self> {
        let sound = |of: &ErrorOfGroup| {
            of.rows > 0 && [of.mean, of.std].iter().all(|number| number.is_finite() && *number >= 0.0)
        };
        let is_sound = groups.iter().chain([&all]).all(sound);
        is_sound.then_some(Self { all, groups })
    }

    pub fn all(&self) -> &ErrorOfGroup {
        &self.all
    }

    pub fn groups(&self) -> &[ErrorOfGroup] {
        &self.groups
    }
}

impl ErrorOfGroup {
    fn of(errors: &[f64]) -> Option<Self> {
        let n = errors.len() as f64;
        let mean = errors.iter().sum::<f64>() / n;
        let variance = errors.iter().map(|error| (error - mean).powi(2)).sum::<f64>() / n;
        (!errors.is_empty()).then(|| Self { rows: errors.len() as u64, mean, std: variance.sqrt() })
    }
}

impl RegressionExpectation {
    pub fn empty(grid: &NumericGrid) -> Self {
        Self { groups: vec![0; grid.groups().count()] }
    }

    /// Adds `rows` rows of one predicted value, which is not NaN.
    pub fn count(&mut self, grid: &NumericGrid, predicted: f64, rows: i64) {
        let bin = grid.bin_of(predicted);
        if let Some(group) = grid.groups().position(|bins| bins.contains(&bin)) {
            self.groups[group] += rows;
        }
    }

    pub fn rows(&self) -> i64 {
        self.groups.iter().sum()
    }

    /// The mean absolute error to expect of these rows; other metrics have no estimate.
    ///
    /// Variance: of the rows' own errors, `Σ n_b s_b² / n²`, and of the reference's means, `Σ (n_b/n)² s_b² / r_b`.
    pub fn estimate(&self, metric: Metric, reference: &ErrorByPrediction) -> Measurement {
        if metric != Metric::Mae {
            return Err(Reason::NotEstimated);
        }
        let rows = self.rows();
        if rows <= 0 {
            return Err(Reason::NoRows);
        }
        if self.groups.len() != reference.groups.len() {
            return Err(Reason::NoGrid);
        }
        let (mut value, mut variance) = (0.0, 0.0);
        for (&own, error) in self.groups.iter().zip(&reference.groups) {
            let share = own.max(0) as f64 / rows as f64;
            value += share * error.mean;
            variance += share * error.std.powi(2) * (1.0 / rows as f64 + share / error.rows as f64);
        }
        Ok(Measured::normal(value, variance.sqrt(), NOT_NEGATIVE, rows))
    }
}

/// For each bin of a grid its group.
fn groups_of_bins(grid: &NumericGrid) -> Vec<usize> {
    grid.groups().enumerate().flat_map(|(group, bins)| bins.map(move |_| group)).collect()
}

impl Group for RegressionExpectation {
    fn counts(&self) -> impl Iterator<Item = i64> {
        self.groups.iter().copied()
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        self.groups.iter_mut()
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        std::iter::empty()
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        std::iter::empty()
    }
}

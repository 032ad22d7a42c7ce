//! Outcomes of a regression: how far predictions were off, in fixed point.

use super::group::Group;
use super::measured::{ANY, Interval, Measured, Measurement, NOT_NEGATIVE, Reason};
use super::metric::Metric;
use super::moments::JointMoments;
use super::normal::Z_95;
use crate::sketch::{FixedPoint, NumericGrid, mean_and_std_of};

/// Percentage errors are shares in units of 2^-32, at most 2^15 of them (3,276,800 %).
const PERCENTAGE: FixedPoint = FixedPoint { pivot: 0.0, unit_exponent: -32 };

/// What outcomes of a regression are measured with; frozen with the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct RegressionRuler {
    /// Of the actual values, or of the predictions where the reference has no labels.
    pub actual: FixedPoint,
    /// Of predicted − actual, where the reference has labels.
    pub residuals: Option<NumericGrid>,
}

/// Labelled rows of a regression; a group. Errors are predicted − actual, in the units of the ruler's scale.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegressionOutcomes {
    rows: i64,
    /// Rows of actual 0, left out of the percentage errors.
    zero_actuals: i64,
    /// Rows of which a part entered the sums cut to 2^47 units (2^15 standard deviations).
    clamped: i64,
    errors: i128,
    absolute_errors: i128,
    squared_errors: i128,
    percentage_errors: i128,
    squared_percentage_errors: i128,
    /// Σ(y − pivot) and Σ(y − pivot)².
    actuals: i128,
    squared_actuals: i128,
    moments: JointMoments,
    /// Rows by bin of the residual; none without a grid.
    residuals: Vec<i64>,
}

impl RegressionRuler {
    /// Errors have the actual values' unit, about 0.
    fn error_scale(&self) -> FixedPoint {
        FixedPoint { pivot: 0.0, ..self.actual }
    }
}

impl RegressionOutcomes {
    pub fn empty(ruler: &RegressionRuler) -> Self {
        let bins = ruler.residuals.as_ref().map_or(0, NumericGrid::bins);
        Self { residuals: vec![0; bins], ..Self::default() }
    }

    /// Adds `rows` equal rows of finite values: 1, or −1 to take one out again.
    pub fn count(&mut self, ruler: &RegressionRuler, predicted: f64, actual: f64, rows: i64) {
        let n = i128::from(rows);
        let residual = predicted - actual;
        let (error, error_clamped) = ruler.error_scale().to_units(residual);
        let (y, actual_clamped) = ruler.actual.to_units(actual);
        let (wide_error, wide_y) = (i128::from(error), i128::from(y));
        self.rows += rows;
        self.errors += n * wide_error;
        self.absolute_errors += n * wide_error.abs();
        self.squared_errors += n * wide_error * wide_error;
        self.actuals += n * wide_y;
        self.squared_actuals += n * wide_y * wide_y;
        self.moments.count(error, y, rows);
        let mut clamped = error_clamped || actual_clamped;
        if actual == 0.0 {
            self.zero_actuals += rows;
        } else {
            let (percentage, percentage_clamped) = PERCENTAGE.to_units((residual / actual).abs());
            self.percentage_errors += n * i128::from(percentage);
            self.squared_percentage_errors += n * i128::from(percentage) * i128::from(percentage);
            clamped |= percentage_clamped;
        }
        self.clamped += if clamped { rows } else { 0 };
        if let Some(grid) = &ruler.residuals {
            self.residuals[grid.bin_of(residual)] += rows;
        }
    }

    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// Rows of actual 0: no percentage can be taken of them.
    pub fn zero_actuals(&self) -> i64 {
        self.zero_actuals
    }

    /// Rows so far off that they entered the sums as 2^15 standard deviations; the true error is larger.
    pub fn clamped(&self) -> i64 {
        self.clamped
    }

    pub fn measure(&self, metric: Metric, ruler: &RegressionRuler) -> Measurement {
        let unit = ruler.actual.unit();
        match metric {
            _ if self.rows <= 0 => Err(Reason::NoRows),
            Metric::Mae => Ok(mean(self.absolute_errors, self.squared_errors, self.rows, unit, NOT_NEGATIVE)),
            Metric::Bias => Ok(mean(self.errors, self.squared_errors, self.rows, unit, ANY)),
            Metric::Mape => self.mape(),
            Metric::Rmse => Ok(self.rmse(unit)),
            Metric::R2 => self.r2(),
            _ => Err(Reason::WrongTask),
        }
    }

    /// Mean of |error / actual| over the rows whose actual is not 0, as a share: 0.1 is 10 %.
    fn mape(&self) -> Measurement {
        let rows = self.rows - self.zero_actuals;
        if rows <= 0 {
            return Err(Reason::OnlyZeroActuals);
        }
        let (sum, squares) = (self.percentage_errors, self.squared_percentage_errors);
        Ok(mean(sum, squares, rows, PERCENTAGE.unit(), NOT_NEGATIVE))
    }

    /// √ of the mean squared error. Delta method: standard error of the mean of e² / 2·RMSE.
    fn rmse(&self, unit: f64) -> Measured {
        let mean_square = self.squared_errors as f64 / self.rows as f64;
        let of_mean_square = self.moments.squared_error_deviation(self.rows) / (self.rows as f64).sqrt();
        let value = mean_square.sqrt();
        let std_error = if value > 0.0 { of_mean_square / (2.0 * value) } else { 0.0 };
        Measured::normal(value * unit, std_error * unit, NOT_NEGATIVE, self.rows)
    }

    /// `1 − Σe² / Σ(y − ȳ)²`: at most 1, 0 for predicting the mean always, no lower end. Delta method: the standard
    /// deviation of `e² − c(y − ȳ)²` over √n and the variance of y, c the ratio of the two sums.
    fn r2(&self) -> Measurement {
        let (mean, std) = mean_and_std_of(self.rows, self.actuals, self.squared_actuals);
        if std <= 0.0 {
            return Err(Reason::ConstantActuals);
        }
        let n = self.rows as f64;
        let unexplained = self.squared_errors as f64 / n / (std * std);
        let deviation = self.moments.unexplained_deviation(self.rows, mean, unexplained);
        let std_error = deviation / (std * std) / n.sqrt();
        Ok(Measured::normal(1.0 - unexplained, std_error, [f64::NEG_INFINITY, 1.0], self.rows))
    }

    /// The residual at a share of rows (type-1 quantile, to the next edge above): `numerator / denominator` in (0, 1).
    ///
    /// Error bound: the width of its bin, infinite in the open outer ones. Interval: the residuals at the ranks
    /// `np ± 1.96·√(np(1−p))`; standard error: a 3.92th of its width.
    pub fn residual_quantile(
        &self,
        ruler: &RegressionRuler,
        numerator: i64,
        denominator: i64,
    ) -> Measurement {
        let grid = ruler.residuals.as_ref().ok_or(Reason::NoGrid)?;
        let share = numerator as f64 / denominator as f64;
        let n = self.rows as f64;
        let reach = Z_95 * (n * share * (1.0 - share)).sqrt();
        let at_rank = |rank: f64| grid.quantile(&self.residuals, rank.clamp(1.0, n) as i64, self.rows);
        let value = grid.quantile(&self.residuals, numerator, denominator).ok_or(Reason::NoRows)?;
        let low = at_rank((n * share - reach).floor()).ok_or(Reason::NoRows)?;
        let high = at_rank((n * share + reach).ceil()).ok_or(Reason::NoRows)?;
        let bin = grid.bin_of(value);
        let within = |bin: usize| grid.edges()[bin] - grid.edges()[bin - 1];
        let closed = bin > 0 && bin < grid.edges().len();
        Ok(Measured {
            value,
            std_error: (high - low) / (2.0 * Z_95),
            interval: Interval { low, high },
            error_bound: match closed {
                true if grid.is_atom(bin) => 0.0,
                true => within(bin),
                false => f64::INFINITY,
            },
            rows: self.rows as u64,
        })
    }
}

/// The mean of `rows` ≥ 1 numbers from their sum and the sum of their squares, in units, with its normal interval.
fn mean(sum: i128, squares: i128, rows: i64, unit: f64, bounds: [f64; 2]) -> Measured {
    let (mean, std) = mean_and_std_of(rows, sum, squares);
    Measured::normal(mean * unit, std / (rows as f64).sqrt() * unit, bounds, rows)
}

impl Group for RegressionOutcomes {
    fn counts(&self) -> impl Iterator<Item = i64> {
        [self.rows, self.zero_actuals, self.clamped].into_iter().chain(self.residuals.iter().copied())
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        let rows = [&mut self.rows, &mut self.zero_actuals, &mut self.clamped];
        rows.into_iter().chain(&mut self.residuals)
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        let own = [
            self.errors,
            self.absolute_errors,
            self.squared_errors,
            self.percentage_errors,
            self.squared_percentage_errors,
            self.actuals,
            self.squared_actuals,
        ];
        own.into_iter().chain(self.moments.0)
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        let own = [
            &mut self.errors,
            &mut self.absolute_errors,
            &mut self.squared_errors,
            &mut self.percentage_errors,
            &mut self.squared_percentage_errors,
            &mut self.actuals,
            &mut self.squared_actuals,
        ];
        own.into_iter().chain(&mut self.moments.0)
    }
}

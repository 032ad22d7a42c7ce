//! Does the model work? Fed by driftd itself, from rows and verdicts.

use super::{Line, Of, price, unit};
use crate::domain::ModelId;
use crate::kpi::calendar::Period;
use crate::kpi::definition::{Definition, Direction, Empty, Reading};
use crate::kpi::id::{Family, KpiId};
use crate::kpi::unit::{Unit, UnitError};

/// What a model's rows and verdicts are counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TechnicalStream {
    /// Failed answers over answers.
    Errors,
    /// Milliseconds of each answer.
    Latency,
    /// Whether each answer failed, by slots of time.
    Traffic,
    /// The price of each prediction, in the daemon's currency.
    Cost,
    CpuSeconds,
    GpuSeconds,
    /// How many predictions.
    Predictions,
    /// The primary metric of each judged window.
    Performance,
    /// The share of judged features that drifted, of each window.
    DriftShare,
    /// How alike groups are treated, of each window: 1 is equal.
    Fairness,
}

/// How a model's technical KPIs are read.
#[derive(Debug, Clone, PartialEq)]
pub struct TechnicalOptions {
    pub period: Period,
    /// The share of failed answers that a slot of time may have and still count as healthy, 0 to 1.
    pub availability_errors_max: f64,
    pub currency: Unit,
    /// Of the primary metric.
    pub performance: Direction,
}

impl TechnicalOptions {
    /// [`TechnicalOptions::availability_errors_max`], where nothing else is said.
    pub const ERRORS_MAX: f64 = 0.05;
}

impl TechnicalStream {
    pub const ALL: [Self; 10] = [
        Self::Errors,
        Self::Latency,
        Self::Traffic,
        Self::Cost,
        Self::CpuSeconds,
        Self::GpuSeconds,
        Self::Predictions,
        Self::Performance,
        Self::DriftShare,
        Self::Fairness,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::Traffic => "traffic",
            Self::Cost => "cost",
            Self::CpuSeconds => "cpu_seconds",
            Self::GpuSeconds => "gpu_seconds",
            Self::Predictions => "predictions",
            Self::Performance => "performance",
            Self::DriftShare => "drift_share",
            Self::Fairness => "fairness",
        }
    }

    /// The stream of a model.
    pub fn of(self, model: &ModelId) -> KpiId {
        KpiId { use_case: None, model: Some(model.clone()), name: super::kpi_name(self.as_str()) }
    }
}

/// The technical KPIs of a model.
///
/// | KPI | value |
/// |---|---|
/// | `error_rate` | failed answers / answers |
/// | `latency_p50`, `latency_p95`, `latency_p99` | quantiles of the answers' milliseconds, within 1 % |
/// | `availability` | slots of five minutes with traffic that is healthy / all slots |
/// | `cost_per_prediction` | mean price |
/// | `cpu_seconds_per_prediction`, `gpu_seconds_per_prediction` | means |
/// | `predictions` | their number; 0 without any |
/// | `performance` | the primary metric of the newest judged window |
/// | `drift_share` | the share of judged features that drifted, of the newest judged window |
/// | `fairness` | the lowest ratio, or 1 − the largest difference, between groups, of the newest judged window |
///
/// Errors where `currency` is a unit of too many factors to have a price in it.
pub fn technical(model: &ModelId, options: &TechnicalOptions) -> Result<Vec<Definition>, UnitError> {
    use Direction::{HigherIsBetter, LowerIsBetter};
    use TechnicalStream as Stream;

    let of = Of { use_case: None, model: Some(model), family: Family::Technical, period: options.period };
    let line = |name, unit, direction, description| Line { name, unit, direction, description };
    let share = |name, direction, description| line(name, unit("ratio"), direction, description);
    let latency = |name, q, description| {
        let line = line(name, unit("ms"), LowerIsBetter, description);
        of.counted(line, Stream::Latency.as_str(), Reading::Quantile(q))
    };
    let mean = |name, unit, stream: Stream, description| {
        of.counted(line(name, unit, LowerIsBetter, description), stream.as_str(), Reading::Mean)
    };
    let last = |line: Line<'_>, stream: Stream| of.counted(line, stream.as_str(), Reading::Last);
    let uptime = Reading::Uptime { errors_max: options.availability_errors_max };
    Ok(vec![
        of.counted(
            share("error_rate", LowerIsBetter, "Share of answers that failed"),
            Stream::Errors.as_str(),
            Reading::Ratio,
        ),
        latency("latency_p50", 0.5, "Half of the answers come within"),
        latency("latency_p95", 0.95, "95 % of the answers come within"),
        latency("latency_p99", 0.99, "99 % of the answers come within"),
        of.counted(
            share("availability", HigherIsBetter, "Share of the time with traffic and healthy answers"),
            Stream::Traffic.as_str(),
            uptime,
        ),
        mean(
            "cost_per_prediction",
            price(&options.currency, "prediction")?,
            Stream::Cost,
            "Mean cost of a prediction",
        ),
        mean(
            "cpu_seconds_per_prediction",
            unit("s/prediction"),
            Stream::CpuSeconds,
            "Mean CPU time of a prediction",
        ),
        mean(
            "gpu_seconds_per_prediction",
            unit("s/prediction"),
            Stream::GpuSeconds,
            "Mean GPU time of a prediction",
        ),
        of.counted(
            line("predictions", unit("prediction"), HigherIsBetter, "Predictions made"),
            Stream::Predictions.as_str(),
            Reading::Sum { empty: Empty::Zero },
        ),
        last(
            line("performance", Unit::one(), options.performance, "The primary metric, where labels came"),
            Stream::Performance,
        ),
        last(
            share("drift_share", LowerIsBetter, "Share of the judged features that drifted"),
            Stream::DriftShare,
        ),
        last(share("fairness", HigherIsBetter, "How alike groups are treated; 1 is equal"), Stream::Fairness),
    ])
}

//! Model drift: the model wears out as a whole.

use std::time::Duration;

use super::plan::OutcomePlan;
use super::streams::Stream;
use super::unjudged::Unjudged;
use super::verdict::{ModelFinding, ModelReason, TrendFound};
use crate::domain::Timestamp;
use crate::performance::Metric;
use crate::trend::{Series, mann_kendall, slope};
use crate::verdict::status::{Severity, Status};

/// Days over which a trend's slope is told.
const TREND_DAYS: f64 = 28.0;
/// At .05, sliding, 40 to 74 % of quiet months show a trend.
const TREND_LEVEL: f64 = 0.001;
/// Features that have to drift together with performance.
const TOGETHER: u32 = 2;

/// What is known of a window when its model's wear is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// Why a loss could not be judged.
    pub unjudged: Option<Unjudged>,
    /// The severity that all of the last windows in a row have lost with; none where one has not.
    pub sustained: Option<Severity>,
    /// What this window has lost, sustained or not.
    pub lost: Option<Severity>,
    /// Columns that drifted over the same window.
    pub drifted: u32,
    pub stream: Option<&'a Stream>,
    /// The window's end.
    pub at: Timestamp,
    pub baseline: Option<f64>,
    /// Since training, where that is known.
    pub age: Option<Duration>,
    pub alpha: f64,
}

pub(super) fn judge(plan: &OutcomePlan, seen: Seen<'_>) -> ModelFinding {
    let trend = seen.stream.and_then(|stream| trend(stream, seen.at));
    let falls = trend.and_then(|trend| falling(plan, trend, seen.baseline));
    let is_old = plan.max_age.zip(seen.age).is_some_and(|(max, age)| age > max);
    let together = seen.lost.filter(|_| seen.drifted >= TOGETHER && seen.sustained.is_some());
    let signs = [
        (ModelReason::SustainedLoss, seen.sustained),
        (ModelReason::Trend, falls),
        (ModelReason::TooOld, is_old.then_some(Severity::Warning)),
        (ModelReason::FailingTogether, together),
    ];
    let severity = signs.iter().filter_map(|(_, severity)| *severity).max();
    let status = match (severity, seen.unjudged) {
        (None, Some(_)) => Status::InsufficientData,
        (severity, _) => severity.into(),
    };
    ModelFinding {
        status,
        unjudged: seen.unjudged,
        reasons: signs.into_iter().filter_map(|(reason, severity)| severity.map(|_| reason)).collect(),
        trend,
        age_seconds: seen.age.map(|age| age.as_secs()),
        alpha: seen.alpha,
    }
}

fn trend(stream: &Stream, at: Timestamp) -> Option<TrendFound> {
    let days = stream.days(at);
    let count = days.len();
    let series = Series::new(days).ok()?;
    let found = mann_kendall(&series, TREND_LEVEL).ok()?;
    Some(TrendFound { per_28_days: slope(&series) * TREND_DAYS, p_value: found.p_value, days: count })
}

/// A trend that is one, downwards, and in 28 days costs as much as a loss that matters.
fn falling(plan: &OutcomePlan, trend: TrendFound, baseline: Option<f64>) -> Option<Severity> {
    let primary: Metric = plan.primary;
    let thresholds = plan.losses.get(&primary)?;
    let baseline = baseline?;
    let loss = primary.harm().worsening(baseline, baseline + trend.per_28_days);
    let matters = loss >= thresholds.warning.against(baseline);
    (trend.p_value <= TREND_LEVEL && matters).then_some(Severity::Warning)
}

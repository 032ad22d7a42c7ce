//! Every metric of a window: what labels show, what was to be expected, and both against the baseline.

use super::plan::OutcomePlan;
use super::verdict::{Estimated, EstimatedMetric, GapValue, MetricVerdict, Realised, Value};
use crate::domain::Task;
use crate::performance::{Measured, Metric, Reason, Record, Yardstick, normal_tail};
use crate::reference::Baseline;
use crate::sketch::Tally;
use crate::verdict::status::{Severity, Status};

/// What outcomes are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Outcomes<'a> {
    pub task: Task,
    pub yardstick: &'a Yardstick,
    pub segment_yardstick: &'a Yardstick,
    /// The reference's own outcomes, where it held labels.
    pub baseline: Option<&'a Baseline>,
}

/// A metric's baseline: the reference's with its standard error, or a set one with none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BaselineValue {
    pub value: f64,
    pub std_error: f64,
}

impl Outcomes<'_> {
    pub(super) fn baseline_of(&self, plan: &OutcomePlan, metric: Metric) -> Option<BaselineValue> {
        if let Some(&value) = plan.baselines.get(&metric) {
            return Some(BaselineValue { value, std_error: 0.0 });
        }
        let Measured { value, std_error, .. } =
            self.baseline.and_then(|baseline| baseline.record.realised(&baseline.yardstick, metric).ok())?;
        Some(BaselineValue { value, std_error })
    }
}

/// The metrics that can be told before any label.
pub(in crate::verdict) fn estimates(
    outcomes: &Outcomes<'_>,
    plan: &OutcomePlan,
    tally: &Tally,
) -> Vec<EstimatedMetric> {
    let Some(record) = Record::of(tally, outcomes.yardstick) else { return Vec::new() };
    let estimate = |&metric: &Metric| {
        let value = Value::from(record.estimated(outcomes.yardstick, metric).ok()?);
        let baseline = outcomes.baseline_of(plan, metric).map(|baseline| baseline.value);
        Some(EstimatedMetric { metric, value, baseline })
    };
    Metric::of(outcomes.task).iter().filter_map(estimate).collect()
}

/// All metrics of the task over one window. `alpha`: the level at which a loss is more than chance.
pub(super) fn metrics(
    outcomes: &Outcomes<'_>,
    plan: &OutcomePlan,
    record: &Record,
    alpha: f64,
) -> Vec<MetricVerdict> {
    let each = Metric::of(outcomes.task).iter();
    each.map(|&metric| measure(outcomes, plan, record, metric, alpha)).collect()
}

fn measure(
    outcomes: &Outcomes<'_>,
    plan: &OutcomePlan,
    record: &Record,
    metric: Metric,
    alpha: f64,
) -> MetricVerdict {
    let realised = realised(record, outcomes.yardstick, metric);
    let estimated = record.estimated(outcomes.yardstick, metric);
    let gap = record.gap(outcomes.yardstick, metric).ok().map(|gap| GapValue {
        value: gap.value(),
        std_error: gap.std_error,
        p_value: gap.p_value_either_way(),
        estimated: gap.estimated,
    });
    let baseline = outcomes.baseline_of(plan, metric);
    let loss = |measured: &Measured| baseline.map(|of| metric.harm().worsening(of.value, measured.value));
    let enough = record.labelled_rows().max(0) as u64 >= plan.min_samples;
    let status = plan.losses.contains_key(&metric).then(|| match (&realised, baseline) {
        (Ok(measured), Some(baseline)) if enough => {
            Status::from(lost(plan, metric, measured, baseline, alpha))
        }
        _ => Status::InsufficientData,
    });
    MetricVerdict {
        metric,
        loss: realised.as_ref().ok().and_then(loss),
        realised: Realised::from(realised),
        estimated: Estimated::from(estimated),
        gap,
        baseline: baseline.map(|baseline| baseline.value),
        status,
    }
}

/// What labels show of a record; without a label always [`Reason::NoRows`].
pub(super) fn realised(record: &Record, yardstick: &Yardstick, metric: Metric) -> Result<Measured, Reason> {
    match record.labelled_rows() {
        ..=0 => Err(Reason::NoRows),
        _ => record.realised(yardstick, metric),
    }
}

/// How bad a loss is: by its thresholds where it is more than chance at `alpha` (one-sided, both errors counted).
pub(super) fn lost(
    plan: &OutcomePlan,
    metric: Metric,
    measured: &Measured,
    baseline: BaselineValue,
    alpha: f64,
) -> Option<Severity> {
    let thresholds = plan.losses.get(&metric)?;
    let loss = metric.harm().worsening(baseline.value, measured.value);
    let error = measured.std_error.hypot(baseline.std_error);
    let p_value = match error {
        error if error > 0.0 => normal_tail(loss / error),
        _ if loss > 0.0 => 0.0,
        _ => 1.0,
    };
    if loss <= 0.0 || p_value > alpha {
        return None;
    }
    let reaches = |threshold: super::plan::Loss| loss >= threshold.against(baseline.value);
    match (reaches(thresholds.critical), reaches(thresholds.warning)) {
        (true, _) => Some(Severity::Critical),
        (false, true) => Some(Severity::Warning),
        (false, false) => None,
    }
}

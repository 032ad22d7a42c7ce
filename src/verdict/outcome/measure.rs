//! Every metric of a window: what labels show, what was to be expected, and both against the baseline.

use super::plan::OutcomePlan;
use super::verdict::{Estimated, EstimatedMetric, GapValue, MetricVerdict, Realised, Value};
use crate::domain::Task;
use crate::performance::{Measured, Metric, Reason, Record, Yardstick, chance_of};
use crate::reference::Baseline;
use crate::sketch::Tally;
use crate::statistic::Thresholds;
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
            self.baseline.and_then(|of| of.record.realised(&of.yardstick, metric).ok())?.in_range().ok()?;
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
        let value = Value::try_from(record.estimated(outcomes.yardstick, metric).ok()?).ok()?;
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
    let gap =
        gap.filter(|of| [of.value, of.std_error, of.p_value, of.estimated].iter().all(|p| p.is_finite()));
    let baseline = outcomes.baseline_of(plan, metric);
    let lost = realised.as_ref().ok().zip(baseline).map(|(measured, of)| Lost::of(metric, measured, of));
    let lost = lost.filter(|lost| lost.loss.is_finite() && lost.p_value.is_finite());
    let thresholds = plan.losses.get(&metric).zip(baseline).map(|(losses, of)| Thresholds {
        warning: losses.warning.against(of.value),
        critical: losses.critical.against(of.value),
    });
    let thresholds = thresholds.filter(|of| of.warning.is_finite() && of.critical.is_finite());
    let enough = record.labelled_rows().max(0) as u64 >= plan.min_samples;
    let status = plan.losses.contains_key(&metric).then(|| match lost.zip(thresholds) {
        Some((lost, thresholds)) if enough => lost.severity(thresholds, alpha).into(),
        _ => Status::InsufficientData,
    });
    MetricVerdict {
        metric,
        realised: Realised::from(realised),
        estimated: Estimated::from(estimated),
        gap,
        baseline: baseline.map(|baseline| baseline.value),
        loss: lost.map(|lost| lost.loss),
        loss_p_value: lost.map(|lost| lost.p_value),
        thresholds,
        status,
    }
}

/// What labels show of a record, within what numbers can say; without a label always [`Reason::NoRows`].
pub(super) fn realised(record: &Record, yardstick: &Yardstick, metric: Metric) -> Result<Measured, Reason> {
    match record.labelled_rows() {
        ..=0 => Err(Reason::NoRows),
        _ => record.realised(yardstick, metric).and_then(Measured::in_range),
    }
}

/// A loss against a baseline.
#[derive(Debug, Clone, Copy)]
struct Lost {
    /// In the metric's unit; negative where better.
    loss: f64,
    /// One-sided, both errors counted.
    p_value: f64,
}

impl Lost {
    fn of(metric: Metric, measured: &Measured, baseline: BaselineValue) -> Self {
        let loss = metric.harm().worsening(baseline.value, measured.value);
        Self { loss, p_value: chance_of(loss, measured.std_error.hypot(baseline.std_error)) }
    }

    /// How bad it is, where it is more than chance at `alpha`.
    fn severity(self, thresholds: Thresholds, alpha: f64) -> Option<Severity> {
        match self {
            Self { loss, p_value } if loss <= 0.0 || p_value > alpha => None,
            Self { loss, .. } if loss >= thresholds.critical => Some(Severity::Critical),
            Self { loss, .. } if loss >= thresholds.warning => Some(Severity::Warning),
            _ => None,
        }
    }
}

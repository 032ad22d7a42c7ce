//! One window of one version, judged by its outcomes.

use std::time::Duration;

use super::alpha::Alphas;
use super::explanation::{Explanation, Signs};
use super::measure::{Outcomes, metrics, realised};
use super::unjudged::Unjudged;
use super::verdict::{
    ConceptFinding, Finality, Lags, OutcomeVerdict, Realised, SegmentMetric, SegmentOutcomes,
};
use super::{bias, concept, label_shift, wear};
use crate::domain::{Segment, TimeRange, Version};
use crate::performance::{Inputs, Metric, Record};
use crate::statistic::Reason;
use crate::verdict::evaluate::Model;
use crate::verdict::model_state::ModelState;
use crate::verdict::plan::WindowPlan;
use crate::verdict::status::{Severity, Status};

/// What is judged.
pub(super) struct Asked<'a> {
    pub model: &'a Model<'a>,
    pub outcomes: &'a Outcomes<'a>,
    /// With the streams stepped over the window's last pane.
    pub state: &'a ModelState,
    pub plan: &'a WindowPlan,
    pub window: TimeRange,
    pub version: &'a Version,
    pub record: &'a Record,
    pub segments: &'a [(Segment, Record)],
    /// Why the record is empty where its counts cannot be had.
    pub unavailable: Option<Reason>,
    pub alphas: Alphas,
}

pub(super) fn judge(asked: &Asked<'_>) -> OutcomeVerdict {
    let Asked { model, outcomes, state, record, alphas, .. } = asked;
    let plan = &model.plan.outcomes;
    let data = state.windows.result(asked.plan, asked.version, asked.window.end).copied().unwrap_or_default();
    let inputs = if data.data.is_some() { Inputs::Moved } else { Inputs::Still };
    let stream = state.streams.of(asked.version);
    let metrics = metrics(outcomes, plan, record, alphas.model / plan.losses.len().max(1) as f64);
    let detected = stream.map(|stream| stream.changes(asked.window)).unwrap_or_default();
    let concept = concept::judge(outcomes, plan, record, &metrics, inputs, detected, alphas.concept);
    let uncounted = asked.unavailable.map(Unjudged::without_counts);
    let concept = ConceptFinding { unjudged: uncounted.or(concept.unjudged), ..concept };
    let primary = metrics.iter().find(|of| of.metric == plan.primary);
    let lost = metrics.iter().filter_map(|of| of.status.and_then(Status::severity)).max();
    let unjudged = match primary {
        _ if uncounted.is_some() => uncounted,
        _ if (record.labelled_rows().max(0) as u64) < plan.min_samples => Some(Unjudged::TooFewLabels),
        Some(of) if of.realised().is_none() => Some(Unjudged::NotComputable),
        Some(of) if of.baseline.is_none() => Some(Unjudged::NoBaseline),
        _ => None,
    };
    let wear = wear::judge(
        plan,
        wear::Seen {
            unjudged,
            sustained: lost.and_then(|lost| sustained(asked, lost)),
            lost,
            drifted: data.drifted,
            stream,
            at: asked.window.end,
            baseline: primary.and_then(|of| of.baseline),
            age: age(asked),
            alpha: alphas.model,
        },
    );
    let bias = bias::judge(plan, asked.segments, outcomes.baseline, alphas.bias);
    let explanation = Explanation::of(Signs {
        is_judged: unjudged.is_none(),
        inputs_moved: inputs == Inputs::Moved,
        has_lost: lost.is_some(),
        relation_moved: concept.status.severity().is_some() && concept.calibration.is_none(),
        wears_out: wear.status.severity().is_some(),
    });
    let (predicted, labelled) = (record.predicted_rows(), record.labelled_rows());
    let covered = labelled as f64 >= plan.min_coverage * predicted as f64;
    let lags = record.lag_quantile(0.5).zip(record.lag_quantile(0.9));
    OutcomeVerdict {
        version: asked.version.clone(),
        window: asked.window,
        predicted,
        labelled,
        finality: if covered { Finality::Final } else { Finality::Provisional },
        lags: lags.map(|(median, p90)| Lags { median, p90 }),
        primary: plan.primary,
        metrics,
        segments: asked
            .segments
            .iter()
            .map(|(segment, record)| in_segment(outcomes, segment, record))
            .collect(),
        concept,
        model: wear,
        bias_status: if bias.is_empty() { Status::Ok } else { bias::status(&bias) },
        bias,
        labels: label_shift::judge(outcomes, record, plan.min_samples, alphas.model),
        explanation,
        stepped: None,
    }
}

/// The severity that this window's loss and those of the windows in a row before it have in common.
fn sustained(asked: &Asked<'_>, lost: Severity) -> Option<Severity> {
    let before = asked.model.plan.outcomes.sustained_windows.max(1) - 1;
    let previous = asked.window.end.saturating_sub(asked.plan.length);
    let (run, common) =
        asked.state.outcomes.run_of(asked.plan, asked.version, previous, before, |result| result.loss);
    match common {
        _ if run < before => None,
        None => Some(lost),
        Some(common) => Some(common.min(lost)),
    }
}

fn age(asked: &Asked<'_>) -> Option<Duration> {
    let trained_at = asked.model.trained_at.get(asked.version)?;
    Some(asked.window.end.since(*trained_at))
}

fn in_segment(outcomes: &Outcomes<'_>, segment: &Segment, record: &Record) -> SegmentOutcomes {
    let metric = |metric: &Metric| {
        let realised = realised(record, outcomes.segment_yardstick, *metric);
        SegmentMetric { metric: *metric, realised: Realised::from(realised) }
    };
    SegmentOutcomes {
        segment: segment.clone(),
        predicted: record.predicted_rows(),
        labelled: record.labelled_rows(),
        metrics: Metric::of(outcomes.task).iter().map(metric).collect(),
    }
}

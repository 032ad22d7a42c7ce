//! What the last verdicts of a model say, as series for `/metrics`.

use std::sync::Arc;
use std::time::Duration;

use super::model::{Live, Model};
use super::options::ModelOptions;
use crate::domain::Timestamp;
use crate::metrics::{
    EstimateSeries, FeatureSeries, MetricSeries, ModelSeries, OutcomeSeries, StatisticSeries, Status,
    WindowSeries,
};
use crate::verdict::{
    self, ColumnVerdict, Evaluation, Finality, Kind, OutcomeVerdict, Realised, Verdict, WindowPlan,
};
use crate::window::ClockMode;

/// All series of a model: the last evaluation of each window length, and its open alarms.
pub fn of(options: &ModelOptions, live: &Live) -> ModelSeries {
    let mut series = ModelSeries {
        data: Some(Status::InsufficientData),
        silence: live.silence.map(|silence| status(silence.status)),
        ..ModelSeries::default()
    };
    for (place, evaluation) in &live.latest {
        let Some(plan) = options.plan.windows.get(*place) else { continue };
        let window: Arc<str> = length_text(plan.length).into();
        for verdict in &evaluation.verdicts {
            series.windows.push(window_series(&window, evaluation, verdict));
            series
                .features
                .extend(verdict.columns.iter().map(|column| feature_series(&window, verdict, column)));
            series.estimates.extend(estimate_series(&window, verdict));
            series.data = series.data.max(Some(status(verdict.status)));
            series.schema = series.schema.max(Some(status(verdict.schema.status)));
        }
        if let Some(volume) = &evaluation.volume {
            series.traffic = series.traffic.max(Some(status(volume.status)));
        }
    }
    let versions = live.trained_at.iter();
    series.trained = versions.map(|(version, at)| (version.clone(), *at)).collect();
    for (place, evaluation) in &live.latest_outcomes {
        let Some(plan) = options.plan.windows.get(*place) else { continue };
        let window: Arc<str> = length_text(plan.length).into();
        for verdict in &evaluation.verdicts {
            series.outcomes.push(outcome_series(&window, verdict));
            series.concept = series.concept.max(Some(status(verdict.concept.status)));
            series.model = series.model.max(Some(status(verdict.model.status)));
            if !verdict.bias.is_empty() {
                series.bias = series.bias.max(Some(status(verdict.bias_status)));
            }
        }
    }
    // An alarm that is open stays visible until it closes, whatever the last window alone says.
    for (_, kind, alarm) in live.state.alarms() {
        let open = Some(status(Some(alarm.severity).into()));
        let shown = match kind {
            Kind::Data => &mut series.data,
            Kind::Volume => &mut series.traffic,
            Kind::Silence => &mut series.silence,
            Kind::Schema => &mut series.schema,
            Kind::Concept => &mut series.concept,
            Kind::Model => &mut series.model,
            Kind::Bias => &mut series.bias,
        };
        *shown = (*shown).max(open);
    }
    series
}

/// What the model's windows are measured by: its present, its panes, and how old a window may be.
pub fn tell_time(model: &Model, now: Timestamp) {
    let ModelOptions { clock, plan, idle_timeout, .. } = &model.options;
    let present = match clock {
        ClockMode::Live => Some(now),
        ClockMode::Replay => model.live().watermark.newest().map(|newest| newest.min(now)),
    };
    if let Some(present) = present {
        model.metrics.present.set_time(present);
    }
    model.metrics.pane.set(plan.pane().duration().as_secs_f64());
    let limits =
        plan.windows.iter().map(|plan| (length_text(plan.length).into(), age_limit(plan, *idle_timeout)));
    model.metrics.set_window_age_limits(limits.collect());
}

/// How far the end of the last evaluated window may lie before the present: the pane that runs, the lateness after it
/// and, where a source has stopped, the time for which the others wait for it; a pane more is patience.
fn age_limit(plan: &WindowPlan, idle_timeout: Duration) -> Duration {
    plan.pane.duration() * 2 + plan.lateness + idle_timeout
}

/// A window's length as users write it: `24h`, `7d`, `15m`.
pub fn length_text(length: Duration) -> String {
    match length.as_secs() {
        seconds if seconds % 86_400 == 0 && seconds > 86_400 => format!("{}d", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        seconds => format!("{}m", seconds / 60),
    }
}

fn window_series(window: &Arc<str>, evaluation: &Evaluation, verdict: &Verdict) -> WindowSeries {
    let drifted = |reference: verdict::Against| {
        let columns =
            verdict.columns.iter().filter(|c| c.reference == reference && c.status.severity().is_some());
        columns.map(|column| &column.column).collect::<std::collections::BTreeSet<_>>().len() as u64
    };
    WindowSeries {
        version: verdict.version.clone(),
        window: window.clone(),
        samples: verdict.n_current.max(0) as u64,
        end: evaluation.window.end,
        drifted_features: verdict
            .references
            .iter()
            .map(|used| (used.reference.as_str().into(), drifted(used.reference)))
            .collect(),
    }
}

fn estimate_series(window: &Arc<str>, verdict: &Verdict) -> Option<EstimateSeries> {
    let metrics = verdict.estimated.iter().map(|of| (of.metric, of.value.value));
    let series = EstimateSeries {
        version: verdict.version.clone(),
        window: window.clone(),
        metrics: metrics.collect(),
    };
    (!series.metrics.is_empty()).then_some(series)
}

fn outcome_series(window: &Arc<str>, verdict: &OutcomeVerdict) -> OutcomeSeries {
    let metrics = verdict.metrics.iter().map(|of| MetricSeries {
        metric: of.metric,
        realised: of.realised().map(|value| value.value),
        baseline: of.baseline,
        gap: of.gap.map(|gap| gap.value),
        gap_error: of.gap.map(|gap| gap.std_error),
    });
    // Of slices the metric that drift is judged on: all of them would be many.
    let segments = verdict.segments.iter().filter_map(|of| {
        let primary = of.metrics.iter().find(|metric| metric.metric == verdict.primary)?;
        let Realised::Realised(value) = primary.realised else { return None };
        Some((of.segment.to_string().into(), primary.metric, value.value))
    });
    let fairness = verdict.bias.iter().filter_map(|finding| {
        Some((finding.attribute.as_ref().into(), finding.measure, finding.found.as_ref()?.value))
    });
    OutcomeSeries {
        version: verdict.version.clone(),
        window: window.clone(),
        end: verdict.window.end,
        predicted: verdict.predicted.max(0) as u64,
        labelled: verdict.labelled.max(0) as u64,
        coverage: verdict.coverage(),
        provisional: verdict.finality == Finality::Provisional,
        lags: verdict.lags.map(|lags| [lags.median, lags.p90]),
        metrics: metrics.collect(),
        segments: segments.collect(),
        fairness: fairness.collect(),
    }
}

fn feature_series(window: &Arc<str>, verdict: &Verdict, column: &ColumnVerdict) -> FeatureSeries {
    let statistics = column.statistics.iter().filter_map(|statistic| {
        Some(StatisticSeries {
            statistic: statistic.statistic,
            value: statistic.value?,
            p_value: statistic.p_value,
            thresholds: statistic.thresholds,
        })
    });
    FeatureSeries {
        version: verdict.version.clone(),
        segment: column.segment.to_string().into(),
        feature: column.column.to_string().into(),
        window: window.clone(),
        reference: column.reference.as_str().into(),
        status: status(column.status),
        statistics: statistics.collect(),
    }
}

fn status(status: verdict::Status) -> Status {
    match status {
        verdict::Status::Ok => Status::Ok,
        verdict::Status::Warning => Status::Warning,
        verdict::Status::Critical => Status::Critical,
        verdict::Status::InsufficientData => Status::InsufficientData,
    }
}

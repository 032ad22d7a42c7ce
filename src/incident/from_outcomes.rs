//! What labels say of a window, for the person who is woken by it.

use super::from_verdict::cut;
use super::observation::{MOVED_MAX, Observation};
use crate::verdict::{
    BiasFinding, CalibrationMoved, Decision, Kind, MetricVerdict, ModelReason, OutcomeEvaluation,
    OutcomeVerdict, number, percent,
};

pub(super) fn observation(evaluation: &OutcomeEvaluation, decision: &Decision) -> Observation {
    let of_version = |verdict: &&OutcomeVerdict| Some(&verdict.version) == decision.version.as_ref();
    let Some(verdict) = evaluation.verdicts.iter().find(of_version) else {
        return Observation { window: Some(evaluation.window), ..Observation::default() };
    };
    let seen = match decision.kind {
        Kind::Concept => concept(verdict),
        Kind::Bias => bias(verdict),
        _ => model(verdict),
    };
    Observation { n: Some(verdict.labelled), window: Some(verdict.window), ..seen }
}

/// Whether the window itself alarms, not only an alarm that lingers.
pub(super) fn alarms(evaluation: &OutcomeEvaluation, decision: &Decision) -> bool {
    let of_version = |verdict: &&OutcomeVerdict| Some(&verdict.version) == decision.version.as_ref();
    let Some(verdict) = evaluation.verdicts.iter().find(of_version) else { return false };
    let severity = match decision.kind {
        Kind::Concept => verdict.concept.alarming(),
        Kind::Bias => verdict.bias_status.severity(),
        _ => verdict.model.status.severity(),
    };
    severity.is_some()
}

fn concept(verdict: &OutcomeVerdict) -> Observation {
    let concept = &verdict.concept;
    let primary = verdict.metric(verdict.primary);
    let summary = match (concept.calibration, primary.and_then(figures)) {
        (Some(moved), _) => calibration_moved(moved).to_owned(),
        (None, Some(figures)) => format!("{}: {figures}", verdict.explained()),
        (None, None) => verdict.explained().to_owned(),
    };
    let rise = concept.detected.iter().find(|found| found.is_a_rise());
    let rise = rise.map(|found| {
        format!(
            "the mean error rose from {} to {} by {}",
            number(found.before, 3),
            number(found.after, 3),
            found.at
        )
    });
    Observation {
        summary: cut(summary),
        statistic: Some(verdict.primary.as_str().to_owned()),
        value: primary.and_then(MetricVerdict::realised).map(|value| value.value),
        threshold: primary.and_then(|metric| metric.gap).map(|gap| gap.estimated),
        p_value: concept.p_value,
        moved: rise.into_iter().collect(),
        ..Observation::default()
    }
}

/// "accuracy 0.861, 0.943 was expected of the same rows (baseline 0.944)".
fn figures(metric: &MetricVerdict) -> Option<String> {
    let realised = metric.realised()?;
    let expected =
        metric.gap.map(|gap| format!(", {} was expected of the same rows", number(gap.estimated, 3)));
    let baseline = metric.baseline.map(|baseline| format!(" (baseline {})", number(baseline, 3)));
    Some(format!(
        "{} {}{}{}",
        metric.metric,
        number(realised.value, 3),
        expected.unwrap_or_default(),
        baseline.unwrap_or_default()
    ))
}

/// In words, for answers and incidents alike.
pub fn calibration_moved(moved: CalibrationMoved) -> &'static str {
    match moved {
        CalibrationMoved::Alone => "calibration moved, the inputs did not",
        CalibrationMoved::WithTheInputs => "calibration moved with the inputs",
    }
}

fn model(verdict: &OutcomeVerdict) -> Observation {
    let found = &verdict.model;
    let foremost = verdict.foremost();
    let words = found.reasons.iter().map(|reason| match reason {
        ModelReason::SustainedLoss => format!(
            "a loss that lasts: {}",
            foremost.and_then(figures).unwrap_or_else(|| verdict.primary.to_string())
        ),
        ModelReason::Trend => {
            let per_28_days = found.trend.map_or(0.0, |trend| trend.per_28_days);
            format!("{} moves by {} in 28 days", verdict.primary, number(per_28_days, 2))
        }
        ModelReason::TooOld => {
            format!("trained {} days ago", found.age_seconds.unwrap_or(0) / 86_400)
        }
        ModelReason::FailingTogether => "several features drift with it".to_owned(),
    });
    let moved: Vec<String> = words.take(MOVED_MAX).collect();
    Observation {
        summary: cut(moved.first().cloned().unwrap_or_else(|| verdict.explained().to_owned())),
        statistic: foremost.map(|metric| metric.metric.as_str().to_owned()),
        value: foremost.and_then(MetricVerdict::realised).map(|value| value.value),
        threshold: foremost.and_then(MetricVerdict::bound),
        p_value: foremost.and_then(|metric| metric.loss_p_value),
        moved,
        ..Observation::default()
    }
}

fn bias(verdict: &OutcomeVerdict) -> Observation {
    let mut findings: Vec<&BiasFinding> =
        verdict.bias.iter().filter(|finding| finding.status.severity().is_some()).collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.status.severity()));
    let words = findings.iter().filter_map(|finding| {
        let found = finding.found.as_ref()?;
        Some(format!(
            "{} by {} is {} (limit {}): {} lowest, {} highest",
            finding.measure,
            finding.attribute,
            number(found.value, 3),
            number(finding.limit, 3),
            found.lowest,
            found.highest
        ))
    });
    let moved: Vec<String> = words.take(MOVED_MAX).collect();
    let foremost = findings.first();
    let labelled = percent(verdict.coverage().unwrap_or(0.0));
    Observation {
        summary: cut(moved
            .first()
            .cloned()
            .unwrap_or_else(|| format!("no breach; {labelled} of rows labelled"))),
        statistic: foremost.map(|finding| finding.measure.as_str().to_owned()),
        value: foremost.and_then(|finding| finding.found.as_ref()).map(|found| found.value),
        threshold: foremost.map(|finding| finding.limit),
        moved,
        ..Observation::default()
    }
}

//! Concept drift: performance below what scores led to expect of the very same rows.

use super::measure::Outcomes;
use super::plan::OutcomePlan;
use super::streams::Detected;
use super::unjudged::Unjudged;
use super::verdict::{CalibrationMoved, ConceptFinding, MetricVerdict};
use crate::performance::{Concept, ConceptReason, ConceptRule, Harm, Inputs, Metric, Primary, Record};
use crate::verdict::status::{Severity, Status};

/// Judges a window by the rule of [`ConceptRule`]. What detectors found beside it is told, and is a reason where the rule
/// holds: an alarm of theirs needs the gap.
pub(super) fn judge(
    outcomes: &Outcomes<'_>,
    plan: &OutcomePlan,
    record: &Record,
    metrics: &[MetricVerdict],
    inputs: Inputs,
    detected: Vec<Detected>,
    alpha: f64,
) -> ConceptFinding {
    let unjudged = |why: Unjudged| ConceptFinding {
        status: Status::InsufficientData,
        unjudged: Some(why),
        reasons: Vec::new(),
        worse: None,
        gap_min: None,
        p_value: None,
        alpha,
        calibration: None,
        detected: detected.clone(),
    };
    if (record.labelled_rows().max(0) as u64) < plan.min_samples {
        return unjudged(Unjudged::TooFewLabels);
    }
    let metric = plan.primary;
    let gap = match record.gap(outcomes.yardstick, metric) {
        Ok(gap) if gap.value().is_finite() && gap.std_error.is_finite() => gap,
        Err(crate::performance::Reason::NotCalibrated | crate::performance::Reason::NotEstimated) => {
            return unjudged(Unjudged::NotEstimated);
        }
        _ => return unjudged(Unjudged::NotComputable),
    };
    let Some(baseline) = outcomes.baseline_of(plan, metric) else { return unjudged(Unjudged::NoBaseline) };
    let harm = metric.harm();
    let rule = match harm {
        Harm::Falling => ConceptRule::for_shares(alpha),
        _ => ConceptRule::for_errors(alpha, baseline.value),
    };
    let primary = Primary { gap, baseline: baseline.value, baseline_std_error: baseline.std_error, harm };
    let verdict = rule.judge(&primary, &secondary(outcomes, record, metrics, metric), inputs);
    let mut reasons = verdict.reasons;
    if verdict.concept == Concept::Drifted && detected.iter().any(Detected::is_a_rise) {
        reasons.push(ConceptReason::ErrorsRose);
    }
    let severity = match verdict.concept {
        Concept::Drifted => Some(severity(plan, metric, baseline.value, verdict.loss)),
        Concept::CalibrationMoved | Concept::CalibrationMovedWithInputs => Some(Severity::Warning),
        Concept::Holds => None,
    };
    let calibration = match verdict.concept {
        Concept::CalibrationMoved => Some(CalibrationMoved::Alone),
        Concept::CalibrationMovedWithInputs => Some(CalibrationMoved::WithTheInputs),
        Concept::Holds | Concept::Drifted => None,
    };
    ConceptFinding {
        status: severity.into(),
        unjudged: None,
        reasons,
        worse: Some(verdict.worse),
        gap_min: Some(rule.gap_min),
        p_value: Some(verdict.p_value),
        alpha,
        calibration,
        detected,
    }
}

/// Critical where the loss is, by the primary metric's thresholds.
fn severity(plan: &OutcomePlan, metric: Metric, baseline: f64, loss: f64) -> Severity {
    let critical = plan.losses.get(&metric).map(|thresholds| thresholds.critical.against(baseline));
    match critical {
        Some(critical) if loss >= critical => Severity::Critical,
        _ => Severity::Warning,
    }
}

/// P-values of calibration and of the other metrics' gaps.
fn secondary(
    outcomes: &Outcomes<'_>,
    record: &Record,
    metrics: &[MetricVerdict],
    primary: Metric,
) -> Vec<f64> {
    let others = metrics.iter().filter(|of| of.metric != primary).filter_map(|of| of.gap);
    let calibration = record.calibration_gap(outcomes.yardstick).ok();
    let calibration = calibration.map(|gap| gap.p_value_either_way());
    others.map(|gap| gap.p_value).chain(calibration).collect()
}

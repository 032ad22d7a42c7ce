//! Verdicts on outcomes as answers.

use std::sync::Arc;

use super::{outcomes, words};
use crate::incident::{IncidentKind, kind_of};
use crate::sketch::{Ruler, Tally};
use crate::verdict::{
    BiasFinding, Estimated, Finality, Kind, MetricVerdict, OutcomeVerdict, Realised, SegmentOutcomes, Value,
    differences, prediction_shifts,
};
use crate::web::answer::{
    ClassShiftAnswer, Explanation, FairnessAnswer, GapAnswer, LabelShiftAnswer, Measured,
    MetricDifferenceAnswer, MetricPerformance, OutcomeStatus, PredictionShiftAnswer, SegmentMetricAnswer,
    SegmentPerformance, Status, VersionComparison, VersionPerformance,
};

pub fn version(verdict: &OutcomeVerdict) -> VersionPerformance {
    let lags = verdict.lags;
    VersionPerformance {
        version: verdict.version.clone(),
        predicted: words::rows(verdict.predicted),
        labelled: words::rows(verdict.labelled),
        label_coverage: verdict.coverage(),
        provisional: verdict.finality == Finality::Provisional,
        label_lag_median_seconds: lags.map(|lags| lags.median),
        label_lag_p90_seconds: lags.map(|lags| lags.p90),
        explanation: Explanation::new(name_of(verdict.explanation), outcomes::in_words(verdict, Kind::Model)),
        concept: concept(verdict),
        model: model(verdict),
        bias: stands(verdict, Kind::Bias, words::status(verdict.bias_status), Vec::new()),
        metrics: verdict.metrics.iter().map(metric).collect(),
        segments: verdict.segments.iter().map(segment).collect(),
        label_shift: verdict.labels.as_ref().map(|shift| LabelShiftAnswer {
            status: words::status(shift.status),
            psi: shift.psi,
            p_value: shift.p_value,
            classes: shift
                .classes
                .iter()
                .map(|class| ClassShiftAnswer {
                    class: class.class.clone(),
                    reference: class.reference,
                    current: class.current,
                    p_value: class.p_value,
                })
                .collect(),
        }),
        fairness: verdict.bias.iter().map(fairness).collect(),
    }
}

fn concept(verdict: &OutcomeVerdict) -> OutcomeStatus {
    let found = &verdict.concept;
    let fires = found.status.severity().is_some();
    let mut signs: Vec<String> = found.reasons.iter().filter(|_| fires).map(name_of).collect();
    signs.extend(found.calibration.iter().map(|moved| format!("calibration_moved_{}", name_of(moved))));
    signs.extend(found.detected.iter().map(|found| format!("{}_at_{}", name_of(found.detector), found.at)));
    let stands = stands(verdict, Kind::Concept, words::status(found.status), signs);
    match found.unjudged {
        Some(why) => unjudged(stands, &name_of(why)),
        None => stands,
    }
}

fn model(verdict: &OutcomeVerdict) -> OutcomeStatus {
    let found = &verdict.model;
    let signs = found.reasons.iter().map(name_of).collect();
    let stands = stands(verdict, Kind::Model, words::status(found.status), signs);
    match found.unjudged {
        Some(why) => unjudged(stands, &name_of(why)),
        None => stands,
    }
}

fn stands(verdict: &OutcomeVerdict, kind: Kind, status: Status, signs: Vec<String>) -> OutcomeStatus {
    let (incident, _): (IncidentKind, _) = kind_of(kind);
    OutcomeStatus {
        status,
        reason: Explanation::new(kind.as_str(), outcomes::in_words(verdict, kind)),
        signs,
        action: (status > Status::Ok).then(|| incident.corrective_action().to_owned()),
    }
}

fn unjudged(stands: OutcomeStatus, code: &str) -> OutcomeStatus {
    OutcomeStatus { reason: Explanation::new(code, stands.reason.message), ..stands }
}

fn metric(verdict: &MetricVerdict) -> MetricPerformance {
    let (realised, not_computable) = realised(&verdict.realised);
    let (estimated, not_estimated) = match &verdict.estimated {
        Estimated::Value(value) => (Some(measured(value)), None),
        Estimated::NotComputable(reason) => (None, Some(name_of(reason))),
    };
    MetricPerformance {
        metric: verdict.metric.to_string(),
        realised,
        not_computable,
        estimated,
        not_estimated,
        gap: verdict.gap.map(|gap| GapAnswer {
            value: gap.value,
            std_error: gap.std_error,
            p_value: gap.p_value,
            estimated: gap.estimated,
        }),
        baseline: verdict.baseline,
        loss: verdict.loss,
        status: verdict.status.map(words::status),
    }
}

fn realised(realised: &Realised) -> (Option<Measured>, Option<String>) {
    match realised {
        Realised::Realised(value) => (Some(measured(value)), None),
        Realised::NotComputable(reason) => (None, Some(name_of(reason))),
    }
}

fn measured(value: &Value) -> Measured {
    Measured {
        value: value.value,
        low: value.interval.low,
        high: value.interval.high,
        std_error: value.std_error,
        error_bound: value.error_bound,
    }
}

fn segment(outcomes: &SegmentOutcomes) -> SegmentPerformance {
    let metric = |of: &crate::verdict::SegmentMetric| {
        let (realised, not_computable) = realised(&of.realised);
        SegmentMetricAnswer { metric: of.metric.to_string(), realised, not_computable }
    };
    SegmentPerformance {
        segment: outcomes.segment.clone(),
        predicted: words::rows(outcomes.predicted),
        labelled: words::rows(outcomes.labelled),
        metrics: outcomes.metrics.iter().map(metric).collect(),
    }
}

fn fairness(finding: &BiasFinding) -> FairnessAnswer {
    let found = finding.found.as_ref();
    FairnessAnswer {
        attribute: finding.attribute.to_string(),
        measure: finding.measure.to_string(),
        limit: finding.limit,
        status: words::status(finding.status),
        value: found.map(|found| found.value),
        low: found.map(|found| found.interval.low),
        high: found.map(|found| found.interval.high),
        lowest: found.map(|found| found.lowest.clone()),
        highest: found.map(|found| found.highest.clone()),
        emergence: found.and_then(|found| found.emergence).map(name_of),
        left_out: finding.left_out.clone(),
    }
}

/// What is said of a version over the window, and its counts.
pub type CountedVersion = (OutcomeVerdict, Option<Arc<Tally>>);

/// Every version against the one with most predictions.
pub fn comparisons(ruler: &Ruler, versions: &[CountedVersion]) -> Vec<VersionComparison> {
    let Some(champion) = versions.iter().max_by_key(|(verdict, _)| verdict.predicted) else {
        return Vec::new();
    };
    let others = versions.iter().filter(|(verdict, _)| verdict.version != champion.0.version);
    others.map(|challenger| comparison(ruler, champion, challenger)).collect()
}

fn comparison(ruler: &Ruler, champion: &CountedVersion, challenger: &CountedVersion) -> VersionComparison {
    let metrics = differences(&champion.0, &challenger.0).into_iter().map(|of| MetricDifferenceAnswer {
        metric: of.metric.to_string(),
        champion: measured(&of.champion),
        challenger: measured(&of.challenger),
        difference: of.difference.value,
        std_error: of.difference.std_error,
        p_value: of.difference.p_value,
    });
    let shifts = match (&champion.1, &challenger.1) {
        (Some(champion), Some(challenger)) => prediction_shifts(ruler, champion, challenger),
        _ => Vec::new(),
    };
    let predictions = shifts.into_iter().map(|shift| PredictionShiftAnswer {
        column: shift.column.to_string(),
        statistic: shift.statistic.as_str().to_owned(),
        value: shift.value,
        p_value: shift.p_value,
    });
    VersionComparison {
        champion: champion.0.version.clone(),
        challenger: challenger.0.version.clone(),
        metrics: metrics.collect(),
        predictions: predictions.collect(),
    }
}

/// The word that a value is stored and served by.
fn name_of(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => "unknown".to_owned(),
    }
}

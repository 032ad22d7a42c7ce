//! What an evaluation says to the incidents of its model.

use std::collections::BTreeMap;

use super::from_outcomes;
use super::input::Input;
use super::key::{IncidentKey, Subject};
use super::kind::IncidentKind;
use super::observation::{MOVED_MAX, Observation, SUMMARY_BYTES_MAX};
use super::state::Origin;
use crate::domain::{ModelId, Segment, Version};
use crate::statistic::Thresholds;
use crate::verdict::{
    ColumnVerdict, Decision, Evaluation, Kind, MonitoringPlan, OutcomeEvaluation, Severity, SilenceVerdict,
    Transition, VOLUME_FACTORS, Verdict,
};

/// The kind of incident that an alarm of this kind makes, and its subject.
pub const fn kind_of(kind: Kind) -> (IncidentKind, &'static str) {
    match kind {
        Kind::Data => (IncidentKind::DataDrift, ""),
        Kind::Volume => (IncidentKind::DataQuality, "volume"),
        Kind::Schema => (IncidentKind::DataQuality, "schema"),
        Kind::Silence => (IncidentKind::Silence, ""),
        Kind::Concept => (IncidentKind::ConceptDrift, ""),
        Kind::Model => (IncidentKind::ModelDrift, ""),
        Kind::Bias => (IncidentKind::Bias, ""),
    }
}

/// What the decisions of an evaluation mean for incidents, in their order. `silence`: where it was judged.
pub fn inputs_of(
    model: &ModelId,
    tags: &BTreeMap<String, String>,
    plan: &MonitoringPlan,
    evaluation: &Evaluation,
    silence: Option<&SilenceVerdict>,
) -> Vec<(IncidentKey, Input)> {
    let seen = |decision: &Decision| observation(plan, evaluation, silence, decision);
    inputs(model, tags, &evaluation.decisions, |decision| alarms(evaluation, decision), seen)
}

/// The same of what labels say.
pub fn inputs_of_outcomes(
    model: &ModelId,
    tags: &BTreeMap<String, String>,
    evaluation: &OutcomeEvaluation,
) -> Vec<(IncidentKey, Input)> {
    let seen = |decision: &Decision| from_outcomes::observation(evaluation, decision);
    inputs(model, tags, &evaluation.decisions, |decision| from_outcomes::alarms(evaluation, decision), seen)
}

fn inputs(
    model: &ModelId,
    tags: &BTreeMap<String, String>,
    decisions: &[Decision],
    alarms: impl Fn(&Decision) -> bool,
    seen: impl Fn(&Decision) -> Observation,
) -> Vec<(IncidentKey, Input)> {
    let input = |decision: &Decision| {
        let seen = || seen(decision);
        let raise = |severity: Severity| Input::Raise {
            severity,
            seen: seen(),
            origin: Origin::Verdict,
            tags: tags.clone(),
        };
        let input = match decision.transition {
            Transition::Opened { severity } | Transition::Escalated { to: severity, .. } => raise(severity),
            // A window that is well again is no evidence: what was seen stays.
            Transition::Continues { .. } if !alarms(decision) => return None,
            Transition::Continues { .. } => Input::Persist { seen: seen() },
            Transition::Closed { .. } => Input::Clear,
            Transition::Quiet
            | Transition::Unjudged
            | Transition::Waiting { .. }
            | Transition::Suppressed { .. }
            | Transition::Closing { .. } => return None,
        };
        Some((key(model, decision.version.as_ref(), decision.kind), input))
    };
    decisions.iter().filter_map(input).collect()
}

/// Whether the window itself alarms, not only an alarm that lingers.
fn alarms(evaluation: &Evaluation, decision: &Decision) -> bool {
    let of_version = |verdict: &&Verdict| Some(&verdict.version) == decision.version.as_ref();
    let verdict = evaluation.verdicts.iter().find(of_version);
    match decision.kind {
        Kind::Data => verdict.is_some_and(|verdict| verdict.status.severity().is_some()),
        Kind::Schema => verdict.is_some_and(|verdict| verdict.schema.severity().is_some()),
        Kind::Volume => evaluation.volume.as_ref().is_some_and(|of| of.status.severity().is_some()),
        Kind::Silence | Kind::Concept | Kind::Model | Kind::Bias => true,
    }
}

fn key(model: &ModelId, version: Option<&Version>, kind: Kind) -> IncidentKey {
    let (kind, subject) = kind_of(kind);
    IncidentKey {
        model: Some(model.clone()),
        version: version.cloned(),
        segment: Segment::All,
        kind,
        subject: Subject::cut(subject),
    }
}

fn observation(
    plan: &MonitoringPlan,
    evaluation: &Evaluation,
    silence: Option<&SilenceVerdict>,
    decision: &Decision,
) -> Observation {
    let of_version = |verdict: &&Verdict| Some(&verdict.version) == decision.version.as_ref();
    let verdict = evaluation.verdicts.iter().find(of_version);
    let seen = match (decision.kind, verdict) {
        (Kind::Data, Some(verdict)) => data(verdict),
        (Kind::Schema, Some(verdict)) => schema(plan.schema_violations, verdict),
        (Kind::Volume, _) => volume(evaluation),
        (Kind::Silence, _) => silent(silence, evaluation),
        (Kind::Data | Kind::Schema, None) | (Kind::Concept | Kind::Model | Kind::Bias, _) => {
            Observation::default()
        }
    };
    Observation { window: seen.window.or(Some(evaluation.window)), ..seen }
}

/// The columns that drifted, each once, the most moved first.
fn data(verdict: &Verdict) -> Observation {
    let mut columns: Vec<&ColumnVerdict> = verdict.alarming().collect();
    columns.sort_by(|a, b| b.pull().total_cmp(&a.pull()));
    let mut named: Vec<&ColumnVerdict> = Vec::new();
    for column in columns {
        if !named.iter().any(|known| known.column == column.column) {
            named.push(column);
        }
    }
    let moved = named.iter().filter_map(|column| {
        let moved = column.moved.as_ref()?;
        Some(match &column.segment {
            Segment::All => moved.clone(),
            slice => format!("{moved} where {slice}"),
        })
    });
    let moved: Vec<String> = moved.take(MOVED_MAX).collect();
    let summary = match (named.len(), verdict.columns.iter().any(ColumnVerdict::lingers)) {
        (0, true) => "no column drifts in this window; traces are left".to_owned(),
        (0, false) => "no column drifts in this window".to_owned(),
        (1, _) => format!("`{}` drifted", named[0].column),
        (count, _) => {
            let names: Vec<String> =
                named.iter().take(MOVED_MAX).map(|column| format!("`{}`", column.column)).collect();
            format!("{count} columns drifted, most of all {}", names.join(", "))
        }
    };
    let foremost = named.first().and_then(|column| Some((*column, column.foremost()?)));
    Observation {
        summary: cut(summary),
        statistic: foremost.map(|(_, statistic)| statistic.statistic.as_str().to_owned()),
        value: foremost.and_then(|(_, statistic)| statistic.value),
        threshold: foremost.and_then(|(_, s)| Some(reached(s.thresholds?, s.statistic.effect(s.value?)))),
        p_value: foremost.and_then(|(column, _)| column.p_value),
        n: Some(verdict.n_current),
        window: Some(verdict.window),
        moved,
    }
}

fn schema(thresholds: Thresholds, verdict: &Verdict) -> Observation {
    let wrong = verdict.schema.wrong_type.iter().map(|(column, share)| {
        (*share, format!("{} of values of `{column}` are of the wrong type", percent(*share)))
    });
    let unknown = verdict.schema.unknown_features.iter().map(|(name, share)| {
        (*share, format!("{} of rows carry the unknown feature `{name}`", percent(*share)))
    });
    let mut broken: Vec<(f64, String)> = wrong.chain(unknown).collect();
    broken.sort_by(|a, b| b.0.total_cmp(&a.0));
    let moved: Vec<String> = broken.into_iter().map(|(_, words)| words).take(MOVED_MAX).collect();
    Observation {
        summary: cut(moved.first().cloned().unwrap_or_else(|| "rows keep to the schema".to_owned())),
        statistic: Some("schema_violations".to_owned()),
        value: Some(verdict.schema.worst_share),
        threshold: Some(reached(thresholds, verdict.schema.worst_share)),
        p_value: None,
        n: Some(verdict.n_current),
        window: Some(verdict.window),
        moved,
    }
}

fn volume(evaluation: &Evaluation) -> Observation {
    let Some(volume) = &evaluation.volume else { return Observation::default() };
    let habit = volume.habit.unwrap_or_default();
    Observation {
        summary: format!("{} rows where {habit:.0} are usual", volume.rows),
        statistic: Some("volume_factor".to_owned()),
        value: volume.factor,
        threshold: volume.factor.map(|factor| reached(VOLUME_FACTORS, factor)),
        p_value: volume.p_value,
        n: Some(volume.rows),
        window: Some(volume.pane),
        moved: Vec::new(),
    }
}

fn silent(silence: Option<&SilenceVerdict>, evaluation: &Evaluation) -> Observation {
    let Some(silence) = silence else { return Observation::default() };
    let silent = evaluation.judged_at.since(silence.last_row).as_secs_f64();
    Observation {
        summary: format!("no row since {}", silence.last_row),
        statistic: Some("seconds_without_rows".to_owned()),
        value: Some(silent),
        threshold: Some(silence.allowed_seconds as f64),
        ..Observation::default()
    }
}

/// The threshold that an effect reached; the warning one where it reached none.
fn reached(thresholds: Thresholds, effect: f64) -> f64 {
    if effect >= thresholds.critical { thresholds.critical } else { thresholds.warning }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

pub(super) fn cut(mut summary: String) -> String {
    summary.truncate(summary.floor_char_boundary(SUMMARY_BYTES_MAX));
    summary
}

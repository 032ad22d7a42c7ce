//! An order in which every field is given, with names that try what templates do to them.

use std::time::Duration;

use super::About;
use crate::domain::{TimeRange, Timestamp};
use crate::incident::{IncidentId, IncidentKind};
use crate::retraining::{Category, Cause, DecisionId, Drifted, LabelInputs, Order, RunKey, Update};
use crate::verdict::Severity;

const HOSTILE: &str = "quote \" backslash \\ brace { ampersand & slash / é";

pub(super) fn sample() -> (Order, About) {
    let at = Timestamp::from_seconds(1_795_600_800);
    let start = at.saturating_sub(Duration::from_secs(90 * 86_400));
    let kind = IncidentKind::ConceptDrift;
    let drifted = Drifted {
        incident: IncidentId(1),
        kind,
        severity: Severity::Critical,
        since: at,
        window: Some(TimeRange { start, end: at }),
        summary: HOSTILE.to_owned(),
        moved: vec![HOSTILE.to_owned()],
    };
    let order = Order {
        run_key: RunKey::named("retrain-sample-2026-W48-drift"),
        model: "sample".parse().expect("a word is a model's id"),
        version: "1".parse().ok(),
        cause: Cause::Drift,
        category: Category::Corrective,
        reason: HOSTILE.to_owned(),
        update: Update::Major,
        window: TimeRange { start, end: at },
        labels: Some(LabelInputs { new: 1_200, predicted: 20_000, labelled: 16_000 }),
        drifted: vec![drifted],
        validators: vec![kind.role()],
    };
    let url = |path: &str| format!("https://driftd.example.org/v1/{path}");
    let about = About {
        decision: DecisionId(1),
        at,
        asked_at: at,
        decision_url: url("decisions/dec-1"),
        report_url: url("runs/retrain-sample-2026-W48-drift"),
    };
    (order, about)
}

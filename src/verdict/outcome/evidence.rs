//! What outcomes say to the alarms.

use std::collections::BTreeSet;

use super::verdict::OutcomeVerdict;
use crate::verdict::alarm::Evidence;
use crate::verdict::column::LINGERING_SHARE;
use crate::verdict::model_state::ModelState;
use crate::verdict::plan::WindowPlan;
use crate::verdict::results::RawResult;
use crate::verdict::status::{Severity, Status};

/// Chance below which what is left of a gap keeps an alarm open.
const LINGERING_LEVEL: f64 = 0.05;

pub(super) fn concept_evidence(state: &ModelState, plan: &WindowPlan, verdict: &OutcomeVerdict) -> Evidence {
    let concept = &verdict.concept;
    let near = concept.status.severity().is_none()
        && concept.p_value.is_some_and(|p| p <= LINGERING_LEVEL)
        && concept.worse.is_some_and(|worse| worse >= LINGERING_SHARE * GAP_MIN);
    evidence(state, plan, verdict, concept.status, near, |result| result.concept)
}

/// What matters of a gap, as the rule of concept drift has it for shares.
const GAP_MIN: f64 = 0.02;

pub(super) fn bias_evidence(state: &ModelState, plan: &WindowPlan, verdict: &OutcomeVerdict) -> Evidence {
    evidence(state, plan, verdict, verdict.bias_status, false, |result| result.bias)
}

/// It lasted already: no more windows in a row are asked for.
pub(super) fn model_evidence(plan: &WindowPlan, verdict: &OutcomeVerdict) -> Evidence {
    let alarming = verdict.model.status.severity();
    let primary = verdict.metric(verdict.primary);
    let losing = primary.and_then(|metric| metric.status).and_then(Status::severity).is_some();
    Evidence {
        at: verdict.window.end,
        window: plan.length,
        judged: verdict.model.status != Status::InsufficientData,
        alarming,
        windows_alarming: u32::from(alarming.is_some()),
        windows_needed: 1,
        lingering: losing,
        causes: BTreeSet::new(),
    }
}

fn evidence(
    state: &ModelState,
    plan: &WindowPlan,
    verdict: &OutcomeVerdict,
    status: Status,
    near: bool,
    part: impl Fn(&RawResult) -> Option<Severity>,
) -> Evidence {
    let needed = plan.consecutive.max(1);
    let (windows_alarming, alarming) =
        state.outcomes.run_of(plan, &verdict.version, verdict.window.end, needed, part);
    Evidence {
        at: verdict.window.end,
        window: plan.length,
        judged: status != Status::InsufficientData,
        alarming,
        windows_alarming,
        windows_needed: needed,
        lingering: near,
        causes: BTreeSet::new(),
    }
}

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
    let pull = concept.worse.zip(concept.gap_min).map_or(0.0, |(worse, enough)| worse / enough);
    let lingering = concept.p_value.is_some_and(|p| lingers(p, concept.alpha, pull));
    evidence(state, plan, verdict, concept.status, lingering, |result| result.concept)
}

pub(super) fn bias_evidence(state: &ModelState, plan: &WindowPlan, verdict: &OutcomeVerdict) -> Evidence {
    evidence(state, plan, verdict, verdict.bias_status, false, |result| result.bias)
}

/// It lasted already: no more windows in a row are asked for.
pub(super) fn model_evidence(plan: &WindowPlan, verdict: &OutcomeVerdict) -> Evidence {
    let alarming = verdict.model.status.severity();
    let alpha = verdict.model.alpha;
    let losing = verdict.metrics.iter().any(|of| match (of.loss, of.loss_p_value, of.thresholds) {
        (Some(loss), Some(p_value), Some(thresholds)) => lingers(p_value, alpha, loss / thresholds.warning),
        _ => false,
    });
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

/// Whether what is left keeps an alarm open: it is significant, or an effect (`pull`: as a multiple of what matters) of at
/// least 0.8 is left with a hint that it is more than chance.
fn lingers(p_value: f64, alpha: f64, pull: f64) -> bool {
    pull > 0.0 && (p_value <= alpha || (p_value <= LINGERING_LEVEL && pull >= LINGERING_SHARE))
}

fn evidence(
    state: &ModelState,
    plan: &WindowPlan,
    verdict: &OutcomeVerdict,
    status: Status,
    lingering: bool,
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
        lingering,
        causes: BTreeSet::new(),
    }
}

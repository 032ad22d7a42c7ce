//! What there is to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cause::Cause;
use super::decision::Drifted;
use super::policy::RetrainingPlan;
use crate::domain::Timestamp;
use crate::incident::IncidentId;

/// While a drift goes on and no run is triggered for it, a decision is made anew this often.
const DRIFT_AGAIN_AFTER: Duration = Duration::from_secs(86_400);

/// What a decision is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    pub cause: Cause,
    /// By the model's present.
    pub at: Timestamp,
}

/// What was decided of a model so far.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// Since when the model is known: what came round before is not made up for.
    pub since: Timestamp,
    /// The last occasion of each cause.
    pub last: BTreeMap<Cause, Timestamp>,
    pub last_drift: Option<LastDrift>,
    /// Whether a run is on its way or its report is awaited.
    pub run_open: bool,
}

/// The last decision that drift brought about.
#[derive(Debug, Clone, PartialEq)]
pub struct LastDrift {
    pub at: Timestamp,
    pub triggered: bool,
    /// The incidents that it weighed.
    pub incidents: BTreeSet<IncidentId>,
}

impl Occasion {
    /// One text for one occasion of a model: the store takes it once. Of a manual one there may be many.
    pub fn text(&self) -> Option<String> {
        match self.cause {
            Cause::Manual => None,
            cause => Some(format!("{cause}@{}", self.at)),
        }
    }
}

/// The occasions that have come and are not decided, in the order in which they are to be: what came round while nobody
/// looked is made up for once, as of its own time; drift is decided when an incident opens, then daily while it goes on,
/// and after a run once that has ended and the cooldown is over.
pub fn due(plan: &RetrainingPlan, history: &History, drifted: &[Drifted], now: Timestamp) -> Vec<Occasion> {
    let planned = Cause::PLANNED.into_iter().filter_map(|cause| {
        let at = plan.schedule(cause)?.last(now, &plan.zone)?;
        let decided = history.last.get(&cause).copied().unwrap_or(history.since);
        (at > decided).then_some(Occasion { cause, at })
    });
    let drift =
        is_drift_due(plan, history, drifted, now).then_some(Occasion { cause: Cause::Drift, at: now });
    planned.chain(drift).collect()
}

fn is_drift_due(plan: &RetrainingPlan, history: &History, drifted: &[Drifted], now: Timestamp) -> bool {
    let Some(last) = &history.last_drift else { return !drifted.is_empty() };
    let pause = match last.triggered {
        true => plan.cooldown.max(DRIFT_AGAIN_AFTER),
        false => DRIFT_AGAIN_AFTER,
    };
    let is_new = drifted.iter().any(|drifted| !last.incidents.contains(&drifted.incident));
    let goes_on = !drifted.is_empty() && !history.run_open && now.since(last.at) >= pause;
    now > last.at && (is_new || goes_on)
}

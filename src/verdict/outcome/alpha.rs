//! The levels at which one closed pane of one window length is judged by outcomes.

use crate::verdict::alpha::share_per_pane;
use crate::verdict::plan::{Drift, MonitoringPlan, WindowPlan};

/// By kind of drift, over all versions that are judged beside each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Alphas {
    pub concept: f64,
    pub model: f64,
    pub bias: f64,
}

pub(super) fn alphas(plan: &MonitoringPlan, window: &WindowPlan, versions: usize) -> Alphas {
    let of = |drift: Drift| share_per_pane(plan, window, drift, versions, true);
    // The primary metric's gap and all others beside calibration alarm each on their own: half of it each.
    Alphas { concept: of(Drift::Concept) / 2.0, model: of(Drift::Model), bias: of(Drift::Bias) }
}

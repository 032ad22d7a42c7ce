//! What evaluating a model leaves behind for the next pane: small, stored with each evaluation.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::Alarm;
use super::encode::{self, StoredError};
use super::outcome::Streams;
use super::plan::{MonitoringPlan, WindowPlan};
use super::results::Results;
use super::status::Kind;
use super::volume::VolumeHistory;
use crate::domain::{Timestamp, Version};

/// The state of one model between panes. Bounded: the windows that `for`, revisions and outcomes may ask for, half a year
/// of daily performance and the detectors of each version, four weeks of hourly row counts, one alarm per version and kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelState {
    /// The start of the first pane that was ever counted.
    pub(super) counted_since: Option<Timestamp>,
    pub(super) windows: Results,
    pub(super) alarms: Vec<OpenAlarm>,
    pub(super) volume: VolumeHistory,
    /// What labels said.
    #[serde(default)]
    pub(super) outcomes: Results,
    #[serde(default)]
    pub(super) streams: Streams,
}

/// An open alarm and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OpenAlarm {
    /// `None` for what concerns all versions: volume and silence.
    pub version: Option<Version>,
    pub kind: Kind,
    pub alarm: Alarm,
}

impl ModelState {
    pub fn to_bytes(&self) -> Vec<u8> {
        encode::to_bytes(self)
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoredError> {
        encode::from_bytes(bytes)
    }

    /// The open alarms: whose (`None`: all versions'), about what, since when.
    pub fn alarms(&self) -> impl Iterator<Item = (Option<&Version>, Kind, &Alarm)> {
        self.alarms.iter().map(|open| (open.version.as_ref(), open.kind, &open.alarm))
    }

    /// The end of the last pane that windows of this plan were evaluated at.
    pub fn evaluated_to(&self, plan: &WindowPlan) -> Option<Timestamp> {
        self.windows.evaluated_to(plan)
    }

    /// The same of what labels say.
    pub fn outcomes_evaluated_to(&self, plan: &WindowPlan) -> Option<Timestamp> {
        self.outcomes.evaluated_to(plan)
    }

    /// The start of the first pane that was ever counted.
    pub fn counted_since(&self) -> Option<Timestamp> {
        self.counted_since
    }

    /// Whether any label was ever seen: from then on outcomes have their share of the budget.
    pub fn judges_outcomes(&self) -> bool {
        self.streams.has_labels()
    }

    /// Notes that a pane was evaluated, and forgets what neither `for`, nor a revision, nor outcomes will ask for.
    pub(super) fn evaluated(&mut self, model: &MonitoringPlan, plan: &WindowPlan, end: Timestamp) {
        // Outcomes of the same window are judged so much later, and ask whether its inputs moved.
        let remembered = plan.lateness + model.outcomes.label_wait + plan.length;
        self.windows.evaluated(plan, end, kept(plan), remembered);
        self.windows.keep_windows(model);
    }

    /// The same of what labels say.
    pub(super) fn outcomes_evaluated(&mut self, model: &MonitoringPlan, plan: &WindowPlan, end: Timestamp) {
        let sustained = plan.length.saturating_mul(model.outcomes.sustained_windows);
        self.outcomes.evaluated(plan, end, kept(plan).max(sustained), OUTCOMES_REVISED_FOR);
        self.outcomes.keep_windows(model);
    }

    pub(super) fn take_alarm(&mut self, version: Option<&Version>, kind: Kind) -> Option<Alarm> {
        let at = self.alarms.iter().position(|open| open.version.as_ref() == version && open.kind == kind)?;
        Some(self.alarms.remove(at).alarm)
    }

    pub(super) fn put_alarm(&mut self, version: Option<&Version>, kind: Kind, alarm: Option<Alarm>) {
        if let Some(alarm) = alarm {
            self.alarms.push(OpenAlarm { version: version.cloned(), kind, alarm });
            self.alarms.sort_by(|a, b| (&a.version, a.kind).cmp(&(&b.version, b.kind)));
        }
    }

    /// How far back windows of this plan can still be revised.
    pub(super) fn revisable_since(&self, plan: &WindowPlan) -> Option<Timestamp> {
        self.evaluated_to(plan).map(|to| to.saturating_sub(kept(plan)))
    }
}

/// So long after it was judged, labels revise what is said of a window's outcomes.
pub(super) const OUTCOMES_REVISED_FOR: Duration = Duration::from_secs(35 * 86_400);

/// What `for` and revisions ask for.
pub(super) fn kept(plan: &WindowPlan) -> Duration {
    plan.length.saturating_mul(plan.consecutive.max(1))
}

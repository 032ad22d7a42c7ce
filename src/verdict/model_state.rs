//! What evaluating a model leaves behind for the next pane: small, stored with each evaluation.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::alarm::Alarm;
use super::encode::{self, StoredError};
use super::plan::{MonitoringPlan, WindowPlan};
use super::status::{Kind, Severity};
use super::volume::VolumeHistory;
use crate::domain::{Timestamp, Version};

/// The state of one model between panes. Bounded: two windows' worth of results per window length and version, four
/// weeks of hourly row counts, one alarm per version and kind.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelState {
    /// The start of the first pane that was ever counted.
    pub(super) counted_since: Option<Timestamp>,
    pub(super) windows: Vec<WindowState>,
    pub(super) alarms: Vec<OpenAlarm>,
    pub(super) volume: VolumeHistory,
}

/// The results of one window length.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct WindowState {
    pub seconds: u64,
    /// The end of the last pane that was evaluated.
    pub evaluated_to: Timestamp,
    pub versions: Vec<VersionResults>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct VersionResults {
    pub version: Version,
    /// By the window's end in microseconds.
    pub results: BTreeMap<i64, RawResult>,
}

/// What one window said before `for` and alarms.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct RawResult {
    #[serde(default, rename = "d", skip_serializing_if = "Option::is_none")]
    pub data: Option<Severity>,
    #[serde(default, rename = "s", skip_serializing_if = "Option::is_none")]
    pub schema: Option<Severity>,
    #[serde(default, rename = "r", skip_serializing_if = "is_zero")]
    pub revision: u32,
}

/// An open alarm and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OpenAlarm {
    /// `None` for what concerns all versions: volume and silence.
    pub version: Option<Version>,
    pub kind: Kind,
    pub alarm: Alarm,
}

fn is_zero(revision: &u32) -> bool {
    *revision == 0
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
        self.window(plan).map(|window| window.evaluated_to)
    }

    /// The start of the first pane that was ever counted.
    pub fn counted_since(&self) -> Option<Timestamp> {
        self.counted_since
    }

    pub(super) fn window(&self, plan: &WindowPlan) -> Option<&WindowState> {
        self.windows.iter().find(|window| window.seconds == plan.length.as_secs())
    }

    pub(super) fn result(&self, plan: &WindowPlan, version: &Version, end: Timestamp) -> Option<&RawResult> {
        let versions = &self.window(plan)?.versions;
        versions.iter().find(|results| results.version == *version)?.results.get(&end.micros())
    }

    /// Notes what a window said, and forgets what neither `for` nor a revision will ask for.
    pub(super) fn record(&mut self, plan: &WindowPlan, version: &Version, end: Timestamp, result: RawResult) {
        let window = self.window_mut(plan, end);
        let known = window.versions.iter().position(|results| results.version == *version);
        let at = known.unwrap_or_else(|| {
            window.versions.push(VersionResults { version: version.clone(), results: BTreeMap::new() });
            window.versions.len() - 1
        });
        window.versions[at].results.insert(end.micros(), result);
    }

    /// Notes that a pane was evaluated, whatever versions had rows in it.
    pub(super) fn evaluated(&mut self, plan: &WindowPlan, end: Timestamp) {
        let window = self.window_mut(plan, end);
        window.evaluated_to = window.evaluated_to.max(end);
        let kept = plan.length.saturating_mul(plan.consecutive.max(1));
        let oldest = window.evaluated_to.saturating_sub(kept).micros();
        for version in &mut window.versions {
            version.results = version.results.split_off(&oldest);
        }
        window.versions.retain(|version| !version.results.is_empty());
    }

    /// Forgets window lengths that are no longer watched.
    pub(super) fn keep_windows(&mut self, plan: &MonitoringPlan) {
        let watched = |seconds| plan.windows.iter().any(|window| window.length.as_secs() == seconds);
        self.windows.retain(|window| watched(window.seconds));
    }

    fn window_mut(&mut self, plan: &WindowPlan, end: Timestamp) -> &mut WindowState {
        let seconds = plan.length.as_secs();
        let known = self.windows.iter().position(|window| window.seconds == seconds);
        let at = known.unwrap_or_else(|| {
            self.windows.push(WindowState { seconds, evaluated_to: end, versions: Vec::new() });
            self.windows.len() - 1
        });
        &mut self.windows[at]
    }

    /// The non-overlapping windows in a row, the last ending at `end`, of which `part` says that they alarmed: how
    /// many (at most `plan.consecutive`), and the severity that all of them have.
    pub(super) fn run_of(
        &self,
        plan: &WindowPlan,
        version: &Version,
        end: Timestamp,
        part: impl Fn(&RawResult) -> Option<Severity>,
    ) -> (u32, Option<Severity>) {
        let mut common = None;
        for k in 0..plan.consecutive.max(1) {
            let at = end.saturating_sub(plan.length.saturating_mul(k));
            match self.result(plan, version, at).and_then(&part) {
                Some(severity) => {
                    common = Some(common.map_or(severity, |so_far: Severity| so_far.min(severity)))
                }
                None => return (k, None),
            }
        }
        (plan.consecutive.max(1), common)
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
        let kept: Duration = plan.length.saturating_mul(plan.consecutive.max(1));
        self.evaluated_to(plan).map(|to| to.saturating_sub(kept))
    }
}

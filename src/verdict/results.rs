//! What windows of each length said of each version, as far back as anything will ask.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::{MonitoringPlan, WindowPlan};
use super::status::Severity;
use crate::domain::{Timestamp, Version};

/// By window length, then version. Bounded by what [`Results::evaluated`] keeps.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Results(Vec<OfLength>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OfLength {
    seconds: u64,
    /// The end of the last pane that was evaluated.
    evaluated_to: Timestamp,
    versions: Vec<OfVersion>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OfVersion {
    version: Version,
    /// By the window's end in microseconds.
    results: BTreeMap<i64, RawResult>,
}

/// What one window said before `for` and alarms.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct RawResult {
    #[serde(default, rename = "d", skip_serializing_if = "Option::is_none")]
    pub data: Option<Severity>,
    #[serde(default, rename = "s", skip_serializing_if = "Option::is_none")]
    pub schema: Option<Severity>,
    #[serde(default, rename = "c", skip_serializing_if = "Option::is_none")]
    pub concept: Option<Severity>,
    /// A loss that matters, whether or not it lasts yet.
    #[serde(default, rename = "l", skip_serializing_if = "Option::is_none")]
    pub loss: Option<Severity>,
    #[serde(default, rename = "b", skip_serializing_if = "Option::is_none")]
    pub bias: Option<Severity>,
    /// Columns that drifted.
    #[serde(default, rename = "n", skip_serializing_if = "is_zero")]
    pub drifted: u32,
    #[serde(default, rename = "r", skip_serializing_if = "is_zero")]
    pub revision: u32,
}

impl RawResult {
    /// What outcomes, judged long after the columns, or a later revision will ask for: that inputs moved, and how often
    /// the window was judged.
    fn is_remembered(&self) -> bool {
        self.data.is_some() || self.revision > 0
    }
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Results {
    /// The end of the last pane that windows of this plan were evaluated at.
    pub fn evaluated_to(&self, plan: &WindowPlan) -> Option<Timestamp> {
        self.of(plan).map(|window| window.evaluated_to)
    }

    pub fn result(&self, plan: &WindowPlan, version: &Version, end: Timestamp) -> Option<&RawResult> {
        let versions = &self.of(plan)?.versions;
        versions.iter().find(|results| results.version == *version)?.results.get(&end.micros())
    }

    /// Notes what a window said.
    pub fn record(&mut self, plan: &WindowPlan, version: &Version, end: Timestamp, result: RawResult) {
        let window = self.of_mut(plan, end);
        let known = window.versions.iter().position(|results| results.version == *version);
        let at = known.unwrap_or_else(|| {
            window.versions.push(OfVersion { version: version.clone(), results: BTreeMap::new() });
            window.versions.len() - 1
        });
        window.versions[at].results.insert(end.micros(), result);
    }

    /// Notes that a pane was evaluated, whatever versions had rows in it, and forgets windows that ended more than
    /// `kept` before it; those that [`RawResult::is_remembered`] only `remembered` before.
    pub fn evaluated(&mut self, plan: &WindowPlan, end: Timestamp, kept: Duration, remembered: Duration) {
        let window = self.of_mut(plan, end);
        window.evaluated_to = window.evaluated_to.max(end);
        let [kept, remembered] =
            [kept, remembered.max(kept)].map(|reach| window.evaluated_to.saturating_sub(reach).micros());
        for version in &mut window.versions {
            version
                .results
                .retain(|&end, result| end >= kept || (end >= remembered && result.is_remembered()));
        }
        window.versions.retain(|version| !version.results.is_empty());
    }

    /// Forgets window lengths that are no longer watched.
    pub fn keep_windows(&mut self, plan: &MonitoringPlan) {
        let watched = |seconds| plan.windows.iter().any(|window| window.length.as_secs() == seconds);
        self.0.retain(|window| watched(window.seconds));
    }

    /// The non-overlapping windows in a row, the last ending at `end`, of which `part` says that they alarmed: how
    /// many (at most `wanted`), and the severity that all of them have.
    pub fn run_of(
        &self,
        plan: &WindowPlan,
        version: &Version,
        end: Timestamp,
        wanted: u32,
        part: impl Fn(&RawResult) -> Option<Severity>,
    ) -> (u32, Option<Severity>) {
        let mut common = None;
        for k in 0..wanted {
            let at = end.saturating_sub(plan.length.saturating_mul(k));
            match self.result(plan, version, at).and_then(&part) {
                Some(severity) => {
                    common = Some(common.map_or(severity, |so_far: Severity| so_far.min(severity)))
                }
                None => return (k, None),
            }
        }
        (wanted, common)
    }

    fn of(&self, plan: &WindowPlan) -> Option<&OfLength> {
        self.0.iter().find(|window| window.seconds == plan.length.as_secs())
    }

    fn of_mut(&mut self, plan: &WindowPlan, end: Timestamp) -> &mut OfLength {
        let seconds = plan.length.as_secs();
        let known = self.0.iter().position(|window| window.seconds == seconds);
        let at = known.unwrap_or_else(|| {
            self.0.push(OfLength { seconds, evaluated_to: end, versions: Vec::new() });
            self.0.len() - 1
        });
        &mut self.0[at]
    }
}

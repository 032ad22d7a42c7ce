//! What verdicts say to the alarms, and the alarms' answer.

use std::collections::BTreeSet;
use std::time::Duration;

use super::alarm::{self, Alarm, Cause, Evidence, Suppression};
use super::column::{ColumnVerdict, LINGERING_SHARE};
use super::evaluation::Decision;
use super::model_state::ModelState;
use super::plan::{MonitoringPlan, WindowPlan};
use super::silence::SilenceVerdict;
use super::status::{Kind, Status};
use super::volume::{FACTORS, VolumeVerdict};
use super::window_verdict::Verdict;
use crate::domain::{Timestamp, Version};

/// Volume is back to habit after so many quiet panes.
const VOLUME_QUIET_PANES: u32 = 3;

impl ModelState {
    /// Moves one alarm by what `evidence` says of it.
    pub(super) fn decide(
        &mut self,
        version: Option<&Version>,
        kind: Kind,
        suppression: Option<Suppression>,
        evidence: impl FnOnce(&Self, Option<&Alarm>) -> Evidence,
    ) -> Decision {
        let mut alarm = self.take_alarm(version, kind);
        let evidence = evidence(self, alarm.as_ref());
        let before = alarm.as_ref().map(|alarm| alarm.opened_at);
        let transition = alarm::step(&mut alarm, &evidence, suppression);
        let opened_at = before.or(alarm.as_ref().map(|alarm| alarm.opened_at));
        self.put_alarm(version, kind, alarm);
        Decision { version: version.cloned(), kind, at: evidence.at, transition, opened_at }
    }
}

pub(super) fn data_evidence(
    state: &ModelState,
    plan: &WindowPlan,
    verdict: &Verdict,
    alarm: Option<&Alarm>,
) -> Evidence {
    let (windows_alarming, alarming) =
        state.windows.run_of(plan, &verdict.version, verdict.window.end, needed(plan), |result| result.data);
    let cause = |column: &ColumnVerdict| Cause {
        column: column.column.clone(),
        segment: column.segment.clone(),
        reference: column.reference,
    };
    let holds = |column: &ColumnVerdict| {
        column.lingers() && alarm.is_some_and(|alarm| alarm.causes.contains(&cause(column)))
    };
    Evidence {
        at: verdict.window.end,
        window: plan.length,
        judged: verdict.status != Status::InsufficientData,
        alarming,
        windows_alarming,
        windows_needed: needed(plan),
        lingering: verdict.columns.iter().any(holds),
        causes: verdict.alarming().map(cause).collect(),
    }
}

pub(super) fn schema_evidence(
    state: &ModelState,
    model: &MonitoringPlan,
    plan: &WindowPlan,
    verdict: &Verdict,
) -> Evidence {
    let (windows_alarming, alarming) =
        state
            .windows
            .run_of(plan, &verdict.version, verdict.window.end, needed(plan), |result| result.schema);
    let near = LINGERING_SHARE * model.schema_violations.warning;
    Evidence {
        at: verdict.window.end,
        window: plan.length,
        judged: verdict.schema.status != Status::InsufficientData,
        alarming,
        windows_alarming,
        windows_needed: needed(plan),
        lingering: verdict.schema.worst_share >= near,
        causes: BTreeSet::new(),
    }
}

fn needed(plan: &WindowPlan) -> u32 {
    plan.consecutive.max(1)
}

pub(super) fn volume_evidence(verdict: &VolumeVerdict) -> Evidence {
    let alarming = verdict.status.severity();
    let near = LINGERING_SHARE * FACTORS.warning;
    Evidence {
        at: verdict.pane.end,
        window: verdict.pane.end.since(verdict.pane.start) * VOLUME_QUIET_PANES,
        judged: verdict.status != Status::InsufficientData,
        alarming,
        windows_alarming: u32::from(alarming.is_some()),
        windows_needed: 1,
        lingering: verdict.factor.is_some_and(|factor| factor >= near),
        causes: BTreeSet::new(),
    }
}

/// It closes as soon as rows come again.
pub(super) fn silence_evidence(verdict: &SilenceVerdict, now: Timestamp) -> Evidence {
    let alarming = verdict.status.severity();
    Evidence {
        at: now,
        window: Duration::ZERO,
        judged: true,
        alarming,
        windows_alarming: u32::from(alarming.is_some()),
        windows_needed: 1,
        lingering: alarming.is_some(),
        causes: BTreeSet::new(),
    }
}

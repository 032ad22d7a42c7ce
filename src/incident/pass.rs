//! What time alone does to an incident: reminders, breaches, quiet resolutions, the end of a silence.
//!
//! What fell due while nobody looked (the daemon was down) happens once, at the next look: of several reminders the
//! last, a breach rather than the reminders before it.

use std::time::Duration;

use super::entry::Happening;
use super::policy::IncidentPolicy;
use super::regulatory::REMINDERS;
use super::sla::SlaTarget;
use super::state::{Incident, Resolution, State};
use super::transition::Moving;
use crate::domain::Timestamp;

/// When an incident must be looked at next, if nothing comes before; `None` where time changes nothing any more.
pub fn next_due(incident: &Incident, policy: &IncidentPolicy) -> Option<Timestamp> {
    let deadlines = incident.regulatory.iter().filter_map(|deadline| deadline.next_reminder()).min();
    if incident.is_resolved() {
        return deadlines;
    }
    let sla = incident.sla.and_then(|sla| {
        let unacknowledged = incident.state == State::Open && sla.acknowledgement_breached_at.is_none();
        let acknowledge = sla.acknowledge_by.filter(|_| unacknowledged);
        let reminder = policy.reminders.get(sla.reminders_sent as usize).map(|share| sla.at_share(*share));
        let running = [reminder, Some(sla.resolve_by)].into_iter().flatten().min();
        [acknowledge, running.filter(|_| sla.breached_at.is_none())].into_iter().flatten().min()
    });
    [deadlines, sla, quiet_until(incident, policy), incident.held_until].into_iter().flatten().min()
}

impl Incident {
    /// How long its cause must be gone before it is resolved.
    pub(super) fn quiet_period(&self, policy: &IncidentPolicy) -> Duration {
        match self.flapping {
            true => policy.flapping.quiet_period.max(policy.quiet_period),
            false => policy.quiet_period,
        }
    }
}

fn quiet_until(incident: &Incident, policy: &IncidentPolicy) -> Option<Timestamp> {
    Some(incident.quiet_since?.saturating_add(incident.quiet_period(policy)))
}

/// Does all that is due by now.
pub(super) fn pass(moving: &mut Moving) {
    if !moving.incident.is_resolved() {
        let quiet_until = quiet_until(&moving.incident, moving.policy);
        // What comes first decides: an incident that was quiet in time has not breached.
        sla(moving, quiet_until.map_or(moving.now, |until| until.min(moving.now)));
        if quiet_until.is_some_and(|until| until <= moving.now) {
            moving.resolve(Resolution::Quiet, None);
        } else if moving.incident.held_until.is_some_and(|until| until <= moving.now) {
            moving.incident.held_until = None;
            moving.note(Happening::Unheld, None);
        }
    }
    regulatory(moving);
}

/// What the clock says at `by`, which is not later than now.
fn sla(moving: &mut Moving, by: Timestamp) {
    let Some(mut sla) = moving.incident.sla else { return };
    let unacknowledged = moving.incident.state == State::Open;
    if let Some(due_at) = sla.acknowledge_by
        && unacknowledged
        && due_at <= by
        && sla.acknowledgement_breached_at.is_none()
    {
        sla.acknowledgement_breached_at = Some(moving.now);
        moving.breach(SlaTarget::Acknowledgement, due_at);
    }
    if sla.breached_at.is_none() && sla.resolve_by <= by {
        sla.breached_at = Some(moving.now);
        sla.reminders_sent = moving.policy.reminders.len() as u32;
        moving.breach(SlaTarget::Resolution, sla.resolve_by);
    } else if sla.breached_at.is_none() {
        let passed = moving.policy.reminders.iter().take_while(|share| sla.at_share(**share) <= by).count();
        if passed > sla.reminders_sent as usize {
            sla.reminders_sent = passed as u32;
            let share = moving.policy.reminders[passed - 1];
            moving.note(Happening::Reminder { share, due_at: sla.resolve_by }, None);
        }
    }
    moving.incident.sla = Some(sla);
}

fn regulatory(moving: &mut Moving) {
    let mut due = Vec::new();
    for deadline in &mut moving.incident.regulatory {
        let before = deadline.reminders_sent;
        while deadline.next_reminder().is_some_and(|at| at <= moving.now) {
            deadline.reminders_sent += 1;
        }
        if deadline.reminders_sent > before {
            let share = REMINDERS[deadline.reminders_sent as usize - 1];
            due.push(Happening::DeadlineReminder { basis: deadline.basis, share, due_at: deadline.due_at });
        }
    }
    due.into_iter().for_each(|happening| moving.note(happening, None));
}

//! From a line of a timeline to notifications.

use super::announcement::{Announcement, Links};
use super::flushes::{FlushDraft, Flushes};
use super::outgoing::{Notification, NotificationId};
use super::receiver_name::ReceiverName;
use super::route::{Grouping, Route, Routing};
use super::silence::Silence;
use crate::domain::Timestamp;
use crate::incident::{Entry, Happening, Incident, IncidentKind};
use crate::verdict::Severity;

/// What planning goes by, and what it leaves for the next line.
#[derive(Debug)]
pub struct Planner<'a> {
    pub routing: &'a Routing,
    /// Those in force.
    pub silences: &'a [&'a Silence],
    pub links: &'a Links,
    pub flushes: (&'a Flushes, &'a mut FlushDraft),
    /// The number given last.
    pub last_number: &'a mut u64,
}

/// Plans the notifications of what happened to an incident; the incident notes whom it was told to, and until when its
/// news are held.
pub fn plan(
    incident: &mut Incident,
    happened: &[Entry],
    now: Timestamp,
    planner: &mut Planner,
) -> Vec<Notification> {
    let mut planned = Vec::new();
    for entry in happened.iter().filter(|entry| entry.happening.is_news()) {
        let told = receivers(incident, entry, now, planner);
        for (receiver, grouping) in told {
            let group = grouping.group_of(incident);
            let (flushes, draft) = &mut planner.flushes;
            let due_at = flushes.next(draft, &receiver, &group, &grouping, now);
            *planner.last_number += 1;
            let id = NotificationId(*planner.last_number);
            planned.push(Notification {
                id,
                receiver,
                incident: incident.id,
                severity: incident.severity,
                group,
                created_at: now,
                due_at,
                announcement: Announcement::of(incident, entry, planner.links),
            });
        }
    }
    planned
}

/// Whom a line is told to, each once. What is held back moves the incident's `held_until`.
fn receivers(
    incident: &mut Incident,
    entry: &Entry,
    now: Timestamp,
    planner: &Planner,
) -> Vec<(ReceiverName, Grouping)> {
    let routes: Vec<&Route> = planner.routing.matching(incident);
    if entry.happening.is_aftermath() {
        let told =
            planner.routing.receivers.iter().filter(|receiver| incident.told.contains(receiver.as_str()));
        let grouping = |receiver: &ReceiverName| {
            let route = routes.iter().find(|route| route.receivers.contains(receiver));
            route.map(|route| route.grouping.clone()).unwrap_or_default()
        };
        return told.map(|receiver| (receiver.clone(), grouping(receiver))).collect();
    }
    // After a silence only those are told whom it kept waiting.
    let owed = (entry.happening == Happening::Unheld).then(|| std::mem::take(&mut incident.owed));
    let silences = planner.silences.iter().filter(|silence| silence.matcher.matches(incident));
    let silenced = silences.map(|silence| silence.until).max();
    let (mut held, mut waiting) = (silenced, Vec::new());
    let mut receivers: Vec<(ReceiverName, Grouping)> = Vec::new();
    for route in routes {
        let quiet = route.quiet_hours.as_ref().filter(|_| incident.severity == Severity::Warning);
        let until = silenced.max(quiet.and_then(|hours| hours.until(now)));
        held = held.max(until);
        for receiver in route.receivers.iter().filter(|receiver| takes(receiver, incident)) {
            let wanted = owed.as_ref().is_none_or(|owed| owed.contains(receiver.as_str()));
            let known = receivers.iter().any(|(known, _)| known == receiver);
            match until {
                Some(_) if wanted => waiting.push(Box::from(receiver.as_str())),
                None if wanted && !known => receivers.push((receiver.clone(), route.grouping.clone())),
                _ => {}
            }
        }
    }
    incident.held_until = incident.held_until.max(held);
    incident.owed.extend(waiting);
    for (told, _) in &receivers {
        incident.owed.remove(told.as_str());
    }
    incident.told.extend(receivers.iter().map(|(receiver, _)| receiver.as_str().into()));
    receivers
}

/// That a receiver fails is not told to that receiver.
fn takes(receiver: &ReceiverName, incident: &Incident) -> bool {
    incident.key.kind != IncidentKind::NotificationFailure
        || incident.key.subject.as_str() != receiver.as_str()
}

//! Small incidents and notifications for the store.

use driftd::domain::Segment;
use driftd::incident::{
    Incident, IncidentId, IncidentKey, IncidentKind, IncidentPolicy, Input, Observation, Origin, Subject,
    transition,
};
use driftd::notification::{Announcement, Links, Notification, NotificationId, ReceiverName};
use driftd::store::{
    AuditRow, Claim, ClaimedMessage, Delivery, IncidentChange, IncidentChanges, Marked, NotificationQuery,
    NotificationRow, Store,
};
use driftd::verdict::Severity;

use super::support::*;

pub fn receiver(name: &str) -> ReceiverName {
    name.parse().unwrap()
}

pub fn about(of: &str, kind: IncidentKind, subject: &str) -> IncidentKey {
    IncidentKey {
        model: Some(model(of)),
        version: None,
        segment: Segment::All,
        kind,
        subject: Subject::cut(subject),
    }
}

pub fn raise(severity: Severity) -> Input {
    let seen = Observation { value: Some(0.1 + 0.2), ..Observation::words("seen") };
    Input::Raise { severity, seen, origin: Origin::Verdict, tags: [("team".into(), "risk".into())].into() }
}

pub fn resolve() -> Input {
    Input::Resolve { by: "ada".into(), note: Some("repaired".into()) }
}

/// A new incident, of data drift of a model.
pub fn opened(id: u64, of: &str) -> IncidentChange {
    opened_as(id, &about(of, IncidentKind::DataDrift, ""), Severity::Warning, 0)
}

pub fn opened_as(id: u64, key: &IncidentKey, severity: Severity, now: i64) -> IncidentChange {
    let policy = IncidentPolicy::default();
    let outcome = transition(None, key, raise(severity), at(now), &policy, IncidentId(id)).unwrap().unwrap();
    IncidentChange { incident: outcome.incident, happened: outcome.happened }
}

/// What becomes of an incident.
pub fn moved_on(from: &Incident, input: Input, now: i64) -> IncidentChange {
    let policy = IncidentPolicy::default();
    let outcome = transition(Some(from), &from.key, input, at(now), &policy, IncidentId(0)).unwrap().unwrap();
    IncidentChange { incident: outcome.incident, happened: outcome.happened }
}

pub fn only(changes: impl IntoIterator<Item = IncidentChange>) -> IncidentChanges {
    IncidentChanges { changes: changes.into_iter().collect(), ..IncidentChanges::default() }
}

/// Tells a receiver of an incident.
pub fn news(id: u64, to: &str, incident: &Incident, group: &str, due: i64) -> Notification {
    let opening = opened(incident.id.0, "m").happened.remove(0);
    let links = Links { external_url: "https://driftd.example".into() };
    Notification {
        id: NotificationId(id),
        receiver: receiver(to),
        incident: incident.id,
        severity: incident.severity,
        group: group.into(),
        created_at: at(0),
        due_at: at(due),
        announcement: Announcement::of(incident, &opening, &links),
    }
}

/// Enters a notification for each `(id, receiver, incident, group, due)`; the incidents themselves are left out.
pub async fn enter(store: &impl Store, news_of: &[(u64, &str, u64, &str, i64)]) {
    let notifications = news_of
        .iter()
        .map(|&(id, to, incident, group, due)| news(id, to, &opened(incident, "m").incident, group, due));
    let changes = IncidentChanges { notifications: notifications.collect(), ..IncidentChanges::default() };
    store.commit_incidents(changes).await.unwrap();
}

/// Enters one notification of a severity.
pub async fn enter_as(store: &impl Store, severity: Severity, of: (u64, &str, u64, &str, i64)) {
    let (id, to, incident, group, due) = of;
    let news = news(id, to, &opened(incident, "m").incident, group, due);
    let notifications = vec![Notification { severity, ..news }];
    store.commit_incidents(IncidentChanges { notifications, ..IncidentChanges::default() }).await.unwrap();
}

pub const LEASE: i64 = 60;

pub fn claim_for(receivers: &[&str], now: i64, messages_max: usize) -> Claim {
    let receivers = receivers.iter().map(|name| receiver(name)).collect();
    Claim { now: at(now), lease_until: at(now + LEASE), receivers, messages_max }
}

/// Claims for receiver `a`: the ids of each message's notifications.
pub async fn claimed(store: &impl Store, now: i64) -> Vec<Vec<u64>> {
    let messages = store.claim_notifications(claim_for(&["a"], now, 100)).await.unwrap();
    messages.iter().map(ids).collect()
}

pub fn ids(message: &ClaimedMessage) -> Vec<u64> {
    let ids: Vec<u64> = message.notifications.iter().map(|notification| notification.id.0).collect();
    assert_eq!(message.id.0, ids[0], "a message has the id of its first notification");
    ids
}

pub async fn mark(store: &impl Store, message: u64, now: i64, delivery: Delivery) {
    store.mark_deliveries(vec![marked(message, "a", now, delivery)]).await.unwrap();
}

pub fn marked(message: u64, by: &str, now: i64, delivery: Delivery) -> Marked {
    Marked { message: NotificationId(message), receiver: receiver(by), at: at(now), delivery }
}

pub fn retry_at(due: i64) -> Delivery {
    Delivery::Retry { due_at: at(due), error: "500".into() }
}

pub fn dead() -> Delivery {
    Delivery::Dead { error: "400".into() }
}

pub async fn row(store: &impl Store, id: u64) -> NotificationRow {
    let before = Some(NotificationId(id + 1));
    let query = NotificationQuery { before, limit: 1, ..NotificationQuery::default() };
    store.read_notifications(query).await.unwrap().remove(0)
}

pub fn asked(action: &str) -> AuditRow {
    AuditRow { at: at(0), actor: "ops".into(), action: action.into(), model: None, detail: String::new() }
}

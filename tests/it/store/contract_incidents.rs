//! What every store keeps of incidents, their timelines and silences.

use driftd::domain::{TimeRange, Timestamp};
use driftd::incident::{Basis, IncidentId, IncidentKind, Input};
use driftd::notification::{Matcher, Silence, SilenceId};
use driftd::store::{
    Delivery, EvaluationCommit, Expired, IncidentChanges, IncidentQuery, IncidentState, LastIds,
    NotificationQuery, Store, StoreError, VerdictRow, VerdictSubject,
};
use driftd::verdict::Severity;

use super::contract::expiry;
use super::support::*;
use super::told::*;

async fn conflict(store: &impl Store, changes: IncidentChanges) {
    let outcome = store.commit_incidents(changes).await;
    assert!(matches!(outcome, Err(StoreError::Conflict(_))), "{outcome:?}");
}

pub async fn an_incident_is_read_back_with_its_timeline(place: &impl Place) {
    let (store, _) = place.open().await;
    let open = opened(1, "m");
    store.commit_incidents(only([open.clone()])).await.unwrap();
    let escalated = moved_on(&open.incident, raise(Severity::Critical), 5);
    let resolved = moved_on(&escalated.incident, resolve(), 9);
    store.commit_incidents(only([escalated.clone(), resolved.clone()])).await.unwrap();
    drop(store);
    let (store, _) = place.open().await;
    let (incident, timeline) = store.read_incident(IncidentId(1)).await.unwrap().unwrap();
    assert_eq!(incident, resolved.incident);
    assert_eq!(timeline, [open.happened, escalated.happened, resolved.happened].concat());
    assert_eq!(store.read_incident(IncidentId(2)).await.unwrap(), None);
}

pub async fn a_change_goes_on_from_the_timeline_that_is_stored(place: &impl Place) {
    let (store, _) = place.open().await;
    let open = opened(1, "m");
    store.commit_incidents(only([open.clone()])).await.unwrap();
    let seen_again = moved_on(&open.incident, Input::Persist { seen: Default::default() }, 3);
    assert!(seen_again.happened.is_empty());
    store.commit_incidents(only([seen_again.clone()])).await.unwrap();

    let ack = |by: &str| Input::Acknowledge { by: by.into(), note: None };
    let first = moved_on(&seen_again.incident, ack("ada"), 4);
    let second = moved_on(&seen_again.incident, ack("bob"), 4);
    store.commit_incidents(only([first.clone()])).await.unwrap();
    let all = |changes| IncidentChanges {
        changes,
        notifications: vec![news(1, "a", &open.incident, "", 0)],
        silence: None,
        audit: Some(asked("ack")),
    };
    conflict(&store, all(vec![opened(2, "n"), second])).await;
    conflict(&store, all(vec![opened(3, "n"), open.clone()])).await;
    conflict(&store, all(vec![moved_on(&opened(4, "n").incident, resolve(), 5)])).await;
    let (incident, timeline) = store.read_incident(IncidentId(1)).await.unwrap().unwrap();
    assert_eq!((incident, timeline.len()), (first.incident, 2));
    // Of what was refused nothing is there.
    assert_eq!(store.read_incidents(page_of(9)).await.unwrap().len(), 1);
    let notifications = NotificationQuery { limit: 9, ..NotificationQuery::default() };
    assert!(store.read_notifications(notifications).await.unwrap().is_empty());
    assert!(store.read_audit(None, 9).await.unwrap().is_empty());
    store.commit_incidents(all(Vec::new())).await.unwrap();
    assert_eq!(store.read_audit(None, 9).await.unwrap(), [asked("ack")]);
}

pub async fn a_key_has_one_incident_that_is_not_resolved(place: &impl Place) {
    let (store, _) = place.open().await;
    let first = opened(1, "m");
    let resolved = moved_on(&first.incident, resolve(), 5);
    store.commit_incidents(only([first])).await.unwrap();
    conflict(&store, only([opened(2, "m")])).await;
    let other_kind = opened_as(3, &about("m", IncidentKind::Silence, ""), Severity::Warning, 0);
    let other_subject = opened_as(4, &about("m", IncidentKind::DataDrift, "group 2"), Severity::Warning, 0);
    store.commit_incidents(only([other_kind, other_subject])).await.unwrap();
    // In one go.
    store.commit_incidents(only([resolved.clone(), opened(5, "m")])).await.unwrap();
    let reopened = moved_on(&resolved.incident, raise(Severity::Warning), 6);
    conflict(&store, only([reopened])).await;
}

pub async fn verdicts_and_incidents_are_one_transaction(place: &impl Place) {
    let (store, _) = place.open().await;
    let evaluation = |expected_revision, incidents| EvaluationCommit {
        model: model("m"),
        expected_revision,
        state: Vec::new(),
        kpis: Vec::new(),
        verdicts: vec![VerdictRow {
            subject: VerdictSubject::Data,
            window: TimeRange { start: at(0), end: at(1) },
            revision: 0,
            at: at(1),
            body: Vec::new(),
        }],
        incidents,
    };
    let stored = async || {
        let length = std::time::Duration::from_secs(1);
        let verdicts = store.read_verdicts(&model("m"), VerdictSubject::Data, length, 9).await.unwrap().len();
        (verdicts, store.read_incidents(page_of(9)).await.unwrap().len())
    };
    store.commit_evaluation(evaluation(0, only([opened(1, "m")]))).await.unwrap();
    assert_eq!(stored().await, (1, 1));
    for wrong in [evaluation(1, only([opened(2, "m")])), evaluation(0, only([opened(2, "n")]))] {
        assert!(matches!(store.commit_evaluation(wrong).await, Err(StoreError::Conflict(_))));
    }
    assert_eq!(stored().await, (1, 1));
}

fn page_of(limit: usize) -> IncidentQuery {
    IncidentQuery { limit, ..IncidentQuery::default() }
}

pub async fn incidents_are_paged_and_filtered(place: &impl Place) {
    let (store, _) = place.open().await;
    // Model m: 1, 4, 7, …; data drift: the even ones; critical: from 15 on; resolved: multiples of 5.
    for id in 1..=20u64 {
        let kind = if id % 2 == 0 { IncidentKind::DataDrift } else { IncidentKind::Kpi };
        let severity = if id < 15 { Severity::Warning } else { Severity::Critical };
        let of = ["o", "m", "n"][id as usize % 3];
        let open = opened_as(id, &about(of, kind, &id.to_string()), severity, 0);
        let resolved = id.is_multiple_of(5).then(|| moved_on(&open.incident, resolve(), 1));
        store.commit_incidents(only([Some(open), resolved].into_iter().flatten())).await.unwrap();
    }
    let ids = async |query| {
        let incidents = store.read_incidents(query).await.unwrap();
        incidents.iter().map(|incident| incident.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(page_of(3)).await, [20, 19, 18]);
    assert_eq!(ids(IncidentQuery { before: Some(IncidentId(18)), ..page_of(3) }).await, [17, 16, 15]);
    assert_eq!(ids(IncidentQuery { before: Some(IncidentId(2)), ..page_of(3) }).await, [1]);
    let of_m = IncidentQuery { model: Some(model("m")), ..page_of(99) };
    assert_eq!(ids(of_m.clone()).await, [19, 16, 13, 10, 7, 4, 1]);
    let resolved = IncidentQuery { states: [IncidentState::Resolved].into(), ..page_of(99) };
    assert_eq!(ids(resolved).await, [20, 15, 10, 5]);
    let not_resolved = [IncidentState::Open, IncidentState::Acknowledged].into();
    let narrow = IncidentQuery {
        states: not_resolved,
        kind: Some(IncidentKind::DataDrift),
        severity: Some(Severity::Warning),
        ..of_m
    };
    assert_eq!(ids(narrow).await, [4]);
}

fn silence(id: u64, until: i64) -> Silence {
    let matcher = Matcher { severity: [Severity::Warning].into(), ..Matcher::default() };
    Silence {
        id: SilenceId(id),
        matcher,
        from: at(0),
        until: at(until),
        by: "ada".into(),
        reason: "rollout".into(),
    }
}

pub async fn silences_are_changed_and_end(place: &impl Place) {
    let (store, _) = place.open().await;
    for silence in [silence(1, 100), silence(2, 50), silence(1, 60)] {
        let changes = IncidentChanges { silence: Some(silence), ..IncidentChanges::default() };
        store.commit_incidents(changes).await.unwrap();
    }
    drop(store);
    let (store, _) = place.open().await;
    assert_eq!(store.read_silences(at(50)).await.unwrap(), [silence(1, 60), silence(2, 50)]);
    assert_eq!(store.read_silences(at(51)).await.unwrap(), [silence(1, 60)]);
    store.expire(expiry(&[], 60, 0)).await.unwrap();
    assert_eq!(store.read_silences(Timestamp::MIN).await.unwrap(), [silence(1, 60)]);
}

pub async fn a_start_goes_on_from_what_is_current(place: &impl Place) {
    let (store, _) = place.open().await;
    let over = |id, of: &str, now| {
        let open = opened(id, of);
        let resolved = moved_on(&open.incident, resolve(), now);
        [open, resolved]
    };
    let deadline = Input::SetDeadline { basis: Basis::Death, aware_at: at(0), by: "ada".into() };
    let dated = moved_on(&over(1, "dated", 5)[1].incident, deadline, 6);
    let changes = over(1, "dated", 5).into_iter().chain([dated.clone()]).chain(over(2, "old", 5));
    store.commit_incidents(only(changes)).await.unwrap();
    let changes = over(3, "lately", 50).into_iter().chain(over(4, "lately", 60)).chain([opened(5, "open")]);
    store.commit_incidents(only(changes)).await.unwrap();
    let rest = IncidentChanges {
        notifications: vec![
            news(7, "a", &dated.incident, "old", 30),
            news(8, "a", &dated.incident, "g", 50),
            news(9, "a", &dated.incident, "g", 40),
        ],
        silence: Some(silence(3, 40)),
        ..only(over(6, "open-not", 70))
    };
    store.commit_incidents(rest).await.unwrap();
    drop(store);

    let (store, _) = place.open().await;
    let current = store.current_incidents(at(40)).await.unwrap();
    let of: Vec<u64> = current.incidents.iter().map(|incident| incident.id.0).collect();
    assert_eq!(of, [1, 4, 5, 6]);
    assert_eq!(current.incidents[0], dated.incident);
    assert_eq!(current.silences, [silence(3, 40)]);
    assert_eq!(current.flushes, [(receiver("a"), "g".to_owned(), at(50))]);
    assert_eq!(current.last_ids, LastIds { incident: 6, notification: 9, silence: 3 });

    // Settled ones count too, and numbers are not given out twice.
    for message in [7, 8] {
        store.claim_notifications(claim_for(&["a"], 50, 1)).await.unwrap();
        mark(&store, message, 55, Delivery::Delivered).await;
    }
    assert_eq!(store.current_incidents(at(40)).await.unwrap().flushes, current.flushes);
    let mut all = expiry(&[], 1000, 0);
    all.notifications_before = at(1000);
    let expired = store.expire(all).await.unwrap();
    assert_eq!(expired, Expired { incidents: 4, notifications: 3, ..Expired::default() });
    let left = store.current_incidents(at(0)).await.unwrap();
    assert_eq!(left.incidents.iter().map(|incident| incident.id.0).collect::<Vec<_>>(), [1, 5]);
    assert_eq!((left.last_ids, left.flushes.len()), (current.last_ids, 0));
}

pub async fn what_is_resolved_expires_with_its_timeline(place: &impl Place) {
    let (store, _) = place.open().await;
    // More than one step of an expiry.
    for id in 1..=40 {
        let open = opened_as(id, &about("m", IncidentKind::Kpi, &id.to_string()), Severity::Warning, 0);
        let resolved = moved_on(&open.incident, resolve(), id as i64);
        store.commit_incidents(only([open, resolved])).await.unwrap();
    }
    store.commit_incidents(only([opened(41, "m")])).await.unwrap();
    let expired = store.expire(expiry(&[], 38, 0)).await.unwrap();
    assert_eq!(expired, Expired { incidents: 37, ..Expired::default() });
    let left: Vec<u64> = store.read_incidents(page_of(99)).await.unwrap().iter().map(|i| i.id.0).collect();
    assert_eq!(left, [41, 40, 39, 38]);
    assert_eq!(store.read_incident(IncidentId(37)).await.unwrap(), None);
    assert_eq!(store.read_incident(IncidentId(38)).await.unwrap().unwrap().1.len(), 2);
    // What a forgotten one goes on from is not there.
    conflict(&store, only([moved_on(&opened(37, "n").incident, resolve(), 99)])).await;
}

//! What every store keeps of notifications: order, messages, leases, marks.

use driftd::incident::IncidentId;
use driftd::notification::NotificationId;
use driftd::store::{
    Delivery, DisabledReceiver, IncidentChanges, NotificationQuery, NotificationState, OutboxSize,
    ReceiverState, Retried, Store, StoreError, Unreadable,
};
use driftd::verdict::Severity;

use super::support::*;
use super::told::*;

const NOTHING: [[u64; 0]; 0] = [];

pub async fn what_is_claimed_is_what_was_committed(place: &impl Place) {
    let (store, _) = place.open().await;
    let warning = opened(1, "m");
    let mut critical = opened(2, "n");
    critical.incident.severity = Severity::Critical;
    let notifications = vec![
        news(1, "a", &warning.incident, "g", 10),
        news(2, "a", &critical.incident, "g", 10),
        news(3, "b", &warning.incident, "g", 10),
    ];
    let changes = only([warning, critical]);
    store
        .commit_incidents(IncidentChanges { notifications: notifications.clone(), ..changes })
        .await
        .unwrap();
    drop(store);
    let (store, _) = place.open().await;
    assert!(store.claim_notifications(claim_for(&["a", "b"], 9, 9)).await.unwrap().is_empty());
    let messages = store.claim_notifications(claim_for(&["a", "b"], 10, 9)).await.unwrap();
    assert_eq!(messages.len(), 2);
    let message = &messages[0];
    assert_eq!((message.id, &message.receiver), (NotificationId(1), &receiver("a")));
    assert_eq!((message.severity, message.attempts), (Severity::Critical, 0));
    assert_eq!(message.notifications, notifications[..2]);
    assert_eq!(messages[1].notifications, notifications[2..]);
}

pub async fn an_id_is_given_out_once_and_in_order(place: &impl Place) {
    let (store, _) = place.open().await;
    enter(&store, &[(5, "a", 1, "x", 0), (4, "b", 1, "x", 0), (6, "a", 2, "x", 0)]).await;
    for taken in
        [news(5, "c", &opened(9, "m").incident, "x", 0), news(3, "a", &opened(1, "m").incident, "x", 0)]
    {
        let changes = IncidentChanges { notifications: vec![taken], ..IncidentChanges::default() };
        assert!(matches!(store.commit_incidents(changes).await, Err(StoreError::Conflict(_))));
    }
    let all = NotificationQuery { limit: 9, ..NotificationQuery::default() };
    assert_eq!(store.read_notifications(all).await.unwrap().len(), 3);
}

pub async fn an_incident_is_told_in_order(place: &impl Place) {
    let (store, _) = place.open().await;
    let of_1 = [(1, "a", 1, "x", 0), (2, "a", 1, "y", 0), (3, "a", 1, "z", 0)];
    enter(&store, &of_1).await;
    enter(&store, &[(4, "a", 2, "x2", 0), (5, "b", 1, "x", 0)]).await;
    assert_eq!(claimed(&store, 0).await, [[1], [4]]);
    assert_eq!(claimed(&store, 0).await, NOTHING, "2 waits for 1");
    mark(&store, 1, 1, retry_at(10)).await;
    assert_eq!(claimed(&store, 9).await, NOTHING, "2 waits for 1");
    assert_eq!(claimed(&store, 10).await, [[1]]);
    mark(&store, 1, 11, Delivery::Delivered).await;
    assert_eq!(claimed(&store, 11).await, [[2]]);
    mark(&store, 2, 12, dead()).await;
    assert_eq!(claimed(&store, 12).await, [[3]], "a dead one lets the next go");
    // Another receiver is not concerned.
    let of_b = store.claim_notifications(claim_for(&["b"], 0, 9)).await.unwrap();
    assert_eq!(of_b.iter().map(ids).collect::<Vec<_>>(), [[5]]);
}

pub async fn a_group_goes_out_as_one_message_and_stays_one(place: &impl Place) {
    let (store, _) = place.open().await;
    enter(&store, &[(1, "a", 1, "g", 5), (2, "a", 2, "g", 5), (3, "a", 1, "g", 5), (4, "a", 3, "g", 8)])
        .await;
    enter(&store, &[(5, "a", 2, "h", 5), (6, "a", 2, "g", 5)]).await;
    // 4 is not due; 6 waits for 5, which waits for 2.
    assert_eq!(claimed(&store, 5).await, [[1, 2, 3]]);
    mark(&store, 1, 6, retry_at(20)).await;
    enter(&store, &[(7, "a", 9, "g", 5)]).await;
    assert_eq!(claimed(&store, 30).await, [vec![4, 7], vec![1, 2, 3]]);
    mark(&store, 1, 31, Delivery::Delivered).await;
    assert_eq!(claimed(&store, 31).await, [[5]]);
    mark(&store, 5, 31, Delivery::Delivered).await;
    assert_eq!(claimed(&store, 31).await, [[6]]);
    assert_eq!(row(&store, 3).await.message, Some(NotificationId(1)));
}

pub async fn a_claim_lasts_as_long_as_its_lease(place: &impl Place) {
    let (store, _) = place.open().await;
    enter(&store, &[(1, "a", 1, "g", 0), (2, "a", 2, "g", 0)]).await;
    assert_eq!(claimed(&store, 0).await, [[1, 2]]);
    enter(&store, &[(3, "a", 3, "g", 0), (4, "a", 1, "g", 0)]).await;
    assert_eq!(claimed(&store, 1).await, [[3]]);
    assert_eq!(claimed(&store, LEASE - 1).await, NOTHING);
    assert_eq!(claimed(&store, LEASE).await, [[1, 2]], "the same message");
    // Both who had it say how it ended: what was delivered stays so.
    mark(&store, 1, 61, Delivery::Delivered).await;
    mark(&store, 1, 62, retry_at(70)).await;
    mark(&store, 1, 62, dead()).await;
    let first = row(&store, 2).await;
    assert_eq!((first.state, first.settled_at), (NotificationState::Delivered, Some(at(61))));
    // The other way round too.
    mark(&store, 3, 62, retry_at(99)).await;
    mark(&store, 3, 63, Delivery::Delivered).await;
    assert_eq!(row(&store, 3).await.state, NotificationState::Delivered);
}

pub async fn claims_of_a_process_that_died_are_released(place: &impl Place) {
    let (store, _) = place.open().await;
    enter(&store, &[(1, "a", 1, "g", 0), (2, "a", 2, "g", 0), (3, "a", 1, "g2", 0), (4, "a", 4, "g4", 0)])
        .await;
    assert_eq!(claimed(&store, 0).await, [vec![1, 2], vec![4]]);
    mark(&store, 4, 0, Delivery::Delivered).await;
    drop(store);
    let (store, _) = place.open().await;
    assert_eq!(claimed(&store, 1).await, NOTHING, "still claimed");
    assert_eq!(store.release_claims().await.unwrap(), 2);
    enter(&store, &[(5, "a", 5, "g", 0)]).await;
    assert_eq!(claimed(&store, 1).await, [vec![1, 2], vec![5]], "the same message");
    mark(&store, 1, 1, Delivery::Delivered).await;
    assert_eq!(claimed(&store, 1).await, [[3]]);
}

pub async fn marking_twice_is_marking_once(place: &impl Place) {
    let (store, _) = place.open().await;
    enter(&store, &[(1, "a", 1, "x", 0), (2, "a", 1, "y", 0)]).await;
    assert_eq!(claimed(&store, 0).await, [[1]]);
    store.mark_deliveries(vec![marked(1, "b", 0, Delivery::Delivered)]).await.unwrap();
    assert_eq!(row(&store, 1).await.state, NotificationState::Claimed, "b did not have it");
    for _ in 0..2 {
        mark(&store, 1, 1, retry_at(10)).await;
        let waits = row(&store, 1).await;
        assert_eq!((waits.state, waits.attempts), (NotificationState::Pending, 1));
        assert_eq!((waits.last_error.as_deref(), waits.next_attempt_at), (Some("500"), Some(at(10))));
        assert_eq!(waits.due_at, at(0), "as it was planned");
    }
    let again = store.claim_notifications(claim_for(&["a"], 10, 9)).await.unwrap();
    assert_eq!(again[0].attempts, 1);
    for now in [11, 12] {
        mark(&store, 1, now, Delivery::Delivered).await;
        let done = row(&store, 1).await;
        assert_eq!((done.state, done.attempts), (NotificationState::Delivered, 2));
        assert_eq!((done.settled_at, done.next_attempt_at), (Some(at(11)), None));
    }
    mark(&store, 99, 12, Delivery::Delivered).await;
    assert_eq!(claimed(&store, 12).await, [[2]]);
}

pub async fn a_dead_message_is_sent_again_when_asked_for(place: &impl Place) {
    let (store, _) = place.open().await;
    enter(&store, &[(1, "a", 1, "g", 0), (2, "a", 2, "g", 0), (3, "a", 1, "h", 0), (4, "a", 2, "h", 0)])
        .await;
    assert_eq!(claimed(&store, 0).await, [[1, 2]]);
    let retry = async |id| store.retry_notification(NotificationId(id), at(5), asked("retry")).await.unwrap();
    assert_eq!(retry(9).await, Retried::Unknown);
    assert_eq!(retry(1).await, Retried::NotDead);
    assert!(store.read_audit(None, 9).await.unwrap().is_empty());
    mark(&store, 1, 1, dead()).await;
    assert_eq!(retry(2).await, Retried::Queued);
    assert_eq!(retry(2).await, Retried::NotDead);
    assert_eq!(store.read_audit(None, 9).await.unwrap(), [asked("retry")]);
    let first = row(&store, 1).await;
    assert_eq!((first.state, first.attempts), (NotificationState::Pending, 0));
    assert_eq!((first.settled_at, first.last_error.as_deref()), (None, Some("400")));
    assert_eq!(claimed(&store, 4).await, NOTHING, "those after it wait for it again");
    assert_eq!(claimed(&store, 5).await, [[1, 2]]);
    mark(&store, 1, 5, dead()).await;
    // A message that was put together meanwhile waits too.
    assert_eq!(claimed(&store, 6).await, [[3, 4]]);
    mark(&store, 3, 6, retry_at(7)).await;
    assert_eq!(retry(1).await, Retried::Queued);
    assert_eq!(claimed(&store, 7).await, [[1, 2]]);
    mark(&store, 1, 8, Delivery::Delivered).await;
    assert_eq!(claimed(&store, 8).await, [[3, 4]]);
}

pub async fn a_claim_has_room_for_every_receiver(place: &impl Place) {
    let (store, _) = place.open().await;
    let groups: Vec<String> = (0..=30).map(|id| format!("g{id}")).collect();
    let of_a: Vec<_> = (1..=30).map(|id| (id, "a", id, groups[id as usize].as_str(), 0)).collect();
    enter(&store, &of_a).await;
    enter(&store, &[(31, "b", 31, "g", 0), (32, "c", 31, "g", 0)]).await;
    let names = ["a", "b", "c"];
    let claim = async |receivers: &[&str], messages_max| {
        let messages = store.claim_notifications(claim_for(receivers, 0, messages_max)).await.unwrap();
        messages.iter().flat_map(ids).collect::<Vec<_>>()
    };
    assert_eq!(claim(&names, 0).await, [] as [u64; 0]);
    assert_eq!(claim(&names[1..], 1).await, [31]);
    assert_eq!(claim(&names, 4).await, [1, 32, 2, 3]);
    assert_eq!(claim(&names, 99).await, [4, 5, 6, 7, 8, 9, 10, 11], "a few of a receiver");
}

pub async fn messages_that_are_asked_for_again_do_not_wait_for_each_other(place: &impl Place) {
    let (store, _) = place.open().await;
    let again = async |id: u64| {
        let retried = store.retry_notification(NotificationId(id), at(0), asked("retry")).await.unwrap();
        assert_eq!(retried, Retried::Queued);
    };
    // While 1 and 2 are given up, 4 of the same incident as 1 goes ahead of it.
    enter(&store, &[(1, "a", 2, "x", 0), (2, "a", 3, "x", 0)]).await;
    assert_eq!(claimed(&store, 0).await, [[1, 2]]);
    mark(&store, 1, 0, dead()).await;
    enter(&store, &[(3, "a", 1, "y", 0), (4, "a", 2, "y", 0)]).await;
    assert_eq!(claimed(&store, 0).await, [[3, 4]]);
    mark(&store, 3, 0, dead()).await;
    // 1 is freed of 2, and goes out with 5, of the same incident as 3.
    again(1).await;
    assert_eq!(claimed(&store, 0).await, [[1, 2]]);
    let unreadable = vec![Unreadable { id: NotificationId(2), why: "a test".into() }];
    mark(&store, 1, 0, Delivery::Unreadable { notifications: unreadable }).await;
    enter(&store, &[(5, "a", 1, "x", 0)]).await;
    assert_eq!(claimed(&store, 0).await, [[1, 5]]);
    mark(&store, 1, 0, retry_at(10)).await;
    again(3).await;
    assert_eq!(claimed(&store, 9).await, NOTHING, "4 comes after 1");
    assert_eq!(claimed(&store, 10).await, [[1, 5]], "5 does not wait for 3, which waits for it");
    mark(&store, 1, 10, Delivery::Delivered).await;
    assert_eq!(claimed(&store, 10).await, [[3, 4]]);
}

pub async fn what_is_critical_goes_first(place: &impl Place) {
    let (store, _) = place.open().await;
    let warnings: Vec<_> = (1..=20).map(|id| (id, "a", id, if id < 11 { "g" } else { "h" }, 0)).collect();
    enter(&store, &[(30, "a", 30, "x", 0), (31, "a", 31, "y", 0), (32, "a", 32, "z", 0)]).await;
    enter(&store, &warnings).await;
    enter_as(&store, Severity::Critical, (40, "a", 40, "late", 9)).await;
    enter_as(&store, Severity::Critical, (41, "a", 41, "h", 5)).await;
    enter_as(&store, Severity::Critical, (42, "a", 31, "new", 5)).await;
    let claim = async |now, messages_max| {
        let messages = store.claim_notifications(claim_for(&["a"], now, messages_max)).await.unwrap();
        messages.iter().flat_map(ids).collect::<Vec<_>>()
    };
    assert_eq!(claim(8, 1).await, [31], "42 waits for it, 40 is not due");
    let of_h: Vec<u64> = (11..=20).chain([41]).collect();
    assert_eq!(claim(8, 1).await, of_h, "with all of its group");
    mark(&store, 31, 8, Delivery::Delivered).await;
    mark(&store, 11, 8, retry_at(9)).await;
    assert_eq!(claim(9, 3).await, [vec![42], of_h, vec![40]].concat(), "those that are tried again too");
    assert_eq!(claim(9, 3).await, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 30, 32], "then warnings");
}

pub async fn a_message_has_room_for_what_is_critical(place: &impl Place) {
    let (store, _) = place.open().await;
    enter(&store, &(1..=150).map(|id| (id, "a", id, "g", 0)).collect::<Vec<_>>()).await;
    enter_as(&store, Severity::Critical, (151, "a", 151, "g", 5)).await;
    let first = store.claim_notifications(claim_for(&["a"], 5, 1)).await.unwrap().remove(0);
    assert_eq!((first.notifications.len(), first.severity), (100, Severity::Critical));
}

pub async fn a_message_has_room_for_some(place: &impl Place) {
    let (store, _) = place.open().await;
    let many: Vec<_> = (1..=250).map(|id| (id, "a", 1 + id % 3, "g", 0)).collect();
    enter(&store, &many).await;
    let mut told = Vec::new();
    for now in 0..9 {
        for message in claimed(&store, now).await {
            assert!(message.len() <= 100, "{} notifications in a message", message.len());
            mark(&store, message[0], now, Delivery::Delivered).await;
            told.extend(message);
        }
    }
    told.sort_unstable();
    assert_eq!(told, (1..=250).collect::<Vec<_>>());
}

pub async fn notifications_are_paged_filtered_and_counted(place: &impl Place) {
    let (store, _) = place.open().await;
    assert_eq!(store.outbox_size().await.unwrap(), OutboxSize::default());
    enter(&store, &[(1, "a", 1, "x", 3), (2, "b", 1, "x", 3), (3, "a", 2, "y", 5), (4, "a", 3, "z", 7)])
        .await;
    assert_eq!(claimed(&store, 7).await, [[1], [3], [4]]);
    mark(&store, 1, 8, Delivery::Delivered).await;
    mark(&store, 3, 8, dead()).await;
    let size = OutboxSize { pending: 1, claimed: 1, delivered: 1, dead: 1, oldest_due: Some(at(3)) };
    assert_eq!(store.outbox_size().await.unwrap(), size);

    let any = NotificationQuery { limit: 9, ..NotificationQuery::default() };
    let ids = async |query| {
        let rows = store.read_notifications(query).await.unwrap();
        rows.iter().map(|row| row.id.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(any.clone()).await, [4, 3, 2, 1]);
    assert_eq!(ids(NotificationQuery { limit: 2, ..any.clone() }).await, [4, 3]);
    let before = Some(NotificationId(3));
    assert_eq!(ids(NotificationQuery { before, ..any.clone() }).await, [2, 1]);
    let state = Some(NotificationState::Dead);
    assert_eq!(ids(NotificationQuery { state, ..any.clone() }).await, [3]);
    let of_a = NotificationQuery { receiver: Some(receiver("a")), ..any.clone() };
    assert_eq!(ids(of_a.clone()).await, [4, 3, 1]);
    let incident = Some(IncidentId(1));
    assert_eq!(ids(NotificationQuery { incident, ..any }).await, [2, 1]);
    assert_eq!(ids(NotificationQuery { incident, state, ..of_a.clone() }).await, [] as [u64; 0]);
    assert_eq!(ids(NotificationQuery { incident, ..of_a }).await, [1]);
    assert_eq!(row(&store, 2).await.message, None);
    assert_eq!(row(&store, 4).await.next_attempt_at, None, "it is on its way");
}

pub async fn a_receiver_is_disabled_at_its_target(place: &impl Place) {
    let (store, _) = place.open().await;
    let gone = |to: &str, target: &str, now| DisabledReceiver {
        receiver: receiver(to),
        target: target.into(),
        disabled_at: at(now),
        why: "410 Gone".into(),
    };
    for (to, target, now) in [("b", "t1", 1), ("a", "t2", 2), ("a", "t1", 3), ("a", "t1", 9)] {
        let state = ReceiverState::Disabled(gone(to, target, now));
        store.set_receiver_state(state, None).await.unwrap();
    }
    drop(store);
    let (store, _) = place.open().await;
    let all = [gone("a", "t1", 3), gone("a", "t2", 2), gone("b", "t1", 1)];
    assert_eq!(store.receiver_states().await.unwrap(), all);
    let enabled = ReceiverState::Enabled { receiver: receiver("a"), target: "t1".into() };
    store.set_receiver_state(enabled, Some(asked("enable"))).await.unwrap();
    assert_eq!(store.receiver_states().await.unwrap(), all[1..]);
    assert_eq!(store.read_audit(None, 9).await.unwrap(), [asked("enable")]);
}

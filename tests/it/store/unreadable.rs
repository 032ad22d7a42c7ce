//! A notification stored in a form that this version does not know keeps nothing else back.

use driftd::notification::NotificationId;
use driftd::store::sqlite::SqliteStore;
use driftd::store::{Delivery, NotificationState, Retried, Store};
use rusqlite::Connection;

use super::support::*;
use super::told::*;

/// Writes something over a stored notification; gives what was there.
fn overwrite(place: &SqlitePlace, id: i64, with: &str) -> String {
    let database = Connection::open(place.0.path().join("driftd.db")).unwrap();
    let sql = "SELECT body FROM outbox WHERE id = ?1";
    let before = database.query_row(sql, [id], |row| row.get(0)).unwrap();
    database.execute("UPDATE outbox SET body = ?2 WHERE id = ?1", (id, with)).unwrap();
    before
}

/// Of another version.
const OTHER: &str = r#"{"id":"ntf-1"}"#;

/// Claims for `a`, and marks what cannot be read: the ids of what can be sent.
async fn sendable(store: &SqliteStore, now: i64) -> Vec<Vec<u64>> {
    let mut whole = Vec::new();
    for message in store.claim_notifications(claim_for(&["a"], now, 100)).await.unwrap() {
        if message.unreadable.is_empty() {
            whole.push(ids(&message));
        } else {
            let delivery = Delivery::Unreadable { notifications: message.unreadable };
            // Twice, as one who does not know whether the first was heard.
            for _ in 0..2 {
                mark(store, message.id.0, now, delivery.clone()).await;
            }
        }
    }
    whole
}

#[tokio::test]
async fn what_cannot_be_read_is_given_up_in_the_open_and_the_rest_goes_out() {
    let place = SqlitePlace::new();
    let (store, _) = place.open().await;
    // One message of four, and what waits for it.
    enter(&store, &[(1, "a", 1, "g", 0), (2, "a", 2, "g", 0), (3, "a", 1, "g", 0), (4, "a", 3, "g", 0)])
        .await;
    enter(&store, &[(5, "a", 1, "h", 0), (6, "a", 3, "h", 0), (7, "a", 7, "i", 0)]).await;
    overwrite(&place, 1, OTHER);
    overwrite(&place, 4, OTHER);
    assert_eq!(sendable(&store, 1).await, [[7]], "another group goes out at once");
    let rest = sendable(&store, 1).await;
    assert_eq!(rest, [vec![2, 3], vec![6]], "put together anew, and 4 releases 6");
    mark(&store, 2, 2, Delivery::Delivered).await;
    assert_eq!(sendable(&store, 2).await, [[5]]);
}

#[tokio::test]
async fn one_that_cannot_be_read_is_listed_and_can_be_sent_once_it_can_be() {
    let place = SqlitePlace::new();
    let (store, _) = place.open().await;
    enter(&store, &[(1, "a", 1, "g", 0), (2, "a", 1, "h", 0)]).await;
    let before = overwrite(&place, 1, OTHER);
    let none: [[u64; 0]; 0] = [];
    assert_eq!(sendable(&store, 1).await, none);
    let dead = row(&store, 1).await;
    assert_eq!((dead.state, dead.settled_at), (NotificationState::Dead, Some(at(1))));
    assert_eq!((dead.id.0, dead.receiver, dead.incident.0, dead.due_at), (1, receiver("a"), 1, at(0)));
    assert!(dead.notification.is_none());
    let why = dead.last_error.unwrap();
    assert!(why.contains("cannot be read") && why.contains("missing field"), "{why}");
    assert_eq!(sendable(&store, 1).await, [[2]]);
    let retry = async || store.retry_notification(NotificationId(1), at(2), asked("retry")).await.unwrap();
    assert_eq!(retry().await, Retried::Queued);
    assert_eq!(sendable(&store, 3).await, none, "it is still not read");
    assert_eq!(row(&store, 1).await.state, NotificationState::Dead);
    assert_eq!(retry().await, Retried::Queued);
    overwrite(&place, 1, &before);
    assert_eq!(sendable(&store, 4).await, [[1]]);
}

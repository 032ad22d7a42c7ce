//! Notifications come in, with the incident that they tell of.

use rusqlite::{Connection, Transaction};

use crate::domain::Timestamp;
use crate::notification::{Notification, ReceiverName};
use crate::store::sqlite::json;
use crate::store::sqlite::key_columns::parse;
use crate::store::{NotificationState, StoreError};
use crate::verdict::Severity;

pub(super) const ENTER: &str = "
    INSERT INTO outbox (id, receiver, incident, grouping, due_at, state, ready_at, turn, urgent, message, sealed, attempts, body)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?5, NOT EXISTS (
        SELECT 1 FROM outbox INDEXED BY outbox_order WHERE receiver = ?2 AND incident = ?3 AND ready_at IS NOT NULL
    ), ?8, ?1, 0, 0, ?7
    WHERE NOT EXISTS (
        SELECT 1 FROM outbox INDEXED BY outbox_incident WHERE incident = ?3 AND receiver = ?2 AND id >= ?1
    )";

pub(super) const HURRY: &str = "
    UPDATE outbox SET urgent = 1 WHERE urgent = 0 AND id IN (
        SELECT message FROM outbox INDEXED BY outbox_order
        WHERE receiver = ?1 AND incident = ?2 AND ready_at IS NOT NULL
    )";

/// Errors where its id was given out before, or a later one of the same receiver and incident is here already.
pub(in super::super) fn enter(
    transaction: &Transaction<'_>,
    notification: &Notification,
) -> Result<(), StoreError> {
    let (receiver, incident) = (notification.receiver.as_str(), notification.incident.0.cast_signed());
    let urgent = notification.severity == Severity::Critical;
    let entered = transaction.prepare_cached(ENTER)?.execute((
        notification.id.0.cast_signed(),
        receiver,
        incident,
        &notification.group,
        notification.due_at.micros(),
        NotificationState::Pending.as_str(),
        json::encode(notification)?,
        urgent,
    ))?;
    if entered == 0 {
        return Err(StoreError::Conflict(format!(
            "{} comes too late: a later one is stored",
            notification.id
        )));
    }
    if urgent {
        // What it waits for must not keep it back.
        transaction.prepare_cached(HURRY)?.execute((receiver, incident))?;
    }
    Ok(())
}

pub(super) const FLUSHES: &str = "
    SELECT receiver, grouping, max(due_at) FROM (
        SELECT receiver, grouping, due_at FROM outbox WHERE ready_at IS NOT NULL AND due_at >= ?1
        UNION ALL SELECT receiver, grouping, due_at FROM outbox WHERE settled_at >= ?1
    ) GROUP BY receiver, grouping HAVING max(due_at) >= ?1";

/// For when the last message of each receiver and group was planned, where that is not before `since`.
pub(in super::super) fn flushes(
    connection: &Connection,
    since: Timestamp,
) -> Result<Vec<(ReceiverName, String, Timestamp)>, StoreError> {
    let mut statement = connection.prepare_cached(FLUSHES)?;
    let mut rows = statement.query([since.micros()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((parse(row, 0)?, row.get(1)?, Timestamp::from_micros(row.get(2)?)));
    }
    Ok(found)
}

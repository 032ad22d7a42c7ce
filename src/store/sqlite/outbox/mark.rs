//! What became of attempts; dead ones that are asked for again; claims that nobody holds.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Transaction};

use super::turns::{review, review_after};
use crate::domain::Timestamp;
use crate::notification::NotificationId;
use crate::store::sqlite::control;
use crate::store::sqlite::writer::Writer;
use crate::store::{AuditRow, Delivery, Marked, NotificationState, Retried, StoreError, Unreadable};

pub(in super::super) fn mark(writer: &mut Writer, marked: &[Marked]) -> Result<(), StoreError> {
    writer.ledger.transact(|transaction| {
        for marked in marked {
            match &marked.delivery {
                Delivery::Delivered => settle(transaction, marked, NotificationState::Delivered, None)?,
                Delivery::Dead { error } => {
                    settle(transaction, marked, NotificationState::Dead, Some(error))?
                }
                Delivery::Retry { due_at, error } => put_off(transaction, marked, *due_at, error)?,
                Delivery::Unreadable { notifications } => set_aside(transaction, marked, notifications)?,
            }
        }
        Ok(())
    })
}

/// What was delivered is so even where its lease is over and someone else has said that it failed.
pub(super) const SETTLE: &str = "
    UPDATE outbox INDEXED BY outbox_message SET state = ?3, settled_at = ?4, ready_at = NULL, turn = 0, attempts = attempts + 1,
        error = coalesce(?5, error)
    WHERE message = ?1 AND receiver = ?2 AND ready_at IS NOT NULL AND (state = 'claimed' OR ?3 = 'delivered')
    RETURNING incident, id";

fn settle(
    transaction: &Transaction<'_>,
    marked: &Marked,
    state: NotificationState,
    error: Option<&String>,
) -> Result<(), StoreError> {
    let (message, receiver) = (marked.message.0.cast_signed(), marked.receiver.as_str());
    // The first of each incident: what comes after the others of the message comes after it.
    let mut settled = BTreeMap::<i64, i64>::new();
    let mut statement = transaction.prepare_cached(SETTLE)?;
    let mut rows = statement.query((message, receiver, state.as_str(), marked.at.micros(), error))?;
    while let Some(row) = rows.next()? {
        let (incident, id): (i64, i64) = (row.get(0)?, row.get(1)?);
        settled.entry(incident).and_modify(|first| *first = id.min(*first)).or_insert(id);
    }
    for (incident, id) in settled {
        review_after(transaction, receiver, incident, id, message)?;
    }
    Ok(())
}

pub(super) const PUT_OFF: &str = "
    UPDATE outbox INDEXED BY outbox_message
    SET state = 'pending', ready_at = ?3, attempts = attempts + 1, error = ?4
    WHERE message = ?1 AND receiver = ?2 AND state = 'claimed'";

fn put_off(
    transaction: &Transaction<'_>,
    marked: &Marked,
    due_at: Timestamp,
    error: &str,
) -> Result<(), StoreError> {
    let (message, receiver) = (marked.message.0.cast_signed(), marked.receiver.as_str());
    transaction.prepare_cached(PUT_OFF)?.execute((message, receiver, due_at.micros(), error))?;
    Ok(())
}

pub(super) const SET_ASIDE: &str = "
    UPDATE outbox SET state = 'dead', settled_at = ?4, ready_at = NULL, turn = 0, message = id, error = ?5
    WHERE id = ?1 AND message = ?2 AND receiver = ?3 AND state = 'claimed'
    RETURNING incident";
pub(super) const DISSOLVE: &str = "
    UPDATE outbox INDEXED BY outbox_message
    SET state = 'pending', ready_at = due_at, turn = 0, message = id, sealed = 0, attempts = 0
    WHERE message = ?1 AND receiver = ?2 AND state = 'claimed'
    RETURNING incident, id";

/// Gives up what cannot be read, each as a message of its own, and takes the rest of the message apart.
fn set_aside(
    transaction: &Transaction<'_>,
    marked: &Marked,
    unreadable: &[Unreadable],
) -> Result<(), StoreError> {
    let (message, receiver) = (marked.message.0.cast_signed(), marked.receiver.as_str());
    let mut given_up: Vec<(i64, i64)> = Vec::new();
    let mut statement = transaction.prepare_cached(SET_ASIDE)?;
    for Unreadable { id, why } in unreadable {
        let id = id.0.cast_signed();
        let error = format!("what is stored of it cannot be read: {why}");
        let found = statement.query_row((id, message, receiver, marked.at.micros(), error), |row| row.get(0));
        given_up.extend(found.optional()?.map(|incident| (incident, id)));
    }
    let mut statement = transaction.prepare_cached(DISSOLVE)?;
    let others: Vec<(i64, i64)> = statement
        .query_map((message, receiver), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (_, other) in &others {
        review(transaction, *other)?;
    }
    for (incident, id) in given_up.into_iter().chain(others) {
        review_after(transaction, receiver, incident, id, id)?;
    }
    Ok(())
}

pub(super) const REVIVE: &str = "
    UPDATE outbox INDEXED BY outbox_message
    SET state = 'pending', ready_at = ?2, settled_at = NULL, attempts = 0
    WHERE message = ?1 AND state = 'dead'
    RETURNING receiver, incident, id";

/// Sends a dead notification again with its whole message; what comes after it waits for it again.
pub(in super::super) fn retry(
    writer: &mut Writer,
    id: NotificationId,
    now: Timestamp,
    audit: &AuditRow,
) -> Result<Retried, StoreError> {
    writer.ledger.transact(|transaction| {
        let found: Option<(i64, String)> = transaction
            .prepare_cached("SELECT message, state FROM outbox WHERE id = ?1")?
            .query_row([id.0.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let message = match found {
            None => return Ok(Retried::Unknown),
            Some((_, state)) if state != NotificationState::Dead.as_str() => return Ok(Retried::NotDead),
            Some((message, _)) => message,
        };
        let mut statement = transaction.prepare_cached(REVIVE)?;
        let revived: Vec<(String, i64, i64)> = statement
            .query_map((message, now.micros()), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        review(transaction, message)?;
        for (receiver, incident, id) in revived {
            review_after(transaction, &receiver, incident, id, message)?;
        }
        control::write_audit(transaction, audit)?;
        Ok(Retried::Queued)
    })
}

pub(super) const RELEASE: &str =
    "UPDATE outbox SET state = 'pending', ready_at = due_at WHERE state = 'claimed'";

/// Makes what is claimed pending again.
pub(in super::super) fn release(writer: &mut Writer) -> Result<u64, StoreError> {
    writer.ledger.transact(|transaction| Ok(transaction.prepare_cached(RELEASE)?.execute([])? as u64))
}

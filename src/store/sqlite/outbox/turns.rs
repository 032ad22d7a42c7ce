//! Whose turn it is.

use rusqlite::{Connection, OptionalExtension};

use crate::store::StoreError;

pub(super) const REVIEW: &str = "
    UPDATE outbox SET turn = NOT EXISTS (
        SELECT 1 FROM outbox AS member INDEXED BY outbox_message
            JOIN outbox AS earlier INDEXED BY outbox_order
            ON earlier.receiver = member.receiver AND earlier.incident = member.incident AND earlier.id < member.id
        WHERE member.message = ?1 AND earlier.ready_at IS NOT NULL AND earlier.message <> ?1
    ) WHERE id = ?1";

/// Finds out anew whether a message that is not settled waits for another.
pub(super) fn review(transaction: &Connection, message: i64) -> Result<(), StoreError> {
    transaction.prepare_cached(REVIEW)?.execute([message])?;
    Ok(())
}

pub(super) const NEXT: &str = "
    SELECT message FROM outbox INDEXED BY outbox_order
    WHERE receiver = ?1 AND incident = ?2 AND id > ?3 AND ready_at IS NOT NULL AND message <> ?4
    ORDER BY id LIMIT 1";

/// Reviews the message that comes next after a notification of `message` for the same receiver and incident, which was
/// settled or is asked for again. Those after that one wait for it in any case.
pub(super) fn review_next(
    transaction: &Connection,
    receiver: &str,
    incident: i64,
    id: i64,
    message: i64,
) -> Result<(), StoreError> {
    let next: Option<i64> = transaction
        .prepare_cached(NEXT)?
        .query_row((receiver, incident, id, message), |row| row.get(0))
        .optional()?;
    next.map_or(Ok(()), |next| review(transaction, next))
}

//! Whose turn it is.

use rusqlite::Connection;

use crate::store::StoreError;

pub(super) const REVIEW: &str = "
    UPDATE outbox SET turn = NOT EXISTS (
        SELECT 1 FROM outbox AS member INDEXED BY outbox_message
            JOIN outbox AS earlier INDEXED BY outbox_order
            ON earlier.receiver = member.receiver AND earlier.incident = member.incident AND earlier.id < member.id
        WHERE member.message = ?1 AND earlier.ready_at IS NOT NULL AND earlier.message < ?1
    ) WHERE id = ?1";

/// Finds out anew whether a message that is not settled waits for another.
pub(super) fn review(transaction: &Connection, message: i64) -> Result<(), StoreError> {
    transaction.prepare_cached(REVIEW)?.execute([message])?;
    Ok(())
}

pub(super) const AFTER: &str = "
    SELECT message, sealed FROM outbox INDEXED BY outbox_order
    WHERE receiver = ?1 AND incident = ?2 AND id > ?3 AND ready_at IS NOT NULL AND message <> ?4
    ORDER BY id";

/// Reviews the messages that may come to wait, or cease to, for a notification of `message` which was settled, is asked
/// for again, or has come into another message: the next one of the same receiver and incident, and those that are
/// sealed. The others wait for the next one in any case.
pub(super) fn review_after(
    transaction: &Connection,
    receiver: &str,
    incident: i64,
    id: i64,
    message: i64,
) -> Result<(), StoreError> {
    let mut after = Vec::<i64>::new();
    let mut statement = transaction.prepare_cached(AFTER)?;
    let mut rows = statement.query((receiver, incident, id, message))?;
    while let Some(row) = rows.next()? {
        let (next, sealed) = (row.get(0)?, row.get(1)?);
        if after.is_empty() || (sealed && !after.contains(&next)) {
            after.push(next);
        }
    }
    after.into_iter().try_for_each(|message| review(transaction, message))
}

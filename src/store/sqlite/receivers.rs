//! Receivers that are disabled.

use rusqlite::Connection;

use super::control;
use super::key_columns::parse;
use super::writer::Writer;
use crate::domain::Timestamp;
use crate::store::{AuditRow, DisabledReceiver, ReceiverState, StoreError};

pub(super) fn set(
    writer: &mut Writer,
    state: &ReceiverState,
    audit: Option<&AuditRow>,
) -> Result<(), StoreError> {
    writer.ledger.transact(|transaction| {
        match state {
            ReceiverState::Disabled(DisabledReceiver { receiver, target, disabled_at, why }) => {
                // Who is disabled already stays so since then.
                let sql = "INSERT INTO receiver_disabled VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
                transaction.execute(sql, (receiver.as_str(), target, disabled_at.micros(), why))?;
            }
            ReceiverState::Enabled { receiver, target } => {
                let sql = "DELETE FROM receiver_disabled WHERE receiver = ?1 AND target = ?2";
                transaction.execute(sql, (receiver.as_str(), target))?;
            }
        }
        audit.map_or(Ok(()), |audit| control::write_audit(transaction, audit))
    })
}

pub(super) fn read(connection: &Connection) -> Result<Vec<DisabledReceiver>, StoreError> {
    let sql = "SELECT receiver, target, at, why FROM receiver_disabled ORDER BY receiver, target";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(DisabledReceiver {
            receiver: parse(row, 0)?,
            target: row.get(1)?,
            disabled_at: Timestamp::from_micros(row.get(2)?),
            why: row.get(3)?,
        });
    }
    Ok(found)
}

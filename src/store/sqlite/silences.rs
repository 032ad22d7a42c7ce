//! Silences, kept for a while after their end.

use rusqlite::{Connection, Transaction};

use super::json;
use crate::domain::Timestamp;
use crate::notification::Silence;
use crate::store::StoreError;

pub(super) fn write(transaction: &Transaction<'_>, silence: &Silence) -> Result<(), StoreError> {
    let sql = "INSERT INTO silence VALUES (?1, ?2, ?3)
               ON CONFLICT (id) DO UPDATE SET ends_at = excluded.ends_at, body = excluded.body";
    let (id, ends_at) = (silence.id.0.cast_signed(), silence.until.micros());
    transaction.prepare_cached(sql)?.execute((id, ends_at, json::encode(silence)?))?;
    Ok(())
}

pub(super) fn read(connection: &Connection, ended_since: Timestamp) -> Result<Vec<Silence>, StoreError> {
    let sql = "SELECT body FROM silence WHERE ends_at >= ?1 ORDER BY id";
    json::read_all(connection, sql, [ended_since.micros()])
}

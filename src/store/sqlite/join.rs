//! The log of halves: appended with ingest, read in order, left behind once it is joined and old.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use super::key_columns::{self, KEY_COLUMNS};
use super::row_counts;
use super::rows::{NewRows, insert_counts};
use super::writer::Writer;
use crate::domain::{ModelId, Timestamp};
use crate::store::{HalvesRow, JoinCommit, JoinState, PartialJoin, StoreError, UnitHalves};

/// Rows that expire in a transaction, and about how many bytes of them.
const ROWS_MAX: usize = 256;
const BYTES_MAX: i64 = 1 << 20;

/// Writes the halves of a commit: those of one model as one row. Returns their bytes.
pub(super) fn append(
    transaction: &Connection,
    of_units: impl IntoIterator<Item = UnitHalves>,
) -> Result<u64, StoreError> {
    let mut by_model: BTreeMap<ModelId, (Timestamp, Vec<u8>)> = BTreeMap::new();
    for UnitHalves { model, until, mut body } in of_units {
        let (latest, bodies) = by_model.entry(model).or_insert_with(|| (until, Vec::new()));
        *latest = until.max(*latest);
        match bodies.is_empty() {
            true => *bodies = body,
            false => bodies.append(&mut body),
        }
    }
    let mut insert =
        transaction.prepare_cached("INSERT INTO half (model, until, body) VALUES (?1, ?2, ?3)")?;
    for (model, (until, body)) in &by_model {
        insert.execute((model.as_str(), until.micros(), body))?;
    }
    Ok(by_model.values().map(|(_, body)| body.len() as u64).sum())
}

/// The rows of a model after a position, in order: about `bytes_max` of them, one at least where there is one.
pub(super) fn read(
    connection: &Connection,
    model: &ModelId,
    after: i64,
    bytes_max: usize,
) -> Result<Vec<HalvesRow>, StoreError> {
    let sql = "SELECT id, body FROM half WHERE model = ?1 AND id > ?2 ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((model.as_str(), after))?;
    let (mut found, mut bytes) = (Vec::new(), 0);
    while bytes < bytes_max
        && let Some(row) = rows.next()?
    {
        let row = HalvesRow { position: row.get(0)?, body: row.get(1)? };
        bytes += row.body.len();
        found.push(row);
    }
    Ok(found)
}

/// Adds outcomes to the counts and moves the joiner on, from where it was expected.
pub(super) fn commit(writer: &mut Writer, commit: &JoinCommit) -> Result<(), StoreError> {
    writer.reserve.ensure()?;
    let JoinCommit { model, expected, state, deltas } = commit;
    let mut new_rows = NewRows::after(writer.last_row);
    let counts = &writer.row_counts;
    let counted = writer.ledger.transact(|transaction| {
        let current = state_of(transaction, model)?;
        if current != *expected {
            return Err(StoreError::Conflict(format!(
                "outcomes of {model} are joined up to {}, not {}",
                current.position, expected.position
            )));
        }
        write_state(transaction, model, state)?;
        for (key, tally) in deltas {
            insert_counts(transaction, &mut new_rows, key, tally.ruler_id(), None, tally.bytes())?;
        }
        new_rows.count(transaction, &row_counts::lock(counts))
    })?;
    writer.last_row = new_rows.last();
    row_counts::lock(&writer.row_counts).enter(counted);
    writer.nudge.wrote(new_rows.bytes());
    Ok(())
}

/// Deletes rows from the beginning of a model's log, as long as all in them is before `before` and they are joined.
pub(super) fn expire(
    writer: &mut Writer,
    model: &ModelId,
    before: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let deleted = writer.ledger.transact(|transaction| {
        let joined = state_of(transaction, model)?.position;
        let past = past(transaction, model, joined, before)?;
        let mut delete = transaction.prepare_cached("DELETE FROM half WHERE id = ?1")?;
        for row in &past {
            delete.execute([row])?;
        }
        Ok(past.len() as u64)
    })?;
    Ok((deleted > 0).then_some(deleted))
}

fn past(
    transaction: &Connection,
    model: &ModelId,
    joined: i64,
    before: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let sql = "SELECT id, until, length(body) FROM half WHERE model = ?1 AND id <= ?2 ORDER BY id";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query((model.as_str(), joined))?;
    let (mut past, mut bytes) = (Vec::new(), 0);
    while past.len() < ROWS_MAX
        && bytes < BYTES_MAX
        && let Some(row) = rows.next()?
        && row.get::<_, i64>(1)? < before.micros()
    {
        past.push(row.get(0)?);
        bytes += row.get::<_, i64>(2)?;
    }
    Ok(past)
}

/// The columns of a state, read by [`read_state`].
pub(super) fn state_columns() -> String {
    format!("{KEY_COLUMNS}, position, sample_threshold, newest, through")
}

pub(super) fn read_state(row: &Row<'_>) -> Result<JoinState, StoreError> {
    let through: Option<i64> = row.get(8)?;
    let partial = |through| Ok::<_, StoreError>(PartialJoin { through, last: key_columns::read(row, 0)? });
    Ok(JoinState {
        position: row.get(5)?,
        sample_threshold: row.get::<_, i64>(6)?.cast_unsigned(),
        newest: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
        partial: through.map(partial).transpose()?,
    })
}

fn state_of(transaction: &Connection, model: &ModelId) -> Result<JoinState, StoreError> {
    let sql = format!("SELECT {} FROM join_state WHERE model = ?1", state_columns());
    let mut statement = transaction.prepare_cached(&sql)?;
    let mut rows = statement.query([model.as_str()])?;
    rows.next()?.map_or_else(|| Ok(JoinState::default()), read_state)
}

fn write_state(transaction: &Connection, model: &ModelId, state: &JoinState) -> Result<(), StoreError> {
    let JoinState { position, sample_threshold, newest, partial } = state;
    let key = partial.as_ref().map(|partial| key_columns::of(&partial.last));
    let (version, segment) = (key.as_ref().map(|key| key.1), key.as_ref().map(|key| &key.2));
    let (pane_length, pane_start) = (key.as_ref().map(|key| key.3), key.as_ref().map(|key| key.4));
    let sql = "INSERT OR REPLACE INTO join_state
               (model, position, sample_threshold, newest, through, version, segment, pane_length, pane_start)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    transaction.prepare_cached(sql)?.execute((
        model.as_str(),
        position,
        sample_threshold.cast_signed(),
        newest.map(Timestamp::micros),
        partial.as_ref().map(|partial| partial.through),
        version,
        segment,
        pane_length,
        pane_start,
    ))?;
    Ok(())
}

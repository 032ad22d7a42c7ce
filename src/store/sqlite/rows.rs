//! Delta rows in and out of a transaction.

use rusqlite::{Connection, OptionalExtension};

use super::key_columns::{self, KEY_COLUMNS};
use super::row_counts::{FoldKey, RowCounts, Rows};
use crate::sketch::{GridId, Tally};
use crate::store::{DeltaBody, DeltaKey, StoreError};

/// The rows that a transaction adds: their ids, keys and bytes.
pub(super) struct NewRows {
    last: i64,
    counts: Vec<(FoldKey, i64)>,
    bytes: u64,
}

impl NewRows {
    pub(super) fn after(last: i64) -> Self {
        Self { last, counts: Vec::new(), bytes: 0 }
    }

    /// The last id given out.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = FoldKey> + '_ {
        self.counts.iter().map(|(key, _)| key.clone())
    }

    /// How many rows the keys have with these; `before` does not hold them yet.
    pub(super) fn count(
        &self,
        transaction: &Connection,
        before: &RowCounts,
    ) -> Result<Vec<(FoldKey, Rows)>, StoreError> {
        let counted = self.counts.iter().map(|(key, row)| before.with_row(transaction, key.clone(), *row));
        counted.collect()
    }

    fn next(&mut self, body: &[u8]) -> i64 {
        self.last += 1;
        self.bytes += body.len() as u64;
        self.last
    }
}

/// Adds a row of counts, which came with commit `sequence` or, without one, from rows before it.
pub(super) fn insert_counts(
    transaction: &Connection,
    new_rows: &mut NewRows,
    key: &DeltaKey,
    ruler: GridId,
    sequence: Option<i64>,
    body: &[u8],
) -> Result<(), StoreError> {
    let row = new_rows.next(body);
    let (model, version, segment, pane_length, pane_start) = key_columns::of(key);
    let sql = format!(
        "INSERT INTO delta (id, {KEY_COLUMNS}, ruler, seq, body, rows)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    );
    transaction.prepare_cached(&sql)?.execute((
        row,
        model,
        version,
        segment,
        pane_length,
        pane_start,
        ruler.0,
        sequence,
        body,
        rows_of(body)?,
    ))?;
    new_rows.counts.push(((key.clone(), ruler), row));
    Ok(())
}

/// Adds a row of what is being learnt.
pub(super) fn insert_learning(
    transaction: &Connection,
    new_rows: &mut NewRows,
    key: &DeltaKey,
    sequence: i64,
    body: &[u8],
) -> Result<(), StoreError> {
    let row = new_rows.next(body);
    let (model, version, segment, pane_length, pane_start) = key_columns::of(key);
    let sql = format!(
        "INSERT INTO learning (id, {KEY_COLUMNS}, seq, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    );
    transaction.prepare_cached(&sql)?.execute((
        row,
        model,
        version,
        segment,
        pane_length,
        pane_start,
        sequence,
        body,
    ))?;
    Ok(())
}

/// Adds rows of counts that replace others.
pub(super) fn insert_replacements(
    transaction: &Connection,
    new_rows: &mut NewRows,
    inserted: &[(DeltaKey, DeltaBody)],
) -> Result<(), StoreError> {
    for (key, body) in inserted {
        let DeltaBody::Counts(body) = body else {
            return Err(StoreError::Conflict("what is being learnt is not folded".to_owned()));
        };
        let ruler = Tally::ruler_id_of(body).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        insert_counts(transaction, new_rows, key, ruler, None, body)?;
    }
    Ok(())
}

fn rows_of(body: &[u8]) -> Result<i64, StoreError> {
    Tally::rows_of(body).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// Writes to each row of counts how many rows it stands for: those of before the column was there.
pub(super) fn fill_in(transaction: &Connection) -> Result<(), StoreError> {
    let mut next = transaction.prepare("SELECT id, body FROM delta WHERE id > ?1 ORDER BY id LIMIT 1")?;
    let mut write = transaction.prepare("UPDATE delta SET rows = ?2 WHERE id = ?1")?;
    let mut last = i64::MIN;
    while let Some((row, body)) =
        next.query_row([last], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))).optional()?
    {
        write.execute((row, rows_of(&body)?))?;
        last = row;
    }
    Ok(())
}

/// Deletes a row of counts and returns its key; `None` where it is gone.
pub(super) fn delete_counts(transaction: &Connection, row: i64) -> Result<Option<FoldKey>, StoreError> {
    let sql = format!("DELETE FROM delta WHERE id = ?1 RETURNING {KEY_COLUMNS}, ruler");
    let mut statement = transaction.prepare_cached(&sql)?;
    let key = statement
        .query_row([row], |row| Ok(key_columns::read(row, 0).map(|key| (key, row.get(5).map(GridId)))));
    match key.optional()?.transpose()? {
        Some((key, ruler)) => Ok(Some((key, ruler?))),
        None => Ok(None),
    }
}

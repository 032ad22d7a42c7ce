//! How many rows each key has, so that what can be folded is known without a scan.
//!
//! Limit: [`KEYS_MAX`] keys of one row; they are looked up again when they get a second one. Keys of more rows are
//! work to be done, and folding removes them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::key_columns::{self, KEY_COLUMNS};
use crate::sketch::GridId;
use crate::store::{DeltaKey, StoreError};

const KEYS_MAX: usize = 65_536;

/// Rows that may be added: of one key, on one ruler.
pub(super) type FoldKey = (DeltaKey, GridId);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rows {
    count: i64,
    /// The smallest row id.
    oldest: i64,
}

#[derive(Debug, Default)]
pub(super) struct RowCounts(HashMap<FoldKey, Rows>);

impl RowCounts {
    /// Keys with more than one row, from the index alone.
    pub(super) fn recover(connection: &Connection) -> Result<Self, StoreError> {
        // Grouped in the index's order: no sorting.
        let sql = format!(
            "SELECT {KEY_COLUMNS}, ruler, count(*), min(id) FROM delta
             GROUP BY model, pane_start, pane_length, version, segment, ruler HAVING count(*) > 1"
        );
        let mut statement = connection.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let mut counts = HashMap::new();
        while let Some(row) = rows.next()? {
            let key = (key_columns::read(row, 0)?, GridId(row.get(5)?));
            counts.insert(key, Rows { count: row.get(6)?, oldest: row.get(7)? });
        }
        Ok(Self(counts))
    }

    /// What the count is once `row` is added, as the transaction sees it (it holds the row already).
    pub(super) fn with_row(
        &self,
        connection: &Connection,
        key: FoldKey,
        row: i64,
    ) -> Result<(FoldKey, Rows), StoreError> {
        let rows = match self.0.get(&key) {
            Some(rows) => Rows { count: rows.count + 1, oldest: rows.oldest.min(row) },
            None => look_up(connection, &key)?,
        };
        Ok((key, rows))
    }

    /// What was counted in a transaction; to be called after its COMMIT.
    pub(super) fn enter(&mut self, counted: impl IntoIterator<Item = (FoldKey, Rows)>) {
        for (key, rows) in counted {
            match rows.count {
                0 => self.0.remove(&key),
                _ => self.0.insert(key, rows),
            };
        }
        if self.0.len() > KEYS_MAX {
            self.0.retain(|_, rows| rows.count > 1);
        }
    }

    /// Keys with more than one row, oldest row first.
    pub(super) fn foldable(&self) -> Vec<FoldKey> {
        let mut keys: Vec<_> = self.0.iter().filter(|(_, rows)| rows.count > 1).collect();
        keys.sort_unstable_by_key(|(_, rows)| rows.oldest);
        keys.into_iter().map(|(key, _)| key.clone()).collect()
    }
}

/// The rows of several keys, as the transaction sees them.
pub(super) fn look_up_all(
    connection: &Connection,
    keys: impl IntoIterator<Item = FoldKey>,
) -> Result<Vec<(FoldKey, Rows)>, StoreError> {
    keys.into_iter().map(|key| look_up(connection, &key).map(|rows| (key, rows))).collect()
}

/// The rows of a key, as the transaction sees them.
fn look_up(connection: &Connection, (key, ruler): &FoldKey) -> Result<Rows, StoreError> {
    let (model, version, segment, pane_length, pane_start) = key_columns::of(key);
    let sql = "SELECT count(*), ifnull(min(id), 0) FROM delta WHERE model = ?1 AND version = ?2
               AND segment = ?3 AND pane_length = ?4 AND pane_start = ?5 AND ruler = ?6";
    let rows = connection
        .prepare_cached(sql)?
        .query_row((model, version, segment, pane_length, pane_start, ruler.0), |row| {
            Ok(Rows { count: row.get(0)?, oldest: row.get(1)? })
        })?;
    Ok(rows)
}

pub(super) fn lock(row_counts: &Mutex<RowCounts>) -> MutexGuard<'_, RowCounts> {
    row_counts.lock().unwrap_or_else(PoisonError::into_inner)
}

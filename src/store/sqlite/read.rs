//! Reads, on connections of their own: they see the last commit and never block the writer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::key_columns::{self, KEY_COLUMNS};
use super::schema;
use crate::domain::{ModelId, TimeRange};
use crate::store::{DeltaBody, DeltaKey, DeltaRow, StoreError};

/// A few connections that only read; whoever finds all of them in use waits.
pub(super) struct Readers {
    database: PathBuf,
    idle: Mutex<Vec<Connection>>,
    room: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(database: PathBuf, readers_max: usize) -> Self {
        Self { database, idle: Mutex::default(), room: Arc::new(Semaphore::new(readers_max)) }
    }

    /// Runs `work` on a blocking thread.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let gone = || StoreError::Unavailable("the store is closed".to_owned());
        let permit = Arc::clone(&self.room).acquire_owned().await.map_err(|_| gone())?;
        let readers = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => schema::open_reader(&readers.database)?,
            };
            let found = work(&connection);
            if !readers.room.is_closed() {
                readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            }
            found
        });
        task.await.map_err(|_| gone())?
    }

    /// Takes no more reads and closes the idle connections.
    pub(super) fn close(&self) {
        self.room.close();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// All rows of a model whose pane lies in `range`: counts and what is being learnt, in order of key and row.
pub(super) fn deltas(
    connection: &Connection,
    model: &ModelId,
    range: TimeRange,
) -> Result<Vec<DeltaRow>, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found = Vec::new();
    for (table, body) in [("delta", DeltaBody::Counts as fn(_) -> _), ("learning", DeltaBody::Learning)] {
        let sql = format!(
            "SELECT {KEY_COLUMNS}, id, body FROM {table} WHERE model = ?1 AND pane_start >= ?2
             AND pane_start < ?3 AND pane_start + pane_length * 1000000 <= ?3"
        );
        let mut statement = snapshot.prepare_cached(&sql)?;
        let mut rows = statement.query((model.as_str(), range.start.micros(), range.end.micros()))?;
        while let Some(row) = rows.next()? {
            found.push(DeltaRow {
                row: row.get(5)?,
                key: key_columns::read(row, 0)?,
                body: body(row.get(6)?),
            });
        }
    }
    found.sort_by(|a, b| (&a.key, a.row).cmp(&(&b.key, b.row)));
    Ok(found)
}

/// The keys of a model's rows, each with how many rows were counted under it; from the indexes alone.
pub(super) fn counted(connection: &Connection, model: &ModelId) -> Result<Vec<(DeltaKey, i64)>, StoreError> {
    // Grouped in the index's order: no sorting.
    let counts = format!(
        "SELECT {KEY_COLUMNS}, sum(rows) FROM delta WHERE model = ?1
         GROUP BY model, pane_start, pane_length, version, segment"
    );
    let learning = format!("SELECT DISTINCT {KEY_COLUMNS}, 0 FROM learning WHERE model = ?1");
    let snapshot = connection.unchecked_transaction()?;
    let mut found: BTreeMap<DeltaKey, i64> = BTreeMap::new();
    for sql in [counts, learning] {
        let mut statement = snapshot.prepare_cached(&sql)?;
        let mut rows = statement.query([model.as_str()])?;
        while let Some(row) = rows.next()? {
            *found.entry(key_columns::read(row, 0)?).or_default() += row.get::<_, i64>(5)?;
        }
    }
    Ok(found.into_iter().collect())
}

//! The tables, by numbered migrations, and the settings of every connection.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::directory::OpenError;
use super::rows;
use crate::store::StoreError;

/// In order; the number of those applied is the database's `user_version`. Never changed once released: add one.
const MIGRATIONS: [Migration; 9] = [
    Migration::of(include_str!("migrations/0001_first.sql")),
    Migration::of(include_str!("migrations/0002_revisions.sql")),
    Migration { then: rows::fill_in, ..Migration::of(include_str!("migrations/0003_rows.sql")) },
    Migration::of(include_str!("migrations/0004_incidents.sql")),
    Migration::of(include_str!("migrations/0005_outcomes.sql")),
    Migration::of(include_str!("migrations/0006_subjects.sql")),
    Migration::of(include_str!("migrations/0007_retraining.sql")),
    Migration::of(include_str!("migrations/0008_kpis.sql")),
    Migration::of(include_str!("migrations/0009_dates.sql")),
];

/// One transaction: statements, then what needs more than SQL.
struct Migration {
    sql: &'static str,
    then: fn(&Connection) -> Result<(), StoreError>,
}

impl Migration {
    const fn of(sql: &'static str) -> Self {
        Self { sql, then: |_| Ok(()) }
    }
}

/// How long a connection waits for another one's lock: only checkpoints and the opening of connections ever do.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A log that has grown past this is cut down when it begins anew.
const LOG_BYTES_KEPT: i64 = 64 << 20;
const STATEMENTS_KEPT: usize = 64;

/// The writer's connection, its schema brought up to date.
pub(super) fn open_writer(database: &Path, bytes_max: Option<u64>) -> Result<Connection, OpenError> {
    let mut connection = connect(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(OpenError::NewerSchema { found, known });
    }
    // Only a database without tables takes this; it is remembered in its header.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // Freed bytes inside pages that are written anyway are overwritten too; it costs no writes.
    connection.pragma_update_and_check(None, "secure_delete", "FAST", |_| Ok(()))?;
    for (version, migration) in (1i64..).zip(MIGRATIONS).skip(usize::try_from(found).unwrap_or(0)) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration.sql)?;
        (migration.then)(&transaction)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    if let Some(bytes_max) = bytes_max {
        let page_bytes: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes_max).unwrap_or(i64::MAX) / page_bytes;
        connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    Ok(connection)
}

/// A connection that copies the log into the database.
pub(super) fn open_checkpointer(database: &Path) -> rusqlite::Result<Connection> {
    connect(database, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// A connection that only reads; it never blocks the writer.
pub(super) fn open_reader(database: &Path) -> rusqlite::Result<Connection> {
    connect(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(database: &Path, mode: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(database, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES_KEPT, |_| Ok(()))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

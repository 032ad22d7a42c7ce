//! What retention has passed is deleted, a few rows a transaction, so that ingest never waits long.

use std::collections::HashSet;

use rusqlite::{Connection, Transaction};

use super::commit_row::CommitRow;
use super::ingest::write_newest;
use super::row_counts;
use super::rows::delete_counts;
use super::writer::Writer;
use crate::domain::{ModelId, Timestamp};
use crate::store::StoreError;

/// Rows a transaction: a row of counts is about 16 kB, or four pages.
const ROWS_MAX: usize = 64;
/// Incidents a transaction, each with its timeline.
const INCIDENTS_MAX: usize = 16;
/// Rows of the commit log a transaction; they are small and lie side by side.
const COMMITS_MAX: i64 = 1024;

/// Deletes some of a model's rows whose pane ends at or before `before`; `None` once there are no more.
pub(super) fn panes(
    writer: &mut Writer,
    model: &ModelId,
    before: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let deleted = writer.ledger.transact(|transaction| {
        let rows = past(transaction, "delta", model, before)?;
        let mut keys = HashSet::new();
        for &row in &rows {
            keys.extend(delete_counts(transaction, row)?);
        }
        Ok((rows.len(), row_counts::look_up_all(transaction, keys)?))
    });
    let (deleted, counted) = deleted?;
    row_counts::lock(&writer.row_counts).enter(counted);
    Ok(more(deleted))
}

/// The same for what is being learnt, overwritten.
pub(super) fn learning(
    writer: &mut Writer,
    model: &ModelId,
    before: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let deleted = writer.ledger.transact_securely(|transaction| {
        let rows = past(transaction, "learning", model, before)?;
        let mut delete = transaction.prepare_cached("DELETE FROM learning WHERE id = ?1")?;
        for row in &rows {
            delete.execute([row])?;
        }
        Ok(rows.len())
    })?;
    writer.log_to_erase |= deleted > 0;
    Ok(more(deleted))
}

/// Rows of a table whose pane is past, by the index on model and start.
fn past(
    transaction: &Transaction<'_>,
    table: &str,
    model: &ModelId,
    before: Timestamp,
) -> Result<Vec<i64>, StoreError> {
    let sql = format!(
        "SELECT id FROM {table} WHERE model = ?1 AND pane_start < ?2
         AND pane_start + pane_length * 1000000 <= ?2 LIMIT {ROWS_MAX}"
    );
    let mut statement = transaction.prepare_cached(&sql)?;
    let rows = statement.query_map((model.as_str(), before.micros()), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn verdicts(writer: &mut Writer, before: Timestamp) -> Result<Option<u64>, StoreError> {
    delete_some(writer, "verdict", "at < ?1", before)
}

/// Messages that were delivered or given up, whole: what is left of one could be sent again as something else under its
/// id. All notifications of a message were settled at once.
pub(super) fn notifications(writer: &mut Writer, before: Timestamp) -> Result<Option<u64>, StoreError> {
    delete(writer, &notifications_sql(), before)
}

fn notifications_sql() -> String {
    let some =
        format!("SELECT message FROM outbox WHERE settled_at < ?1 ORDER BY settled_at LIMIT {ROWS_MAX}");
    format!("DELETE FROM outbox WHERE message IN ({some})")
}

/// Counts of KPIs.
pub(super) fn kpis(writer: &mut Writer, before: Timestamp) -> Result<Option<u64>, StoreError> {
    delete_some(writer, "kpi_delta", "pane_start < ?1", before)
}

pub(super) fn silences(writer: &mut Writer, before: Timestamp) -> Result<Option<u64>, StoreError> {
    delete_some(writer, "silence", "ends_at < ?1", before)
}

/// Incidents that were resolved, with their timelines; not those with a regulatory deadline to be met.
pub(super) fn incidents(writer: &mut Writer, before: Timestamp) -> Result<Option<u64>, StoreError> {
    let sql = format!(
        "SELECT id FROM incident WHERE resolved_at < ?1 AND deadline_unmet = 0 LIMIT {INCIDENTS_MAX}"
    );
    let deleted = writer.ledger.transact(|transaction| {
        let past: Vec<i64> = transaction
            .prepare_cached(&sql)?
            .query_map([before.micros()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in &past {
            transaction.prepare_cached("DELETE FROM incident_entry WHERE incident = ?1")?.execute([id])?;
            transaction.prepare_cached("DELETE FROM incident WHERE id = ?1")?.execute([id])?;
        }
        Ok(past.len())
    });
    deleted.map(more)
}

/// Deletes some rows of a table that a condition on `before` holds for.
fn delete_some(
    writer: &mut Writer,
    table: &str,
    condition: &str,
    before: Timestamp,
) -> Result<Option<u64>, StoreError> {
    let some = format!("SELECT id FROM {table} WHERE {condition} LIMIT {ROWS_MAX}");
    delete(writer, &format!("DELETE FROM {table} WHERE id IN ({some})"), before)
}

fn delete(writer: &mut Writer, sql: &str, before: Timestamp) -> Result<Option<u64>, StoreError> {
    let delete =
        |transaction: &Transaction<'_>| Ok(transaction.prepare_cached(sql)?.execute([before.micros()])?);
    writer.ledger.transact(delete).map(more)
}

/// Deletes some commits from the beginning of the log, as long as they are older than `before`; the last one always
/// stays, so that numbers go on. The event times that they carried are written to `newest` first. Returns how many
/// keys they held.
pub(super) fn commits(writer: &mut Writer, before: Timestamp) -> Result<Option<u64>, StoreError> {
    let Writer { ledger, newest, last_sequence, .. } = writer;
    let past = ledger.transact(|transaction| {
        let past = past_commits(transaction, before, *last_sequence)?;
        if let Some(past) = &past {
            write_newest(transaction, *last_sequence, newest.iter())?;
            transaction.execute("DELETE FROM commit_log WHERE seq <= ?1", [past.through])?;
        }
        Ok(past)
    })?;
    Ok(past.map(|past| {
        writer.guards.drop_through(past.through);
        past.keys
    }))
}

/// The beginning of the log, and how many keys it holds.
struct PastCommits {
    through: i64,
    keys: u64,
}

fn past_commits(
    transaction: &Connection,
    before: Timestamp,
    last_sequence: i64,
) -> Result<Option<PastCommits>, StoreError> {
    let sql = "SELECT seq, at, body FROM commit_log WHERE seq < ?1 ORDER BY seq LIMIT ?2";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query((last_sequence, COMMITS_MAX))?;
    let mut past: Option<PastCommits> = None;
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(1)? >= before.micros() {
            break;
        }
        let body: Vec<u8> = row.get(2)?;
        let keys = past.map_or(0, |past| past.keys) + CommitRow::decode(&body)?.keys.len() as u64;
        past = Some(PastCommits { through: row.get(0)?, keys });
    }
    Ok(past)
}

fn more(deleted: usize) -> Option<u64> {
    (deleted > 0).then_some(deleted as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::schema;

    #[test]
    fn a_message_expires_whole() {
        let dir = tempfile::tempdir().expect("a directory");
        let database = dir.path().join("driftd.db");
        std::fs::File::create(&database).expect("a file");
        let connection = schema::open_writer(&database, None).expect("a database");
        let settled = "
            WITH RECURSIVE series (value) AS (VALUES (10) UNION ALL SELECT value + 1 FROM series WHERE value < 199)
            INSERT INTO outbox (id, receiver, incident, grouping, due_at, state, turn, urgent, message, sealed,
                attempts, settled_at, body)
            SELECT value, 'a', 1, 'g', 0, 'delivered', 0, 0, value - value % 10, 1, 1, 1000 - value / 10, ''
            FROM series";
        connection.execute(settled, []).expect("rows");
        let counts = |sql: &str| -> (i64, i64) {
            connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).expect("a row")
        };
        let sizes = "SELECT min(size), max(size) FROM (SELECT count(*) AS size FROM outbox GROUP BY message)";
        let deleted = connection.execute(&notifications_sql(), [990]).expect("it deletes");
        assert!((60..130).contains(&deleted), "{deleted}: some at a time");
        assert_eq!(counts(sizes), (10, 10));
        while connection.execute(&notifications_sql(), [990]).expect("it deletes") > 0 {}
        assert_eq!(counts("SELECT count(*), max(settled_at) FROM outbox"), (100, 999));
        assert_eq!(counts(sizes), (10, 10));
    }
}

//! Decisions on retraining, their runs, reported versions and what of the calendar was done.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::key_columns::parse;
use super::writer::Writer;
use super::{control, json};
use crate::domain::{ModelId, Timestamp};
use crate::retraining::RunKey;
use crate::store::{
    AuditRow, DecisionCommit, DecisionQuery, DecisionRow, MaintenanceDone, RetrainingState, RunCommit,
    StoreError, StoredRun, VERSIONS_MAX,
};

pub(super) fn decide(writer: &mut Writer, commit: &DecisionCommit) -> Result<(), StoreError> {
    let DecisionCommit { decision, occasion, run, audit } = commit;
    writer.ledger.transact(|transaction| {
        if let Some(occasion) = occasion {
            let sql = "SELECT 1 FROM decision WHERE model = ?1 AND occasion = ?2";
            if exists(transaction, sql, (decision.model.as_str(), occasion))? {
                return Err(StoreError::Conflict(format!("{occasion} of {} is decided", decision.model)));
            }
        }
        if exists(transaction, "SELECT 1 FROM decision WHERE id >= ?1", [decision.id.0.cast_signed()])? {
            return Err(StoreError::Conflict(format!(
                "{} comes too late: a later one is stored",
                decision.id
            )));
        }
        transaction.prepare_cached("INSERT INTO decision VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute((
            decision.id.0.cast_signed(),
            decision.model.as_str(),
            decision.cause.as_str(),
            occasion,
            decision.ruling.as_str(),
            decision.at.micros(),
            json::encode(decision)?,
        ))?;
        if let Some(run) = run {
            let key = run.order.run_key.as_str();
            if exists(transaction, "SELECT 1 FROM run WHERE key = ?1", [key])? {
                return Err(StoreError::Conflict(format!("{key} was asked for already")));
            }
            transaction.prepare_cached("INSERT INTO run VALUES (?1, ?2, ?3, ?4, 1, ?5)")?.execute((
                key,
                decision.id.0.cast_signed(),
                decision.model.as_str(),
                run.state.as_str(),
                json::encode(run)?,
            ))?;
        }
        write_audit(transaction, audit.as_ref())
    })
}

pub(super) fn move_run(writer: &mut Writer, commit: &RunCommit) -> Result<(), StoreError> {
    let RunCommit { run, version, done, audit } = commit;
    writer.ledger.transact(|transaction| {
        if let Some(StoredRun { revision, run }) = run {
            let key = run.order.run_key.as_str();
            let sql = "UPDATE run SET state = ?3, revision = revision + 1, body = ?4 WHERE key = ?1 AND revision = ?2";
            let parameters = (key, revision, run.state.as_str(), json::encode(run)?);
            if transaction.prepare_cached(sql)?.execute(parameters)? == 0 {
                return Err(StoreError::Conflict(format!("{key} is not at revision {revision}")));
            }
        }
        if let Some(version) = version {
            let sql = "INSERT INTO trained_version VALUES (?1, ?2, ?3)
                       ON CONFLICT (model, version) DO UPDATE SET body = excluded.body";
            let parameters = (version.model.as_str(), version.version.as_str(), json::encode(version)?);
            transaction.prepare_cached(sql)?.execute(parameters)?;
            let sql = "DELETE FROM trained_version WHERE model = ?1 AND rowid NOT IN (
                           SELECT rowid FROM trained_version WHERE model = ?1 ORDER BY rowid DESC LIMIT ?2
                       )";
            transaction.prepare_cached(sql)?.execute((version.model.as_str(), VERSIONS_MAX as i64))?;
        }
        for done in done {
            write_done(transaction, done)?;
        }
        write_audit(transaction, audit.as_ref())
    })
}

fn write_done(transaction: &Transaction<'_>, done: &MaintenanceDone) -> Result<(), StoreError> {
    let sql = "INSERT INTO maintenance (model, task, period, at, body) VALUES (?1, ?2, ?3, ?4, ?5)";
    transaction.prepare_cached(sql)?.execute((
        done.model.as_str(),
        done.task.as_str(),
        done.period.as_str(),
        done.at.micros(),
        json::encode(done)?,
    ))?;
    Ok(())
}

fn write_audit(transaction: &Transaction<'_>, audit: Option<&AuditRow>) -> Result<(), StoreError> {
    audit.map_or(Ok(()), |audit| control::write_audit(transaction, audit))
}

/// Notes since when a model is planned for; the first who says so is right. Gives what holds.
pub(super) fn plan_since(
    writer: &mut Writer,
    model: &ModelId,
    at: Timestamp,
) -> Result<Timestamp, StoreError> {
    writer.ledger.transact(|transaction| {
        let sql = "INSERT INTO planned_since VALUES (?1, ?2) ON CONFLICT (model) DO NOTHING";
        transaction.prepare_cached(sql)?.execute((model.as_str(), at.micros()))?;
        let sql = "SELECT at FROM planned_since WHERE model = ?1";
        let since = transaction.prepare_cached(sql)?.query_row([model.as_str()], |row| row.get(0))?;
        Ok(Timestamp::from_micros(since))
    })
}

const PAGE: &str = "
    SELECT decision.body, run.body FROM decision LEFT JOIN run ON run.decision = decision.id
    WHERE decision.id < ?1 AND (?2 IS NULL OR decision.model = ?2) AND (?3 IS NULL OR decision.cause = ?3)
        AND (?4 IS NULL OR decision.outcome = ?4)
    ORDER BY decision.id DESC LIMIT ?5";

pub(super) fn page(connection: &Connection, query: &DecisionQuery) -> Result<Vec<DecisionRow>, StoreError> {
    let mut statement = connection.prepare_cached(PAGE)?;
    let mut rows = statement.query((
        query.before.map_or(i64::MAX, |id| id.0.cast_signed()),
        query.model.as_ref().map(ModelId::as_str),
        query.cause.map(|cause| cause.as_str()),
        query.outcome,
        i64::try_from(query.limit).unwrap_or(i64::MAX),
    ))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let has_run = row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)?.is_some();
        let run = has_run.then(|| json::decode(row, 1)).transpose()?;
        found.push(DecisionRow { decision: json::decode(row, 0)?, run });
    }
    Ok(found)
}

pub(super) fn run(connection: &Connection, key: &RunKey) -> Result<Option<StoredRun>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT revision, body FROM run WHERE key = ?1")?;
    let mut rows = statement.query([key.as_str()])?;
    rows.next()?.map(stored).transpose()
}

fn stored(row: &Row<'_>) -> Result<StoredRun, StoreError> {
    Ok(StoredRun { revision: row.get(0)?, run: json::decode(row, 1)? })
}

const NEWEST_DECISIONS: &str =
    "SELECT body FROM decision WHERE id IN (SELECT max(id) FROM decision GROUP BY model, cause) ORDER BY id";
const CURRENT_RUNS: &str = "
    SELECT revision, body FROM run
    WHERE state <> 'reported' OR decision IN (SELECT max(decision) FROM run GROUP BY model)
    ORDER BY decision";
const NEWEST_DONE: &str = "
    SELECT body FROM maintenance AS newest WHERE NOT EXISTS (
        SELECT 1 FROM maintenance AS later WHERE later.model = newest.model AND later.task = newest.task
            AND later.period = newest.period AND (later.at, later.id) > (newest.at, newest.id)
    )";

pub(super) fn current(connection: &Connection) -> Result<RetrainingState, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    let last: Option<i64> = snapshot.query_row("SELECT max(id) FROM decision", [], |row| row.get(0))?;
    let mut state = RetrainingState {
        last_decision: last.unwrap_or(0).cast_unsigned(),
        decisions: json::read_all(&snapshot, NEWEST_DECISIONS, [])?,
        versions: json::read_all(&snapshot, "SELECT body FROM trained_version", [])?,
        done: json::read_all(&snapshot, NEWEST_DONE, [])?,
        ..RetrainingState::default()
    };
    let mut statement = snapshot.prepare("SELECT model, at FROM planned_since")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        state.since.insert(parse(row, 0)?, Timestamp::from_micros(row.get(1)?));
    }
    let mut statement = snapshot.prepare(CURRENT_RUNS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        state.runs.push(stored(row)?);
    }
    Ok(state)
}

/// Deletes some decisions with their runs, but for the newest of a model and cause; `None` once there are no more.
pub(super) fn expire(writer: &mut Writer, before: Timestamp) -> Result<Option<u64>, StoreError> {
    const SOME: &str = "
        SELECT id FROM decision AS old WHERE at < ?1 AND EXISTS (
            SELECT 1 FROM decision AS later WHERE later.model = old.model AND later.cause = old.cause AND later.id > old.id
        ) LIMIT 64";
    let deleted = writer.ledger.transact(|transaction| {
        let past: Vec<i64> = transaction
            .prepare_cached(SOME)?
            .query_map([before.micros()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in &past {
            transaction.prepare_cached("DELETE FROM run WHERE decision = ?1")?.execute([id])?;
            transaction.prepare_cached("DELETE FROM decision WHERE id = ?1")?.execute([id])?;
        }
        Ok(past.len() as u64)
    })?;
    Ok((deleted > 0).then_some(deleted))
}

fn exists(
    transaction: &Transaction<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<bool, StoreError> {
    Ok(transaction.prepare_cached(sql)?.query_row(parameters, |_| Ok(())).optional()?.is_some())
}

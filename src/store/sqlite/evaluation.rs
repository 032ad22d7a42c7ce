//! Verdicts and the state that they were computed from.
//!
//! Of a window two rows are kept at most: its first verdict, whose decisions stand, and its last revision.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::incidents;
use super::kpi;
use super::writer::Writer;
use crate::domain::{ModelId, TimeRange, Timestamp};
use crate::store::{EvaluationCommit, StoreError, VerdictRow, VerdictSubject};

/// Writes an evaluation, and what follows from it for incidents, where the model's state is still the expected one (none yet counts as revision 0).
pub(super) fn commit(writer: &mut Writer, evaluation: &EvaluationCommit) -> Result<(), StoreError> {
    let EvaluationCommit { model, expected_revision, state, verdicts, incidents, kpis } = evaluation;
    writer.ledger.transact(|transaction| {
        let current = revision(transaction, model)?;
        if current != *expected_revision {
            return Err(StoreError::Conflict(format!(
                "the evaluation of {model} stands at revision {current}, not {expected_revision}"
            )));
        }
        let sql = "INSERT INTO evaluation_state VALUES (?1, ?2, ?3)
                   ON CONFLICT (model) DO UPDATE SET revision = excluded.revision, state = excluded.state";
        transaction.prepare_cached(sql)?.execute((model.as_str(), current + 1, state))?;
        let sql = "DELETE FROM verdict WHERE model = ?1 AND subject = ?4 AND window_end - window_start = ?2
                   AND window_end = ?3 AND revision > 0";
        let mut replace = transaction.prepare_cached(sql)?;
        let sql = "INSERT INTO verdict (model, window_start, window_end, revision, at, body, subject)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut insert = transaction.prepare_cached(sql)?;
        for VerdictRow { subject, window, revision, at, body } in verdicts {
            let (start, end) = (window.start.micros(), window.end.micros());
            if *revision > 0 {
                replace.execute((model.as_str(), end - start, end, subject.as_str()))?;
            }
            insert.execute((model.as_str(), start, end, revision, at.micros(), body, subject.as_str()))?;
        }
        kpi::append(transaction, kpis)?;
        incidents::write(transaction, incidents)
    })
}

fn revision(transaction: &Connection, model: &ModelId) -> Result<i64, StoreError> {
    let revision = transaction
        .prepare_cached("SELECT revision FROM evaluation_state WHERE model = ?1")?
        .query_row([model.as_str()], |row| row.get(0))
        .optional()?;
    Ok(revision.unwrap_or(0))
}

/// The verdicts on a model's newest windows of one length, newest first; of a window its last revision first.
pub(super) fn read(
    connection: &Connection,
    model: &ModelId,
    subject: VerdictSubject,
    length: Duration,
    limit: usize,
) -> Result<Vec<VerdictRow>, StoreError> {
    let sql = "SELECT window_start, window_end, revision, at, body FROM verdict
               WHERE model = ?1 AND subject = ?4 AND window_end - window_start = ?2
               ORDER BY window_end DESC, revision DESC LIMIT ?3";
    let length = i64::try_from(length.as_micros()).unwrap_or(i64::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((model.as_str(), length, limit, subject.as_str()), |row| {
        let [start, end] = [row.get(0)?, row.get(1)?].map(Timestamp::from_micros);
        Ok(VerdictRow {
            subject,
            window: TimeRange { start, end },
            revision: row.get(2)?,
            at: Timestamp::from_micros(row.get(3)?),
            body: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

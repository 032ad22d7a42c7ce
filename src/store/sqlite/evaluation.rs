//! Verdicts and the state that they were computed from.

use rusqlite::{Connection, OptionalExtension};

use super::writer::Writer;
use crate::domain::{ModelId, TimeRange, Timestamp};
use crate::store::{EvaluationCommit, StoreError, VerdictRow};

/// Writes an evaluation where the model's state is still the expected one (none yet counts as revision 0).
pub(super) fn commit(writer: &mut Writer, evaluation: &EvaluationCommit) -> Result<(), StoreError> {
    let EvaluationCommit { model, expected_revision, state, verdicts } = evaluation;
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
        let sql = "INSERT INTO verdict (model, window_start, window_end, revision, at, body)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let mut insert = transaction.prepare_cached(sql)?;
        for VerdictRow { window, revision, at, body } in verdicts {
            let (start, end) = (window.start.micros(), window.end.micros());
            insert.execute((model.as_str(), start, end, revision, at.micros(), body))?;
        }
        Ok(())
    })
}

fn revision(transaction: &Connection, model: &ModelId) -> Result<i64, StoreError> {
    let revision = transaction
        .prepare_cached("SELECT revision FROM evaluation_state WHERE model = ?1")?
        .query_row([model.as_str()], |row| row.get(0))
        .optional()?;
    Ok(revision.unwrap_or(0))
}

/// A model's newest verdicts, newest first.
pub(super) fn read(
    connection: &Connection,
    model: &ModelId,
    limit: usize,
) -> Result<Vec<VerdictRow>, StoreError> {
    let sql = "SELECT window_start, window_end, revision, at, body FROM verdict
               WHERE model = ?1 ORDER BY id DESC LIMIT ?2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((model.as_str(), limit), |row| {
        let [start, end] = [row.get(0)?, row.get(1)?].map(Timestamp::from_micros);
        Ok(VerdictRow {
            window: TimeRange { start, end },
            revision: row.get(2)?,
            at: Timestamp::from_micros(row.get(3)?),
            body: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

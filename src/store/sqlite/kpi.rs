//! Counts of KPIs, and how far they are judged.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use super::incidents;
use super::key_columns::{parse, segment};
use super::writer::Writer;
use crate::domain::{ModelId, Segment, Timestamp};
use crate::kpi::{CalendarPane, KpiId, PaneUnit, State, StreamKey, UseCaseId};
use crate::store::{KpiCommit, KpiDelta, StoreError};

/// Keys folded before other work of the writer has its turn.
const KEYS_A_FOLD: usize = 256;
/// Rows of a key that become one in a transaction: the largest state has some 16 kB.
const ROWS_A_FOLD: usize = 512;

/// What several units counted, one delta a key and kind: a reload may have changed what a stream counts.
pub(super) fn summed(deltas: Vec<KpiDelta>) -> Result<Vec<KpiDelta>, StoreError> {
    let mut of_key: BTreeMap<(StreamKey, &'static str), KpiDelta> = BTreeMap::new();
    for delta in deltas {
        let key = (delta.key.clone(), delta.state.kind().as_str());
        match of_key.get_mut(&key) {
            Some(sum) => merge(sum, &delta)?,
            None => {
                of_key.insert(key, delta);
            }
        }
    }
    Ok(of_key.into_values().collect())
}

fn merge(sum: &mut KpiDelta, delta: &KpiDelta) -> Result<(), StoreError> {
    sum.newest = sum.newest.max(delta.newest);
    let unlike = |error| StoreError::Conflict(format!("{}: {error}", delta.key.stream));
    sum.state.merge(&delta.state).map_err(unlike)
}

const INSERT: &str =
    "INSERT INTO kpi_delta (use_case, model, name, segment, pane_unit, pane_start, kind, newest, body)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

pub(super) fn append(transaction: &Transaction<'_>, deltas: &[KpiDelta]) -> Result<(), StoreError> {
    for KpiDelta { key, newest, state } in deltas {
        let (use_case, model, name) = columns(&key.stream);
        let (unit, start) = pane_columns(key.pane);
        transaction.prepare_cached(INSERT)?.execute((
            use_case,
            model,
            name,
            key.segment.to_string(),
            unit,
            start,
            state.kind().as_str(),
            newest.micros(),
            state.encode(),
        ))?;
    }
    Ok(())
}

fn columns(id: &KpiId) -> (&str, &str, &str) {
    let use_case = id.use_case.as_ref().map_or("", UseCaseId::as_str);
    (use_case, id.model.as_ref().map_or("", ModelId::as_str), id.name.as_str())
}

const DAY_MICROS: i64 = 86_400_000_000;
const FIRST_DAY: Date = date(1970, 1, 1);

/// Of a day the midnight of its date in UTC, whatever its zone.
fn pane_columns(pane: CalendarPane) -> (&'static str, i64) {
    match pane {
        CalendarPane::Hour(start) => (PaneUnit::Hour.as_str(), start.micros()),
        CalendarPane::Day(day) => {
            (PaneUnit::Day.as_str(), i64::from((day - FIRST_DAY).get_days()) * DAY_MICROS)
        }
    }
}

/// From the columns `pane_unit` and `pane_start`, the first of them at `from`.
fn pane(row: &Row<'_>, from: usize) -> Result<CalendarPane, StoreError> {
    let start: i64 = row.get(from + 1)?;
    let unit = row.get_ref(from)?.as_str().map_err(rusqlite::Error::from)?;
    if unit == PaneUnit::Hour.as_str() {
        return Ok(CalendarPane::Hour(Timestamp::from_micros(start)));
    }
    let day = start.div_euclid(DAY_MICROS).days();
    let day = FIRST_DAY.checked_add(day).ok().filter(|_| unit == PaneUnit::Day.as_str());
    day.map(CalendarPane::Day).ok_or_else(|| StoreError::Corrupt(format!("no pane is {unit} {start}")))
}

const COLUMNS: &str = "use_case, model, name, segment, pane_unit, pane_start, newest, body";

pub(super) fn read(
    connection: &Connection,
    after: i64,
    limit: usize,
) -> Result<Vec<(i64, KpiDelta)>, StoreError> {
    let sql = format!("SELECT {COLUMNS}, id FROM kpi_delta WHERE id > ?1 ORDER BY id LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((row.get(8)?, delta(row)?));
    }
    Ok(found)
}

fn delta(row: &Row<'_>) -> Result<KpiDelta, StoreError> {
    let body: Vec<u8> = row.get(7)?;
    let stream = stream(row)?;
    let corrupt = |error| StoreError::Corrupt(format!("counts of {stream}: {error}"));
    let state = State::decode(&body).map_err(corrupt)?;
    let key = StreamKey { segment: read_segment(row)?, pane: pane(row, 4)?, stream };
    Ok(KpiDelta { key, newest: Timestamp::from_micros(row.get(6)?), state })
}

fn stream(row: &Row<'_>) -> Result<KpiId, StoreError> {
    let named =
        |column: usize| Ok::<bool, StoreError>(!row.get_ref(column)?.as_str().unwrap_or("").is_empty());
    Ok(KpiId {
        use_case: named(0)?.then(|| parse(row, 0)).transpose()?,
        model: named(1)?.then(|| parse(row, 1)).transpose()?,
        name: parse(row, 2)?,
    })
}

fn read_segment(row: &Row<'_>) -> Result<Segment, StoreError> {
    segment(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)
}

/// Streams, segments and panes that have several rows of one kind, some of them.
pub(super) fn foldable(connection: &Connection) -> Result<Vec<(StreamKey, String)>, StoreError> {
    let sql = "SELECT use_case, model, name, segment, pane_unit, pane_start, kind FROM kpi_delta
               GROUP BY use_case, model, name, segment, pane_unit, pane_start, kind HAVING count(*) > 1 LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([KEYS_A_FOLD as i64])?;
    let mut keys = Vec::new();
    while let Some(row) = rows.next()? {
        let key = StreamKey { stream: stream(row)?, segment: read_segment(row)?, pane: pane(row, 4)? };
        keys.push((key, row.get(6)?));
    }
    Ok(keys)
}

/// Replaces the rows of a key by their sum; returns how many rows that saved.
pub(super) fn fold(writer: &mut Writer, key: &StreamKey, kind: &str) -> Result<u64, StoreError> {
    let (use_case, model, name) = columns(&key.stream);
    let sql = format!(
        "DELETE FROM kpi_delta WHERE id IN (
             SELECT id FROM kpi_delta
             WHERE use_case = ?1 AND model = ?2 AND name = ?3 AND segment = ?4 AND pane_unit = ?5
                 AND pane_start = ?6 AND kind = ?7 LIMIT {ROWS_A_FOLD}
         ) RETURNING {COLUMNS}"
    );
    writer.ledger.transact(|transaction| {
        let mut statement = transaction.prepare_cached(&sql)?;
        let (unit, start) = pane_columns(key.pane);
        let of_key = (use_case, model, name, key.segment.to_string(), unit, start, kind);
        let mut rows = statement.query(of_key)?;
        let (mut sum, mut deleted): (Option<KpiDelta>, u64) = (None, 0);
        while let Some(row) = rows.next()? {
            deleted += 1;
            let delta = delta(row)?;
            match &mut sum {
                Some(sum) => merge(sum, &delta)?,
                None => sum = Some(delta),
            }
        }
        append(transaction, sum.as_slice())?;
        Ok(deleted.saturating_sub(1))
    })
}

pub(super) fn state(connection: &Connection) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT revision, state FROM kpi_state")?;
    Ok(statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
}

pub(super) fn commit(writer: &mut Writer, commit: &KpiCommit) -> Result<(), StoreError> {
    let KpiCommit { expected_revision, state: body, incidents } = commit;
    writer.ledger.transact(|transaction| {
        let current = state(transaction)?.map_or(0, |(revision, _)| revision);
        if current != *expected_revision {
            let why = format!("KPIs are judged up to revision {current}, not {expected_revision}");
            return Err(StoreError::Conflict(why));
        }
        let sql = "INSERT INTO kpi_state VALUES (1, ?1, ?2)
                   ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, state = excluded.state";
        transaction.prepare_cached(sql)?.execute((current + 1, body))?;
        incidents::write(transaction, incidents)
    })
}

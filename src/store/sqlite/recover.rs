//! What a store holds when it is opened.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use super::commit_row::{CommitRow, KeyHash};
use super::directory::OpenError;
use super::guards::Guards;
use super::join;
use super::key_columns::parse;
use crate::domain::{ModelId, Timestamp};
use crate::store::{Recovered, RecoveredModel, StoreError};

/// The commit log's end, and what of it the writer keeps in memory.
pub(super) struct Log {
    pub(super) writer: String,
    pub(super) last_sequence: i64,
    pub(super) last_row: i64,
    pub(super) newest: BTreeMap<(ModelId, String), Timestamp>,
    pub(super) keys_dropped: u64,
}

/// Reads the end of the log and enters its keys into `guards`. Errors where a commit is missing.
pub(super) fn log(connection: &Connection, guards: &mut Guards) -> Result<Log, OpenError> {
    let meta = |name: &str| {
        connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get::<_, String>(0))
    };
    let newest_through = meta("newest_through")?
        .parse()
        .map_err(|_| StoreError::Corrupt("meta.newest_through is no number".to_owned()))?;
    Ok(Log {
        writer: meta("writer")?,
        last_sequence: connection
            .query_row("SELECT ifnull(max(seq), 0) FROM commit_log", [], |row| row.get(0))?,
        last_row: connection.query_row(
            "SELECT max(ifnull((SELECT max(id) FROM delta), 0), ifnull((SELECT max(id) FROM learning), 0))",
            [],
            |row| row.get(0),
        )?,
        newest: newest(connection, newest_through)?,
        keys_dropped: enter_keys(connection, guards)?,
    })
}

/// The table, and what commits after `through` carry.
fn newest(
    connection: &Connection,
    through: i64,
) -> Result<BTreeMap<(ModelId, String), Timestamp>, OpenError> {
    let mut newest = BTreeMap::new();
    each(connection, "SELECT model, source, at FROM newest", |row| {
        newest.insert((parse(row, 0)?, row.get(1)?), Timestamp::from_micros(row.get(2)?));
        Ok(())
    })?;
    let mut statement = connection.prepare("SELECT seq, body FROM commit_log WHERE seq > ?1 ORDER BY seq")?;
    let mut rows = statement.query([through])?;
    let mut expected = through + 1;
    while let Some(row) = rows.next()? {
        gapless(&mut expected, row.get(0)?, |expected| expected + 1)?;
        for (source, at) in CommitRow::decode(&row.get::<_, Vec<u8>>(1)?)?.newest {
            let newest = newest.entry(source).or_insert(at);
            *newest = at.max(*newest);
        }
    }
    Ok(newest)
}

/// Enters the keys of the newest commits, as many as live and find room; returns how many found none.
fn enter_keys(connection: &Connection, guards: &mut Guards) -> Result<u64, OpenError> {
    let mut commits: Vec<(i64, Timestamp, Vec<KeyHash>)> = Vec::new();
    let mut keys = 0;
    let mut statement = connection.prepare("SELECT seq, at, body FROM commit_log ORDER BY seq DESC")?;
    let mut rows = statement.query([])?;
    let mut now = None;
    let mut expected = 0;
    while let Some(row) = rows.next()?
        && keys <= guards.keys_max()
    {
        let (sequence, at) = (row.get(0)?, Timestamp::from_micros(row.get(1)?));
        if now.get_or_insert(at).since(at) >= guards.ttl() {
            break;
        }
        if expected > 0 {
            gapless(&mut expected, sequence, |expected| expected - 1)?;
        } else {
            expected = sequence - 1;
        }
        let row = CommitRow::decode(&row.get::<_, Vec<u8>>(2)?)?;
        if !row.keys.is_empty() {
            keys += row.keys.len();
            commits.push((sequence, at, row.keys.iter().map(|entry| entry.key).collect()));
        }
    }
    let enter =
        |(sequence, at, keys): (i64, Timestamp, Vec<KeyHash>)| guards.enter(sequence, at, keys.into_iter());
    Ok(commits.into_iter().rev().map(enter).sum())
}

fn gapless(expected: &mut i64, found: i64, next: fn(i64) -> i64) -> Result<(), OpenError> {
    if found != *expected {
        return Err(OpenError::Gap { expected: *expected, found });
    }
    *expected = next(*expected);
    Ok(())
}

/// What the owners of each model's state get back.
pub(super) fn models(connection: &Connection) -> Result<BTreeMap<ModelId, RecoveredModel>, StoreError> {
    let mut models: BTreeMap<ModelId, RecoveredModel> = BTreeMap::new();
    each(connection, "SELECT model, revision, state FROM evaluation_state", |row| {
        models.entry(parse(row, 0)?).or_default().evaluation = Some((row.get(1)?, row.get(2)?));
        Ok(())
    })?;
    each(connection, "SELECT model, state FROM control", |row| {
        models.entry(parse(row, 0)?).or_default().control = Some(row.get(1)?);
        Ok(())
    })?;
    each(connection, &format!("SELECT {} FROM join_state", join::state_columns()), |row| {
        models.entry(parse(row, 0)?).or_default().join = join::read_state(row)?;
        Ok(())
    })?;
    each(connection, "SELECT model, profile FROM reference", |row| {
        models.entry(parse(row, 0)?).or_default().profile = Some(row.get(1)?);
        Ok(())
    })?;
    Ok(models)
}

impl Log {
    pub(super) fn recovered(&self, models: BTreeMap<ModelId, RecoveredModel>) -> Recovered {
        Recovered { newest: self.newest.clone(), models, last_sequence: self.last_sequence.cast_unsigned() }
    }
}

fn each(
    connection: &Connection,
    sql: &str,
    mut read: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        read(row)?;
    }
    Ok(())
}

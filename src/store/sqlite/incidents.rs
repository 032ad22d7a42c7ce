//! Incidents, their timelines, and what follows from them, in one transaction; pages of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction};

use super::{control, json, outbox, silences};
use crate::domain::{ModelId, Timestamp};
use crate::incident::{Entry, Incident, IncidentId};
use crate::store::{
    CurrentIncidents, IncidentChange, IncidentChanges, IncidentQuery, IncidentState, LastIds, StoreError,
};

/// Writes all of it, or errors for the transaction to roll back.
pub(super) fn write(transaction: &Transaction<'_>, changes: &IncidentChanges) -> Result<(), StoreError> {
    let IncidentChanges { changes, notifications, silence, audit } = changes;
    for change in changes {
        write_change(transaction, change)?;
    }
    for notification in notifications {
        outbox::enter(transaction, notification)?;
    }
    if let Some(silence) = silence {
        silences::write(transaction, silence)?;
    }
    if let Some(audit) = audit {
        control::write_audit(transaction, audit)?;
    }
    Ok(())
}

fn write_change(transaction: &Transaction<'_>, change: &IncidentChange) -> Result<(), StoreError> {
    let IncidentChange { incident, happened } = change;
    let id = incident.id.0.cast_signed();
    follows_on(transaction, incident, happened)?;
    let sql = "INSERT INTO incident VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
               ON CONFLICT (id) DO UPDATE SET key = excluded.key, state = excluded.state, model = excluded.model,
                   kind = excluded.kind, severity = excluded.severity, resolved_at = excluded.resolved_at,
                   deadline_unmet = excluded.deadline_unmet, entries = excluded.entries, body = excluded.body";
    transaction.prepare_cached(sql)?.execute((
        id,
        incident.key.to_text(),
        incident.state.as_str(),
        incident.key.model.as_ref().map(ModelId::as_str),
        incident.key.kind.as_str(),
        incident.severity.to_string(),
        incident.resolved_at().map(Timestamp::micros),
        incident.regulatory.iter().any(|deadline| deadline.met_at.is_none()),
        incident.entries,
        json::encode(incident)?,
    ))?;
    let mut insert = transaction.prepare_cached("INSERT INTO incident_entry VALUES (?1, ?2, ?3)")?;
    for entry in happened {
        insert.execute((id, entry.number, json::encode(entry)?))?;
    }
    Ok(())
}

/// Errors where the stored timeline does not end where the new lines begin.
fn follows_on(transaction: &Connection, incident: &Incident, happened: &[Entry]) -> Result<(), StoreError> {
    let stored: Option<u32> = transaction
        .prepare_cached("SELECT entries FROM incident WHERE id = ?1")?
        .query_row([incident.id.0.cast_signed()], |row| row.get(0))
        .optional()?;
    let stored = stored.unwrap_or(0);
    if usize::try_from(incident.entries).ok() == Some(stored as usize + happened.len()) {
        return Ok(());
    }
    let Incident { id, entries, .. } = incident;
    let new = happened.len();
    Err(StoreError::Conflict(format!(
        "the timeline of {id} has {stored} lines; {new} more do not make {entries}"
    )))
}

/// The conditions of a page are looked at in the index, newest first.
const PAGE: &str = "
    SELECT body FROM incident WHERE id IN (
        SELECT id FROM incident INDEXED BY incident_page
        WHERE id < ?1 AND state IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR model = ?3)
            AND (?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR severity = ?5)
        ORDER BY id DESC LIMIT ?6
    ) ORDER BY id DESC";

pub(super) fn page(connection: &Connection, query: &IncidentQuery) -> Result<Vec<Incident>, StoreError> {
    let states: Vec<&str> = match query.states.is_empty() {
        true => IncidentState::ALL.map(IncidentState::as_str).to_vec(),
        false => query.states.iter().map(|state| state.as_str()).collect(),
    };
    let parameters = (
        query.before.map_or(i64::MAX, |id| id.0.cast_signed()),
        json::encode(&states)?,
        query.model.as_ref().map(ModelId::as_str),
        query.kind.map(|kind| kind.as_str()),
        query.severity.map(|severity| severity.to_string()),
        i64::try_from(query.limit).unwrap_or(i64::MAX),
    );
    json::read_all(connection, PAGE, parameters)
}

pub(super) fn read(
    connection: &Connection,
    id: IncidentId,
) -> Result<Option<(Incident, Vec<Entry>)>, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    let id = id.0.cast_signed();
    let found: Vec<Incident> = json::read_all(&snapshot, "SELECT body FROM incident WHERE id = ?1", [id])?;
    let Some(incident) = found.into_iter().next() else { return Ok(None) };
    let sql = "SELECT body FROM incident_entry WHERE incident = ?1 ORDER BY number";
    Ok(Some((incident, json::read_all(&snapshot, sql, [id])?)))
}

pub(super) fn current(connection: &Connection, since: Timestamp) -> Result<CurrentIncidents, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    Ok(CurrentIncidents {
        incidents: current_of_keys(&snapshot, since)?,
        silences: silences::read(&snapshot, since)?,
        last_ids: LastIds {
            incident: last_id(&snapshot, "incident")?,
            notification: last_id(&snapshot, "outbox")?,
            silence: last_id(&snapshot, "silence")?,
        },
        flushes: outbox::flushes(&snapshot, since)?,
    })
}

const CURRENT: &str = "
    SELECT body FROM incident WHERE id IN (
        SELECT id FROM incident WHERE resolved_at IS NULL
        UNION SELECT id FROM incident WHERE resolved_at >= ?1
        UNION SELECT id FROM incident WHERE deadline_unmet = 1
    ) ORDER BY id";

fn current_of_keys(snapshot: &Connection, since: Timestamp) -> Result<Vec<Incident>, StoreError> {
    let mut incidents: Vec<Incident> = json::read_all(snapshot, CURRENT, [since.micros()])?;
    let newest: BTreeMap<String, IncidentId> =
        incidents.iter().map(|incident| (incident.key.to_text(), incident.id)).collect();
    incidents.retain(|incident| {
        newest[&incident.key.to_text()] == incident.id
            || incident.regulatory.iter().any(|deadline| deadline.met_at.is_none())
    });
    Ok(incidents)
}

fn last_id(snapshot: &Connection, table: &str) -> Result<u64, StoreError> {
    let id: Option<i64> = snapshot
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = ?1", [table], |row| row.get(0))
        .optional()?;
    Ok(id.unwrap_or(0).cast_unsigned())
}

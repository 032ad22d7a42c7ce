//! What the outbox holds, for people.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use crate::domain::Timestamp;
use crate::incident::IncidentId;
use crate::notification::NotificationId;
use crate::store::sqlite::json;
use crate::store::sqlite::key_columns::parse;
use crate::store::{NotificationQuery, NotificationRow, NotificationState, OutboxSize, StoreError};

/// A page, newest first.
pub(in super::super) fn page(
    connection: &Connection,
    query: &NotificationQuery,
) -> Result<Vec<NotificationRow>, StoreError> {
    let (conditions, mut parameters) = conditions(query);
    parameters.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
    let sql = format!(
        "SELECT body, state, message, sealed, attempts, error, ready_at, settled_at, id, receiver, incident, due_at
         FROM outbox
         WHERE {conditions} ORDER BY id DESC LIMIT ?"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(notification(row)?);
    }
    Ok(found)
}

/// Of the conditions that are given, the one that fewest rows fulfil is looked up in its index.
fn conditions(query: &NotificationQuery) -> (String, Vec<Value>) {
    let NotificationQuery { state, receiver, incident, before, limit: _ } = query;
    let rarest_first = [
        incident.map(|incident| ("incident", Value::Integer(incident.0.cast_signed()))),
        state.map(|state| ("state", Value::Text(state.as_str().to_owned()))),
        receiver.as_ref().map(|receiver| ("receiver", Value::Text(receiver.as_str().to_owned()))),
    ];
    let mut conditions = "id < ?".to_owned();
    let mut parameters = vec![Value::Integer(before.map_or(i64::MAX, |id| id.0.cast_signed()))];
    for (column, value) in rarest_first.into_iter().flatten() {
        // A plus keeps a column from being looked up in an index.
        let plus = if parameters.len() == 1 { "" } else { "+" };
        conditions += &format!(" AND {plus}{column} = ?");
        parameters.push(value);
    }
    (conditions, parameters)
}

fn notification(row: &Row<'_>) -> Result<NotificationRow, StoreError> {
    let state = state(row, 1)?;
    let message = NotificationId(row.get::<_, i64>(2)?.cast_unsigned());
    let ready_at = row.get::<_, Option<i64>>(6)?.map(Timestamp::from_micros);
    Ok(NotificationRow {
        id: NotificationId(row.get::<_, i64>(8)?.cast_unsigned()),
        receiver: parse(row, 9)?,
        incident: IncidentId(row.get::<_, i64>(10)?.cast_unsigned()),
        due_at: Timestamp::from_micros(row.get(11)?),
        notification: json::decode(row, 0).ok(),
        state,
        message: row.get::<_, bool>(3)?.then_some(message),
        attempts: row.get(4)?,
        last_error: row.get(5)?,
        next_attempt_at: ready_at.filter(|_| state == NotificationState::Pending),
        settled_at: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_micros),
    })
}

fn state(row: &Row<'_>, at: usize) -> Result<NotificationState, StoreError> {
    let text = row.get_ref(at)?.as_str().map_err(rusqlite::Error::from)?;
    let found = NotificationState::ALL.into_iter().find(|state| state.as_str() == text);
    found.ok_or_else(|| StoreError::Corrupt(format!("no notification is {text:?}")))
}

pub(super) const COUNTS: &str = "SELECT state, count(*) FROM outbox GROUP BY state";
pub(super) const OLDEST_DUE: &str = "SELECT min(due_at) FROM outbox WHERE ready_at IS NOT NULL";

pub(in super::super) fn size(connection: &Connection) -> Result<OutboxSize, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut size = OutboxSize::default();
    let mut statement = snapshot.prepare_cached(COUNTS)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let count = match state(row, 0)? {
            NotificationState::Pending => &mut size.pending,
            NotificationState::Claimed => &mut size.claimed,
            NotificationState::Delivered => &mut size.delivered,
            NotificationState::Dead => &mut size.dead,
        };
        *count = row.get::<_, i64>(1)?.cast_unsigned();
    }
    let oldest: Option<i64> = snapshot.prepare_cached(OLDEST_DUE)?.query_row([], |row| row.get(0))?;
    size.oldest_due = oldest.map(Timestamp::from_micros);
    Ok(size)
}

//! Values that are stored whole, as JSON text.

use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::StoreError;

pub(super) fn encode(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(format!("a value is no JSON: {error}")))
}

/// The value in a column of a row.
pub(super) fn decode<T: DeserializeOwned>(row: &Row<'_>, at: usize) -> Result<T, StoreError> {
    let text = row.get_ref(at)?.as_str().map_err(rusqlite::Error::from)?;
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("a stored value: {error}")))
}

/// The values in the first column of what a query finds.
pub(super) fn read_all<T: DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(decode(row, 0)?);
    }
    Ok(found)
}

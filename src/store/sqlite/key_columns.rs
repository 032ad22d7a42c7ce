//! A delta's key as columns: model, version, segment, pane_length (s), pane_start (µs), in this order.

use rusqlite::Row;

use crate::domain::{Pane, PaneLength, Segment, Timestamp};
use crate::store::{DeltaKey, StoreError};

/// The columns, for SELECT and INSERT.
pub(super) const KEY_COLUMNS: &str = "model, version, segment, pane_length, pane_start";

/// The key's columns as parameters.
pub(super) fn of(key: &DeltaKey) -> (&str, &str, String, i64, i64) {
    let DeltaKey { model, version, segment, pane } = key;
    (model.as_str(), version.as_str(), segment.to_string(), pane.length.seconds(), pane.start.micros())
}

/// Reads the key from five columns, the first at `from`.
pub(super) fn read(row: &Row<'_>, from: usize) -> Result<DeltaKey, StoreError> {
    let seconds: i64 = row.get(from + 3)?;
    let length = PaneLength::ALL.into_iter().find(|length| length.seconds() == seconds);
    let length = length.ok_or_else(|| StoreError::Corrupt(format!("no pane is {seconds} seconds long")))?;
    Ok(DeltaKey {
        model: parse(row, from)?,
        version: parse(row, from + 1)?,
        segment: segment(row.get_ref(from + 2)?.as_str().map_err(rusqlite::Error::from)?)?,
        pane: Pane { start: Timestamp::from_micros(row.get(from + 4)?), length },
    })
}

/// A text column that holds an id.
pub(super) fn parse<T>(row: &Row<'_>, at: usize) -> Result<T, StoreError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let text: String = row.get(at)?;
    text.parse().map_err(|error| StoreError::Corrupt(format!("a stored id {error}")))
}

/// Unlike `Segment::from_str` this knows no longest value: what was counted must be readable.
pub(super) fn segment(text: &str) -> Result<Segment, StoreError> {
    match text.split_once('=') {
        Some((attribute, value)) => Ok(Segment::Slice { attribute: attribute.into(), value: value.into() }),
        None if text == "all" => Ok(Segment::All),
        None => {
            Err(StoreError::Corrupt("a stored segment is neither `all` nor `attribute=value`".to_owned()))
        }
    }
}

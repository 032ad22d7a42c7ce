//! Many rows of a key become one.

use std::collections::HashSet;

use rusqlite::{Connection, Transaction};

use super::key_columns;
use super::row_counts::{self, FoldKey};
use super::rows::{NewRows, delete_counts, insert_replacements};
use super::writer::Writer;
use crate::store::{DeltaBody, DeltaRow, Fold, StoreError};

/// Rows that can be folded: of each key the oldest, until there are `bytes_max` of them (but always two of a key).
pub(super) fn candidates(
    connection: &Connection,
    keys: Vec<FoldKey>,
    bytes_max: usize,
) -> Result<Vec<DeltaRow>, StoreError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut found = Vec::new();
    let mut bytes = 0;
    for key in keys {
        if bytes >= bytes_max {
            break;
        }
        let of_key = rows_of(&snapshot, key, bytes_max - bytes)?;
        // Folded since the key was listed, or cut off after its first row.
        if of_key.len() > 1 {
            bytes += of_key.iter().map(|row| row.body.bytes().len()).sum::<usize>();
            found.extend(of_key);
        }
    }
    Ok(found)
}

/// The oldest rows of a key: two at least (where there are two), and no more once `bytes_max` is reached.
fn rows_of(
    snapshot: &Connection,
    (key, ruler): FoldKey,
    bytes_max: usize,
) -> Result<Vec<DeltaRow>, StoreError> {
    let (model, version, segment, pane_length, pane_start) = key_columns::of(&key);
    let sql = "SELECT id, body FROM delta WHERE model = ?1 AND version = ?2 AND segment = ?3
               AND pane_length = ?4 AND pane_start = ?5 AND ruler = ?6 ORDER BY id";
    let mut statement = snapshot.prepare_cached(sql)?;
    let mut rows = statement.query((model, version, segment, pane_length, pane_start, ruler.0))?;
    let mut found: Vec<DeltaRow> = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(1)?;
        bytes += body.len();
        if found.len() >= 2 && bytes > bytes_max {
            break;
        }
        found.push(DeltaRow { row: row.get(0)?, key: key.clone(), body: DeltaBody::Counts(body) });
    }
    Ok(found)
}

/// Deletes rows and inserts others. Among the deleted may be learning rows that came too late to be frozen: these are
/// overwritten, and erased from the log.
pub(super) fn fold(writer: &mut Writer, fold: &Fold) -> Result<(), StoreError> {
    let mut new_rows = NewRows::after(writer.last_row);
    let replace = |transaction: &Transaction<'_>| {
        let mut keys = HashSet::new();
        // Deleted first: the new rows find room in the pages that become free.
        for &row in &fold.deleted {
            match delete_counts(transaction, row)? {
                Some(key) => drop(keys.insert(key)),
                None if delete_learning(transaction, row)? => {}
                None => return Err(StoreError::Conflict(format!("delta row {row} is gone"))),
            }
        }
        insert_replacements(transaction, &mut new_rows, &fold.inserted)?;
        keys.extend(new_rows.keys());
        row_counts::look_up_all(transaction, keys)
    };
    let securely = holds_learning(writer.ledger.connection()?, &fold.deleted)?;
    let counted = match securely {
        true => writer.ledger.transact_securely(replace)?,
        false => writer.ledger.transact(replace)?,
    };
    writer.last_row = new_rows.last();
    row_counts::lock(&writer.row_counts).enter(counted);
    writer.nudge.wrote(new_rows.bytes());
    if securely {
        writer.erase_log_soon();
    }
    Ok(())
}

fn holds_learning(connection: &Connection, rows: &[i64]) -> Result<bool, StoreError> {
    let mut exists = connection.prepare_cached("SELECT 1 FROM learning WHERE id = ?1")?;
    for row in rows {
        if exists.exists([row])? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn delete_learning(transaction: &Connection, row: i64) -> Result<bool, StoreError> {
    Ok(transaction.prepare_cached("DELETE FROM learning WHERE id = ?1")?.execute([row])? == 1)
}

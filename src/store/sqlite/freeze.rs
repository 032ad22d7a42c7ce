//! A learnt reference becomes the model's, and what was learnt is gone.

use rusqlite::OptionalExtension;

use super::row_counts;
use super::rows::{NewRows, insert_replacements};
use super::writer::Writer;
use crate::store::{Freeze, StoreError};

/// Writes the reference and replaces the learning rows by counts. Their bytes are overwritten in the database; those
/// in the log at once, or as soon as readers allow.
pub(super) fn freeze(writer: &mut Writer, freeze: &Freeze) -> Result<(), StoreError> {
    let Freeze { model, ruler_id, profile, deleted, inserted, at } = freeze;
    let mut new_rows = NewRows::after(writer.last_row);
    let row_counts = &writer.row_counts;
    let counted = writer.ledger.transact_securely(|transaction| {
        let found = transaction
            .query_row("SELECT at FROM reference WHERE model = ?1", [model.as_str()], |row| {
                row.get::<_, i64>(0)
            })
            .optional()?;
        if found.is_some() {
            return Err(StoreError::Conflict(format!("{model} has a reference")));
        }
        let sql = "INSERT INTO reference (model, ruler, profile, at) VALUES (?1, ?2, ?3, ?4)";
        transaction.execute(sql, (model.as_str(), ruler_id.0, profile, at.micros()))?;
        let mut delete = transaction.prepare_cached("DELETE FROM learning WHERE id = ?1 AND model = ?2")?;
        for row in deleted {
            if delete.execute((row, model.as_str()))? != 1 {
                return Err(StoreError::Conflict(format!("learning row {row} of {model} is gone")));
            }
        }
        insert_replacements(transaction, &mut new_rows, inserted)?;
        new_rows.count(transaction, &row_counts::lock(row_counts))
    })?;
    writer.last_row = new_rows.last();
    row_counts::lock(&writer.row_counts).enter(counted);
    writer.erase_log_soon();
    Ok(())
}

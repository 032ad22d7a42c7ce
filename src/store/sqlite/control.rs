//! What people asked for, and the trail of it.

use rusqlite::{Connection, Row, Transaction};

use super::key_columns::parse;
use super::writer::Writer;
use crate::domain::{ModelId, Timestamp};
use crate::store::{AuditRow, ControlCommit, StoreError};

/// Writes the control state and its audit row; where the reference is forgotten, so is what was learnt, securely.
pub(super) fn commit(writer: &mut Writer, control: &ControlCommit) -> Result<(), StoreError> {
    let write = |transaction: &Transaction<'_>| {
        let ControlCommit { model, state, audit, forget_reference } = control;
        let sql =
            "INSERT INTO control VALUES (?1, ?2) ON CONFLICT (model) DO UPDATE SET state = excluded.state";
        transaction.prepare_cached(sql)?.execute((model.as_str(), state))?;
        write_audit(transaction, audit)?;
        if *forget_reference {
            transaction.execute("DELETE FROM reference WHERE model = ?1", [model.as_str()])?;
            transaction.execute("DELETE FROM learning WHERE model = ?1", [model.as_str()])?;
        }
        Ok(())
    };
    match control.forget_reference {
        true => {
            writer.ledger.transact_securely(write)?;
            writer.erase_log_soon();
            Ok(())
        }
        false => writer.ledger.transact(write),
    }
}

pub(super) fn write_audit(transaction: &Transaction<'_>, audit: &AuditRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO audit (at, actor, action, model, detail) VALUES (?1, ?2, ?3, ?4, ?5)";
    let AuditRow { at, actor, action, model, detail } = audit;
    let model = model.as_ref().map(ModelId::as_str);
    transaction.prepare_cached(sql)?.execute((at.micros(), actor, action, model, detail))?;
    Ok(())
}

/// The audit trail, of one model or of all, newest first.
pub(super) fn read_audit(
    connection: &Connection,
    model: Option<&ModelId>,
    limit: usize,
) -> Result<Vec<AuditRow>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = |filter: &str| {
        format!("SELECT at, actor, action, model, detail FROM audit {filter} ORDER BY id DESC LIMIT ?1")
    };
    let mut found = Vec::new();
    let mut take = |row: &Row<'_>| -> Result<(), StoreError> {
        let model = row.get::<_, Option<String>>(3)?.map(|_| parse(row, 3)).transpose()?;
        let at = Timestamp::from_micros(row.get(0)?);
        found.push(AuditRow { at, actor: row.get(1)?, action: row.get(2)?, model, detail: row.get(4)? });
        Ok(())
    };
    let mut statement;
    let mut rows = match model {
        Some(model) => {
            statement = connection.prepare_cached(&sql("WHERE model = ?2"))?;
            statement.query((limit, model.as_str()))?
        }
        None => {
            statement = connection.prepare_cached(&sql(""))?;
            statement.query([limit])?
        }
    };
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    drop(rows);
    Ok(found)
}

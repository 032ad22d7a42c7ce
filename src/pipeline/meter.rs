//! What is counted of bodies for `/metrics`.

use super::join::DropReason;
use super::outcomes::Strange;
use crate::batch::UnknownKeys;
use crate::domain::ColumnId;
use crate::ingest::decode::{Decoded, Rejections};
use crate::metrics::{CounterMap, ModelMetrics, Violation};
use crate::sketch::ColumnCounts;
use crate::web::IngestError;
use crate::web::answer::IngestAnswer;

/// Columns and keys that were not as the schema says.
pub fn decoded(metrics: &ModelMetrics, decoded: &Decoded) {
    for (reason, rows) in decoded.rejections.by_reason() {
        metrics.rows_rejected.add(reason, *rows);
    }
    let faults = &decoded.faults;
    unknown(metrics, Violation::UnknownFeature, &decoded.batch.unknown_features);
    unknown(metrics, Violation::UnknownKey, &faults.unknown_keys);
    unknown(metrics, Violation::UnknownSegment, &faults.unknown_segments);
    unknown(metrics, Violation::UnknownClass, &faults.unknown_classes);
    for (key, rows) in &faults.wrong_types {
        metrics.violated(key, Violation::WrongType, *rows);
    }
    if faults.bad_ids > 0 {
        metrics.violated("id", Violation::BadId, faults.bad_ids);
    }
}

/// Labels that were left out, and keys that mean nothing.
pub fn decoded_labels(metrics: &ModelMetrics, rejections: &Rejections, unknown_keys: &UnknownKeys) {
    for (reason, rows) in rejections.by_reason() {
        metrics.rows_rejected.add(reason, *rows);
    }
    unknown(metrics, Violation::UnknownKey, unknown_keys);
}

fn unknown(metrics: &ModelMetrics, kind: Violation, keys: &UnknownKeys) {
    for (name, rows) in &keys.by_name {
        metrics.violated(name, kind, rows.len() as u64);
    }
    if keys.further > 0 {
        metrics.violated(CounterMap::OTHER, kind, keys.further);
    }
}

/// Values of a column that are missing or of the wrong type.
pub fn counted(metrics: &ModelMetrics, column: &ColumnId, counts: &ColumnCounts) {
    for (kind, rows) in [(Violation::WrongType, counts.wrong_type()), (Violation::Missing, counts.absent())] {
        if rows > 0 {
            metrics.violated(&column.to_string(), kind, rows.unsigned_abs());
        }
    }
}

/// What of a body's rows is of no class of the model.
pub fn strange(metrics: &ModelMetrics, strange: Strange) {
    if strange.predictions > 0 {
        metrics.violated(&ColumnId::Prediction.to_string(), Violation::UnknownClass, strange.predictions);
    }
    metrics.labels.add(DropReason::UnknownClass.as_str(), strange.actuals);
}

/// Rows by what became of them, each under one outcome. Rows of a failed commit count nowhere: they will be sent again.
pub fn answered(metrics: &ModelMetrics, source: &str, settled: &Result<IngestAnswer, IngestError>) {
    let rows = metrics.source(source);
    match settled {
        Ok(answer) if answer.duplicate => {
            rows.duplicate.inc_by(answer.accepted + answer.rejected);
        }
        Ok(answer) => {
            rows.accepted.inc_by(answer.accepted.saturating_sub(answer.late));
            rows.late.inc_by(answer.late);
            rows.rejected.inc_by(answer.rejected);
        }
        Err(IngestError::AllRejected(answer)) => {
            rows.rejected.inc_by(answer.rejected);
        }
        Err(_) => {}
    }
}

/// The label under which a request that counted nothing is counted; rows that were all rejected have labels of their own.
pub fn refusal(error: &IngestError) -> Option<&'static str> {
    match error {
        IngestError::UnknownModel { .. } => Some("unknown_model"),
        IngestError::AllRejected(_) => None,
        IngestError::KeyReused => Some("key_reused"),
        IngestError::TooLarge { .. } => Some("too_large"),
        IngestError::Malformed { .. } => Some("malformed"),
        IngestError::Busy { .. } => Some("queue_full"),
        IngestError::Unavailable { .. } => Some("unavailable"),
    }
}

//! The keys of a row that are checked by their own rules: `id`, `version` and `ts`.

use super::Admission;
use super::instant::read_instant;
use super::json::Value;
use super::reject::RejectReason;
use super::rows::Faults;
use super::values::plain_name;
use crate::batch::{Codes, CodesBuilder};
use crate::domain::{ColumnKind, IdHash, IdHasher, Task, Timestamp, Version};

/// Whether a label can find a row of this id, or the row has none and wants none.
pub(super) fn is_id(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => (1..=Faults::ID_BYTES_MAX).contains(&text.len()),
        Value::Number(number) => number.is_integer,
        Value::Boolean(_) | Value::Container => false,
    }
}

/// The hash of an id: of a text, or of an integer as it is written. None for null.
pub(super) fn hash_of(ids: &IdHasher, value: &Value<'_>) -> Option<IdHash> {
    match value {
        Value::Text(text) => Some(ids.hash(text)),
        Value::Number(number) => number.name().map(|name| ids.hash(&name)),
        _ => None,
    }
}

/// How labels of a task are read.
pub(super) fn actual_kind(task: Task) -> ColumnKind {
    match task {
        Task::Regression => ColumnKind::Numeric,
        Task::Binary | Task::Multiclass => ColumnKind::Categorical,
    }
}

/// A text, or a number by its name, that is a [`Version`]; null is none.
pub(super) fn push_version(versions: &mut CodesBuilder, value: &Value<'_>) -> Result<(), RejectReason> {
    if matches!(value, Value::Boolean(_)) {
        return Err(RejectReason::BadVersion);
    }
    match plain_name(value) {
        Ok(name) => {
            let is_plain = name.len() <= Version::BYTES_MAX && name.bytes().all(|b| matches!(b, b'!'..=b'~'));
            if name.is_empty() || !(is_plain || name.parse::<Version>().is_ok()) {
                return Err(RejectReason::BadVersion);
            }
            versions.push(&name);
        }
        Err(Codes::MISSING) => versions.push_nameless(Codes::MISSING),
        Err(_) => return Err(RejectReason::BadVersion),
    }
    Ok(())
}

/// The row's event time, if it is admitted.
pub(super) fn admitted(value: &Value<'_>, admission: &Admission) -> Result<Timestamp, RejectReason> {
    let ts = match value {
        Value::Null => return Ok(admission.arrival),
        Value::Text(text) => read_instant(text),
        Value::Number(number) => Timestamp::from_epoch(number.to_f64()),
        Value::Boolean(_) | Value::Container => return Err(RejectReason::BadTs),
    };
    match ts.map_err(|_| RejectReason::BadTs)? {
        ts if ts > admission.latest => Err(RejectReason::TooFarAhead { latest: admission.latest }),
        ts if ts < admission.oldest => Err(RejectReason::TooOld { oldest: admission.oldest }),
        ts => Ok(ts),
    }
}

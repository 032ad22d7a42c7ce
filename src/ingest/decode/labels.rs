//! Labels: what really happened, by the id of the prediction.

use std::collections::BTreeSet;

use super::fields::{admitted, hash_of};
use super::json::{Cursor, Value};
use super::keys::Keys;
use super::reject::{RejectReason, Rejections};
use super::values::plain_name;
use super::{Admission, BodyError, DecodeLimits, Format, ReadRow, read_body};
use crate::batch::UnknownKeys;
use crate::domain::{IdHash, IdHasher, Task, Timestamp};
use crate::sketch::cut_name;

/// One label.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelRow {
    pub id: IdHash,
    /// As of when it says so: its own `ts`, or when it arrived.
    pub at: Timestamp,
    pub value: ActualValue,
}

/// What a label says.
#[derive(Debug, Clone, PartialEq)]
pub enum ActualValue {
    Class(Box<str>),
    /// Finite.
    Number(f64),
}

/// Which labels a model has a use for.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Not known yet, as while the reference is being learnt: any that its task can have.
    Any,
    /// Those that name one of these classes; any number where there are none.
    Of(BTreeSet<Box<str>>),
    /// None at all, and why.
    None(Box<str>),
}

/// What a body of labels held.
#[derive(Debug, Clone)]
pub struct DecodedLabels {
    pub rows: Vec<LabelRow>,
    pub rejections: Rejections,
    pub unknown_keys: UnknownKeys,
}

/// Decodes bodies of labels of one model.
pub struct LabelDecoder {
    rows: Rows,
}

struct Rows {
    task: Task,
    ids: IdHasher,
    wanted: Wanted,
    keys: Keys,
    read: Vec<LabelRow>,
}

const KEYS: [&str; 3] = ["id", "actual", "ts"];
const ID: usize = 0;
const ACTUAL: usize = 1;
const TS: usize = 2;
const IN_ROW: usize = 1;

impl LabelDecoder {
    pub fn new(task: Task, ids: IdHasher, wanted: Wanted) -> Self {
        Self { rows: Rows { task, ids, wanted, keys: Keys::new(KEYS), read: Vec::new() } }
    }

    /// Decodes a whole body. Errors where none of it may count; else every row is a label or a rejection.
    pub fn decode(
        &mut self,
        body: &[u8],
        format: Format,
        admission: &Admission,
        limits: &DecodeLimits,
    ) -> Result<DecodedLabels, BodyError> {
        let read = read_body(&mut self.rows, body, format, admission, limits);
        let rows = std::mem::take(&mut self.rows.read);
        let unknown_keys = self.rows.keys.take_unknown();
        read.map(|rejections| DecodedLabels { rows, rejections, unknown_keys })
    }
}

impl ReadRow for Rows {
    fn read(&mut self, cursor: &mut Cursor<'_>, admission: &Admission) -> Result<(), RejectReason> {
        if cursor.peek() != b'{' {
            cursor.skip_value(0)?;
            return Err(RejectReason::NotLabel);
        }
        let Self { task, ids, wanted, keys, .. } = self;
        let (mut id, mut at, mut value) = (None, admission.arrival, None);
        keys.read_object(cursor, "", |cursor, key| {
            match key {
                Some(ID) => id = Some(id_of(ids, &cursor.value(IN_ROW)?)?),
                Some(ACTUAL) => value = Some(value_of(*task, wanted, &cursor.value(IN_ROW)?)?),
                Some(TS) => at = admitted(&cursor.value(IN_ROW)?, admission)?,
                _ => cursor.skip_value(IN_ROW)?,
            }
            Ok(())
        })?;
        let id = id.ok_or(RejectReason::BadId)?;
        let value = value.ok_or(RejectReason::NoActual)?;
        self.read.push(LabelRow { id, at, value });
        Ok(())
    }

    fn settle(&mut self, rows: usize, accepted: bool) {
        self.keys.settle(rows as u32, accepted);
        if !accepted {
            self.read.truncate(rows);
        }
    }
}

fn id_of(ids: &IdHasher, value: &Value<'_>) -> Result<IdHash, RejectReason> {
    match value {
        Value::Null => Err(RejectReason::BadId),
        value if super::fields::is_id(value) => hash_of(ids, value).ok_or(RejectReason::BadId),
        _ => Err(RejectReason::BadId),
    }
}

fn value_of(task: Task, wanted: &Wanted, value: &Value<'_>) -> Result<ActualValue, RejectReason> {
    if let Wanted::None(why) = wanted {
        return Err(RejectReason::NoOutcomes { why: why.clone() });
    }
    let refused = || no_actual(task, wanted);
    match (task, value) {
        (Task::Regression, Value::Number(number)) => {
            let number = number.to_f64();
            number.is_finite().then_some(ActualValue::Number(number)).ok_or_else(refused)
        }
        (Task::Regression, _) => Err(refused()),
        (_, value) => {
            let name = plain_name(value).map_err(|_| refused())?;
            let class = cut_name(&name);
            wanted.has(class).then(|| ActualValue::Class(class.into())).ok_or_else(refused)
        }
    }
}

impl Wanted {
    fn has(&self, class: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of(classes) => classes.contains(class),
            Self::None(_) => false,
        }
    }
}

fn no_actual(task: Task, wanted: &Wanted) -> RejectReason {
    match (task, wanted) {
        (Task::Regression, _) => RejectReason::NoNumber,
        (Task::Binary | Task::Multiclass, Wanted::Of(classes)) => RejectReason::NoClass {
            classes: classes.iter().take(RejectReason::CLASSES_SHOWN).cloned().collect(),
        },
        (Task::Binary | Task::Multiclass, Wanted::Any | Wanted::None(_)) => {
            RejectReason::NoClass { classes: Vec::new() }
        }
    }
}

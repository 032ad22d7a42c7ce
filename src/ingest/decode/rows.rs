//! One row's JSON object into the columns of a growing batch.

use super::fields::{actual_kind, admitted, hash_of, is_id, push_version};
use super::json::{Broken, Cursor, Value};
use super::keys::{Keys, Known};
use super::operations::{Operation, OperationsBuilder};
use super::reject::RejectReason;
use super::values::{ColumnBuilder, push_segment};
use super::{Admission, ReadRow};
use crate::batch::{Batch, Codes, CodesBuilder, Schema, UnknownKeys};
use crate::domain::{ColumnId, IdHash, IdHasher, Timestamp};

/// The columns of a batch that grows, and where each key of a row goes.
#[derive(Debug)]
pub(super) struct Rows {
    top: Keys,
    features: Keys,
    scores: Keys,
    segments: Keys,
    targets: Targets,
    /// Where this row's values of the segment attributes stand.
    places: Vec<Places>,
    columns: Vec<ColumnBuilder>,
    segment_codes: Vec<CodesBuilder>,
    /// `None`: ids are only looked at, not kept.
    id_hasher: Option<IdHasher>,
    ids: Vec<Option<IdHash>>,
    /// Of the row that was read.
    id: Option<IdHash>,
    /// `None`: they are not looked at.
    operations: Option<OperationsBuilder>,
    actuals: ColumnBuilder,
    /// Whether a row of the body has an `actual`.
    has_actuals: bool,
    versions: CodesBuilder,
    ts: Vec<Timestamp>,
    /// Whether the row that was read has a bad id.
    has_bad_id: bool,
    bad_ids: u64,
}

/// What never stops a row from counting, beside unknown features, which the batch has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults {
    /// Keys of a row that mean nothing.
    pub unknown_keys: UnknownKeys,
    /// Segment attributes that the model is not sliced by.
    pub unknown_segments: UnknownKeys,
    /// Classes in `scores` that the model has not.
    pub unknown_classes: UnknownKeys,
    /// Rows whose `id` is neither an integer nor a text of 1 to [`Faults::ID_BYTES_MAX`] bytes: no label will find them.
    pub bad_ids: u64,
    /// Rows with a value of the wrong type, by the key that says how a row was served. Empty where operations are not
    /// looked at, without keys that a column takes: it counts what has the wrong type itself.
    pub wrong_types: Vec<(&'static str, u64)>,
}

impl Faults {
    /// Longest id of a row, in bytes.
    pub const ID_BYTES_MAX: usize = 256;
}

/// Which column takes a value.
#[derive(Debug)]
struct Targets {
    /// By known feature: its column, and the segment attribute it may stand for.
    features: Vec<(Option<usize>, Option<usize>)>,
    /// By class.
    scores: Vec<usize>,
    prediction: Option<usize>,
    score: Option<usize>,
    latency_ms: Option<usize>,
    cost: Option<usize>,
}

impl Targets {
    fn operation(&self, operation: Operation) -> Option<usize> {
        match operation {
            Operation::LatencyMs => self.latency_ms,
            Operation::Cost => self.cost,
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Places {
    in_segments: Option<usize>,
    in_features: Option<usize>,
}

/// What a key of a row means.
#[derive(Debug, Clone, Copy)]
enum Top {
    Id,
    Ts,
    Version,
    Features,
    Prediction,
    Score,
    Scores,
    Operation(Operation),
    Segments,
    Actual,
}

const TOP: [(&str, Top); 15] = [
    ("id", Top::Id),
    ("ts", Top::Ts),
    ("version", Top::Version),
    ("features", Top::Features),
    ("prediction", Top::Prediction),
    ("score", Top::Score),
    ("scores", Top::Scores),
    operation(Operation::LatencyMs),
    operation(Operation::Cost),
    operation(Operation::CpuSeconds),
    operation(Operation::GpuSeconds),
    operation(Operation::Failed),
    operation(Operation::User),
    ("segments", Top::Segments),
    ("actual", Top::Actual),
];

const fn operation(operation: Operation) -> (&'static str, Top) {
    (operation.key(), Top::Operation(operation))
}

/// Objects around a row's own values, and around those of its features.
pub(super) const IN_ROW: usize = 1;
const IN_OBJECT: usize = 2;

impl Rows {
    pub fn new(schema: &Schema) -> Self {
        let column = |id: &ColumnId| schema.columns.iter().position(|column| column.id == *id);
        let feature_columns = schema.columns.iter().filter_map(|column| match &column.id {
            ColumnId::Feature(name) => Some(name),
            _ => None,
        });
        let mut names: Vec<&Box<str>> =
            feature_columns.chain(&schema.segments).chain(&schema.ignored).collect();
        names.sort_unstable();
        names.dedup();
        let class_columns = schema.columns.iter().enumerate().filter_map(|(i, column)| match &column.id {
            ColumnId::ClassScore(class) => Some((&**class, i)),
            _ => None,
        });
        let (classes, scores): (Vec<_>, Vec<_>) = class_columns.unzip();
        let segment = |name: &str| schema.segments.iter().position(|segment| **segment == *name);
        Self {
            top: Keys::new(TOP.map(|(name, _)| name)),
            features: Keys::new(names.iter().map(|name| &***name)),
            scores: Keys::new(classes),
            segments: Keys::new(schema.segments.iter().map(|name| &**name)),
            targets: Targets {
                features: names
                    .iter()
                    .map(|n| (column(&ColumnId::Feature((*n).clone())), segment(n)))
                    .collect(),
                scores,
                prediction: column(&ColumnId::Prediction),
                score: column(&ColumnId::Score),
                latency_ms: column(&ColumnId::LatencyMs),
                cost: column(&ColumnId::Cost),
            },
            places: vec![Places::default(); schema.segments.len()],
            columns: schema.columns.iter().map(|column| ColumnBuilder::new(column.kind)).collect(),
            segment_codes: schema.segments.iter().map(|_| CodesBuilder::default()).collect(),
            id_hasher: None,
            ids: Vec::new(),
            id: None,
            operations: None,
            actuals: ColumnBuilder::new(actual_kind(schema.task)),
            has_actuals: false,
            versions: CodesBuilder::default(),
            ts: Vec::new(),
            has_bad_id: false,
            bad_ids: 0,
        }
    }

    pub fn with_ids(self, ids: IdHasher) -> Self {
        Self { id_hasher: Some(ids), ..self }
    }

    pub fn with_operations(self, users: IdHasher) -> Self {
        Self { operations: Some(OperationsBuilder::new(users)), ..self }
    }

    /// What was read since the last call; empty again.
    pub fn take(&mut self) -> (Batch, Faults) {
        let next = Vec::with_capacity(self.ts.len());
        let (operations, wrong_types) = self.operations.as_mut().map(OperationsBuilder::take).unzip();
        let batch = Batch {
            ts: std::mem::replace(&mut self.ts, next),
            versions: self.versions.take(),
            ids: std::mem::take(&mut self.ids),
            actuals: Some(self.actuals.take()).filter(|_| std::mem::take(&mut self.has_actuals)),
            segments: self.segment_codes.iter_mut().map(CodesBuilder::take).collect(),
            columns: self.columns.iter_mut().map(ColumnBuilder::take).collect(),
            operations,
            unknown_features: self.features.take_unknown(),
        };
        let faults = Faults {
            unknown_keys: self.top.take_unknown(),
            unknown_segments: self.segments.take_unknown(),
            unknown_classes: self.scores.take_unknown(),
            bad_ids: std::mem::take(&mut self.bad_ids),
            wrong_types: wrong_types.unwrap_or_default(),
        };
        (batch, faults)
    }
}

impl ReadRow for Rows {
    fn read(&mut self, cursor: &mut Cursor<'_>, admission: &Admission) -> Result<(), RejectReason> {
        if cursor.peek() != b'{' {
            cursor.skip_value(0)?;
            return Err(RejectReason::NotObject);
        }
        let Self { top, features, scores, segments, targets, places, columns, .. } = self;
        places.fill(Places::default());
        let (mut ts, mut has_id) = (admission.arrival, true);
        let (versions, actuals, has_actuals) = (&mut self.versions, &mut self.actuals, &mut self.has_actuals);
        let (id_hasher, id) = (&self.id_hasher, &mut self.id);
        *id = None;
        let mut operations = self.operations.as_mut();
        if let Some(operations) = &mut operations {
            operations.begin();
        }
        top.read_object(cursor, "", |cursor, key| {
            match key.map(|key| TOP[key].1) {
                Some(Top::Id) => {
                    let value = cursor.value(IN_ROW)?;
                    has_id = is_id(&value);
                    *id = id_hasher.as_ref().filter(|_| has_id).and_then(|ids| hash_of(ids, &value));
                }
                Some(Top::Ts) => ts = admitted(&cursor.value(IN_ROW)?, admission)?,
                Some(Top::Version) => push_version(versions, &cursor.value(IN_ROW)?)?,
                Some(Top::Features) => read_inner(features, cursor, "features.", |cursor, key| {
                    let (column, segment) = key.map_or((None, None), |key| targets.features[key]);
                    if let Some(segment) = segment {
                        places[segment].in_features = Some(cursor.at);
                    }
                    read_into(columns, column, cursor, IN_OBJECT)
                })?,
                Some(Top::Prediction) => read_into(columns, targets.prediction, cursor, IN_ROW)?,
                Some(Top::Score) => read_into(columns, targets.score, cursor, IN_ROW)?,
                Some(Top::Scores) => read_inner(scores, cursor, "scores.", |cursor, key| {
                    read_into(columns, key.map(|key| targets.scores[key]), cursor, IN_OBJECT)
                })?,
                Some(Top::Operation(operation)) => {
                    let column = targets.operation(operation);
                    match &mut operations {
                        Some(operations) => {
                            operations.read(operation, column.map(|column| &mut columns[column]), cursor)?;
                        }
                        None => read_into(columns, column, cursor, IN_ROW)?,
                    }
                }
                Some(Top::Segments) => read_inner(segments, cursor, "segments.", |cursor, key| {
                    if let Some(key) = key {
                        places[key].in_segments = Some(cursor.at).filter(|_| cursor.peek() != b'n');
                    }
                    Ok(cursor.skip_value(IN_OBJECT)?)
                })?,
                Some(Top::Actual) => {
                    *has_actuals |= cursor.peek() != b'n';
                    actuals.read(cursor, IN_ROW)?;
                }
                None => cursor.skip_value(IN_ROW)?,
            }
            Ok(())
        })?;
        for (places, codes) in places.iter().zip(&mut self.segment_codes) {
            match places.in_segments.or(places.in_features) {
                Some(at) => push_segment(codes, &Cursor { at, ..*cursor }.value(IN_OBJECT)?),
                None => codes.push_nameless(Codes::MISSING),
            }
        }
        self.ts.push(ts);
        self.has_bad_id = !has_id;
        Ok(())
    }

    fn settle(&mut self, rows: usize, accepted: bool) {
        for keys in [&mut self.top, &mut self.features, &mut self.scores, &mut self.segments] {
            keys.settle(rows as u32, accepted);
        }
        if accepted {
            self.bad_ids += u64::from(self.has_bad_id);
            self.columns.iter_mut().for_each(|column| column.fill(rows + 1));
            self.actuals.fill(rows + 1);
            if self.id_hasher.is_some() {
                self.ids.push(self.id);
            }
            if let Some(operations) = &mut self.operations {
                operations.push();
            }
            if self.versions.rows() == rows {
                self.versions.push_nameless(Codes::MISSING);
            }
            return;
        }
        self.ts.truncate(rows);
        self.versions.truncate(rows);
        self.actuals.truncate(rows);
        self.columns.iter_mut().for_each(|column| column.truncate(rows));
        self.segment_codes.iter_mut().for_each(|codes| codes.truncate(rows));
    }
}

/// Reads an object within the row; null is as if it were absent.
fn read_inner<'a>(
    keys: &mut Keys,
    cursor: &mut Cursor<'a>,
    path: &'static str,
    each: impl FnMut(&mut Cursor<'a>, Known) -> Result<(), RejectReason>,
) -> Result<(), RejectReason> {
    match cursor.peek() {
        b'{' => keys.read_object(cursor, path, each),
        _ => match cursor.value(IN_ROW)? {
            Value::Null => Ok(()),
            _ => Err(RejectReason::KeyNotObject { key: path.trim_end_matches('.') }),
        },
    }
}

/// Reads a value into its column, or passes over it.
#[inline]
fn read_into(
    columns: &mut [ColumnBuilder],
    column: Option<usize>,
    cursor: &mut Cursor<'_>,
    depth: usize,
) -> Result<(), RejectReason> {
    match column {
        Some(column) => columns[column].read(cursor, depth)?,
        None => cursor.skip_value(depth)?,
    }
    Ok(())
}

impl From<Broken> for RejectReason {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Cut => Self::Cut,
            Broken::Unexpected { at, expected } => Self::NotJson { at, expected },
            Broken::TooDeep { depth_max } => Self::TooDeep { depth_max },
        }
    }
}

//! NDJSON and JSON arrays of predictions, straight into a columnar [`Batch`].
//!
//! Limits: [`DecodeLimits`]; memory is bounded by the body, and what outlives it by the schema and the named limits.
//! Invariants: no input panics; a bad row is left out with its reason and the rest counts; a row counts wholly or not
//! at all. Decisions: the scanner is our own, since a tree or a map of values a row is several times as slow and
//! serde_json alone half as fast; it knows plain JSON only and leaves escapes to serde_json and hard floats to the
//! standard library. Keys come in the order of the row before, so that they are mostly compared, not looked up. A
//! JSON array that breaks off counts nothing: it is known to be cut. NDJSON that breaks off is not: who has the body's
//! length sees to it.

mod json;

mod number;

mod instant;

mod reject;

mod keys;

mod values;

mod fields;

mod operations;

mod rows;

mod labels;

mod kpi_values;

mod kpis;

pub use kpis::{DecodedKpis, KpiDecoder};
pub use labels::{ActualValue, DecodedLabels, LabelDecoder, LabelRow, Wanted};
pub use reject::{RejectReason, Rejection, Rejections};
pub use rows::Faults;

use json::{Broken, Cursor};
use rows::Rows;

use crate::batch::{Batch, Schema};
use crate::domain::{IdHasher, Timestamp};

/// How the rows of a body are parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line; blank lines are passed over.
    Ndjson,
    /// One JSON array of objects.
    JsonArray,
}

/// Which event times are admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Admission {
    /// The event time of rows without a `ts`. Not checked against the bounds.
    pub arrival: Timestamp,
    /// Later rows are `too_far_ahead`.
    pub latest: Timestamp,
    /// Earlier rows are `too_old`.
    pub oldest: Timestamp,
}

/// How much a body may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeLimits {
    /// Longest row, in bytes; longer ones are left out.
    pub row_bytes_max: usize,
    /// Most rows of a body, those left out too; a body of more is refused. Below 2^32 - 2.
    pub rows_max: usize,
    /// How deep objects and lists may nest: a row is 1, its features are 2. Less than 2 means 2.
    pub depth_max: usize,
}

/// What a body held.
#[derive(Debug, Clone)]
pub struct Decoded {
    pub batch: Batch,
    pub rejections: Rejections,
    pub faults: Faults,
}

/// Why a whole body counts nothing.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum BodyError {
    /// Answer 413.
    #[error("has more than {rows_max} rows, the limit `rows_max` of a request: send it in parts")]
    TooManyRows { rows_max: usize },
    #[error("is no whole JSON array: at byte {at} expected {expected}; nothing of it was counted")]
    BrokenArray { at: usize, expected: &'static str },
    #[error("is no UTF-8 at byte {at}; nothing of the array was counted")]
    NotUtf8 { at: usize },
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Format {
    /// The format of a body whose sender does not say: an array if it begins like one.
    pub fn sniff(body: &[u8]) -> Self {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
        match body.trim_ascii_start().first() {
            Some(b'[') => Self::JsonArray,
            _ => Self::Ndjson,
        }
    }
}

/// Decodes the bodies of one model, one after the other; keep one a thread, it reuses its memory.
#[derive(Debug)]
pub struct Decoder {
    rows: Rows,
}

impl Decoder {
    pub fn new(schema: &Schema) -> Self {
        Self { rows: Rows::new(schema) }
    }

    /// The same, with ids kept by their hash.
    pub fn with_ids(schema: &Schema, ids: IdHasher) -> Self {
        Self { rows: Rows::new(schema).with_ids(ids) }
    }

    /// The same, with what rows say of how they were served ([`Batch::operations`]), their users by these hashes.
    pub fn with_operations(self, users: IdHasher) -> Self {
        Self { rows: self.rows.with_operations(users) }
    }

    /// Decodes a whole body. Errors where none of it may count; else every row is in the batch or in the rejections.
    pub fn decode(
        &mut self,
        body: &[u8],
        format: Format,
        admission: &Admission,
        limits: &DecodeLimits,
    ) -> Result<Decoded, BodyError> {
        let read = read_body(&mut self.rows, body, format, admission, limits);
        let (batch, faults) = self.rows.take();
        read.map(|rejections| Decoded { batch, rejections, faults })
    }
}

/// What a body's rows become, one by one.
trait ReadRow {
    /// Reads the row at the cursor; it counts once it is settled.
    fn read(&mut self, cursor: &mut Cursor<'_>, admission: &Admission) -> Result<(), RejectReason>;

    /// Ends the row that was read: it counts, or nothing of it stays. `rows` were accepted before.
    fn settle(&mut self, rows: usize, accepted: bool);
}

/// Reads a whole body. Errors where none of it may count.
fn read_body(
    rows: &mut impl ReadRow,
    body: &[u8],
    format: Format,
    admission: &Admission,
    limits: &DecodeLimits,
) -> Result<Rejections, BodyError> {
    let limits = DecodeLimits { depth_max: limits.depth_max.max(2), ..*limits };
    let rejections = Rejections::default();
    let mut pass = Pass { rows, admission, limits, position: 0, accepted: 0, rejections };
    let text = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body);
    match format {
        Format::Ndjson => pass.read_ndjson(text)?,
        Format::JsonArray => pass.read_array(text, body.len() - text.len())?,
    }
    Ok(pass.rejections)
}

/// One body on its way.
struct Pass<'p, R> {
    rows: &'p mut R,
    admission: &'p Admission,
    limits: DecodeLimits,
    /// The row's line or its place in the array, from 1.
    position: u64,
    accepted: usize,
    rejections: Rejections,
}

impl<R: ReadRow> Pass<'_, R> {
    /// UTF-8 is checked for the body at once, and only where that fails line by line.
    fn read_ndjson(&mut self, body: &[u8]) -> Result<(), BodyError> {
        let mut rest = body;
        loop {
            let (valid_up_to, text) = match str::from_utf8(rest) {
                Ok(text) => return self.read_lines(text),
                Err(error) => {
                    let (valid, _) = rest.split_at(error.valid_up_to());
                    let lines_end = valid.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
                    (valid.len(), str::from_utf8(&valid[..lines_end]).unwrap_or_default())
                }
            };
            self.read_lines(text)?;
            let line = &rest[text.len()..];
            let line_end = line.iter().position(|&byte| byte == b'\n').map_or(line.len(), |at| at + 1);
            self.position += 1;
            self.settle(Err(RejectReason::NotUtf8 { at: valid_up_to - text.len() }), line_end)?;
            rest = &line[line_end..];
        }
    }

    fn read_lines(&mut self, text: &str) -> Result<(), BodyError> {
        let mut cursor = Cursor::new(text, true, self.limits.depth_max);
        while !cursor.is_at_end() {
            self.position += 1;
            cursor.skip_space();
            let start = cursor.at;
            if !cursor.is_at_end() && cursor.peek() != b'\n' {
                let outcome = self.read_line(&mut cursor);
                if outcome.is_err() {
                    let rest = cursor.rest();
                    cursor.at += rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                }
                self.settle(outcome.map_err(|reason| reason.relative_to(start)), cursor.at - start)?;
            }
            cursor.at += usize::from(!cursor.is_at_end());
        }
        Ok(())
    }

    fn read_line(&mut self, cursor: &mut Cursor<'_>) -> Result<(), RejectReason> {
        self.rows.read(cursor, self.admission)?;
        cursor.skip_space();
        match cursor.is_at_end() || cursor.peek() == b'\n' {
            true => Ok(()),
            false => Err(cursor.broken("the end of the line: one row a line").into()),
        }
    }

    /// A bad element is passed over; where even that fails, the array is broken.
    fn read_array(&mut self, body: &[u8], offset: usize) -> Result<(), BodyError> {
        let text =
            str::from_utf8(body).map_err(|error| BodyError::NotUtf8 { at: offset + error.valid_up_to() })?;
        let broken = |broken| match broken {
            Broken::Unexpected { at, expected } => BodyError::BrokenArray { at: offset + at, expected },
            Broken::Cut | Broken::TooDeep { .. } => {
                BodyError::BrokenArray { at: offset + text.len(), expected: "the rest of it" }
            }
        };
        let mut cursor = Cursor::new(text, false, self.limits.depth_max);
        cursor.skip_space();
        if !cursor.take(b'[') {
            return Err(broken(cursor.broken("`[`")));
        }
        let mut is_open = cursor.peek() != b']';
        while is_open {
            self.position += 1;
            let start = cursor.at;
            let outcome = self.rows.read(&mut cursor, self.admission);
            if outcome.is_err() {
                let mut again = Cursor { at: start, depth_max: usize::MAX, ..cursor };
                again.skip_value(0).map_err(broken)?;
                cursor.at = again.at;
            }
            self.settle(outcome.map_err(|reason| reason.relative_to(start)), cursor.at - start)?;
            cursor.skip_space();
            is_open = cursor.take(b',');
        }
        if !cursor.take(b']') {
            return Err(broken(cursor.broken("`,` or `]`")));
        }
        match cursor.is_at_end() {
            true => Ok(()),
            false => Err(broken(cursor.broken("nothing after the array"))),
        }
    }

    /// Ends a row of so many bytes.
    fn settle(&mut self, mut outcome: Result<(), RejectReason>, bytes: usize) -> Result<(), BodyError> {
        let DecodeLimits { row_bytes_max, rows_max, .. } = self.limits;
        if bytes > row_bytes_max {
            outcome = Err(RejectReason::TooLarge { bytes, bytes_max: row_bytes_max });
        }
        self.rows.settle(self.accepted, outcome.is_ok());
        match outcome {
            Ok(()) => self.accepted += 1,
            Err(reason) => self.rejections.add(self.position, reason),
        }
        match self.accepted as u64 + self.rejections.total() > rows_max as u64 {
            true => Err(BodyError::TooManyRows { rows_max }),
            false => Ok(()),
        }
    }
}

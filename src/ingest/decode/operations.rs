//! The keys of a row that say how it was served. Whatever their values are, the row counts.

use super::fields::{hash_of, is_id};
use super::json::{Broken, Cursor, Value};
use super::rows::IN_ROW;
use super::values::{ColumnBuilder, boolean_of, number_of};
use crate::batch::Operations;
use crate::domain::{IdHash, IdHasher};
use crate::sketch::{MISSING, WRONG_TYPE};

/// What a key says. Those of numbers come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    LatencyMs,
    Cost,
    CpuSeconds,
    GpuSeconds,
    Failed,
    User,
}

const NUMBERS: usize = 4;
const ALL: [Operation; 6] = [
    Operation::LatencyMs,
    Operation::Cost,
    Operation::CpuSeconds,
    Operation::GpuSeconds,
    Operation::Failed,
    Operation::User,
];

impl Operation {
    pub const fn key(self) -> &'static str {
        match self {
            Self::LatencyMs => "latency_ms",
            Self::Cost => "cost",
            Self::CpuSeconds => "cpu_seconds",
            Self::GpuSeconds => "gpu_seconds",
            Self::Failed => "failed",
            Self::User => "user",
        }
    }
}

/// The operations of a batch that grows row by row.
#[derive(Debug)]
pub(super) struct OperationsBuilder {
    built: Operations,
    row: Row,
    users: IdHasher,
    /// Rows whose value was of the wrong type, by key.
    wrong_types: [u64; ALL.len()],
}

/// The row that was read.
#[derive(Debug)]
struct Row {
    numbers: [f64; NUMBERS],
    failed: bool,
    user: Option<IdHash>,
    is_wrong_type: [bool; ALL.len()],
}

impl Row {
    const EMPTY: Self =
        Self { numbers: [MISSING; NUMBERS], failed: false, user: None, is_wrong_type: [false; ALL.len()] };
}

impl OperationsBuilder {
    pub fn new(users: IdHasher) -> Self {
        Self { built: Operations::default(), row: Row::EMPTY, users, wrong_types: [0; ALL.len()] }
    }

    /// Begins a row.
    pub fn begin(&mut self) {
        self.row = Row::EMPTY;
    }

    /// Reads a row's value, into the column that takes it too. What has the wrong type is counted once: by the column,
    /// where there is one.
    pub fn read(
        &mut self,
        operation: Operation,
        column: Option<&mut ColumnBuilder>,
        cursor: &mut Cursor<'_>,
    ) -> Result<(), Broken> {
        let start = *cursor;
        let value = cursor.value(IN_ROW)?;
        let fits = self.row.set(operation, &value, &self.users);
        match column {
            Some(column) => column.read(&mut { start }, IN_ROW)?,
            None => self.row.is_wrong_type[operation as usize] = !fits,
        }
        Ok(())
    }

    /// The row that was read counts.
    pub fn push(&mut self) {
        let Self { built, row, wrong_types, .. } = self;
        let columns =
            [&mut built.latency_ms, &mut built.cost, &mut built.cpu_seconds, &mut built.gpu_seconds];
        for (column, number) in columns.into_iter().zip(row.numbers) {
            column.push(number);
        }
        built.failed.push(row.failed);
        built.users.push(row.user.map(IdHash::bits));
        for (rows, is_wrong_type) in wrong_types.iter_mut().zip(row.is_wrong_type) {
            *rows += u64::from(is_wrong_type);
        }
    }

    /// What was read since the last call, and how many rows had a value of the wrong type, by key; empty again.
    pub fn take(&mut self) -> (Operations, Vec<(&'static str, u64)>) {
        let rows = self.built.rows();
        let numbers = || Vec::with_capacity(rows);
        let next = Operations {
            latency_ms: numbers(),
            cost: numbers(),
            cpu_seconds: numbers(),
            gpu_seconds: numbers(),
            failed: Vec::with_capacity(rows),
            users: Vec::with_capacity(rows),
        };
        let wrong_types =
            ALL.iter().map(|operation| operation.key()).zip(std::mem::take(&mut self.wrong_types));
        (std::mem::replace(&mut self.built, next), wrong_types.filter(|(_, rows)| *rows > 0).collect())
    }
}

impl Row {
    /// Takes in a value; false where it is of the wrong type.
    fn set(&mut self, operation: Operation, value: &Value<'_>, users: &IdHasher) -> bool {
        match operation {
            Operation::User => {
                let fits = is_id(value);
                self.user = if fits { hash_of(users, value) } else { None };
                fits
            }
            Operation::Failed => {
                let failed = boolean_of(value);
                self.failed = failed == Some(true);
                failed.is_some() || matches!(value, Value::Null)
            }
            number => {
                let read = number_of(value);
                self.numbers[number as usize] = if read.is_finite() { read } else { MISSING };
                read.to_bits() != WRONG_TYPE.to_bits()
            }
        }
    }
}

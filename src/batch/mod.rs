//! Our own columnar batch: every wire format ends here, counting begins here.

mod codes;

mod name;

mod operations;

mod schema;

mod partition;

mod located;

mod placed;

mod count_column;

mod unknown;

mod count;

pub use codes::{Codes, CodesBuilder};
pub use count::{Rulers, count};
pub use count_column::{count_column, count_names, count_numbers};
pub use name::{INTEGRAL_MAX, boolean_name, number_name, segment_value_name};
pub use operations::Operations;
pub use partition::{Naming, Part, Rows, partition};
pub use schema::{Schema, SchemaColumn};
pub use unknown::UnknownKeys;

use crate::domain::{IdHash, Timestamp};

/// Decoded rows, column by column. Every vector has `rows` entries.
#[derive(Debug, Clone)]
pub struct Batch {
    /// When each row happened: its own `ts`, or when it arrived.
    pub ts: Vec<Timestamp>,
    /// Each row's version; [`Codes::MISSING`] where it names none.
    pub versions: Codes,
    /// A hash of each row's id; none where it has none. Empty where ids are not looked at.
    pub ids: Vec<Option<IdHash>>,
    /// What happened, of rows that know it already; none where no row does.
    pub actuals: Option<ColumnValues>,
    /// One a segment attribute, in the schema's order.
    pub segments: Vec<Codes>,
    /// One a column, in the schema's order.
    pub columns: Vec<ColumnValues>,
    /// How each row was served; none where the rows were not asked.
    pub operations: Option<Operations>,
    /// Features that the schema has not.
    pub unknown_features: UnknownKeys,
}

/// The values of one column.
#[derive(Debug, Clone)]
pub enum ColumnValues {
    /// Numbers; [`crate::sketch::MISSING`] and [`crate::sketch::WRONG_TYPE`] stand for what is none.
    Numeric(Vec<f64>),
    /// Names (booleans as `true` and `false`); [`Codes::MISSING`] and [`Codes::WRONG_TYPE`] stand for what is none.
    Categorical(Codes),
}

impl Batch {
    pub fn rows(&self) -> usize {
        self.ts.len()
    }
}

impl ColumnValues {
    pub fn rows(&self) -> usize {
        match self {
            Self::Numeric(values) => values.len(),
            Self::Categorical(codes) => codes.codes.len(),
        }
    }

    /// The values of these rows; a categorical column keeps its whole dictionary.
    pub fn select(&self, rows: &[u32]) -> Self {
        match self {
            Self::Numeric(values) => Self::Numeric(rows.iter().map(|&row| values[row as usize]).collect()),
            Self::Categorical(codes) => Self::Categorical(Codes {
                codes: rows.iter().map(|&row| codes.codes[row as usize]).collect(),
                names: codes.names.clone(),
            }),
        }
    }
}

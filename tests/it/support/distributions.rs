//! The cases of `tests/golden/distributions.json`, their rows read from JSON or the bundled Parquet files.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use driftd::sketch::MISSING;
use polars::prelude::*;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub struct Case {
    pub name: String,
    pub kind: Kind,
    pub reference: Source,
    pub current: Source,
    pub expected: BTreeMap<String, Expected>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Numeric,
    Categorical,
    Boolean,
}

/// Where the rows of one side come from: see the header of `make_distributions.py`.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Source {
    File { file: String, column: String, rows: [usize; 2] },
    Values { values: Vec<Value> },
    Repeat { repeat: Vec<(Value, i64)> },
    Made { categories: MadeCategories },
}

#[derive(Debug, Deserialize)]
pub struct MadeCategories {
    prefix: String,
    from: u64,
    to: u64,
    count_each: i64,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Expected {
    NotComputable { not_computable: String },
    Value { value: f64, p_value: Option<f64> },
}

/// Names and their counts, and rows without one.
#[derive(Debug, Default)]
pub struct Named {
    pub counts: BTreeMap<String, i64>,
    pub missing: i64,
}

/// All of the cases.
pub fn cases() -> Vec<Case> {
    #[derive(Deserialize)]
    struct Golden {
        cases: Vec<Case>,
    }
    let file = File::open(root().join("tests/golden/distributions.json")).expect("the golden file");
    let golden: Golden =
        serde_json::from_reader(std::io::BufReader::new(file)).expect("the golden file parses");
    golden.cases
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Source {
    /// The rows as numbers, [`MISSING`] where there is none.
    pub fn numbers(&self) -> Vec<f64> {
        match self {
            Self::File { file, column, rows: [from, to] } => {
                let column = read(file, column).cast(&DataType::Float64).expect("a column of numbers");
                let values = column.f64().expect("was cast to f64").slice(*from as i64, to - from);
                values.iter().map(|value| value.unwrap_or(MISSING)).collect()
            }
            Self::Values { values } => values.iter().map(number).collect(),
            Self::Repeat { repeat } => {
                repeat.iter().flat_map(|(value, n)| vec![number(value); *n as usize]).collect()
            }
            Self::Made { .. } => panic!("categories in a numeric case"),
        }
    }

    /// The rows as names, counted.
    pub fn names(&self, kind: Kind) -> Named {
        let mut named = Named::default();
        let mut add = |name: Option<String>, rows: i64| match name {
            Some(name) => *named.counts.entry(name).or_default() += rows,
            None => named.missing += rows,
        };
        match self {
            Self::File { file, column, rows: [from, to] } => {
                let column = read(file, column);
                for row in *from..*to {
                    add(name_of(&column.get(row).expect("a row of the file"), kind), 1);
                }
            }
            Self::Values { values } => values.iter().for_each(|value| add(name(value), 1)),
            Self::Repeat { repeat } => repeat.iter().for_each(|(value, n)| add(name(value), *n)),
            Self::Made { categories: made } => {
                (made.from..made.to).for_each(|i| add(Some(format!("{}{i}", made.prefix)), made.count_each));
            }
        }
        named
    }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Null => MISSING,
        Value::String(text) => text.parse().expect("NaN, inf or -inf"),
        other => other.as_f64().expect("a number"),
    }
}

fn name(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn name_of(value: &AnyValue, kind: Kind) -> Option<String> {
    match value {
        AnyValue::Null => None,
        AnyValue::String(text) => Some((*text).to_owned()),
        AnyValue::Boolean(yes) => Some(yes.to_string()),
        AnyValue::Int64(code) if kind == Kind::Boolean => Some((*code != 0).to_string()),
        AnyValue::Int64(code) => Some(code.to_string()),
        other => panic!("no name: {other:?}"),
    }
}

/// One column of a bundled file, read once.
fn read(file: &str, column: &str) -> Series {
    type Read = HashMap<(String, String), Series>;
    static READ: LazyLock<Mutex<Read>> = LazyLock::new(Mutex::default);
    let read_now = || {
        let folder: PathBuf = match file.starts_with("car_loan") {
            true => root().join("src/demo/data"),
            false => root().join("tests/fixtures"),
        };
        let opened = File::open(folder.join(format!("{file}.parquet"))).expect("a bundled file");
        let frame = ParquetReader::new(opened)
            .with_columns(Some(vec![column.to_owned()]))
            .finish()
            .expect("the file parses");
        frame.column(column).expect("a column of the file").as_materialized_series().clone()
    };
    READ.lock()
        .expect("no reader panicked")
        .entry((file.to_owned(), column.to_owned()))
        .or_insert_with(read_now)
        .clone()
}

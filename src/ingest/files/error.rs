//! Why a file gives no columns.

use crate::domain::ColumnKind;

/// Worded to follow the file's name: "loans.csv has no rows".
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("cannot be opened: {0}")]
    Open(#[from] std::io::Error),
    #[error(
        "is of no known format: .parquet, .csv, .ndjson and .jsonl are (.csv.gz, .ndjson.gz and .jsonl.gz too)"
    )]
    Format,
    #[error("is empty")]
    Empty,
    #[error("has no rows")]
    NoRows,
    #[error("is damaged: {0}")]
    Damaged(String),
    #[error("is damaged in line {line}: {reason}")]
    Line { line: usize, reason: String },
    #[error("has the column `{0}` twice")]
    Twice(String),
    #[error("has no column `{column}`, which is to be the {role}; its columns are {known}")]
    NoColumn { role: &'static str, column: String, known: String },
    #[error("has one column `{column}` for both {first} and {second}")]
    TwoRoles { column: String, first: &'static str, second: &'static str },
    #[error("has a column `{0}`: a feature's name may not begin with `@`; rename or ignore it")]
    FeatureName(String),
    #[error("has nothing to count: every column is ignored, skipped or has another role")]
    NoColumns,
    #[error("has no time in row {row} of column `{column}`")]
    NoTime { column: String, row: usize },
    #[error(
        "has no time that can be read in row {row} of column `{column}`: RFC 3339, YYYY-MM-DD HH:MM:SS (taken as UTC) and epoch numbers can"
    )]
    Time { column: String, row: usize },
    #[error("has values of type {found} in column `{column}`; they cannot be times")]
    TimeType { column: String, found: String },
    #[error("has values of type {found} in column `{column}`; they cannot be {kind}")]
    Kind { column: String, found: String, kind: ColumnKind },
    #[error(
        "has integers of 2^53 and beyond in column `{0}`, which no float holds; make it categorical or ignore it"
    )]
    BigIntegers(String),
    #[error("gives the score column `{0}` without its class: a multiclass score is CLASS=COLUMN")]
    ScoreClass(String),
}

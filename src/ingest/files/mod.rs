//! Parquet, CSV and NDJSON files as columns of values.
//!
//! A file is read whole and handed out a column at a time ([`DataFile::next_column`]), each dropped from the file as
//! it goes. CSV is read as text and its kinds are found over all rows, not over a sample; so the same table gives
//! the same columns in each format. In a column of numbers the texts `NA`, `N/A`, `null` and `None` of a CSV are
//! missing; in a column of names only the empty field is.

mod error;

mod mapping;

mod text;

mod raw;

mod frame;

mod ndjson;

mod source;

mod segments;

mod data_file;

pub use data_file::{DataFile, FileColumn, Note};
pub use error::FileError;
pub use mapping::{Absent, Mapping};

//! A file, opened and read, whatever its format.

use std::fs::File;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use polars::prelude::{
    ArrowDataType, Column, CsvParseOptions, CsvReadOptions, DataFrame, ParquetReader, PolarsResult, SerReader,
};

use super::error::FileError;
use super::frame::{self, Instants};
use super::ndjson::{self, Lines};
use super::raw::Raw;
use super::text;
use crate::domain::Timestamp;

/// The columns of a file that were not handed out yet.
pub enum Source {
    /// Each column is read when it is taken: a file larger than memory is no trouble as long as its columns are not.
    Parquet {
        path: PathBuf,
        fields: Vec<(String, ArrowDataType)>,
    },
    /// Every column is text.
    Csv(DataFrame),
    Ndjson {
        columns: Vec<(String, Raw)>,
        segments: Vec<(String, Raw)>,
    },
}

/// Where a file has the values of a segment's attribute.
pub struct Attribute {
    /// A row's own value of it, where it has one.
    pub first: Option<Raw>,
    /// What holds for rows without.
    pub column: Option<Raw>,
}

#[derive(Clone, Copy)]
enum Format {
    Parquet,
    Csv,
    Ndjson,
}

impl Source {
    /// Reads the file; gives its rows too.
    pub fn open(path: &Path) -> Result<(Self, usize), FileError> {
        let (format, gzipped) = format_of(path).ok_or(FileError::Format)?;
        let file = File::open(path)?;
        if file.metadata()?.len() == 0 {
            return Err(FileError::Empty);
        }
        let (source, rows) = match format {
            Format::Parquet => guarded(|| {
                let mut reader = ParquetReader::new(file);
                let schema = reader.schema()?;
                let fields = schema.iter_values().map(|field| (field.name.to_string(), field.dtype.clone()));
                let fields = fields.collect();
                Ok((Self::Parquet { path: path.to_owned(), fields }, reader.num_rows()?))
            })?,
            Format::Csv => {
                let bytes = contents(file, gzipped)?;
                let frame =
                    guarded(|| csv_options().into_reader_with_file_handle(Cursor::new(bytes)).finish())?;
                let rows = frame.height();
                (Self::Csv(frame), rows)
            }
            Format::Ndjson => {
                let Lines { columns, segments, rows } = ndjson::read(&contents(file, gzipped)?)?;
                (Self::Ndjson { columns, segments }, rows)
            }
        };
        match rows {
            0 => Err(FileError::NoRows),
            rows => Ok((source, rows)),
        }
    }

    /// The file's columns, in its order.
    pub fn names(&self) -> Result<Vec<String>, FileError> {
        let frame = match self {
            Self::Csv(frame) => frame,
            Self::Parquet { fields, .. } => return Ok(fields.iter().map(|(name, _)| name.clone()).collect()),
            Self::Ndjson { columns, .. } => {
                return Ok(columns.iter().map(|(name, _)| name.clone()).collect());
            }
        };
        let names: Vec<String> = frame.get_column_names().into_iter().map(|name| name.to_string()).collect();
        // The reader renames a header's second `a` to `a_duplicated_0`.
        let doubled = names.iter().find_map(|name| {
            let (base, number) = name.rsplit_once("_duplicated_")?;
            let number = number.bytes().all(|byte| byte.is_ascii_digit());
            (number && names.iter().any(|name| name == base)).then_some(base)
        });
        match doubled {
            Some(base) => Err(FileError::Twice(base.to_owned())),
            None => Ok(names),
        }
    }

    /// Takes a column out. `as_names`: texts stay as they stand, whatever they look like.
    pub fn take(&mut self, name: &str, as_names: bool) -> Result<Raw, FileError> {
        match self {
            Self::Parquet { path, fields } => match unreadable(fields, name) {
                Some(found) => Ok(Raw::Other(found)),
                None => guarded(|| frame::typed(&column_of(path, name)?)),
            },
            Self::Csv(frame) => guarded(|| frame::untyped(&frame.drop_in_place(name)?, as_names)),
            Self::Ndjson { columns, .. } => Ok(take_read(columns, name)),
        }
    }

    /// The values of a segment's attribute, which stay in the file: the column of that name, texts as they stand, and in
    /// lines that have `segments` the value there, which goes first. `None` where the file has neither.
    pub fn attribute(&self, name: &str) -> Result<Option<Attribute>, FileError> {
        let column = |raw| Some(Attribute { first: None, column: Some(raw) });
        match self {
            Self::Parquet { fields, .. } if !fields.iter().any(|(field, _)| field == name) => Ok(None),
            Self::Parquet { path, fields } => match unreadable(fields, name) {
                Some(found) => Ok(column(Raw::Other(found))),
                None => Ok(column(guarded(|| frame::typed(&column_of(path, name)?))?)),
            },
            Self::Csv(frame) if frame.column(name).is_err() => Ok(None),
            Self::Csv(frame) => Ok(column(guarded(|| frame::untyped(frame.column(name)?, true))?)),
            Self::Ndjson { columns, segments } => {
                let named = |of: &[(String, Raw)]| {
                    of.iter().find(|(column, _)| column == name).map(|(_, raw)| raw.clone())
                };
                let found = Attribute { first: named(segments), column: named(columns) };
                Ok((found.first.is_some() || found.column.is_some()).then_some(found))
            }
        }
    }

    /// Takes a column of times out.
    pub fn take_instants(&mut self, name: &str) -> Result<Instants, FileError> {
        match self {
            Self::Parquet { path, fields } => match unreadable(fields, name) {
                Some(found) => Ok(Err(found)),
                None => guarded(|| frame::instants(&column_of(path, name)?)),
            },
            Self::Csv(frame) => guarded(|| frame::instants(&frame.drop_in_place(name)?)),
            Self::Ndjson { columns, .. } => Ok(match take_read(columns, name) {
                Raw::Numbers(numbers) => {
                    Ok(numbers.into_iter().map(|number| Timestamp::from_epoch(number).ok()).collect())
                }
                Raw::Names(codes) | Raw::BigIntegers(codes) => {
                    let at: Vec<_> = codes.names.iter().map(|name| text::instant(name)).collect();
                    let instant = |code: &u32| at.get(*code as usize).copied().flatten();
                    Ok(codes.codes.iter().map(instant).collect())
                }
                Raw::Nothing(rows) => Ok(vec![None; rows]),
                Raw::Booleans(_) => Err("bool".to_owned()),
                Raw::Other(found) => Err(found),
            }),
        }
    }
}

fn column_of(path: &Path, name: &str) -> PolarsResult<Column> {
    let wanted = Some(vec![name.to_owned()]);
    ParquetReader::new(File::open(path)?).with_columns(wanted).finish()?.drop_in_place(name)
}

/// The column's type, if it is none that we read: the reader fails on those.
fn unreadable(fields: &[(String, ArrowDataType)], name: &str) -> Option<String> {
    use ArrowDataType as Type;
    let (_, found) = fields.iter().find(|(field, _)| field == name)?;
    let readable = |found: &Type| {
        matches!(
            found,
            Type::Null
                | Type::Boolean
                | Type::Int8
                | Type::Int16
                | Type::Int32
                | Type::Int64
                | Type::UInt8
                | Type::UInt16
                | Type::UInt32
                | Type::UInt64
                | Type::Float32
                | Type::Float64
                | Type::Utf8
                | Type::LargeUtf8
                | Type::Utf8View
                | Type::Date32
                | Type::Timestamp(..)
        )
    };
    let inner = match found {
        Type::Dictionary(_, values, _) => values,
        plain => plain,
    };
    (!readable(inner)).then(|| format!("{found:?}"))
}

fn take_read(columns: &mut Vec<(String, Raw)>, name: &str) -> Raw {
    match columns.iter().position(|(column, _)| column == name) {
        Some(at) => columns.swap_remove(at).1,
        None => Raw::Nothing(0),
    }
}

fn format_of(path: &Path) -> Option<(Format, bool)> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let (name, gzipped) = name.strip_suffix(".gz").map_or((name.as_str(), false), |name| (name, true));
    match name.rsplit_once('.')?.1 {
        "parquet" if !gzipped => Some((Format::Parquet, false)),
        "csv" => Some((Format::Csv, gzipped)),
        "ndjson" | "jsonl" => Some((Format::Ndjson, gzipped)),
        _ => None,
    }
}

fn contents(mut file: File, gzipped: bool) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    if gzipped {
        let unpacked = MultiGzDecoder::new(file).read_to_end(&mut bytes);
        unpacked.map_err(|error| FileError::Damaged(error.to_string()))?;
    } else {
        file.read_to_end(&mut bytes)?;
    }
    match bytes.trim_ascii().is_empty() {
        true => Err(FileError::Empty),
        false => Ok(bytes),
    }
}

/// Texts throughout; an empty field is missing, and so are those that a short row lacks; a row of more fields than the
/// header is an error.
fn csv_options() -> CsvReadOptions {
    CsvReadOptions::default()
        .with_has_header(true)
        .with_infer_schema_length(Some(0))
        .with_raise_if_empty(false)
        .with_parse_options(CsvParseOptions::default().with_missing_is_null(true))
}

/// Runs the reader so that neither its error nor a panic on strange bytes goes further.
fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> Result<T, FileError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(FileError::Damaged(in_short(&error.to_string()))),
        Err(_) => Err(FileError::Damaged("the reader gave up on it".to_owned())),
    }
}

/// The first line of the reader's message: what follows is advice on its own settings.
fn in_short(message: &str) -> String {
    match message.lines().next().unwrap_or_default() {
        line if line.starts_with("found more fields") => "a row has more fields than the header".to_owned(),
        line => line.to_owned(),
    }
}

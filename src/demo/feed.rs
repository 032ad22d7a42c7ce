//! Rows of a data file as the prediction lines a service would send.

use std::path::Path;

use anyhow::{Context, anyhow};
use serde_json::{Map, Value, json};

use crate::batch::ColumnValues;
use crate::domain::{ColumnId, Timestamp};
use crate::ingest::files::{DataFile, FileColumn, Mapping};

/// All rows of a file, in its order, as they go over the wire.
pub struct Feed {
    at: Vec<Timestamp>,
    columns: Vec<FileColumn>,
    sent: usize,
}

/// Some rows in one body.
pub struct Body {
    pub rows: usize,
    pub ndjson: Vec<u8>,
    /// Event time of its last row.
    pub newest: Timestamp,
}

impl Feed {
    /// Reads a file; the mapping must name its column of times.
    pub fn open(path: &Path, mapping: &Mapping) -> anyhow::Result<Self> {
        let name = path.display();
        let mut file = DataFile::open(path, mapping).map_err(|error| anyhow!("{name} {error}"))?;
        let at = file.timestamps().map_err(|error| anyhow!("{name} {error}"))?;
        let at = at.with_context(|| format!("{name} has no column of times"))?;
        let mut columns = Vec::new();
        while let Some(column) = file.next_column() {
            columns.push(column.map_err(|error| anyhow!("{name} {error}"))?);
        }
        Ok(Self { at, columns, sent: 0 })
    }

    pub fn rows(&self) -> usize {
        self.at.len()
    }

    /// The next rows, at most `rows_max`; `None` after the last.
    pub fn next_body(&mut self, rows_max: usize) -> Option<Body> {
        let rows = self.sent..(self.sent + rows_max).min(self.at.len());
        let newest = *self.at.get(rows.clone())?.last()?;
        let mut ndjson = Vec::with_capacity(rows.len() * 256);
        for row in rows.clone() {
            // Writing into a vector cannot fail.
            let _infallible = serde_json::to_writer(&mut ndjson, &self.line(row));
            ndjson.push(b'\n');
        }
        self.sent = rows.end;
        Some(Body { rows: rows.len(), ndjson, newest })
    }

    fn line(&self, row: usize) -> Value {
        let mut features = Map::new();
        let mut line = json!({ "id": format!("demo-{row}"), "ts": self.at[row] });
        for column in &self.columns {
            let Some(value) = value(&column.values, row) else { continue };
            match &column.id {
                ColumnId::Feature(name) => {
                    features.insert(name.to_string(), value);
                }
                ColumnId::Prediction => line["prediction"] = value,
                ColumnId::Score => line["score"] = value,
                ColumnId::ClassScore(class) => line["scores"][&**class] = value,
                ColumnId::LatencyMs => line["latency_ms"] = value,
                ColumnId::Cost => line["cost"] = value,
            }
        }
        line["features"] = Value::Object(features);
        line
    }
}

/// What a sender writes: nothing for a value that is missing.
fn value(values: &ColumnValues, row: usize) -> Option<Value> {
    match values {
        ColumnValues::Numeric(values) => serde_json::Number::from_f64(*values.get(row)?).map(Value::Number),
        ColumnValues::Categorical(codes) => codes.name(row).map(|name| match name {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            name => Value::String(name.to_owned()),
        }),
    }
}

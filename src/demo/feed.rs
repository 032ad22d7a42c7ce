//! Rows of a data file as the prediction lines a service would send.

use std::path::Path;
use std::time::Duration;

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

/// What became of the loans, as it is known some time after each.
pub struct Labels {
    /// When each is known.
    at: Vec<Timestamp>,
    values: ColumnValues,
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

    /// The labels of these rows, read from a file of the same order, each known `after` its prediction.
    pub fn labels(&self, path: &Path, mapping: &Mapping, after: Duration) -> anyhow::Result<Labels> {
        let name = path.display();
        let mut file = DataFile::open(path, mapping).map_err(|error| anyhow!("{name} {error}"))?;
        let column = file.next_column().with_context(|| format!("{name} has no labels"))?;
        let values = column.map_err(|error| anyhow!("{name} {error}"))?.values;
        anyhow::ensure!(values.rows() == self.at.len(), "{name} has other rows than the predictions");
        Ok(Labels { at: self.at.iter().map(|at| at.saturating_add(after)).collect(), values, sent: 0 })
    }

    /// Event time of the last row.
    pub fn last(&self) -> Timestamp {
        self.at.last().copied().unwrap_or(Timestamp::MIN)
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

impl Labels {
    /// Those that are known by then and were not sent yet; none where there are none.
    pub fn known_by(&mut self, now: Timestamp) -> Option<Vec<u8>> {
        let rows = self.sent..self.at.partition_point(|at| *at <= now).max(self.sent);
        self.sent = rows.end;
        let mut ndjson = Vec::with_capacity(rows.len() * 64);
        for row in rows {
            let Some(actual) = value(&self.values, row) else { continue };
            let line = json!({ "id": format!("demo-{row}"), "actual": actual, "ts": self.at[row] });
            // Writing into a vector cannot fail.
            let _infallible = serde_json::to_writer(&mut ndjson, &line);
            ndjson.push(b'\n');
        }
        (!ndjson.is_empty()).then_some(ndjson)
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

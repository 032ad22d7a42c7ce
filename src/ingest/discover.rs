//! Which columns a body of rows has, and of which kind: how a model without reference and declared features begins.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{SeqAccess, Visitor};
use serde_json::Value;

use crate::batch::SchemaColumn;
use crate::domain::{ColumnId, ColumnKind, Task};

/// Rows of a body that are looked at.
const ROWS_MAX: usize = 500;
/// Bytes of a body that are looked at: as values they take many times as much.
const BYTES_MAX: usize = 1 << 20;

/// The columns of the first rows of a body, by what their first value is: numbers are numeric, booleans boolean, texts
/// categorical. Rows that cannot be read are passed over; the decoder says what is wrong with them.
pub fn discover(body: &[u8], task: Task) -> Vec<SchemaColumn> {
    let mut kinds: BTreeMap<ColumnId, ColumnKind> = BTreeMap::new();
    let mut see = |id: ColumnId, value: &Value, kind: Option<ColumnKind>| {
        if let Some(kind) = kind.or_else(|| kind_of(value)).filter(|_| !value.is_null()) {
            kinds.entry(id).or_insert(kind);
        }
    };
    for row in rows(body) {
        let Value::Object(row) = row else { continue };
        for (key, value) in &row {
            match (key.as_str(), value) {
                ("features", Value::Object(features)) => {
                    for (name, value) in features.iter().filter(|(name, _)| is_feature_name(name)) {
                        see(ColumnId::feature(name.as_str()), value, None);
                    }
                }
                ("prediction", value) => see(ColumnId::Prediction, value, Some(prediction_kind(task))),
                ("score", value) => see(ColumnId::Score, value, Some(ColumnKind::Numeric)),
                ("scores", Value::Object(scores)) => {
                    for (class, value) in scores {
                        see(ColumnId::ClassScore(class.as_str().into()), value, Some(ColumnKind::Numeric));
                    }
                }
                ("latency_ms", value) => see(ColumnId::LatencyMs, value, Some(ColumnKind::Numeric)),
                ("cost", value) => see(ColumnId::Cost, value, Some(ColumnKind::Numeric)),
                _ => {}
            }
        }
    }
    kinds.into_iter().map(|(id, kind)| SchemaColumn { id, kind }).collect()
}

/// How a model's prediction is counted: a number for regression, else a name.
pub fn prediction_kind(task: Task) -> ColumnKind {
    match task {
        Task::Regression => ColumnKind::Numeric,
        Task::Binary | Task::Multiclass => ColumnKind::Categorical,
    }
}

fn rows(body: &[u8]) -> Vec<Value> {
    let text = String::from_utf8_lossy(&body[..body.len().min(BYTES_MAX)]);
    if text.trim_start().starts_with('[') {
        let mut rows = Vec::new();
        // An error ends it: enough rows, the cut, or what is no JSON.
        let _ended = serde_json::Deserializer::from_str(&text).deserialize_seq(First(&mut rows));
        return rows;
    }
    text.lines().take(ROWS_MAX).filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// Keeps the first elements of an array.
struct First<'a>(&'a mut Vec<Value>);

impl<'de> Visitor<'de> for First<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while self.0.len() < ROWS_MAX
            && let Some(row) = elements.next_element()?
        {
            self.0.push(row);
        }
        Ok(())
    }
}

fn kind_of(value: &Value) -> Option<ColumnKind> {
    match value {
        Value::Number(_) => Some(ColumnKind::Numeric),
        Value::Bool(_) => Some(ColumnKind::Boolean),
        Value::String(_) => Some(ColumnKind::Categorical),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A name that a config and a metric label can carry too.
fn is_feature_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 256 && !name.starts_with('@') && !name.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_of_a_column_decides_its_kind() {
        let body = b"{\"features\":{\"age\":null,\"city\":\"Lyon\",\"@x\":1},\"score\":0.5,\"prediction\":1}\nnonsense\n\
                     {\"features\":{\"age\":41,\"ok\":true,\"list\":[1]}}";
        let found: Vec<_> =
            discover(body, Task::Binary).into_iter().map(|c| (c.id.to_string(), c.kind)).collect();
        let expected = [
            ("age", ColumnKind::Numeric),
            ("city", ColumnKind::Categorical),
            ("ok", ColumnKind::Boolean),
            ("@prediction", ColumnKind::Categorical),
            ("@score", ColumnKind::Numeric),
        ];
        assert_eq!(found, expected.map(|(name, kind)| (name.to_owned(), kind)));
        let array = discover(b" [{\"prediction\":2.5}]", Task::Regression);
        assert_eq!(array[0].kind, ColumnKind::Numeric);
    }

    #[test]
    fn only_the_beginning_of_a_body_is_looked_at() {
        let row = "{\"prediction\":1}";
        let later = "{\"score\":0.5}";
        for (many, enough) in [(ROWS_MAX - 1, 2), (ROWS_MAX, 1)] {
            let array = format!("[{}{later}]", format!("{row},").repeat(many));
            let lines = format!("{}{later}", format!("{row}\n").repeat(many));
            assert_eq!(discover(array.as_bytes(), Task::Binary).len(), enough, "{many} rows before");
            assert_eq!(discover(lines.as_bytes(), Task::Binary).len(), enough, "{many} rows before");
        }
        let long = "x".repeat(BYTES_MAX);
        let cut = format!("[{row},{{\"features\":{{\"long\":\"{long}\"}}}}]");
        assert_eq!(discover(cut.as_bytes(), Task::Binary).len(), 1, "what is cut is passed over");
    }
}

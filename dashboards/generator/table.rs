//! Tables: one row for each set of labels, one column for each label and each query.

use serde_json::{Map, Value, json};

use super::panel::{Link, Panel, Shape};
use super::query::Query;
use super::values::{Steps, Unit, Words, thresholds};
use super::words::{Language, Text};

/// A column, in the order in which they are added.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    source: Source,
    title: Text,
    look: Look,
}

#[derive(Debug, Clone, Copy)]
enum Source {
    Label(&'static str),
    /// The query at this place.
    Value(usize),
}

/// How the cells of a column look.
#[derive(Debug, Clone, Copy)]
pub enum Look {
    /// As it comes.
    Text,
    Number(Unit),
    /// A number with colours.
    Judged(Unit, Steps),
    Words(Words),
    Link(Link),
    /// Asked for its labels only.
    Hidden,
}

impl Panel {
    /// A column of a label that all its queries return.
    pub fn label(self, label: &'static str, title: Text, look: Look) -> Self {
        self.column(Source::Label(label), title, look)
    }

    /// A column of what a query returns.
    pub fn value(mut self, title: Text, look: Look, expr: impl AsRef<str>) -> Self {
        let at = self.queries.len();
        self.queries.push(Query::new(expr, None));
        self.column(Source::Value(at), title, look)
    }

    fn column(mut self, source: Source, title: Text, look: Look) -> Self {
        match &mut self.shape {
            Shape::Table(columns) => columns.push(Column { source, title, look }),
            _ => unreachable!("only tables have columns"),
        }
        self
    }
}

impl Column {
    /// What Grafana calls it: the value of a single query has no letter.
    fn field(&self, queries: usize) -> String {
        match self.source {
            Source::Label(label) => label.to_owned(),
            Source::Value(_) if queries == 1 => "Value".to_owned(),
            Source::Value(at) => format!("Value #{}", Query::ref_id(at)),
        }
    }

    pub(super) fn overrides(&self, queries: usize, language: Language) -> Value {
        let coloured = json!({ "id": "custom.cellOptions", "value": { "type": "color-text" } });
        let mut properties = vec![json!({ "id": "displayName", "value": self.title.of(language) })];
        match self.look {
            Look::Text | Look::Hidden => {}
            Look::Number(unit) => properties.push(json!({ "id": "unit", "value": unit.as_str() })),
            Look::Judged(unit, steps) => properties.extend([
                json!({ "id": "unit", "value": unit.as_str() }),
                json!({ "id": "thresholds", "value": thresholds(steps) }),
                coloured,
            ]),
            Look::Words(words) => {
                properties.extend([json!({ "id": "mappings", "value": words.mappings(language) }), coloured])
            }
            Look::Link(link) => {
                properties.push(json!({ "id": "links", "value": [link.of_row(language)] }));
            }
        }
        json!({ "matcher": { "id": "byName", "options": self.field(queries) }, "properties": properties })
    }
}

/// Rows of the queries become one where their labels are the same.
pub(super) fn transformations(columns: &[Column], queries: usize) -> Value {
    let hidden = columns.iter().filter(|column| matches!(column.look, Look::Hidden));
    let hidden = hidden.map(|column| column.field(queries)).chain(["Time".to_owned()]);
    let excluded: Map<String, Value> = hidden.map(|field| (field, true.into())).collect();
    let order: Map<String, Value> =
        columns.iter().enumerate().map(|(at, column)| (column.field(queries), at.into())).collect();
    let organize = json!({ "excludeByName": excluded, "indexByName": order, "renameByName": {} });
    json!([
        { "id": "merge", "options": {} },
        { "id": "organize", "options": organize },
    ])
}

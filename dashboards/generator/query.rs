//! A query, and the marks that stand for the variables of its selectors.

use serde_json::{Value, json};

use super::words::{Language, Text};

/// One PromQL expression of a panel.
#[derive(Debug, Clone)]
pub struct Query {
    pub expr: String,
    /// With `{{label}}` for the values of labels.
    pub legend: Option<Text>,
}

/// How a panel takes what a query returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Over the time shown.
    Range,
    /// Now, as one number a series.
    Instant,
    /// Now, as rows.
    Rows,
}

/// Marks of a selector, as in `driftd_incidents_open{@model, severity="critical"}`; each may hold later ones.
const MARKS: [(&str, &str); 4] = [
    ("@version", r#"@model, version=~"$version""#),
    ("@model", r#"@daemon, model=~"$model""#),
    ("@case", r#"@daemon, use_case=~"$use_case""#),
    ("@daemon", r#"job=~"$job", instance=~"$instance""#),
];

/// The expression with its marks written out.
pub fn expand(expr: &str) -> String {
    MARKS.iter().fold(expr.to_owned(), |expr, (mark, matchers)| expr.replace(mark, matchers))
}

/// Events of a counter over a range. All that a counter has is new where it was not there before: `increase` alone
/// would miss its first events.
pub fn events(counter: &str, range: &str) -> String {
    format!("({counter} unless last_over_time({counter}[1d] offset {range}) or increase({counter}[{range}]))")
}

/// A KPI of the models chosen, over all of their traffic.
pub fn model_kpi(metric: &str, name: &str) -> String {
    format!(r#"driftd_kpi_{metric}{{@model, kpi="{name}", segment="all"}}"#)
}

impl Query {
    pub fn new(expr: impl AsRef<str>, legend: Option<Text>) -> Self {
        Self { expr: expand(expr.as_ref()), legend }
    }

    /// `A` for the first of a panel.
    pub fn ref_id(at: usize) -> String {
        const LETTERS: &[u8; 26] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        char::from(LETTERS[at]).to_string()
    }

    pub(super) fn json(&self, at: usize, answer: Answer, language: Language) -> Value {
        let mut query = json!({
            "datasource": datasource(),
            "editorMode": "code",
            "expr": self.expr,
            "format": if answer == Answer::Rows { "table" } else { "time_series" },
            "instant": answer != Answer::Range,
            "range": answer == Answer::Range,
            "refId": Self::ref_id(at),
        });
        if let Some(legend) = self.legend {
            query["legendFormat"] = legend.of(language).into();
        }
        query
    }
}

/// The one that the reader chose.
pub fn datasource() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

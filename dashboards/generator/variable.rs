//! Variables, the choices at the top of a dashboard.

use serde_json::{Value, json};

use super::query::{datasource, expand};
use super::words::{Language, MODEL, Text, USE_CASE, both, t};

/// A choice among values of a label.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    pub name: &'static str,
    label: Text,
    /// Marks as in queries.
    query: &'static str,
    /// Its group is what is chosen; everything where it is empty.
    regex: &'static str,
    choice: Choice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Choice {
    One,
    /// Any number, all at first.
    Many,
    /// Any number, this one at first.
    ManyFrom(&'static str),
}

const fn many(name: &'static str, label: Text, query: &'static str) -> Variable {
    Variable { name, label, query, regex: "", choice: Choice::Many }
}

pub const JOB: Variable = many("job", both("Job"), "label_values(driftd_build_info, job)");
pub const INSTANCE: Variable =
    many("instance", both("Instance"), r#"label_values(driftd_build_info{job=~"$job"}, instance)"#);
pub const MODELS: Variable = many("model", MODEL, "label_values(driftd_model_info{@daemon}, model)");
pub const ONE_MODEL: Variable = Variable { choice: Choice::One, ..MODELS };
pub const VERSION: Variable =
    many("version", both("Version"), "label_values(driftd_window_samples{@model}, version)");
pub const WINDOW: Variable =
    many("window", t("Window", "Fenêtre"), "label_values(driftd_window_samples{@model}, window)");
pub const SEGMENT: Variable = Variable {
    choice: Choice::ManyFrom("all"),
    ..many(
        "segment",
        both("Segment"),
        r#"label_values({__name__=~"driftd_(feature|segment)_status", @model}, segment)"#,
    )
};
/// Only what labels show has segments.
pub const METRIC: Variable = Variable {
    choice: Choice::One,
    regex: "/driftd_performance_(.+)/",
    ..many(
        "metric",
        t("Metric", "Métrique"),
        r#"label_values({__name__=~"driftd_performance_.+", segment="all", @model}, __name__)"#,
    )
};
pub const USE_CASES: Variable =
    many("use_case", USE_CASE, "label_values(driftd_use_case_info{@daemon}, use_case)");

/// Where the numbers come from.
pub fn data_source(language: Language) -> Value {
    json!({
        "current": { "selected": false, "text": "default", "value": "default" },
        "hide": 0,
        "includeAll": false,
        "label": t("Data source", "Source de données").of(language),
        "multi": false,
        "name": "datasource",
        "options": [],
        "query": "prometheus",
        "refresh": 1,
        "regex": "",
        "skipUrlSync": false,
        "type": "datasource",
    })
}

impl Variable {
    pub fn json(&self, language: Language) -> Value {
        let many = self.choice != Choice::One;
        let current = match self.choice {
            Choice::One => json!({}),
            Choice::Many => json!({ "selected": true, "text": ["All"], "value": ["$__all"] }),
            Choice::ManyFrom(value) => json!({ "selected": true, "text": [value], "value": [value] }),
        };
        let mut variable = json!({
            "datasource": datasource(),
            "hide": 0,
            "includeAll": many,
            "label": self.label.of(language),
            "multi": many,
            "name": self.name,
            "options": [],
            "query": expand(self.query),
            // Whenever the time shown changes.
            "refresh": 2,
            "regex": self.regex,
            "skipUrlSync": false,
            // By name.
            "sort": 1,
            "type": "query",
        });
        if many {
            // Series without the label too, such as incidents of no model.
            variable["allValue"] = ".*".into();
            variable["current"] = current;
        }
        variable
    }
}

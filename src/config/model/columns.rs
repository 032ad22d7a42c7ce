//! `[columns]`: what the columns of a file of rows are called.

use std::collections::{BTreeMap, BTreeSet};

use super::features::FeatureSettings;
use crate::config::table::Table;

/// The names in a file (`reference.data`, and what the commands read); the JSON names by default.
///
/// `None` where a listed feature has the default name and nothing else is said: the feature takes the column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnNames {
    pub id: Option<String>,
    pub timestamp: Option<String>,
    pub version: Option<String>,
    pub prediction: Option<String>,
    pub score: Option<String>,
    pub actual: Option<String>,
    pub latency_ms: Option<String>,
    pub cost: Option<String>,
}

impl ColumnNames {
    pub(super) fn read(table: &Table<'_>, features: &BTreeMap<String, FeatureSettings>) -> Self {
        let mut taken = BTreeSet::new();
        let mut name = |key: &str, default: &str| {
            let given = table.has(key);
            if !given && features.contains_key(default) {
                table.optional::<String>(key);
                return None;
            }
            let name = table.read(key, default.to_owned());
            if given && features.contains_key(&name) {
                table.error(key, format!("is a feature too; a column is one thing (see features.{name})"));
            } else if !taken.insert(name.clone()) && table.is_sound() {
                table.error(key, "names a column that another key of [columns] names; a column is one thing");
            }
            Some(name)
        };
        Self {
            id: name("id", "id"),
            timestamp: name("timestamp", "ts"),
            version: name("version", "version"),
            prediction: name("prediction", "prediction"),
            score: name("score", "score"),
            actual: name("actual", "actual"),
            latency_ms: name("latency_ms", "latency_ms"),
            cost: name("cost", "cost"),
        }
    }
}

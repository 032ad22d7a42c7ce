//! `[statistics]`, `[derived]` and `[features]`: what is watched of all columns, and of single ones.

use std::collections::{BTreeMap, BTreeSet};

use super::statistics::{self, Choices};
use crate::config::limits::LimitSettings;
use crate::config::table::Table;
use crate::domain::{ColumnId, ColumnKind, Task};
use crate::verdict::StatisticsPlan;

/// Longest name of a feature, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// What is said of one feature.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeatureSettings {
    /// `None`: as the reference has it.
    pub kind: Option<ColumnKind>,
    /// Whether none of its values may be kept in clear: no names of categories, no extremes.
    pub sensitive: bool,
}

type Read = (BTreeMap<String, FeatureSettings>, BTreeSet<ColumnId>, StatisticsPlan);

/// Features by name, columns not watched, and the statistics of all.
pub(super) fn read(table: &Table<'_>, task: Option<Task>, limits: &LimitSettings) -> Read {
    let every = statistics::read(table, None, &Choices::new());
    let mut features = BTreeMap::new();
    let mut ignored = BTreeSet::new();
    let mut of_column = BTreeMap::new();
    let mut add = |column: ColumnId, watched: Watched| {
        if watched.ignore {
            ignored.insert(column.clone());
        }
        if !watched.statistics.is_empty() {
            of_column.insert(column, watched.statistics);
        }
    };

    table.named("derived", |entry, name| match format!("@{name}").parse::<ColumnId>() {
        Ok(column) => {
            let kind = kind_of_derived(&column, task);
            add(column, Watched::read(entry, kind, &every));
        }
        Err(_) => {
            Watched::read(entry, None, &every);
            entry.error(
                "",
                "is no derived column; prediction, score, \"score:CLASS\", latency_ms and cost are",
            );
        }
    });
    table.named("features", |entry, name| {
        if let Err(message) = is_feature_name(name) {
            entry.error("", message);
        }
        let kinds = [
            ("numeric", ColumnKind::Numeric),
            ("categorical", ColumnKind::Categorical),
            ("boolean", ColumnKind::Boolean),
        ];
        let kind = entry.optional_choice("kind", "kind of feature", &kinds);
        let sensitive = entry.read("sensitive", false);
        add(ColumnId::feature(name), Watched::read(entry, kind, &every));
        features.insert(name.to_owned(), FeatureSettings { kind, sensitive });
    });
    let most = limits.columns_max;
    if features.len() as u64 > most {
        table.error("features", format!("are {}; at most {most} (limits.columns_max)", features.len()));
    }
    (features, ignored, StatisticsPlan { every, of_column })
}

struct Watched {
    ignore: bool,
    statistics: Choices,
}

impl Watched {
    fn read(table: &Table<'_>, kind: Option<ColumnKind>, every: &Choices) -> Self {
        let ignore = table.read("ignore", false);
        if ignore && table.has("statistics") {
            table.error("ignore", "contradicts the statistics that are given; drop one of them");
        }
        Self { ignore, statistics: statistics::read(table, kind, every) }
    }
}

fn kind_of_derived(column: &ColumnId, task: Option<Task>) -> Option<ColumnKind> {
    match (column, task) {
        (ColumnId::Prediction, None) => None,
        (ColumnId::Prediction, Some(Task::Binary | Task::Multiclass)) => Some(ColumnKind::Categorical),
        _ => Some(ColumnKind::Numeric),
    }
}

fn is_feature_name(name: &str) -> Result<(), String> {
    if name.starts_with('@') {
        return Err(
            "begins with `@`, which marks derived columns; rename the feature, or see [derived]".to_owned()
        );
    }
    if name.is_empty() || name.len() > NAME_BYTES_MAX || name.contains(char::is_control) {
        return Err(format!("is no feature's name; 1 to {NAME_BYTES_MAX} bytes without control characters"));
    }
    Ok(())
}

//! `[telemetry]`: what is logged, and how; what `/metrics` shows of features.

use super::table::Table;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetrySettings {
    pub log_format: LogFormat,
    /// Levels, as `info` or `warn,driftd=debug`.
    pub log_filter: String,
    /// Beside each statistic of a feature, its chance without drift.
    pub feature_p_values: bool,
    /// Beside each statistic of a feature, from where on it counts.
    pub feature_thresholds: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl TelemetrySettings {
    pub(super) fn read(table: &Table<'_>) -> Self {
        let formats = [("text", LogFormat::Text), ("json", LogFormat::Json)];
        Self {
            log_format: table.choice("log_format", "log format", LogFormat::Text, &formats),
            log_filter: table.read_if("log_filter", "info".to_owned(), |filter| is_filter(filter)),
            feature_p_values: table.read("feature_p_values", true),
            feature_thresholds: table.read("feature_thresholds", true),
        }
    }
}

/// Stricter than the subscriber, which takes a misspelt level for the name of a module.
fn is_filter(filter: &str) -> Result<(), String> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    for part in filter.split(',') {
        let level = part.split_once('=').map_or(part, |(_, level)| level);
        if !LEVELS.contains(&level) {
            return Err(format!("has the level `{level}`; levels are {}", LEVELS.join(", ")));
        }
    }
    Ok(())
}

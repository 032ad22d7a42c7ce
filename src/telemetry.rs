//! Logs: one line an event, to stderr, as text for people or JSON for collectors.
//!
//! Rules: a message in lower case plus fields; a failure is logged once, where it is handled; no values of rows, no
//! tokens, no personal data.

use std::io::IsTerminal;
use std::str::FromStr;

use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogOptions {
    pub format: LogFormat,
    /// Directives of `tracing`: a level, or `target=level`, parted by commas (`info,driftd::web=debug`).
    pub filter: String,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

/// Why there are no logs.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    #[error(
        "`{0}` is no log filter: a level (error, warn, info, debug, trace) or `target=level`, parted by commas"
    )]
    Filter(String),
    #[error("logs are set up already in this process")]
    AlreadySet,
}

/// A filter that is well formed; for checking a config before it is used.
pub fn check_filter(filter: &str) -> Result<(), TelemetryError> {
    read_filter(filter).map(|_| ())
}

/// Sends logs to stderr from now on. Once in a process.
pub fn start(options: &LogOptions) -> Result<(), TelemetryError> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(read_filter(&options.filter)?)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let set = match options.format {
        LogFormat::Text => builder.finish().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init(),
    };
    set.map_err(|_| TelemetryError::AlreadySet)
}

fn read_filter(filter: &str) -> Result<EnvFilter, TelemetryError> {
    let wrong = || TelemetryError::Filter(filter.to_owned());
    if filter.trim().is_empty() {
        return Err(wrong());
    }
    EnvFilter::from_str(filter).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_checked() {
        for good in ["info", "WARN", "info,driftd::web=debug", "off"] {
            assert!(check_filter(good).is_ok(), "{good}");
        }
        for bad in ["", "info,driftd=loud", "a=b=c"] {
            assert!(check_filter(bad).is_err(), "{bad}");
        }
    }
}

//! The words that verdicts are made of.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is said of a column, window or model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Warning,
    Critical,
    /// Nothing could be judged: too few rows, or no reference. Not `ok`.
    InsufficientData,
}

/// How bad an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Warning,
    Critical,
}

/// What an alarm is about; each is one alarm at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Inputs or predictions are spread otherwise than in the reference.
    Data,
    /// Traffic is far from its habit.
    Volume,
    /// No rows came for a set time.
    Silence,
    /// Values of the wrong type, or features nobody announced.
    Schema,
    /// The relation of inputs to target changed.
    Concept,
    /// The model wears out.
    Model,
    /// Groups are treated unequally.
    Bias,
}

impl Status {
    /// The gauge's value: 0 ok, 1 warning, 2 critical, −1 insufficient data.
    pub const fn as_gauge(self) -> i64 {
        match self {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Critical => 2,
            Self::InsufficientData => -1,
        }
    }

    /// The severity that alarms, if any does.
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Warning => Some(Severity::Warning),
            Self::Critical => Some(Severity::Critical),
            Self::Ok | Self::InsufficientData => None,
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::InsufficientData => "insufficient_data",
        }
    }
}

impl From<Option<Severity>> for Status {
    fn from(severity: Option<Severity>) -> Self {
        match severity {
            None => Self::Ok,
            Some(Severity::Warning) => Self::Warning,
            Some(Severity::Critical) => Self::Critical,
        }
    }
}

impl Kind {
    pub const ALL: [Self; 7] =
        [Self::Data, Self::Volume, Self::Silence, Self::Schema, Self::Concept, Self::Model, Self::Bias];

    /// Whether labels decide on it.
    pub const fn is_of_outcomes(self) -> bool {
        matches!(self, Self::Concept | Self::Model | Self::Bias)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::Volume => "volume",
            Self::Silence => "silence",
            Self::Schema => "schema",
            Self::Concept => "concept",
            Self::Model => "model",
            Self::Bias => "bias",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Status::from(Some(*self)).as_str())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

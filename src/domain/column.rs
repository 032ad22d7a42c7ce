//! What a model is asked (its task) and what is watched of each row (its columns).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    Binary,
    Multiclass,
    Regression,
}

/// How the values of a column are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Ordered values, counted on right-closed bins.
    Numeric,
    /// Names, counted each apart.
    Categorical,
    /// `true` and `false`, a categorical column of two known names.
    Boolean,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Boolean => "boolean",
        })
    }
}

/// A watched column of a model: one of its features, or what is derived from a row.
///
/// In text a feature is its own name and a derived column begins with `@`
/// (`@prediction`, `@score`, `@score:cat`, `@latency_ms`, `@cost`), so that a feature
/// may be called `score`; a feature's name may not begin with `@`.
///
/// ```
/// use driftd::domain::ColumnId;
/// let column: ColumnId = "@score".parse().unwrap();
/// assert_eq!(column, ColumnId::Score);
/// assert_eq!("score".parse::<ColumnId>().unwrap().to_string(), "score");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ColumnId {
    Feature(Box<str>),
    Prediction,
    /// The score of the positive class (binary).
    Score,
    /// The score of one class (multiclass).
    ClassScore(Box<str>),
    LatencyMs,
    Cost,
}

impl ColumnId {
    /// The feature of that name. `name` must not begin with `@` (the config sees to it).
    pub fn feature(name: impl Into<Box<str>>) -> Self {
        Self::Feature(name.into())
    }

    /// Whether the column is an input of the model rather than something derived.
    pub fn is_feature(&self) -> bool {
        matches!(self, Self::Feature(_))
    }
}

impl fmt::Display for ColumnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feature(name) => f.write_str(name),
            Self::Prediction => f.write_str("@prediction"),
            Self::Score => f.write_str("@score"),
            Self::ClassScore(class) => write!(f, "@score:{class}"),
            Self::LatencyMs => f.write_str("@latency_ms"),
            Self::Cost => f.write_str("@cost"),
        }
    }
}

/// A name that begins with `@` and is no derived column.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "`{0}` is no derived column: @prediction, @score, @score:CLASS, @latency_ms and @cost are; a feature's name may not begin with `@`"
)]
pub struct UnknownColumn(String);

impl FromStr for ColumnId {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, UnknownColumn> {
        match text {
            "@prediction" => Ok(Self::Prediction),
            "@score" => Ok(Self::Score),
            "@latency_ms" => Ok(Self::LatencyMs),
            "@cost" => Ok(Self::Cost),
            _ => match text.strip_prefix("@score:") {
                Some(class) => Ok(Self::ClassScore(class.into())),
                None if text.starts_with('@') => Err(UnknownColumn(text.to_owned())),
                None => Ok(Self::feature(text)),
            },
        }
    }
}

impl Serialize for ColumnId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ColumnId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

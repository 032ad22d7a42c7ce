//! What names KPIs and use cases.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::{IdError, ModelId};

/// A use case's id, by the rule of a model's.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct UseCaseId(Box<str>);

/// A KPI's name: 1 to 64 of `[a-z0-9_]`, the first a letter, so that it can stand in a formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct KpiName(Box<str>);

/// A KPI, or the stream that it is read from: a name within a use case, within a model, or of the whole daemon.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KpiId {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_case: Option<UseCaseId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    pub name: KpiName,
}

/// Whose question a KPI answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Does it work?
    Technical,
    /// Is it worth it?
    Strategic,
    /// Is it used?
    Adoption,
}

impl UseCaseId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UseCaseId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let id: ModelId = text.parse()?;
        Ok(Self(id.as_str().into()))
    }
}

impl KpiName {
    /// Longest name, in bytes.
    pub const BYTES_MAX: usize = 64;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KpiName {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if text.is_empty() {
            return Err(IdError::Empty);
        }
        if text.len() > Self::BYTES_MAX {
            return Err(IdError::TooLong { bytes: text.len(), bytes_max: Self::BYTES_MAX });
        }
        let allowed = "lower-case letters, digits and `_` are allowed, the first a letter";
        for (at, character) in text.char_indices() {
            let fits = character.is_ascii_lowercase()
                || (at > 0 && (character.is_ascii_digit() || character == '_'));
            if !fits {
                return Err(IdError::Character { character, allowed });
            }
        }
        Ok(Self(text.into()))
    }
}

/// Reads what `Display` writes.
impl FromStr for KpiId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let mut parts = text.split('/').rev();
        let name = parts.next().unwrap_or_default().parse()?;
        let mut id = Self { use_case: None, model: None, name };
        let mut part = parts.next();
        if let Some(model) = part.and_then(|part| part.strip_prefix("model:")) {
            id.model = Some(model.parse()?);
            part = parts.next();
        }
        id.use_case = part.map(str::parse).transpose()?;
        match parts.next() {
            None => Ok(id),
            Some(_) => {
                Err(IdError::Character { character: '/', allowed: "an id is `use_case/model:model/name`" })
            }
        }
    }
}

impl Family {
    pub const ALL: [Self; 3] = [Self::Technical, Self::Strategic, Self::Adoption];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Technical => "technical",
            Self::Strategic => "strategic",
            Self::Adoption => "adoption",
        }
    }
}

impl fmt::Display for UseCaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KpiName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `roi`, `claims/roi`, `model:fraud/latency_p95`, `claims/model:fraud/recall`.
impl fmt::Display for KpiId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(use_case) = &self.use_case {
            write!(f, "{use_case}/")?;
        }
        if let Some(model) = &self.model {
            write!(f, "model:{}/", model.as_str())?;
        }
        self.name.fmt(f)
    }
}

impl<'de> Deserialize<'de> for UseCaseId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for KpiName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

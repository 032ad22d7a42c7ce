//! Which incidents a route or a silence is for.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::ModelId;
use crate::incident::{Incident, IncidentKind, Role};
use crate::verdict::Severity;

/// Conditions that must all hold; one that is empty always does.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Matcher {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub severity: BTreeSet<Severity>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub kind: BTreeSet<IncidentKind>,
    /// Who must act.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub role: BTreeSet<Role>,
    /// One of these.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub model: BTreeSet<ModelPattern>,
    /// All of these.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A model's id, or the beginning of one followed by `*`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ModelPattern(String);

#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("is neither a model's id nor the beginning of one followed by `*`")]
pub struct ModelPatternError;

impl Matcher {
    pub fn matches(&self, incident: &Incident) -> bool {
        let key = &incident.key;
        let model = key.model.as_ref().map_or("", |model| model.as_str());
        (self.severity.is_empty() || self.severity.contains(&incident.severity))
            && (self.kind.is_empty() || self.kind.contains(&key.kind))
            && (self.role.is_empty() || self.role.contains(&key.role()))
            && (self.model.is_empty() || self.model.iter().any(|pattern| pattern.matches(model)))
            && self.tags.iter().all(|(name, value)| incident.tags.get(name) == Some(value))
    }

    /// Whether it matches every incident.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl ModelPattern {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn matches(&self, model: &str) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => model.starts_with(beginning),
            None => model == self.0,
        }
    }
}

impl FromStr for ModelPattern {
    type Err = ModelPatternError;

    fn from_str(text: &str) -> Result<Self, ModelPatternError> {
        let beginning = text.strip_suffix('*').unwrap_or(text);
        match beginning.parse::<ModelId>() {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err(ModelPatternError),
        }
    }
}

impl<'de> Deserialize<'de> for ModelPattern {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_an_id_or_its_beginning() {
        let matches = |pattern: &str, model: &str| pattern.parse::<ModelPattern>().map(|p| p.matches(model));
        assert_eq!(matches("credit_*", "credit_eu"), Ok(true));
        assert_eq!(matches("credit_*", "credit"), Ok(false));
        assert_eq!(matches("credit", "credit_eu"), Ok(false));
        for wrong in ["", "*", "a*b", "a b", "a**"] {
            assert_eq!(matches(wrong, "a"), Err(ModelPatternError), "{wrong}");
        }
    }
}

//! What tells incidents apart.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::kind::{IncidentKind, Role};
use crate::domain::{ModelId, Segment, Version};

/// An incident's number within this store, as people write it: `inc-42`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IncidentId(pub u64);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no incident's id, as in inc-42")]
pub struct IncidentIdError;

/// What is wrong, more closely than the kind says: a KPI, a receiver, a group. Empty where the kind says it all.
///
/// At most [`SUBJECT_BYTES_MAX`] bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize)]
pub struct Subject(Box<str>);

/// Longest subject, in bytes.
pub const SUBJECT_BYTES_MAX: usize = 128;

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is longer than {SUBJECT_BYTES_MAX} bytes or holds a control character")]
pub struct SubjectError;

/// What an incident is about. At most one incident that is not resolved has a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IncidentKey {
    /// `None`: it concerns no one model.
    pub model: Option<ModelId>,
    /// `None`: all versions.
    pub version: Option<Version>,
    pub segment: Segment,
    pub kind: IncidentKind,
    #[serde(default)]
    pub subject: Subject,
}

impl IncidentKey {
    /// One text for one key: what the store's uniqueness rests on. Parts are parted by a control character, which none
    /// of them can hold.
    pub fn to_text(&self) -> String {
        let model = self.model.as_ref().map_or("", ModelId::as_str);
        let version = self.version.as_ref().map_or("", Version::as_str);
        format!("{}\u{1f}{model}\u{1f}{version}\u{1f}{}\u{1f}{}", self.kind, self.segment, self.subject)
    }

    /// Who must act. Of maintenance that depends on the task, which the subject begins with: `data_refresh/monthly`.
    pub fn role(&self) -> Role {
        match (self.kind, self.subject.as_str().split('/').next()) {
            (IncidentKind::Maintenance, Some("data_refresh")) => Role::DataEngineer,
            (IncidentKind::Maintenance, Some("compliance_audit")) => Role::SecurityOfficer,
            (kind, _) => kind.role(),
        }
    }
}

impl Subject {
    /// A subject that driftd makes itself: cut to the limit, control characters replaced.
    pub fn cut(text: &str) -> Self {
        let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self(clean[..clean.floor_char_boundary(SUBJECT_BYTES_MAX)].into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        match text.len() > SUBJECT_BYTES_MAX || text.chars().any(char::is_control) {
            true => Err(SubjectError),
            false => Ok(Self(text.into())),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "inc-{}", self.0)
    }
}

impl FromStr for IncidentId {
    type Err = IncidentIdError;

    fn from_str(text: &str) -> Result<Self, IncidentIdError> {
        let digits = text.strip_prefix("inc-").ok_or(IncidentIdError)?;
        if digits.starts_with(['+', '0']) {
            return Err(IncidentIdError);
        }
        digits.parse().map(Self).map_err(|_| IncidentIdError)
    }
}

impl Serialize for IncidentId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IncidentId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: IncidentKind, subject: &str) -> IncidentKey {
        IncidentKey {
            model: None,
            version: None,
            segment: Segment::All,
            kind,
            subject: Subject::cut(subject),
        }
    }

    #[test]
    fn maintenance_is_for_whoever_does_the_task() {
        let of = |subject| key(IncidentKind::Maintenance, subject).role();
        assert_eq!(of("data_refresh/monthly"), Role::DataEngineer);
        assert_eq!(of("compliance_audit/half_yearly"), Role::SecurityOfficer);
        for owners in ["preventive_retraining/quarterly", "non_regression_tests/monthly", "model_age", ""] {
            assert_eq!(of(owners), Role::ModelOwner, "{owners}");
        }
        assert_eq!(key(IncidentKind::Kpi, "data_refresh/monthly").role(), Role::BusinessOwner);
        for kind in IncidentKind::ALL {
            assert_eq!(key(kind, "").role(), kind.role(), "{kind}");
        }
    }
}

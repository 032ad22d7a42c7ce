//! Times in which some incidents make no noise.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::matcher::Matcher;
use crate::domain::Timestamp;

/// A silence's number within this store, as people write it: `sil-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SilenceId(pub u64);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no silence's id, as in sil-3")]
pub struct SilenceIdError;

/// News of incidents that match are held back until it ends. The incidents themselves go on, their clock too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Silence {
    pub id: SilenceId,
    pub matcher: Matcher,
    pub from: Timestamp,
    /// Ended early: when.
    pub until: Timestamp,
    pub by: String,
    pub reason: String,
}

impl Silence {
    pub fn is_active(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.until
    }
}

impl fmt::Display for SilenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sil-{}", self.0)
    }
}

impl FromStr for SilenceId {
    type Err = SilenceIdError;

    fn from_str(text: &str) -> Result<Self, SilenceIdError> {
        let digits = text.strip_prefix("sil-").filter(|digits| !digits.starts_with(['+', '0']));
        digits.and_then(|digits| digits.parse().ok()).map(Self).ok_or(SilenceIdError)
    }
}

impl Serialize for SilenceId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SilenceId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

//! An incident as it stands: small, stored whole with every change.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::key::{IncidentId, IncidentKey};
use super::observation::Observation;
use super::regulatory::RegulatoryDeadline;
use super::sla::SlaClock;
use crate::domain::Timestamp;
use crate::verdict::Severity;

/// Something is or was wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub key: IncidentKey,
    pub origin: Origin,
    pub state: State,
    pub severity: Severity,
    /// The clock at the first detection.
    pub detected_at: Timestamp,
    /// The last time that it was seen.
    pub seen_at: Timestamp,
    /// How often it was seen.
    pub times_seen: u64,
    /// What was seen last.
    pub observation: Observation,
    /// Of a critical one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaClock>,
    /// Since when its cause is gone; the quiet period counts from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_since: Option<Timestamp>,
    /// When it was reopened lately, oldest first; as many as flapping looks at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reopenings: Vec<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub flapping: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regulatory: Vec<RegulatoryDeadline>,
    /// Of its model or report; routes may match them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Receivers that were told of it: they are told of its end.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told: BTreeSet<Box<str>>,
    /// Receivers whose news a silence or quiet hours hold back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub owed: BTreeSet<Box<str>>,
    /// Until when they are held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
    /// Entries of its timeline so far: the number of the last one.
    pub entries: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    Open,
    Acknowledged { at: Timestamp, by: String },
    Resolved { at: Timestamp, resolution: Resolution },
}

/// Why an incident is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "how")]
pub enum Resolution {
    /// Its cause was gone for the quiet period.
    Quiet,
    By {
        by: String,
    },
    /// Someone says that nothing was wrong.
    FalseAlarm {
        by: String,
    },
}

/// Who found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Origin {
    /// A verdict of driftd's: it ends with its alarm.
    Verdict,
    /// driftd about itself.
    Driftd,
    /// Reported from outside: whoever reported it, or a person, ends it.
    Report { reporter: String },
}

impl Incident {
    pub fn is_resolved(&self) -> bool {
        matches!(self.state, State::Resolved { .. })
    }

    pub fn resolved_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Resolved { at, .. } => Some(at),
            State::Open | State::Acknowledged { .. } => None,
        }
    }
}

impl State {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Resolved { .. } => "resolved",
        }
    }
}

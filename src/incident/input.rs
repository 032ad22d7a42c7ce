//! What may come to an incident.

use std::collections::BTreeMap;

use super::observation::Observation;
use super::regulatory::Basis;
use super::state::Origin;
use crate::domain::Timestamp;
use crate::verdict::Severity;

/// What comes in.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// It is there now: opens, reopens or escalates.
    Raise {
        severity: Severity,
        seen: Observation,
        origin: Origin,
        tags: BTreeMap<String, String>,
    },
    /// It is still there: what was seen is brought up to date. Someone who resolved it meanwhile is not contradicted.
    Persist {
        seen: Observation,
    },
    /// Its cause is gone.
    Clear,
    Acknowledge {
        by: String,
        note: Option<String>,
    },
    Resolve {
        by: String,
        note: Option<String>,
    },
    /// Nothing was wrong. A resolved incident may be marked so too.
    MarkFalse {
        by: String,
        note: Option<String>,
    },
    SetDeadline {
        basis: Basis,
        aware_at: Timestamp,
        by: String,
    },
    MeetDeadline {
        basis: Basis,
        by: String,
    },
    /// Time passed.
    Pass,
}

/// Why something that a person asked for was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("there is no such incident")]
    Unknown,
    #[error("the incident is resolved already")]
    Resolved,
    #[error("the incident is acknowledged already")]
    Acknowledged,
    #[error("the incident is marked as a false alarm already")]
    MarkedFalse,
    #[error("the incident has this deadline already")]
    DeadlineSet,
    #[error("the incident has no such deadline to be met")]
    NoDeadline,
}

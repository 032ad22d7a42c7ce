//! The clock of a critical incident. It starts once and is kept with the incident: no restart moves it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::policy::SlaTargets;
use crate::domain::Timestamp;

/// When an incident became critical, and by when it must be dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlaClock {
    pub started_at: Timestamp,
    pub resolve_by: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledge_by: Option<Timestamp>,
    /// Reminders that have gone out.
    pub reminders_sent: u32,
    /// When the breach of the resolution was noted; once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<Timestamp>,
    /// When the breach of the acknowledgement was noted; once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledgement_breached_at: Option<Timestamp>,
}

/// What was not done in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaTarget {
    Acknowledgement,
    Resolution,
}

impl SlaClock {
    pub fn start(at: Timestamp, targets: SlaTargets) -> Self {
        Self {
            started_at: at,
            resolve_by: at.saturating_add(targets.resolve_within),
            acknowledge_by: targets.acknowledge_within.map(|within| at.saturating_add(within)),
            reminders_sent: 0,
            breached_at: None,
            acknowledgement_breached_at: None,
        }
    }

    /// When a share of the time to resolution is over.
    pub fn at_share(&self, share: f64) -> Timestamp {
        share_of(self.started_at, self.resolve_by, share)
    }

    /// The time left to resolution; `None` past the deadline.
    pub fn left(&self, now: Timestamp) -> Option<Duration> {
        (now < self.resolve_by).then(|| self.resolve_by.since(now))
    }
}

/// The instant when a share of the time between two is over, to the microsecond.
pub(super) fn share_of(start: Timestamp, end: Timestamp, share: f64) -> Timestamp {
    start.saturating_add(end.since(start).mul_f64(share.clamp(0.0, 1.0)))
}

impl SlaTarget {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledgement",
            Self::Resolution => "resolution",
        }
    }

    /// The target in words: not …
    pub const fn participle(self) -> &'static str {
        match self {
            Self::Acknowledgement => "acknowledged",
            Self::Resolution => "resolved",
        }
    }
}

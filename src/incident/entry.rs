//! The timeline of an incident: everything that happened, numbered.

use serde::{Deserialize, Serialize};

use super::regulatory::Basis;
use super::sla::SlaTarget;
use super::state::Resolution;
use crate::domain::Timestamp;
use crate::verdict::Severity;

/// One line of a timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub number: u32,
    pub at: Timestamp,
    #[serde(flatten)]
    pub happening: Happening,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What happened, with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "happened")]
pub enum Happening {
    Opened {
        /// Named otherwise than the severity that the incident has now: announcements hold both, side by side.
        #[serde(rename = "as")]
        severity: Severity,
    },
    Escalated {
        from: Severity,
        to: Severity,
    },
    /// Seen again while its quiet period ran.
    Returned,
    /// Its cause is gone: it is resolved if that stays so.
    Quiet {
        resolves_at: Timestamp,
    },
    Acknowledged {
        by: String,
    },
    Resolved {
        resolution: Resolution,
    },
    /// Someone says, after its end, that nothing was wrong.
    MarkedFalse {
        by: String,
    },
    Reopened {
        #[serde(rename = "as")]
        severity: Severity,
    },
    /// It comes and goes: from now on it stays open for a longer quiet period.
    Flapping {
        reopenings: u32,
    },
    Reminder {
        share: f64,
        due_at: Timestamp,
    },
    SlaBreached {
        target: SlaTarget,
        due_at: Timestamp,
    },
    DeadlineSet {
        basis: Basis,
        due_at: Timestamp,
        by: String,
    },
    DeadlineReminder {
        basis: Basis,
        share: f64,
        due_at: Timestamp,
    },
    DeadlineMet {
        basis: Basis,
        by: String,
    },
    /// A silence or quiet hours held its news back; they are over and it is still there.
    Unheld,
}

impl Happening {
    /// Whether receivers are told. A breach is told by the incident that it opens.
    pub const fn is_news(&self) -> bool {
        match self {
            Self::Opened { .. }
            | Self::Escalated { .. }
            | Self::Acknowledged { .. }
            | Self::Resolved { .. }
            | Self::Reopened { .. }
            | Self::Flapping { .. }
            | Self::Reminder { .. }
            | Self::DeadlineReminder { .. }
            | Self::Unheld => true,
            Self::Returned
            | Self::Quiet { .. }
            | Self::MarkedFalse { .. }
            | Self::SlaBreached { .. }
            | Self::DeadlineSet { .. }
            | Self::DeadlineMet { .. } => false,
        }
    }

    /// Whether it is told only to those who were told that the incident opened.
    pub const fn is_aftermath(&self) -> bool {
        matches!(self, Self::Acknowledged { .. } | Self::Resolved { .. })
    }

    /// As it stands in JSON, and in the type of a notification.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Escalated { .. } => "escalated",
            Self::Returned => "returned",
            Self::Quiet { .. } => "quiet",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Resolved { .. } => "resolved",
            Self::MarkedFalse { .. } => "marked_false",
            Self::Reopened { .. } => "reopened",
            Self::Flapping { .. } => "flapping",
            Self::Reminder { .. } => "reminder",
            Self::SlaBreached { .. } => "sla_breached",
            Self::DeadlineSet { .. } => "deadline_set",
            Self::DeadlineReminder { .. } => "deadline_reminder",
            Self::DeadlineMet { .. } => "deadline_met",
            Self::Unheld => "unheld",
        }
    }
}

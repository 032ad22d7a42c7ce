//! Deadlines that a law may set for telling an authority: reminders, not legal advice.
//!
//! Regulation (EU) 2024/1689 (AI Act), Art. 73, counts from becoming aware: a serious incident no later than 15 days
//! (2), a widespread infringement or a serious disruption of critical infrastructure 2 days (3), a death 10 days (4).
//! Whether an incident is one of these is for people to say: driftd never sets a deadline by itself.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::sla::share_of;
use crate::domain::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// Shares of the time after which a reminder goes out; the last is the deadline itself.
pub(super) const REMINDERS: [f64; 3] = [0.5, 0.8, 1.0];

/// Which paragraph the deadline rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    SeriousIncident,
    WidespreadInfringement,
    Death,
}

/// A deadline that people set on an incident. It outlives the incident's resolution, until someone says that it is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegulatoryDeadline {
    pub basis: Basis,
    pub aware_at: Timestamp,
    pub due_at: Timestamp,
    /// Reminders that have gone out, of [`REMINDERS`].
    pub reminders_sent: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met_at: Option<Timestamp>,
}

impl Basis {
    pub const ALL: [Self; 3] = [Self::SeriousIncident, Self::WidespreadInfringement, Self::Death];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SeriousIncident => "serious_incident",
            Self::WidespreadInfringement => "widespread_infringement",
            Self::Death => "death",
        }
    }

    /// From becoming aware.
    pub const fn within(self) -> Duration {
        let days = match self {
            Self::SeriousIncident => 15,
            Self::WidespreadInfringement => 2,
            Self::Death => 10,
        };
        Duration::from_secs(days * DAY.as_secs())
    }
}

impl RegulatoryDeadline {
    pub fn new(basis: Basis, aware_at: Timestamp) -> Self {
        let due_at = aware_at.saturating_add(basis.within());
        Self { basis, aware_at, due_at, reminders_sent: 0, met_at: None }
    }

    /// When the next reminder is due; `None` once it is met or all have gone out.
    pub(super) fn next_reminder(&self) -> Option<Timestamp> {
        let share = *REMINDERS.get(self.reminders_sent as usize)?;
        self.met_at.is_none().then(|| share_of(self.aware_at, self.due_at, share))
    }
}

//! How long things may take, and when they are over.

use std::collections::BTreeMap;
use std::time::Duration;

use super::kind::IncidentKind;

const HOUR: Duration = Duration::from_secs(3_600);

/// What [`super::transition`] goes by.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentPolicy {
    /// For critical incidents of every kind that `sla_of_kind` does not name.
    pub sla: SlaTargets,
    pub sla_of_kind: BTreeMap<IncidentKind, SlaTargets>,
    /// Shares of the time to resolution after which a reminder goes out; increasing, within (0, 1).
    pub reminders: Vec<f64>,
    /// An incident whose cause is gone is resolved after this.
    pub quiet_period: Duration,
    /// What is seen again within this after a resolution reopens the incident instead of opening another.
    pub reopen_window: Duration,
    pub flapping: Flapping,
}

/// The clock of a critical incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaTargets {
    pub resolve_within: Duration,
    /// `None`: nobody needs to say that they saw it.
    pub acknowledge_within: Option<Duration>,
}

/// When an incident that comes and goes is kept open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flapping {
    /// So many reopenings …
    pub reopenings: u32,
    /// … within this make it flap.
    pub within: Duration,
    /// The quiet period while it flaps.
    pub quiet_period: Duration,
}

impl IncidentPolicy {
    /// The targets of a kind. A breach has no clock of its own: it would breach in turn.
    pub fn targets(&self, kind: IncidentKind) -> Option<SlaTargets> {
        match kind {
            IncidentKind::SlaBreach => None,
            kind => Some(self.sla_of_kind.get(&kind).copied().unwrap_or(self.sla)),
        }
    }
}

impl Default for IncidentPolicy {
    fn default() -> Self {
        Self {
            sla: SlaTargets { resolve_within: 24 * HOUR, acknowledge_within: None },
            sla_of_kind: BTreeMap::new(),
            reminders: vec![0.5, 0.8],
            quiet_period: HOUR / 4,
            reopen_window: 24 * HOUR,
            flapping: Flapping { reopenings: 3, within: 24 * HOUR, quiet_period: 6 * HOUR },
        }
    }
}

//! The values of incidents that cross the store.

use std::collections::BTreeSet;

use super::AuditRow;
use crate::domain::{ModelId, Timestamp};
use crate::incident::{Entry, Incident, IncidentId, IncidentKind, State};
use crate::notification::{Notification, ReceiverName, Silence};
use crate::verdict::Severity;

/// What happened to incidents in one transaction, with all that has to be told.
#[derive(Debug, Clone, Default)]
pub struct IncidentChanges {
    /// In order: what resolves the incident of a key comes before what opens its next one.
    pub changes: Vec<IncidentChange>,
    pub notifications: Vec<Notification>,
    /// A silence that is new, or has changed.
    pub silence: Option<Silence>,
    pub audit: Option<AuditRow>,
}

/// An incident that is new, or has changed.
#[derive(Debug, Clone)]
pub struct IncidentChange {
    /// As it is now.
    pub incident: Incident,
    /// The lines that its timeline gained.
    pub happened: Vec<Entry>,
}

/// A [`State`] without its particulars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IncidentState {
    Open,
    Acknowledged,
    Resolved,
}

/// A page of incidents, newest first. Conditions must all hold; one that is empty always does.
#[derive(Debug, Clone, Default)]
pub struct IncidentQuery {
    /// One of these.
    pub states: BTreeSet<IncidentState>,
    pub model: Option<ModelId>,
    pub kind: Option<IncidentKind>,
    pub severity: Option<Severity>,
    /// Only those before: the last one of the page before this.
    pub before: Option<IncidentId>,
    /// Most incidents of the page.
    pub limit: usize,
}

/// What incidents go on from when the daemon starts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CurrentIncidents {
    /// Those that are not resolved; of the keys without one, the newest that was resolved lately; and all with a
    /// regulatory deadline that is not met. In order of their ids.
    pub incidents: Vec<Incident>,
    pub silences: Vec<Silence>,
    pub last_ids: LastIds,
    /// For when the last message of a receiver's group was planned.
    pub flushes: Vec<(ReceiverName, String, Timestamp)>,
}

/// The largest numbers that were ever given out; 0 where none was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LastIds {
    pub incident: u64,
    pub notification: u64,
    pub silence: u64,
}

impl IncidentState {
    pub const ALL: [Self; 3] = [Self::Open, Self::Acknowledged, Self::Resolved];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

impl From<&State> for IncidentState {
    fn from(state: &State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Acknowledged { .. } => Self::Acknowledged,
            State::Resolved { .. } => Self::Resolved,
        }
    }
}

//! What waits to be sent: one line of an incident's timeline for one receiver.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::announcement::Announcement;
use super::receiver_name::ReceiverName;
use crate::domain::Timestamp;
use crate::incident::IncidentId;
use crate::verdict::Severity;

/// A notification's number within this store, as people write it: `ntf-17`. It stays the same through all attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NotificationId(pub u64);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no notification's id, as in ntf-17")]
pub struct NotificationIdError;

/// One line for one receiver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notification {
    pub id: NotificationId,
    pub receiver: ReceiverName,
    pub incident: IncidentId,
    /// Decides how tight its schedule is.
    pub severity: Severity,
    /// Those of one receiver and group that are due together go out as one message.
    pub group: String,
    pub created_at: Timestamp,
    /// Not sent before.
    pub due_at: Timestamp,
    pub announcement: Announcement,
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ntf-{}", self.0)
    }
}

impl FromStr for NotificationId {
    type Err = NotificationIdError;

    fn from_str(text: &str) -> Result<Self, NotificationIdError> {
        let digits = text.strip_prefix("ntf-").filter(|digits| !digits.starts_with(['+', '0']));
        digits.and_then(|digits| digits.parse().ok()).map(Self).ok_or(NotificationIdError)
    }
}

impl Serialize for NotificationId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NotificationId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

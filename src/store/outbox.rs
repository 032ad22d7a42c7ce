//! The values of the outbox that cross the store.

use crate::domain::Timestamp;
use crate::incident::IncidentId;
use crate::notification::{Notification, NotificationId, ReceiverName};
use crate::verdict::Severity;

/// Asks for messages to send.
#[derive(Debug, Clone)]
pub struct Claim {
    pub now: Timestamp,
    /// Messages that are not marked by then may be claimed again; later than `now`.
    pub lease_until: Timestamp,
    /// Those that are free to send now.
    pub receivers: Vec<ReceiverName>,
    /// Most messages, of all receivers together.
    pub messages_max: usize,
}

/// Notifications of one receiver and group that go out as one message, always the same ones.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedMessage {
    /// That of its first notification: it stays the same through all attempts.
    pub id: NotificationId,
    pub receiver: ReceiverName,
    /// The worst of its notifications.
    pub severity: Severity,
    /// Attempts whose end was marked.
    pub attempts: u32,
    /// In order of their ids.
    pub notifications: Vec<Notification>,
    /// Those that were to go out with it and cannot be read. Where there are any, nothing is sent, and
    /// [`Delivery::Unreadable`] is marked.
    pub unreadable: Vec<Unreadable>,
}

/// A notification that is stored in a form that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub id: NotificationId,
    pub why: String,
}

/// How an attempt to send a message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    Delivered,
    /// To be sent again, not before `due_at`.
    Retry {
        due_at: Timestamp,
        error: String,
    },
    /// Not sent again unless someone asks for it.
    Dead {
        error: String,
    },
    /// These are dead, for they cannot be read. The rest of the message goes out with the next claims, put together anew.
    Unreadable {
        notifications: Vec<Unreadable>,
    },
}

/// The end of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    pub message: NotificationId,
    pub receiver: ReceiverName,
    pub at: Timestamp,
    pub delivery: Delivery,
}

/// What became of the wish to send a dead notification again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retried {
    /// Its whole message is sent again, on a schedule that begins anew.
    Queued,
    Unknown,
    /// It was delivered or still waits.
    NotDead,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NotificationState {
    Pending,
    /// On its way.
    Claimed,
    Delivered,
    Dead,
}

/// A notification and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NotificationRow {
    pub id: NotificationId,
    pub receiver: ReceiverName,
    pub incident: IncidentId,
    pub due_at: Timestamp,
    /// `None` where it cannot be read.
    pub notification: Option<Notification>,
    pub state: NotificationState,
    /// The message that it goes out with; `None` until that is put together.
    pub message: Option<NotificationId>,
    /// Attempts whose end was marked, since it was last asked for.
    pub attempts: u32,
    /// Why the last attempt that failed did.
    pub last_error: Option<String>,
    /// Of a pending one: when it is tried next, unless it has to wait for an earlier one of its incident.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was delivered or given up.
    pub settled_at: Option<Timestamp>,
}

/// A page of notifications, newest first. Conditions must all hold.
#[derive(Debug, Clone, Default)]
pub struct NotificationQuery {
    pub state: Option<NotificationState>,
    pub receiver: Option<ReceiverName>,
    pub incident: Option<IncidentId>,
    /// Only those before: the last one of the page before this.
    pub before: Option<NotificationId>,
    /// Most notifications of the page.
    pub limit: usize,
}

/// Notifications by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OutboxSize {
    pub pending: u64,
    pub claimed: u64,
    pub delivered: u64,
    pub dead: u64,
    /// The earliest time that one which is pending or claimed was planned for.
    pub oldest_due: Option<Timestamp>,
}

/// A receiver that said that it is gone, at the target it had then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisabledReceiver {
    pub receiver: ReceiverName,
    /// Tells its target (a URL) from others, without holding it.
    pub target: String,
    pub disabled_at: Timestamp,
    pub why: String,
}

/// What a receiver becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiverState {
    Disabled(DisabledReceiver),
    Enabled { receiver: ReceiverName, target: String },
}

impl NotificationState {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Claimed, Self::Delivered, Self::Dead];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Claimed => "claimed",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }
}

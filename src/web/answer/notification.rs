//! Who was told what, who is told at all, and who is left in peace for a while.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Timestamp;
use crate::incident::IncidentId;
use crate::notification::{Matcher, NotificationId, ReceiverName, Silence, SilenceId};
use crate::store::NotificationRow;
use crate::verdict::Severity;

/// A page of notifications, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotificationsAnswer {
    pub notifications: Vec<NotificationAnswer>,
    /// Where the next page begins: to be given as `before`; `null` on the last page.
    #[schema(value_type = Option<String>)]
    pub next: Option<NotificationId>,
}

/// One line of an incident's timeline for one receiver, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NotificationAnswer {
    #[schema(value_type = String)]
    pub id: NotificationId,
    /// `pending`, `claimed` (on its way), `delivered` or `dead`.
    pub state: String,
    #[schema(value_type = String)]
    pub receiver: ReceiverName,
    #[schema(value_type = String)]
    pub incident: IncidentId,
    /// `warning` or `critical`. Like the next three `null` where what is stored of it cannot be read; it is dead then.
    #[schema(value_type = Option<String>)]
    pub severity: Option<Severity>,
    /// What it tells of, as in the timeline.
    pub happened: Option<String>,
    /// The incident in one line.
    pub title: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub created_at: Option<Timestamp>,
    /// Not sent before.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// The message that it goes out with; `null` until that is put together.
    #[schema(value_type = Option<String>)]
    pub message: Option<NotificationId>,
    /// Attempts that came to an end.
    pub attempts: u32,
    /// Why the last attempt that failed did.
    pub last_error: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_attempt_at: Option<Timestamp>,
    /// When it was delivered or given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
}

/// Silences that are not over, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SilencesAnswer {
    pub silences: Vec<SilenceAnswer>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SilenceAnswer {
    #[schema(value_type = String)]
    pub id: SilenceId,
    pub state: SilenceState,
    /// `severity`, `kind`, `role`, `model` and `tags`, where they are given.
    #[schema(value_type = Object)]
    pub matcher: Matcher,
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    pub by: String,
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SilenceState {
    /// It begins later.
    Pending,
    Active,
    Over,
}

/// Every receiver of the config, in order of name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReceiversAnswer {
    pub receivers: Vec<ReceiverAnswer>,
}

/// A receiver, without its addresses: they may be secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiverAnswer {
    #[schema(value_type = String)]
    pub name: ReceiverName,
    /// `webhook`, `alertmanager`, `slack`, `pagerduty`, `teams`, `email` or `template`.
    pub kind: String,
    /// `null`: it is told.
    pub disabled: Option<Disabled>,
}

/// The receiver said that it is gone: it is told nothing until someone enables it, or its address changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disabled {
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    pub why: String,
}

impl NotificationsAnswer {
    /// A page of at most `limit` of these, of which there is one more where another page follows.
    pub fn page(rows: Vec<NotificationRow>, limit: usize) -> Self {
        let more = rows.len() > limit;
        let notifications: Vec<_> = rows.into_iter().take(limit).map(NotificationAnswer::from).collect();
        let next = notifications.last().filter(|_| more).map(|last| last.id);
        Self { notifications, next }
    }
}

impl From<NotificationRow> for NotificationAnswer {
    fn from(row: NotificationRow) -> Self {
        let NotificationRow {
            id,
            receiver,
            incident,
            due_at,
            notification,
            state,
            message,
            attempts,
            last_error,
            next_attempt_at,
            settled_at,
        } = row;
        let told = notification.as_ref();
        Self {
            id,
            state: state.as_str().to_owned(),
            receiver,
            incident,
            severity: told.map(|told| told.severity),
            happened: told.map(|told| told.announcement.entry.happening.as_str().to_owned()),
            title: told.map(|told| told.announcement.title.clone()),
            created_at: told.map(|told| told.created_at),
            due_at,
            message,
            attempts,
            last_error,
            next_attempt_at,
            settled_at,
        }
    }
}

impl SilenceAnswer {
    pub fn of(silence: &Silence, now: Timestamp) -> Self {
        let Silence { id, matcher, from, until, by, reason } = silence.clone();
        let state = match (now < from, silence.is_active(now)) {
            (true, _) => SilenceState::Pending,
            (false, true) => SilenceState::Active,
            (false, false) => SilenceState::Over,
        };
        Self { id, state, matcher, from, until, by, reason }
    }
}

//! What is sent: the announcements of one message, under an id that stays the same through all attempts.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde_json::{Value, json};

use crate::incident::IncidentId;
use crate::notification::Announcement;
use crate::store::ClaimedMessage;
use crate::verdict::Severity;

/// This driftd among others that send to the same receivers: 1 to 64 of `[a-zA-Z0-9_-]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation(Box<str>);

#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("is no installation's name: 1 to 64 of a-z, A-Z, 0-9, `_` and `-`")]
pub struct InstallationError;

/// One message for one receiver.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub installation: Installation,
    /// `{installation}-ntf-17`; without a `.`, as signatures want it.
    pub id: String,
    pub group: String,
    /// The worst.
    pub severity: Severity,
    /// In order; at least one.
    pub news: Vec<Announcement>,
}

/// Bodies stay below this (Standard Webhooks asks for 20 kB).
const BODY_BYTES_MAX: usize = 20_000;
/// What remains for events beside the frame around them.
const EVENTS_BYTES_MAX: usize = BODY_BYTES_MAX - 1_000;
/// Longest text of an event that had to be cut.
const CUT_TEXT_BYTES: usize = 1_000;

impl Message {
    pub fn of(claimed: &ClaimedMessage, installation: &Installation) -> Self {
        let group = claimed.notifications.first().map(|first| first.group.clone()).unwrap_or_default();
        Self {
            installation: installation.clone(),
            id: format!("{installation}-{}", claimed.id),
            group,
            severity: claimed.severity,
            news: claimed.notifications.iter().map(|each| each.announcement.clone()).collect(),
        }
    }

    /// The last announcement of each incident, in order of their ids: how things stand.
    pub fn newest(&self) -> Vec<&Announcement> {
        let newest: BTreeMap<IncidentId, &Announcement> =
            self.news.iter().map(|news| (news.incident, news)).collect();
        newest.into_values().collect()
    }

    /// As JSON for programs, below 20 kB: `{type, timestamp, data}`, the `data` of several being their group and events.
    ///
    /// What does not fit is left out and said so: `data.left_out` counts events; `data.cut` of one event names what of
    /// it was shortened. The incident's `url` has it all.
    pub fn envelope(&self) -> Value {
        let mut events: Vec<Value> = self.news.iter().map(event).collect();
        if events.len() == 1 {
            return events.remove(0);
        }
        let mut room = EVENTS_BYTES_MAX.saturating_sub(self.group.len());
        let fitting = events.iter().take_while(|event| {
            let bytes = event.to_string().len() + 1;
            let fits = bytes <= room;
            room = room.saturating_sub(bytes);
            fits
        });
        let fitting = fitting.count();
        let left_out = events.len() - fitting;
        let newest = self.news.iter().map(|news| news.entry.at).max();
        events.truncate(fitting);
        let mut data = json!({ "group": self.group, "events": events });
        if left_out > 0 {
            data["left_out"] = left_out.into();
        }
        json!({ "type": "driftd.incidents", "timestamp": newest, "data": data })
    }
}

fn event(news: &Announcement) -> Value {
    let framed = |data: Value| json!({ "type": news.event_type(), "timestamp": news.entry.at, "data": data });
    let data = json!(news);
    match framed(data.clone()) {
        whole if whole.to_string().len() <= EVENTS_BYTES_MAX => whole,
        _ => framed(cut(data)),
    }
}

/// Drops and shortens what people and configs may have made long.
fn cut(mut data: Value) -> Value {
    let mut cut = Vec::new();
    if let Some(fields) = data.as_object_mut() {
        cut.extend(fields.remove("tags").map(|_| "tags"));
    }
    if let Some(Value::String(note)) = data.get_mut("note").filter(|note| is_long(note)) {
        shorten(note);
        cut.push("note");
    }
    if let Some(moved) = data.pointer_mut("/observation/moved").and_then(Value::as_array_mut) {
        for words in moved.iter_mut().filter(|words| is_long(words)) {
            if let Value::String(words) = words {
                shorten(words);
            }
            cut.push("observation.moved");
        }
    }
    cut.dedup();
    data["cut"] = json!(cut);
    data
}

fn is_long(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.len() > CUT_TEXT_BYTES)
}

fn shorten(text: &mut String) {
    text.truncate(text.floor_char_boundary(CUT_TEXT_BYTES));
    text.push('…');
}

impl Installation {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Installation {
    type Err = InstallationError;

    fn from_str(text: &str) -> Result<Self, InstallationError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        match (1..=64).contains(&text.len()) && text.bytes().all(fits) {
            true => Ok(Self(text.into())),
            false => Err(InstallationError),
        }
    }
}

impl fmt::Display for Installation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

//! A run: asked for, taken or refused by its target, reported or not.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::decision::{Decision, DecisionId, Order};
use crate::domain::{Timestamp, Version};
use crate::notification::retry_delay;
use crate::verdict::Severity;

/// Longest name of a target, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// The name of a target in the config: letters, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct TargetName(Box<str>);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no target's name: 1 to {NAME_BYTES_MAX} letters, digits, `_` or `-`")]
pub struct TargetNameError;

/// A run that was decided, and what became of it. The times are the clock's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub decision: DecisionId,
    pub order: Order,
    pub target: TargetName,
    /// By the model's present.
    pub occasion_at: Timestamp,
    pub requested_at: Timestamp,
    #[serde(with = "seconds")]
    pub report_within: Duration,
    /// Requests that were begun.
    pub attempts: u32,
    /// Why the last one failed that did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Whether an incident was opened for its trouble.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub alarmed: bool,
    pub state: RunState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RunState {
    /// To be asked of the target, not before `due_at`.
    Requested { due_at: Timestamp },
    /// A request may be on its way: stored before it is sent.
    Sending { since: Timestamp },
    /// The target took it; `remote`: what the target calls it.
    Accepted {
        at: Timestamp,
        report_by: Timestamp,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remote: Option<String>,
    },
    /// The target may have taken it, and would start another run if it were asked again.
    Uncertain { at: Timestamp, report_by: Timestamp, why: String },
    /// The target does not take it: someone must look.
    Refused { at: Timestamp, why: String },
    /// The new version is there.
    Reported { at: Timestamp, version: Version },
    /// The pipeline says that it failed.
    Failed { at: Timestamp, why: String },
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Taken, now or by an earlier request of the same key.
    Taken { remote: Option<String> },
    /// Not taken, and no use to ask again.
    Refused { why: String },
    /// Not taken for certain: may be asked again.
    NotYet { why: String, retry_after: Option<Duration> },
    /// It may have been taken.
    Unclear { why: String },
}

/// Whether a target takes a second request of a key for the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It does: what is unclear is asked again.
    Idempotent,
    /// It would start a second run: what is unclear is not asked again.
    Once,
}

impl Run {
    /// The run that a decision brings about; `None` where it withholds.
    pub fn of(decision: &Decision, target: TargetName, report_within: Duration) -> Option<Self> {
        let (order, requested_at) = (decision.order()?.clone(), decision.at);
        Some(Self {
            decision: decision.id,
            order,
            target,
            occasion_at: decision.occasion_at,
            requested_at,
            report_within,
            attempts: 0,
            last_error: None,
            alarmed: false,
            state: RunState::Requested { due_at: requested_at },
        })
    }

    /// A request is about to be sent; `None` where none is due.
    pub fn sending(&self, now: Timestamp) -> Option<Self> {
        let is_due = matches!(self.state, RunState::Requested { due_at } if due_at <= now);
        let attempts = self.attempts.saturating_add(1);
        is_due.then(|| Self { attempts, state: RunState::Sending { since: now }, ..self.clone() })
    }

    /// What a request came to. Only a run that is being sent takes an answer: a report may have come before it.
    /// `jitter` lies in [0, 1).
    pub fn answered(&self, answer: Answer, sending: Sending, now: Timestamp, jitter: f64) -> Option<Self> {
        let RunState::Sending { .. } = self.state else { return None };
        let report_by = now.saturating_add(self.report_within);
        let (state, last_error) = match answer {
            Answer::Taken { remote } => (RunState::Accepted { at: now, report_by, remote }, None),
            Answer::Refused { why } => (RunState::Refused { at: now, why: why.clone() }, Some(why)),
            Answer::Unclear { why } if sending == Sending::Once => {
                (RunState::Uncertain { at: now, report_by, why: why.clone() }, Some(why))
            }
            Answer::Unclear { why } => (self.again(&why, None, now, jitter), Some(why)),
            Answer::NotYet { why, retry_after } => (self.again(&why, retry_after, now, jitter), Some(why)),
        };
        Some(Self { state, last_error: last_error.or_else(|| self.last_error.clone()), ..self.clone() })
    }

    /// The process ended while a request was on its way: as one whose answer is unclear.
    pub fn interrupted(&self, sending: Sending, now: Timestamp) -> Option<Self> {
        let why = "driftd ended while it was being asked".to_owned();
        match (&self.state, sending) {
            (RunState::Sending { .. }, Sending::Idempotent) => Some(Self {
                state: RunState::Requested { due_at: now },
                last_error: Some(why),
                ..self.clone()
            }),
            _ => self.answered(Answer::Unclear { why }, sending, now, 0.0),
        }
    }

    /// Nothing would be sent any more: the target is not in the config.
    pub fn without_target(&self, now: Timestamp) -> Option<Self> {
        let why = format!("the config has no target {}", self.target);
        let is_due = matches!(self.state, RunState::Requested { due_at } if due_at <= now);
        let state = match self.attempts {
            0 => RunState::Refused { at: now, why },
            // It may have taken one of them.
            _ => RunState::Uncertain { at: now, report_by: now.saturating_add(self.report_within), why },
        };
        is_due.then(|| Self { state, ..self.clone() })
    }

    /// The pipeline reports. A run that was given up may still report; one that has does not again.
    pub fn reported(&self, outcome: Result<Version, String>, now: Timestamp) -> Option<Self> {
        if let RunState::Reported { .. } = self.state {
            return None;
        }
        let state = match outcome {
            Ok(version) => RunState::Reported { at: now, version },
            Err(why) => RunState::Failed { at: now, why },
        };
        Some(Self { state, ..self.clone() })
    }

    /// Whether it is on its way, or taken and its report is awaited: no other is to start. One that is overdue blocks
    /// nobody, or a report that was lost would end all retraining.
    pub fn is_open(&self, now: Timestamp) -> bool {
        match self.state {
            RunState::Requested { .. } | RunState::Sending { .. } => true,
            RunState::Accepted { report_by, .. } | RunState::Uncertain { report_by, .. } => now < report_by,
            RunState::Refused { .. } | RunState::Reported { .. } | RunState::Failed { .. } => false,
        }
    }

    /// Whether anything can still become of it by itself.
    pub fn may_move(&self) -> bool {
        !matches!(self.state, RunState::Refused { .. } | RunState::Reported { .. } | RunState::Failed { .. })
    }

    /// Whether it trained, or may have: the next one waits for its cooldown.
    pub fn counts_as_trained(&self) -> bool {
        !matches!(self.state, RunState::Refused { .. } | RunState::Failed { .. })
    }

    /// What is wrong with it at a time, in words; `None` where nothing is.
    pub fn trouble(&self, now: Timestamp) -> Option<String> {
        let key = &self.order.run_key;
        match &self.state {
            RunState::Refused { why, .. } => Some(format!("{} does not take {key}: {why}", self.target)),
            RunState::Failed { why, .. } => Some(format!("{key} failed: {why}")),
            RunState::Accepted { report_by, .. } if now >= *report_by => {
                Some(format!("{key} was accepted by {} and has not reported by {report_by}", self.target))
            }
            RunState::Uncertain { report_by, why, .. } if now >= *report_by => Some(format!(
                "{key} may have been accepted by {} ({why}) and has not reported by {report_by}",
                self.target
            )),
            _ => None,
        }
    }

    /// How urgent its trouble is: as the drift that it answers.
    pub fn severity(&self) -> Severity {
        self.order.drifted.iter().map(|drifted| drifted.severity).max().unwrap_or(Severity::Warning)
    }

    fn again(&self, why: &str, retry_after: Option<Duration>, now: Timestamp, jitter: f64) -> RunState {
        match retry_delay(self.severity(), self.attempts, retry_after, jitter) {
            Some(delay) => RunState::Requested { due_at: now.saturating_add(delay) },
            None => RunState::Refused {
                at: now,
                why: format!("given up after {} attempts: {why}", self.attempts),
            },
        }
    }
}

impl RunState {
    /// Every word of [`RunState::as_str`].
    pub const WORDS: [&str; 7] =
        ["requested", "sending", "accepted", "uncertain", "refused", "reported", "failed"];

    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Requested { .. } => Self::WORDS[0],
            Self::Sending { .. } => Self::WORDS[1],
            Self::Accepted { .. } => Self::WORDS[2],
            Self::Uncertain { .. } => Self::WORDS[3],
            Self::Refused { .. } => Self::WORDS[4],
            Self::Reported { .. } => Self::WORDS[5],
            Self::Failed { .. } => Self::WORDS[6],
        }
    }
}

impl FromStr for TargetName {
    type Err = TargetNameError;

    fn from_str(text: &str) -> Result<Self, TargetNameError> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        match (1..=NAME_BYTES_MAX).contains(&text.len()) && text.chars().all(fits) {
            true => Ok(Self(text.into())),
            false => Err(TargetNameError),
        }
    }
}

impl TargetName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for TargetName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A duration as whole seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(duration.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}

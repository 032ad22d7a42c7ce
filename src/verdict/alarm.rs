//! When an alarm opens, rises and closes: one at a time for each (version, kind) of a model.
//!
//! It opens where `for` non-overlapping windows in a row alarmed, may rise from warning to critical, never falls, and
//! closes after one full window of every length that kept it open in which nothing lingered. Nothing else moves it:
//! revisions of windows already judged do not come here.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::Against;
use super::status::Severity;
use crate::domain::{ColumnId, Segment, Timestamp};

/// An open alarm. Survives a restart as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    pub severity: Severity,
    /// End of the window that opened it; with model, version and kind its name.
    pub opened_at: Timestamp,
    /// The columns that drifted while it was open: these keep it open.
    pub causes: BTreeSet<Cause>,
    holds: Vec<Hold>,
}

/// A column that drifted, within a segment and against a reference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    pub column: ColumnId,
    pub segment: Segment,
    pub reference: Against,
}

/// Windows of one length that kept the alarm open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Hold {
    seconds: u64,
    /// The last window in which something lingered ends here.
    lingered: Timestamp,
    /// The last window that was judged and quiet ends here.
    quiet: Option<Timestamp>,
}

/// What one evaluation says to the alarm.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    /// End of the window.
    pub at: Timestamp,
    /// Length of the window: what has to be quiet before the alarm closes.
    pub window: Duration,
    /// Whether anything could be judged.
    pub judged: bool,
    /// The severity that this window and the `windows_needed − 1` before it have in common; `None` where one was quiet.
    pub alarming: Option<Severity>,
    /// Non-overlapping windows in a row, this one the last, that alarmed.
    pub windows_alarming: u32,
    pub windows_needed: u32,
    /// Whether something of what drifted is still there: significant, or an effect near its threshold.
    pub lingering: bool,
    /// What drifts in this window.
    pub causes: BTreeSet<Cause>,
}

/// Why an alarm that would open does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppression {
    /// The model is paused.
    Paused,
    /// The window lies too far back: a back-fill, judged for the record.
    Historical,
}

/// What became of the alarm, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "transition")]
pub enum Transition {
    /// No alarm is open and nothing alarms.
    Quiet,
    /// Too little to judge: an alarm neither opens nor closes.
    Unjudged,
    /// It alarms, but not yet in enough windows in a row.
    Waiting {
        windows_alarming: u32,
        windows_needed: u32,
    },
    /// It alarms, and nothing is opened or raised.
    Suppressed {
        severity: Severity,
        by: Suppression,
    },
    Opened {
        severity: Severity,
    },
    Escalated {
        from: Severity,
        to: Severity,
    },
    /// Still drifting, or traces of it are left.
    Continues {
        severity: Severity,
    },
    /// Quiet, but not yet for a full window.
    Closing {
        closes_at: Timestamp,
    },
    Closed {
        severity: Severity,
    },
}

impl Transition {
    /// Whether an incident opens, changes or closes.
    pub const fn is_news(self) -> bool {
        matches!(self, Self::Opened { .. } | Self::Escalated { .. } | Self::Closed { .. })
    }
}

/// Takes one evaluation in. Evaluations of one window length come in order of time.
pub fn step(alarm: &mut Option<Alarm>, evidence: &Evidence, suppression: Option<Suppression>) -> Transition {
    match alarm {
        None => open(alarm, evidence, suppression),
        Some(open) => {
            let transition = go_on(open, evidence, suppression);
            if matches!(transition, Transition::Closed { .. }) {
                *alarm = None;
            }
            transition
        }
    }
}

fn open(alarm: &mut Option<Alarm>, evidence: &Evidence, suppression: Option<Suppression>) -> Transition {
    if !evidence.judged {
        return Transition::Unjudged;
    }
    let Some(severity) = evidence.alarming else {
        return match evidence.windows_alarming {
            0 => Transition::Quiet,
            windows_alarming => {
                Transition::Waiting { windows_alarming, windows_needed: evidence.windows_needed }
            }
        };
    };
    if let Some(by) = suppression {
        return Transition::Suppressed { severity, by };
    }
    let hold = Hold { seconds: evidence.window.as_secs(), lingered: evidence.at, quiet: None };
    *alarm =
        Some(Alarm { severity, opened_at: evidence.at, causes: evidence.causes.clone(), holds: vec![hold] });
    Transition::Opened { severity }
}

fn go_on(alarm: &mut Alarm, evidence: &Evidence, suppression: Option<Suppression>) -> Transition {
    let seconds = evidence.window.as_secs();
    if !evidence.judged {
        return Transition::Unjudged;
    }
    alarm.causes.extend(evidence.causes.iter().cloned());
    let known = alarm.holds.iter_mut().find(|hold| hold.seconds == seconds);
    if evidence.lingering || evidence.windows_alarming > 0 {
        match known {
            Some(hold) => *hold = Hold { seconds, lingered: evidence.at, quiet: None },
            None => alarm.holds.push(Hold { seconds, lingered: evidence.at, quiet: None }),
        }
        return match evidence.alarming.filter(|severity| *severity > alarm.severity) {
            Some(severity) if suppression.is_none() => {
                let from = std::mem::replace(&mut alarm.severity, severity);
                Transition::Escalated { from, to: severity }
            }
            Some(severity) => match suppression {
                Some(by) => Transition::Suppressed { severity, by },
                None => Transition::Continues { severity: alarm.severity },
            },
            None => Transition::Continues { severity: alarm.severity },
        };
    }
    if let Some(hold) = known {
        hold.quiet = Some(evidence.at);
    }
    let closes_at = |hold: &Hold| hold.lingered.saturating_add(Duration::from_secs(hold.seconds));
    let over = alarm.holds.iter().all(|hold| hold.quiet.is_some_and(|quiet| quiet >= closes_at(hold)));
    if over && suppression != Some(Suppression::Historical) {
        return Transition::Closed { severity: alarm.severity };
    }
    let last = alarm.holds.iter().map(closes_at).max().unwrap_or(evidence.at);
    Transition::Closing { closes_at: last.max(evidence.at) }
}

//! A decision: what was weighed, what came of it, why.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::cause::{Category, Cause};
use super::run_key::RunKey;
use crate::domain::{ModelId, TimeRange, Timestamp, Version};
use crate::incident::{IncidentId, IncidentKind, Role};
use crate::verdict::Severity;

/// A decision's number within this store, as people write it: `dec-42`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DecisionId(pub u64);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no decision's id, as in dec-42")]
pub struct DecisionIdError;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub id: DecisionId,
    pub model: ModelId,
    /// The clock.
    pub at: Timestamp,
    pub cause: Cause,
    /// What it was made for, by the model's present: the time by the schedule, or `at`.
    pub occasion_at: Timestamp,
    pub category: Category,
    /// In words: what a person said, or what brought it about.
    pub reason: String,
    /// Who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    pub ruling: Ruling,
    pub inputs: Inputs,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Ruling {
    Trigger {
        order: Box<Order>,
    },
    /// Every reason against it; at least one.
    Withhold {
        reasons: Vec<Withheld>,
    },
}

/// Why a run is not triggered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Withheld {
    /// This run was asked for before.
    AlreadyRun { run: RunKey },
    /// A run has not reported back yet.
    RunOpen { run: RunKey },
    /// The last run was a short time ago.
    Cooldown { last: Timestamp, until: Timestamp },
    /// As [`LabelInputs::new`].
    TooFewNewLabels { labels: u64, needed: u64 },
    /// Share of the training window's predictions that have a label.
    LowLabelCoverage { coverage: f64, needed: f64 },
    /// What would be learnt is broken.
    DataQualityIncident { incidents: Vec<IncidentId> },
    /// Nothing drifted, and the model is young: it was trained, or a run was asked for, a short time ago.
    NothingDrifted { age_days: f64, young_days: f64 },
}

/// What a decision is made from, as it was then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The version that is judged: of most rows in the training window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<LastRun>,
    /// A run that is on its way or did not report back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_run: Option<RunKey>,
    /// What there is to train on.
    pub window: TimeRange,
    /// `None` where outcomes of the model are not counted: labels are no condition then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelInputs>,
    /// Open incidents of drift that the plan goes by, the worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drifted: Vec<Drifted>,
    /// Open incidents of data quality.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_quality: Vec<IncidentId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    pub run: RunKey,
    pub at: Timestamp,
}

/// Labels, by the event time of their predictions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LabelInputs {
    /// Beyond those that the last run had; before there was one, of predictions since the model was trained; all where
    /// that is not known.
    pub new: u64,
    /// Of the training window.
    pub predicted: u64,
    pub labelled: u64,
}

/// An open incident of drift.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drifted {
    pub incident: IncidentId,
    pub kind: IncidentKind,
    pub severity: Severity,
    /// The clock at its detection.
    pub since: Timestamp,
    /// The event time that it was last seen in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeRange>,
    pub summary: String,
    /// What moved most, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<String>,
}

/// How much of the model a run changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// The same model on recent data.
    Minor,
    /// Features, scores or the model itself are to be reviewed: concept or model drift.
    Major,
}

/// What is asked of the training pipeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub run_key: RunKey,
    pub model: ModelId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    pub cause: Cause,
    pub category: Category,
    pub reason: String,
    pub update: Update,
    /// Event time to train on: `[start, end)`.
    pub window: TimeRange,
    /// What of it has labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelInputs>,
    pub drifted: Vec<Drifted>,
    /// Who must agree before the new version serves.
    pub validators: Vec<Role>,
}

impl Decision {
    pub fn order(&self) -> Option<&Order> {
        match &self.ruling {
            Ruling::Trigger { order } => Some(order),
            Ruling::Withhold { .. } => None,
        }
    }
}

impl Ruling {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Trigger { .. } => "trigger",
            Self::Withhold { .. } => "withhold",
        }
    }
}

impl Withheld {
    /// Every word of [`Withheld::as_str`].
    pub const WORDS: [&str; 7] = [
        "already_run",
        "run_open",
        "cooldown",
        "too_few_new_labels",
        "low_label_coverage",
        "data_quality_incident",
        "nothing_drifted",
    ];

    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::AlreadyRun { .. } => Self::WORDS[0],
            Self::RunOpen { .. } => Self::WORDS[1],
            Self::Cooldown { .. } => Self::WORDS[2],
            Self::TooFewNewLabels { .. } => Self::WORDS[3],
            Self::LowLabelCoverage { .. } => Self::WORDS[4],
            Self::DataQualityIncident { .. } => Self::WORDS[5],
            Self::NothingDrifted { .. } => Self::WORDS[6],
        }
    }
}

impl fmt::Display for Withheld {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyRun { run } => write!(f, "{run} was asked for already"),
            Self::RunOpen { run } => write!(f, "{run} has not reported back"),
            Self::Cooldown { last, until } => write!(f, "the last run was at {last}; none before {until}"),
            Self::TooFewNewLabels { labels, needed } => {
                write!(f, "{labels} new labels, {needed} are needed")
            }
            Self::LowLabelCoverage { coverage, needed } => {
                let (have, needed) = (coverage * 100.0, needed * 100.0);
                write!(
                    f,
                    "{have:.1} % of the training window's predictions have a label, {needed:.1} % are needed"
                )
            }
            Self::DataQualityIncident { incidents } => {
                let ids: Vec<String> = incidents.iter().map(IncidentId::to_string).collect();
                write!(f, "an incident of data quality is open: {}", ids.join(", "))
            }
            Self::NothingDrifted { age_days, young_days } => {
                write!(
                    f,
                    "nothing drifted, and the model is {age_days:.0} days old, young up to {young_days:.0}"
                )
            }
        }
    }
}

impl Update {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

impl fmt::Display for DecisionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dec-{}", self.0)
    }
}

impl FromStr for DecisionId {
    type Err = DecisionIdError;

    fn from_str(text: &str) -> Result<Self, DecisionIdError> {
        let digits = text.strip_prefix("dec-").filter(|digits| !digits.starts_with(['+', '0']));
        digits.and_then(|digits| digits.parse().ok()).map(Self).ok_or(DecisionIdError)
    }
}

impl Serialize for DecisionId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DecisionId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

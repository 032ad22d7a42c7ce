//! What was seen that made or keeps an incident.

use serde::{Deserialize, Serialize};

use crate::domain::TimeRange;

/// Longest summary, in bytes.
pub const SUMMARY_BYTES_MAX: usize = 500;
/// What moved most: so many.
pub const MOVED_MAX: usize = 3;

/// What was seen, for the person who is woken by it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Observation {
    /// In one line of words.
    pub summary: String,
    /// The statistic or measure that stands out most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// What the value reached or left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// Rows it was seen in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<i64>,
    /// The event time it was seen in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<TimeRange>,
    /// What moved most, in words; at most [`MOVED_MAX`], the most first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<String>,
}

impl Observation {
    /// Words alone.
    pub fn words(summary: impl Into<String>) -> Self {
        Self { summary: summary.into(), ..Self::default() }
    }
}

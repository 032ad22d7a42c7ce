//! Why retraining is considered, and what sort of maintenance it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What a decision is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The weekly schedule.
    Scheduled,
    /// An incident of drift.
    Drift,
    /// Planned, whatever is seen.
    Monthly,
    Quarterly,
    /// Someone asked.
    Manual,
}

/// The sorts of maintenance, as ISO/IEC 14764 names them; its perfective maintenance is `evolutive` here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Something is wrong and is set right: concept or model drift.
    Corrective,
    /// Before anything is wrong: by the calendar.
    Preventive,
    /// The model is to do more than it did.
    Evolutive,
    /// The world moved, and the model follows: data drift alone.
    Adaptive,
}

/// A word that is no category.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no category of maintenance; one of corrective, preventive, evolutive, adaptive")]
pub struct UnknownCategory;

impl Cause {
    pub const ALL: [Self; 5] = [Self::Scheduled, Self::Drift, Self::Monthly, Self::Quarterly, Self::Manual];
    /// Those that come by the calendar; where several are due at once, the rarer goes first.
    pub const PLANNED: [Self; 3] = [Self::Quarterly, Self::Monthly, Self::Scheduled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Drift => "drift",
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Manual => "manual",
        }
    }
}

impl Category {
    pub const ALL: [Self; 4] = [Self::Corrective, Self::Preventive, Self::Evolutive, Self::Adaptive];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Corrective => "corrective",
            Self::Preventive => "preventive",
            Self::Evolutive => "evolutive",
            Self::Adaptive => "adaptive",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(text: &str) -> Result<Self, UnknownCategory> {
        Self::ALL.into_iter().find(|category| category.as_str() == text).ok_or(UnknownCategory)
    }
}

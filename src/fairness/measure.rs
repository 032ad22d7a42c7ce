//! The fairness measures by name, and the group rates that each compares.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::performance::Confusion;

/// A comparison of groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FairnessMeasure {
    /// Largest less smallest selection rate (share predicted positive). 0 … 1, 0 for alike.
    DemographicParityDifference,
    /// Smallest by largest selection rate. 0 … 1, 1 for alike; the four-fifths rule asks for 0.8.
    DemographicParityRatio,
    /// Largest less smallest true positive rate (recall). 0 … 1, 0 for alike.
    EqualOpportunityDifference,
    /// The larger of the differences of true and of false positive rates. 0 … 1, 0 for alike.
    EqualisedOddsDifference,
    /// Largest less smallest accuracy. 0 … 1, 0 for alike.
    AccuracyDifference,
}

/// A share of a group's rows that measures compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupRate {
    Selection,
    TruePositive,
    FalsePositive,
    Accuracy,
}

/// Part and whole of a rate in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Share {
    pub part: i64,
    pub whole: i64,
}

impl FairnessMeasure {
    pub const ALL: [Self; 5] = [
        Self::DemographicParityDifference,
        Self::DemographicParityRatio,
        Self::EqualOpportunityDifference,
        Self::EqualisedOddsDifference,
        Self::AccuracyDifference,
    ];

    /// The name in configs, answers and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DemographicParityDifference => "demographic_parity_difference",
            Self::DemographicParityRatio => "demographic_parity_ratio",
            Self::EqualOpportunityDifference => "equal_opportunity_difference",
            Self::EqualisedOddsDifference => "equalised_odds_difference",
            Self::AccuracyDifference => "accuracy_difference",
        }
    }

    /// The rates that it compares.
    pub(super) const fn rates(self) -> &'static [GroupRate] {
        match self {
            Self::DemographicParityDifference | Self::DemographicParityRatio => &[GroupRate::Selection],
            Self::EqualOpportunityDifference => &[GroupRate::TruePositive],
            Self::EqualisedOddsDifference => &[GroupRate::TruePositive, GroupRate::FalsePositive],
            Self::AccuracyDifference => &[GroupRate::Accuracy],
        }
    }

    /// From where on it is a breach by default: four fifths, or a tenth apart.
    pub const fn default_limit(self) -> f64 {
        match self {
            Self::DemographicParityRatio => 0.8,
            _ => 0.1,
        }
    }
}

impl GroupRate {
    pub(super) fn of(self, group: &Confusion) -> Share {
        let (part, whole) = match self {
            Self::Selection => (group.predicted_positives(), group.rows()),
            Self::TruePositive => (group.true_positive, group.actual_positives()),
            Self::FalsePositive => (group.false_positive, group.actual_negatives()),
            Self::Accuracy => (group.true_positive + group.true_negative, group.rows()),
        };
        Share { part: part.max(0), whole: whole.max(0) }
    }
}

impl Share {
    pub fn value(self) -> f64 {
        self.part as f64 / self.whole as f64
    }
}

impl fmt::Display for FairnessMeasure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

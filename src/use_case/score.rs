//! Scores 1–5 that a use case is chosen by, and their weights.

use serde::{Deserialize, Serialize};

use super::scalar::{Grade, ScalarError};

/// Grades as they were given. 5 is always good: for risk, little of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    pub value: Grade,
    pub time_to_impact: Grade,
    pub feasibility: Grade,
    pub risk: Grade,
    pub adoption: Grade,
}

/// What each grade counts for; together 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Weights {
    value: f64,
    time_to_impact: f64,
    feasibility: f64,
    risk: f64,
    adoption: f64,
}

/// The weighted score beside its grades: two use cases of one sum may differ in value and feasibility.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// Σ weight × grade, 1 to 5.
    pub weighted: f64,
    #[serde(flatten)]
    pub grades: Scores,
}

impl Weights {
    /// How far from 1 the sum may be.
    const TOLERANCE: f64 = 1e-9;

    /// Errors where a weight is negative or not finite, or where they do not add to 1 within 1e-9.
    pub fn new(
        value: f64,
        time_to_impact: f64,
        feasibility: f64,
        risk: f64,
        adoption: f64,
    ) -> Result<Self, ScalarError> {
        let all = [value, time_to_impact, feasibility, risk, adoption];
        let sum: f64 = all.iter().sum();
        let fit = all.iter().all(|weight| *weight >= 0.0) && (sum - 1.0).abs() <= Self::TOLERANCE;
        match fit {
            true => Ok(Self { value, time_to_impact, feasibility, risk, adoption }),
            false => Err(ScalarError::Weights(sum)),
        }
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self { value: 0.30, time_to_impact: 0.20, feasibility: 0.20, risk: 0.15, adoption: 0.15 }
    }
}

impl Scores {
    pub fn weighted(self, weights: Weights) -> Score {
        let grade = |grade: Grade| f64::from(grade.get());
        let weighted = weights.value * grade(self.value)
            + weights.time_to_impact * grade(self.time_to_impact)
            + weights.feasibility * grade(self.feasibility)
            + weights.risk * grade(self.risk)
            + weights.adoption * grade(self.adoption);
        Score { weighted, grades: self }
    }
}

//! The metrics by name: which task each is of, and which way it should go.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::domain::Task;

/// A measure of how right a model is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    Accuracy,
    Precision,
    Recall,
    F1,
    Specificity,
    /// Of a multiclass model: one against the rest, averaged over the classes.
    RocAuc,
    PrAuc,
    LogLoss,
    Brier,
    Ece,
    PrecisionMacro,
    PrecisionMicro,
    PrecisionWeighted,
    RecallMacro,
    RecallMicro,
    RecallWeighted,
    F1Macro,
    F1Micro,
    F1Weighted,
    Mae,
    Rmse,
    Mape,
    Bias,
    R2,
}

/// Which way a metric goes when a model gets worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harm {
    /// Lower is worse: shares of what is right, areas.
    Falling,
    /// Higher is worse: errors and losses.
    Rising,
    /// Further from 0 is worse.
    LeavingZero,
}

impl Metric {
    /// The metrics of a task, the first being the one that drift is judged on by default.
    pub const fn of(task: Task) -> &'static [Self] {
        match task {
            Task::Binary => &[
                Self::Accuracy,
                Self::RocAuc,
                Self::Precision,
                Self::Recall,
                Self::F1,
                Self::Specificity,
                Self::PrAuc,
                Self::LogLoss,
                Self::Brier,
                Self::Ece,
            ],
            Task::Multiclass => &[
                Self::Accuracy,
                Self::RocAuc,
                Self::PrecisionMacro,
                Self::PrecisionMicro,
                Self::PrecisionWeighted,
                Self::RecallMacro,
                Self::RecallMicro,
                Self::RecallWeighted,
                Self::F1Macro,
                Self::F1Micro,
                Self::F1Weighted,
            ],
            Task::Regression => &[Self::Mae, Self::Rmse, Self::Mape, Self::Bias, Self::R2],
        }
    }

    /// The name in configs, answers and metrics (`driftd_performance_<name>`).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accuracy => "accuracy",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::F1 => "f1",
            Self::Specificity => "specificity",
            Self::RocAuc => "roc_auc",
            Self::PrAuc => "pr_auc",
            Self::LogLoss => "log_loss",
            Self::Brier => "brier",
            Self::Ece => "ece",
            Self::PrecisionMacro => "precision_macro",
            Self::PrecisionMicro => "precision_micro",
            Self::PrecisionWeighted => "precision_weighted",
            Self::RecallMacro => "recall_macro",
            Self::RecallMicro => "recall_micro",
            Self::RecallWeighted => "recall_weighted",
            Self::F1Macro => "f1_macro",
            Self::F1Micro => "f1_micro",
            Self::F1Weighted => "f1_weighted",
            Self::Mae => "mae",
            Self::Rmse => "rmse",
            Self::Mape => "mape",
            Self::Bias => "bias",
            Self::R2 => "r2",
        }
    }

    /// The values that it can have; an end that is infinite is none.
    pub const fn range(self) -> RangeInclusive<f64> {
        match self {
            Self::LogLoss | Self::Mae | Self::Rmse | Self::Mape => 0.0..=f64::INFINITY,
            Self::Bias => f64::NEG_INFINITY..=f64::INFINITY,
            Self::R2 => f64::NEG_INFINITY..=1.0,
            _ => 0.0..=1.0,
        }
    }

    /// Whether it is of scores, not of what was predicted.
    pub const fn needs_scores(self) -> bool {
        matches!(self, Self::RocAuc | Self::PrAuc | Self::LogLoss | Self::Brier | Self::Ece)
    }

    pub const fn harm(self) -> Harm {
        match self {
            Self::LogLoss | Self::Brier | Self::Ece | Self::Mae | Self::Rmse | Self::Mape => Harm::Rising,
            Self::Bias => Harm::LeavingZero,
            _ => Harm::Falling,
        }
    }
}

impl Harm {
    /// How much worse `to` is than `from`: positive when worse, in the metric's unit.
    pub fn worsening(self, from: f64, to: f64) -> f64 {
        match self {
            Self::Falling => from - to,
            Self::Rising => to - from,
            Self::LeavingZero => to.abs() - from.abs(),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

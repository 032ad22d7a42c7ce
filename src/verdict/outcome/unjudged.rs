//! Why a window's outcomes could not be judged.

use serde::{Deserialize, Serialize};

use crate::statistic::Reason;

/// Why something could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unjudged {
    /// Fewer labelled rows than `min_samples`.
    TooFewLabels,
    /// The reference held no labels and none is set.
    NoBaseline,
    /// Scores without calibration, so that nothing says what was to be expected.
    NotEstimated,
    /// The metric itself has no value: see its reason.
    NotComputable,
    /// Rows of the window were counted on other grids than the model has now.
    GridChanged,
    /// The window does not fall on the panes that are kept.
    PaneMismatch,
    /// The window's counts cannot be had.
    NoCounts,
}

impl Unjudged {
    /// Of a window whose counts cannot be had.
    pub(super) fn without_counts(why: Reason) -> Self {
        match why {
            Reason::GridChanged => Self::GridChanged,
            Reason::PaneMismatch => Self::PaneMismatch,
            _ => Self::NoCounts,
        }
    }

    /// As people say it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::TooFewLabels => "too few labels to say",
            Self::NoBaseline => "no baseline to say it against",
            Self::NotEstimated => "nothing says what was to be expected",
            Self::NotComputable => "the primary metric has no value",
            Self::GridChanged => "not to be said: rows of the window were counted on other grids",
            Self::PaneMismatch => "not to be said: the window does not fall on the panes that are kept",
            Self::NoCounts => "not to be said: the window's counts cannot be had",
        }
    }
}

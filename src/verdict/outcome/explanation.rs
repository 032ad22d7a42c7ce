//! Which drift explains what is seen, in one sentence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What explains the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Explanation {
    /// Too few labels to say.
    NotKnown,
    /// Inputs and performance are as in the reference.
    NothingMoved,
    InputsMovedModelCopes,
    InputsMovedAndItShows,
    RelationMoved,
    InputsAndRelationMoved,
    WearingOut,
}

/// What is known of a window when it is explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signs {
    /// Enough labels to say whether performance was lost.
    pub is_judged: bool,
    pub inputs_moved: bool,
    /// Performance is below the baseline by more than chance and enough to matter.
    pub has_lost: bool,
    pub relation_moved: bool,
    /// Sustained loss, trend or age.
    pub wears_out: bool,
}

impl Explanation {
    pub(super) fn of(signs: Signs) -> Self {
        let Signs { is_judged, inputs_moved, has_lost, relation_moved, wears_out } = signs;
        match (inputs_moved, relation_moved) {
            _ if !is_judged => Self::NotKnown,
            (true, true) => Self::InputsAndRelationMoved,
            (false, true) => Self::RelationMoved,
            (true, false) if has_lost => Self::InputsMovedAndItShows,
            (true, false) => Self::InputsMovedModelCopes,
            (false, false) if has_lost || wears_out => Self::WearingOut,
            (false, false) => Self::NothingMoved,
        }
    }

    /// As people say it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::NotKnown => "too few labels to say",
            Self::NothingMoved => "nothing moved",
            Self::InputsMovedModelCopes => "inputs moved, the model copes",
            Self::InputsMovedAndItShows => "inputs moved and it shows",
            Self::RelationMoved => "inputs did not move, the relation did",
            Self::InputsAndRelationMoved => "inputs moved, and the relation too",
            Self::WearingOut => "wearing out",
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.in_words())
    }
}

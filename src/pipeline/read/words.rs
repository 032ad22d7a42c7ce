//! Verdicts' words as answers have them.

use crate::statistic::{Caution, Reason};
use crate::verdict;
use crate::web::answer::{Explanation, Status};

pub fn status(status: verdict::Status) -> Status {
    match status {
        verdict::Status::Ok => Status::Ok,
        verdict::Status::Warning => Status::Warning,
        verdict::Status::Critical => Status::Critical,
        verdict::Status::InsufficientData => Status::InsufficientData,
    }
}

/// Why there is no value, and what would help.
pub fn reason(reason: Reason) -> Explanation {
    let (code, message) = match reason {
        Reason::NoReference => ("no_reference", "there is nothing to compare with yet"),
        Reason::EmptyReference => ("empty_reference", "the reference has no value in this column"),
        Reason::EmptyCurrent => ("empty_current", "the window has no value in this column"),
        Reason::ConstantReference => ("constant_reference", "the reference has one single value"),
        Reason::InsufficientData => (
            "insufficient_data",
            "one side has fewer rows than min_samples asks for; wait, or take a longer window",
        ),
        Reason::WrongKind => ("wrong_kind", "the statistic does not exist for this kind of column"),
        Reason::HighCardinality => {
            ("high_cardinality", "the reference has more categories than can be told apart")
        }
        Reason::GridChanged => (
            "grid_changed",
            "the two sides were counted on different grids: the reference changed between them",
        ),
        Reason::PaneMismatch => {
            ("pane_mismatch", "the windows do not fall on the panes that are kept; older ones are whole days")
        }
        Reason::NoHistory => ("no_history", "the window reaches back before anything was counted"),
    };
    Explanation::new(code, message)
}

pub fn caution(caution: Caution) -> Explanation {
    let (code, message) = match caution {
        Caution::Insensitive => (
            "insensitive",
            "few far values stretch the reference's standard deviation: a real shift of the bulk looks small",
        ),
        Caution::Clamped => ("clamped", "values lie so far out that the true value is larger"),
    };
    Explanation::new(code, message)
}

/// A count as it is told: corrections may leave it negative for a while.
pub fn rows(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

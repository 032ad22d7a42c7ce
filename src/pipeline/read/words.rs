//! Verdicts' words as answers have them.

use std::time::Duration;

use crate::reference::NoYardstick;
use crate::statistic::{Caution, Reason};
use crate::verdict::{self, number};
use crate::web::answer::{Explanation, Status};

pub fn status(status: verdict::Status) -> Status {
    match status {
        verdict::Status::Ok => Status::Ok,
        verdict::Status::Warning => Status::Warning,
        verdict::Status::Critical => Status::Critical,
        verdict::Status::InsufficientData => Status::InsufficientData,
    }
}

/// Why no outcome of a model is counted, and what would help.
pub fn no_outcomes(why: &NoYardstick) -> Explanation {
    let right = why.remedy("positive_class = \"…\"").map(|right| format!("; {right}")).unwrap_or_default();
    Explanation::new("no_outcomes", format!("outcomes are not counted: {why}{right}"))
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
            "rows of it were counted on other grids than the reference's: the reference was changed in between",
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

/// A count with its thousands parted: `1,440`.
pub fn count(rows: u64) -> String {
    number(rows as f64, 16)
}

/// A length of time to two units at most: `3 d 4 h`, `90 s`.
pub fn length(length: Duration) -> String {
    let seconds = length.as_secs();
    let (large, small, [large_name, small_name]) = match seconds {
        0..120 => return format!("{seconds} s"),
        120..7_200 => (60, 1, ["min", "s"]),
        7_200..172_800 => (3_600, 60, ["h", "min"]),
        _ => (86_400, 3_600, ["d", "h"]),
    };
    match (seconds / large, seconds % large / small) {
        (whole, 0) => format!("{whole} {large_name}"),
        (whole, rest) => format!("{whole} {large_name} {rest} {small_name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_two_units_at_most() {
        let lengths = [0, 90, 120, 3_661, 7_200, 90_061, 172_800, 273_600];
        let texts = lengths.map(|seconds| length(Duration::from_secs(seconds)));
        assert_eq!(texts, ["0 s", "90 s", "2 min", "61 min 1 s", "2 h", "25 h 1 min", "2 d", "3 d 4 h"]);
    }
}

//! Missing values: more or fewer than in the reference.

use super::{Computed, Outcome, Reason, fisher};

/// Rows of a side that could hold a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub present: i64,
    /// Absent, null or NaN.
    pub absent: i64,
}

/// The share of absent values (missing, null or NaN) less the reference's; rows of a wrong type are in neither.
///
/// −1 … 1, 0 for equal shares; positive when more is missing. Computable as soon as both sides have such rows, even if
/// no value is present. Exact from one row on: its test is Fisher's, two-sided ([`super::fisher`]).
pub(super) fn missing_rate(reference: Rows, current: Rows) -> Outcome {
    let absent = [reference.absent.max(0), current.absent.max(0)];
    let rows = [reference.present.max(0) + absent[0], current.present.max(0) + absent[1]];
    if rows[0] == 0 {
        return Outcome::NotComputable(Reason::EmptyReference);
    }
    if rows[1] == 0 {
        return Outcome::NotComputable(Reason::EmptyCurrent);
    }
    let share = |side: usize| absent[side] as f64 / rows[side] as f64;
    Outcome::Computed(Computed {
        test: Some(fisher::of_shares(absent[1], rows[1], absent[0], rows[0])),
        ..Computed::plain(share(1) - share(0), rows[0], rows[1])
    })
}

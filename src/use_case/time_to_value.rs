//! How long it took until a target was held.

use serde::Serialize;

use crate::domain::{TimeRange, Timestamp};
use crate::kpi::Direction;

/// Time to value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum TimeToValue {
    Reached {
        /// The start of the first of the periods that held it, or of the use case if that is later.
        from: Timestamp,
        /// Since the start of the use case, to the nearest day: a day of 23 or 25 hours is one.
        days: u32,
    },
    /// Not yet: so many of the newest periods hold it in a row.
    NotYet { in_a_row: u32, need: u32 },
}

/// The first day from which the target was held for `held` periods in a row (at least 1), from the `start` of the use case
/// on. `history` is in order of time; a period without a value, and time without a period, break
/// the row. A target that is just reached is held.
pub fn time_to_value(
    start: Timestamp,
    history: &[(TimeRange, Option<f64>)],
    target: f64,
    direction: Direction,
    held: u32,
) -> TimeToValue {
    let need = held.max(1);
    let mut row: Option<(Timestamp, u32)> = None;
    let mut end_before = None;
    for (range, value) in history {
        let holds = value.is_some_and(|value| match direction {
            Direction::HigherIsBetter => value >= target,
            Direction::LowerIsBetter => value <= target,
        });
        row = match (holds, row) {
            (false, _) => None,
            (true, Some((from, periods))) if end_before == Some(range.start) => Some((from, periods + 1)),
            (true, _) => Some((range.start.max(start), 1)),
        };
        end_before = Some(range.end);
        if let Some((from, periods)) = row
            && periods >= need
        {
            return TimeToValue::Reached { from, days: days(start, from) };
        }
    }
    TimeToValue::NotYet { in_a_row: row.map_or(0, |(_, periods)| periods), need }
}

fn days(start: Timestamp, until: Timestamp) -> u32 {
    (until.since(start).as_secs_f64() / 86_400.0).round() as u32
}

//! Which stretches of event time a window and its references are.

use std::time::Duration;

use crate::domain::{Pane, PaneLength, TimeRange, Timestamp};
use crate::statistic::Reason;

/// What is set against the same hours: days of a week have rhythms of their own.
const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Errors with [`Reason::PaneMismatch`] where a range does not begin and end on panes of this length.
pub fn fall_on_panes(range: TimeRange, pane: PaneLength) -> Result<(), Reason> {
    let on_panes = |at: Timestamp| pane.pane_of(at).start == at;
    match on_panes(range.start) && on_panes(range.end) && range.start <= range.end {
        true => Ok(()),
        false => Err(Reason::PaneMismatch),
    }
}

/// The stretch as long as `window` that lies so far before it.
///
/// Errors with [`Reason::PaneMismatch`] where it does not fall on the panes that are kept, with
/// [`Reason::NoHistory`] where it reaches back before `counted_since`.
pub fn reference_range(
    window: TimeRange,
    back: Back,
    pane: PaneLength,
    counted_since: Timestamp,
) -> Result<TimeRange, Reason> {
    let by = match back {
        Back::Window => window.end.since(window.start),
        Back::Week => WEEK,
    };
    let range = TimeRange { start: window.start.saturating_sub(by), end: window.end.saturating_sub(by) };
    fall_on_panes(range, pane)?;
    if range.overlaps(&window) {
        return Err(Reason::PaneMismatch);
    }
    if range.start < counted_since {
        return Err(Reason::NoHistory);
    }
    Ok(range)
}

/// How far back a moving reference lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// The window just before, not overlapping.
    Window,
    /// The same hours of the same weekday, seven days earlier.
    Week,
}

/// The ends of panes in `(after, to]`, oldest first.
pub fn aligned_ends(
    after: Timestamp,
    to: Timestamp,
    pane: PaneLength,
) -> impl Iterator<Item = Timestamp> + Clone {
    std::iter::successors(Some(pane.pane_of(after)), |pane| Some(pane.next()))
        .map(Pane::end)
        .take_while(move |&end| end <= to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn day(date: &str) -> TimeRange {
        let start = at(&format!("{date}T00:00:00Z"));
        TimeRange { start, end: start.saturating_add(Duration::from_secs(86_400)) }
    }

    #[test]
    fn the_previous_window_touches_and_last_week_has_the_same_hours() {
        let since = at("2026-01-01T00:00:00Z");
        let window = day("2026-11-22");
        assert_eq!(reference_range(window, Back::Window, PaneLength::Hour, since), Ok(day("2026-11-21")));
        assert_eq!(reference_range(window, Back::Week, PaneLength::Hour, since), Ok(day("2026-11-15")));
    }

    #[test]
    fn a_reference_before_the_first_count_or_off_the_panes_says_so() {
        let window = day("2026-11-22");
        let since = at("2026-11-15T00:00:01Z");
        assert_eq!(reference_range(window, Back::Week, PaneLength::Hour, since), Err(Reason::NoHistory));
        let odd = TimeRange { start: at("2026-11-22T00:30:00Z"), end: at("2026-11-22T01:30:00Z") };
        assert_eq!(reference_range(odd, Back::Window, PaneLength::Hour, since), Err(Reason::PaneMismatch));
        let long = TimeRange { start: at("2026-11-01T00:00:00Z"), end: at("2026-11-22T00:00:00Z") };
        assert_eq!(reference_range(long, Back::Week, PaneLength::Day, since), Err(Reason::PaneMismatch));
    }

    #[test]
    fn ranges_fall_on_panes_also_before_1970() {
        let range = TimeRange { start: at("1969-12-31T22:00:00Z"), end: at("1970-01-01T01:00:00Z") };
        assert_eq!(fall_on_panes(range, PaneLength::Hour), Ok(()));
        assert_eq!(fall_on_panes(range, PaneLength::Day), Err(Reason::PaneMismatch));
    }

    #[test]
    fn ends_are_those_after_one_and_up_to_the_other() {
        let ends: Vec<_> =
            aligned_ends(at("2026-11-22T01:00:00Z"), at("2026-11-22T03:30:00Z"), PaneLength::Hour).collect();
        assert_eq!(ends, [at("2026-11-22T02:00:00Z"), at("2026-11-22T03:00:00Z")]);
    }
}

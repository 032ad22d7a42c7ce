//! The rows of a reference in order of time, and the disjoint windows they fall in.

use std::ops::Range;

use super::null_window::NullWindow;
use crate::domain::{TimeRange, Timestamp};

/// Fewest rows of a window that a null is measured on.
pub const WINDOW_ROWS_MIN: usize = 30;

/// Rows by time.
#[derive(Debug)]
pub struct Timeline {
    /// The rows' places in order of time; `None` where they stand so already.
    order: Option<Vec<u32>>,
    windows: Vec<(NullWindow, Vec<Range<usize>>)>,
    pub range: TimeRange,
}

impl Timeline {
    /// `None` for no rows. At most 2^32 rows (the builder sees to it).
    pub fn new(at: &[Timestamp], windows: &[NullWindow]) -> Option<Self> {
        if at.is_empty() {
            return None;
        }
        let order = (!at.is_sorted()).then(|| {
            let mut order: Vec<u32> = (0..at.len() as u32).collect();
            order.sort_by_key(|&row| at[row as usize]);
            order
        });
        let in_order = |i: usize| match &order {
            Some(order) => at[order[i] as usize],
            None => at[i],
        };
        let times: Vec<Timestamp> = (0..at.len()).map(in_order).collect();
        let (first, last) = (times[0], times[times.len() - 1]);
        let range = TimeRange { start: first, end: Timestamp::from_micros(last.micros().saturating_add(1)) };
        let windows = windows.iter().map(|&window| (window, windows_of(&times, window))).collect();
        Some(Self { order, windows, range })
    }

    /// For each window length the ranges of rows, in order of time, of its whole windows with enough rows.
    pub fn windows(&self) -> &[(NullWindow, Vec<Range<usize>>)] {
        &self.windows
    }

    /// The values of rows in order of time.
    pub fn in_order<T: Copy>(&self, values: Vec<T>) -> Vec<T> {
        match &self.order {
            Some(order) => order.iter().map(|&row| values[row as usize]).collect(),
            None => values,
        }
    }
}

/// The disjoint windows from the first whole pane on. The last row's pane may still have been filling: it is left out.
fn windows_of(times: &[Timestamp], window: NullWindow) -> Vec<Range<usize>> {
    let (first, last) = (times[0], times[times.len() - 1]);
    let first_pane = window.pane().pane_of(first);
    let mut start = if first_pane.start == first { first } else { first_pane.end() };
    let end = window.pane().pane_of(last).start;
    let length = window.length().as_micros() as i64;
    let mut found = Vec::new();
    let mut row = times.partition_point(|&at| at < start);
    while row < times.len() {
        // A gap of any length is one step.
        let gap = (times[row].micros() - start.micros()).div_euclid(length);
        start = Timestamp::from_micros(start.micros() + gap * length);
        let window_end = Timestamp::from_micros(start.micros() + length);
        if window_end > end {
            break;
        }
        let next = row + times[row..].partition_point(|&at| at < window_end);
        if next - row >= WINDOW_ROWS_MIN {
            found.push(row..next);
        }
        (row, start) = (next, window_end);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minutes(minutes: impl IntoIterator<Item = i64>) -> Vec<Timestamp> {
        minutes.into_iter().map(|m| Timestamp::from_seconds(m * 60)).collect()
    }

    fn window(text: &str) -> NullWindow {
        text.parse().expect(text)
    }

    #[test]
    fn windows_are_whole_disjoint_and_begin_at_a_pane() {
        let hour = window("1h/15m");
        let timeline = Timeline::new(&minutes(5..200), &[hour]).expect("there are rows");
        // Panes from 15 on; the last row, at 199, lies in the pane 195–210, which may be unfinished.
        assert_eq!(timeline.windows(), [(hour, vec![10..70, 70..130, 130..190])]);
    }

    #[test]
    fn thin_windows_and_long_gaps_are_passed_over() {
        let far = 60_000_000;
        let times = minutes((0..60).chain([61, 62]).chain(far..far + 61));
        let timeline = Timeline::new(&times, &[window("1h/1h")]).expect("there are rows");
        assert_eq!(timeline.windows()[0].1, [0..60, 62..122]);
    }

    #[test]
    fn rows_out_of_order_are_put_in_order() {
        let timeline = Timeline::new(&minutes([3, 1, 2]), &[]).expect("there are rows");
        assert_eq!(timeline.in_order(vec!['c', 'a', 'b']), ['a', 'b', 'c']);
        assert_eq!(timeline.range.start, Timestamp::from_seconds(60));
        assert!(timeline.range.contains(Timestamp::from_seconds(180)));
    }

    #[test]
    fn times_before_1970_are_right_too() {
        let timeline = Timeline::new(&minutes(-120..1), &[window("1h/1h")]).expect("there are rows");
        assert_eq!(timeline.windows()[0].1, [0..60, 60..120]);
    }
}

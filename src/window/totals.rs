//! How many rows were counted of each version, whether or not their counts are in memory.

use std::collections::BTreeMap;

use crate::domain::{PaneLength, Timestamp, Version};

/// Rows by version and day: as many entries as days with rows are kept.
#[derive(Debug, Clone, Default)]
pub struct CountedRows(BTreeMap<Version, BTreeMap<Timestamp, Totals>>);

/// Of some panes of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    pub rows: i64,
    /// Where the first and the newest pane start.
    pub first: Timestamp,
    pub newest: Timestamp,
}

impl CountedRows {
    /// Adds rows of a pane of any length up to a day.
    pub fn add(&mut self, version: &Version, pane_start: Timestamp, rows: i64) {
        let pane = Totals { rows, first: pane_start, newest: pane_start };
        if !self.0.contains_key(version) {
            self.0.insert(version.clone(), BTreeMap::new());
        }
        let day = PaneLength::Day.pane_of(pane_start).start;
        if let Some(days) = self.0.get_mut(version) {
            days.entry(day).and_modify(|known| *known = known.and(pane)).or_insert(pane);
        }
    }

    /// Drops the days before `day`, the start of one: their retention has passed.
    pub fn forget_before(&mut self, day: Timestamp) {
        for days in self.0.values_mut() {
            *days = days.split_off(&day);
        }
        self.0.retain(|_, days| !days.is_empty());
    }

    /// The totals of each version.
    pub fn by_version(&self) -> impl Iterator<Item = (&Version, Totals)> {
        self.0
            .iter()
            .filter_map(|(version, days)| Some((version, days.values().copied().reduce(Totals::and)?)))
    }
}

impl Totals {
    fn and(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            first: self.first.min(other.first),
            newest: self.newest.max(other.newest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_seconds(hour * HOUR)
    }

    #[test]
    fn rows_add_up_by_version_in_any_order_and_leave_with_their_days() {
        let versions: [Version; 2] = ["1", "2"].map(|name| name.parse().unwrap());
        let mut counted = CountedRows::default();
        for (version, at, rows) in [(0, 50, 7), (0, 25, 5), (1, 30, 3), (0, 2, 100), (0, 50, -2)] {
            counted.add(&versions[version], hour(at), rows);
        }
        let totals = |rows, first, newest| Totals { rows, first: hour(first), newest: hour(newest) };
        let found: Vec<_> = counted.by_version().collect();
        assert_eq!(found, [(&versions[0], totals(110, 2, 50)), (&versions[1], totals(3, 30, 30))]);
        counted.forget_before(hour(24));
        assert_eq!(counted.by_version().next(), Some((&versions[0], totals(10, 25, 50))));
        counted.forget_before(hour(48));
        let found: Vec<_> = counted.by_version().collect();
        assert_eq!(found, [(&versions[0], totals(5, 50, 50))]);
    }
}

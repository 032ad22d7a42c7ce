//! Panes of which the store holds counts on grids that the model had before: no window over them can be had.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{Segment, TimeRange, Timestamp, Version};

/// Where such panes start, by version and segment.
#[derive(Debug, Default)]
pub struct Foreign(BTreeMap<(Version, Segment), BTreeSet<Timestamp>>);

impl Foreign {
    pub fn note(&mut self, version: Version, segment: Segment, start: Timestamp) {
        self.0.entry((version, segment)).or_default().insert(start);
    }

    /// Those of one version and segment in a range.
    pub fn within(
        &self,
        version: &Version,
        segment: &Segment,
        range: TimeRange,
    ) -> impl Iterator<Item = Timestamp> + '_ {
        let panes = self.0.get(&(version.clone(), segment.clone()));
        panes.into_iter().flat_map(move |panes| panes.range(range.start..range.end)).copied()
    }

    /// Versions and segments that have some.
    pub fn lanes(&self) -> impl Iterator<Item = &(Version, Segment)> {
        self.0.keys()
    }

    pub fn forget_before(&mut self, at: Timestamp) {
        self.0.values_mut().for_each(|panes| *panes = panes.split_off(&at));
        self.0.retain(|_, panes| !panes.is_empty());
    }
}

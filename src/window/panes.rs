//! The counts of one model that are in memory, pane by pane, and windows as their sums.
//!
//! Limits: counts are encoded, as large as the rows they are of, but for a few panes that rows come for. `bytes_max` is
//! kept by [`PaneBook::settle`], which over the limit forgets the counts of the closed panes needed longest ago; panes
//! that are open are never forgotten. What was forgotten is named by [`Missing`] when a window needs it, read from the
//! store and handed to [`PaneBook::restore`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dense::Dense;
use super::foreign::Foreign;
use super::lane::{Entry, Lane, Resident, tally_bytes};
use super::ranges::fall_on_panes;
use super::sliding::{Plan, sum_of};
use crate::domain::{Pane, PaneLength, Segment, TimeRange, Timestamp, Version};
use crate::sketch::{EncodedTally, GridId, Ruler, Tally};
use crate::statistic::Reason;

/// The panes of one model.
#[derive(Debug)]
pub struct PaneBook {
    base: PaneLength,
    rulers: Vec<Arc<Ruler>>,
    bytes_max: usize,
    pub(super) lanes: BTreeMap<(Version, Segment), Lane>,
    dense: Dense,
    foreign: Foreign,
    /// Panes that start earlier may be in the store without being known here.
    known_since: Timestamp,
    /// Panes that end at or before this are closed.
    closed_to: Timestamp,
    /// Before this the store holds longer panes only: retention folded them.
    folded_to: Timestamp,
    excluded: Vec<TimeRange>,
    late: BTreeSet<Timestamp>,
    /// Panes whose outcomes changed after they had closed.
    late_outcomes: BTreeSet<Timestamp>,
    tick: u64,
    settled_tick: u64,
    /// How often rows came for a pane whose counts are not in memory.
    passed_by: u64,
}

/// What became of counts that were applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    OnTime,
    Late(Late),
    /// No row came, only what became of rows that were counted before.
    Outcomes,
}

/// The pane had closed: every window over it that was judged has a new revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    pub revision: u32,
}

/// Counts that cannot be booked.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum BookError {
    #[error("a pane of {found} was given; this model is counted in panes of {base}")]
    PaneLength { found: PaneLength, base: PaneLength },
    #[error("counts lie on ruler {0}, which this model does not have")]
    UnknownRuler(GridId),
    #[error("a pane holds counts on ruler {pane}, and more came on ruler {found}")]
    RulerChanged { pane: GridId, found: GridId },
}

/// Panes that must be read from the store before the window can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    pub range: TimeRange,
    passed_by: u64,
}

/// Rows came while the store was read: what was read may lack them. Ask for the window again.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("counts changed while they were read")]
pub struct Stale;

/// Why a window's counts cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    Missing(Missing),
    Not(Reason),
}

impl PaneBook {
    /// An empty book. `known_since`: [`Timestamp::MIN`] where the store holds nothing of the model,
    /// [`Timestamp::MAX`] where all that it holds is still to be read.
    pub fn new(base: PaneLength, rulers: Vec<Arc<Ruler>>, bytes_max: usize, known_since: Timestamp) -> Self {
        Self {
            base,
            rulers,
            bytes_max,
            lanes: BTreeMap::new(),
            dense: Dense::default(),
            foreign: Foreign::default(),
            known_since,
            closed_to: Timestamp::MIN,
            folded_to: Timestamp::MIN,
            excluded: Vec::new(),
            late: BTreeSet::new(),
            late_outcomes: BTreeSet::new(),
            tick: 0,
            settled_tick: 0,
            passed_by: 0,
        }
    }

    /// Adds committed counts.
    pub fn apply(
        &mut self,
        version: &Version,
        segment: &Segment,
        pane: Pane,
        counts: EncodedTally,
    ) -> Result<Applied, BookError> {
        if pane.length != self.base {
            return Err(BookError::PaneLength { found: pane.length, base: self.base });
        }
        let found = counts.ruler_id();
        let outcomes_only = counts.rows() == 0;
        if !self.rulers.iter().any(|ruler| ruler.id() == found) {
            return Err(BookError::UnknownRuler(found));
        }
        let unknown = pane.start < self.known_since;
        self.tick += 1;
        let key = (version.clone(), segment.clone());
        let lane = self.lanes.entry(key).or_default();
        if !self.excluded.iter().any(|range| range.overlaps(&pane.range())) {
            lane.sums.retain_mut(|sum| sum.add(pane.start, &counts).is_ok());
        }
        let first = !lane.panes.contains_key(&pane.start) && !unknown;
        let entry = lane.panes.entry(pane.start).or_default();
        entry.touched = self.tick;
        let mut became_dense = None;
        match &mut entry.resident {
            Some(resident) if resident.ruler_id() != found => {
                return Err(BookError::RulerChanged { pane: resident.ruler_id(), found });
            }
            Some(Resident::Dense(dense)) => {
                dense.add_encoded(counts.bytes()).expect("rulers were compared");
            }
            Some(Resident::Encoded(encoded)) => {
                let mut dense = Box::new(encoded.tally());
                dense.add_encoded(counts.bytes()).expect("rulers were compared");
                became_dense = Some(tally_bytes(&dense));
                entry.resident = Some(Resident::Dense(dense));
            }
            None if first => entry.resident = Some(Resident::Encoded(counts)),
            None => self.passed_by += 1,
        }
        entry.changed();
        let closed = pane.end() <= self.closed_to;
        let late = closed && !outcomes_only;
        entry.revision += u32::from(late);
        let revision = entry.revision;
        if let Some(bytes) = became_dense {
            let key = (version.clone(), segment.clone());
            self.dense.note(key, pane.start, bytes, &mut self.lanes, &self.rulers);
        }
        if closed {
            let changed = if outcomes_only { &mut self.late_outcomes } else { &mut self.late };
            changed.insert(pane.start);
        }
        Ok(match (outcomes_only, late) {
            (true, _) => Applied::Outcomes,
            (false, true) => Applied::Late(Late { revision }),
            (false, false) => Applied::OnTime,
        })
    }

    /// The counts of `range` less the panes that touch `excluded`; all zero where no row was counted.
    pub fn window(
        &mut self,
        version: &Version,
        segment: &Segment,
        range: TimeRange,
        excluded: &[TimeRange],
    ) -> Result<Arc<Tally>, Unavailable> {
        fall_on_panes(range, self.base).map_err(Unavailable::Not)?;
        if range.start < self.known_since {
            return Err(self.missing(TimeRange { start: range.start, end: self.known_since.max(range.end) }));
        }
        if range.start < self.folded_to {
            return Err(Unavailable::Not(Reason::PaneMismatch));
        }
        if self.excluded != excluded {
            self.excluded = excluded.to_vec();
            self.lanes.values_mut().for_each(|lane| lane.sums.clear());
        }
        let counts = |start| !excluded.iter().any(|range| range.overlaps(&self.base.pane_of(start).range()));
        if self.foreign.within(version, segment, range).any(counts) {
            return Err(Unavailable::Not(Reason::GridChanged));
        }
        self.tick += 1;
        let empty = |ruler: Option<Arc<Ruler>>| match ruler {
            Some(ruler) => Ok(Arc::new(Tally::empty(&ruler))),
            None => Err(Unavailable::Not(Reason::NoReference)),
        };
        let closed_to = match self.closed_to <= range.start {
            true => range.start,
            false => self.base.pane_of(self.closed_to.min(range.end)).start,
        };
        let Some(lane) = self.lanes.get_mut(&(version.clone(), segment.clone())) else {
            return empty(self.default_ruler(segment));
        };
        let mut plan = Plan::of(lane, range, closed_to);
        let mut forgotten = forgotten(lane, &plan);
        if forgotten.is_some() {
            plan = plan.anew();
            forgotten = self::forgotten(lane, &plan);
        }
        if let Some(range) = forgotten {
            let end = self.base.pane_of(range.end).end();
            return Err(self.missing(TimeRange { start: range.start, end }));
        }
        let touches = plan.touches();
        for (start, entry) in lane.panes.range_mut(touches.start..touches.end) {
            if plan.needs_counts(*start) {
                entry.touched = self.tick;
            }
        }
        let ruler_id = lane.panes.range(range.start..range.end).find_map(|(_, entry)| entry.ruler_id());
        let Some(ruler_id) = ruler_id else { return empty(self.default_ruler(segment)) };
        let ruler = self.rulers.iter().find(|ruler| ruler.id() == ruler_id).cloned();
        let ruler = ruler.ok_or(Unavailable::Not(Reason::GridChanged))?;
        sum_of(lane, &ruler, &plan, self.base, &self.excluded, self.tick)
            .map_err(|_| Unavailable::Not(Reason::GridChanged))
    }

    /// Notes that the store holds counts of a pane on a ruler that the model no longer has.
    pub fn note_foreign(&mut self, version: Version, segment: Segment, pane: Pane) {
        self.foreign.note(version, segment, pane.start);
    }

    /// Takes in what the store holds of the panes that were missing, summed by pane; panes of another length than the
    /// model's say how far back it is counted otherwise.
    pub fn restore(
        &mut self,
        missing: &Missing,
        stored: impl IntoIterator<Item = (Version, Segment, Pane, EncodedTally)>,
    ) -> Result<(), Stale> {
        if missing.passed_by != self.passed_by {
            return Err(Stale);
        }
        self.tick += 1;
        for (version, segment, pane, counts) in stored {
            if pane.length != self.base {
                self.folded_to = self.folded_to.max(pane.end());
                continue;
            }
            let resident_already = pane.start >= self.known_since;
            let lane = self.lanes.entry((version, segment)).or_default();
            let entry = lane.panes.entry(pane.start).or_default();
            if entry.resident.is_none() || !resident_already {
                let revision = entry.revision;
                *entry = Entry::of(Resident::Encoded(counts), revision, self.tick);
            }
        }
        if missing.range.end >= self.known_since {
            self.known_since = self.known_since.min(missing.range.start);
        }
        // A pane that was noted but of which the store has nothing (expired meanwhile) is empty.
        for lane in self.lanes.values_mut() {
            let range = missing.range.start..missing.range.end;
            let gone = lane.panes.range(range).filter(|(_, e)| e.resident.is_none()).map(|(start, _)| *start);
            for start in gone.collect::<Vec<_>>() {
                lane.panes.remove(&start);
            }
        }
        Ok(())
    }

    /// Closes the panes that end at or before `watermark`, encodes those left alone since the last call, and keeps
    /// to the limit of bytes.
    pub fn settle(&mut self, watermark: Timestamp) {
        self.closed_to = self.closed_to.max(watermark);
        let (settled_tick, length, closed_to) = (self.settled_tick, self.base, self.closed_to);
        let quiet = |start, touched| length.pane_of(start).end() <= closed_to && touched <= settled_tick;
        self.dense.settle(&mut self.lanes, &self.rulers, quiet);
        self.settled_tick = self.tick;
        if self.bytes() > self.bytes_max {
            self.evict();
        }
    }

    /// Forgets the counts of closed panes that were needed longest ago, down to nine tenths of the limit; the sums go
    /// only where that is not enough, since with them most panes are not needed.
    fn evict(&mut self) {
        let mut excess = self.bytes().saturating_sub(self.bytes_max / 10 * 9);
        let (length, closed_to) = (self.base, self.closed_to);
        let mut closed: Vec<(u64, &mut Entry)> = Vec::new();
        for lane in self.lanes.values_mut() {
            let entries = lane.panes.iter_mut().filter(|(start, entry)| {
                entry.resident.is_some() && length.pane_of(**start).end() <= closed_to
            });
            closed.extend(entries.map(|(_, entry)| (entry.touched, entry)));
        }
        closed.sort_by_key(|(touched, _)| *touched);
        for (_, entry) in closed {
            if excess == 0 {
                return;
            }
            excess = excess.saturating_sub(entry.forget());
        }
        for lane in self.lanes.values_mut() {
            while excess > 0
                && let Some(sum) = lane.sums.pop()
            {
                excess = excess.saturating_sub(tally_bytes(&sum.sum));
            }
        }
    }

    /// Drops panes that start before `at`: their retention has passed.
    pub fn forget_before(&mut self, at: Timestamp) {
        for lane in self.lanes.values_mut() {
            lane.panes = lane.panes.split_off(&at);
            lane.sums.retain(|sum| sum.range.start >= at);
        }
        self.lanes.retain(|_, lane| !lane.panes.is_empty());
        self.foreign.forget_before(at);
    }

    /// Whether rows came for panes after they had closed.
    pub fn has_late(&self) -> bool {
        !self.late.is_empty()
    }

    /// The panes that rows came for after they had closed, since the last call. Whoever cannot revise their windows
    /// hands them back to [`PaneBook::put_back_late`].
    pub fn take_late(&mut self) -> Vec<Pane> {
        std::mem::take(&mut self.late).into_iter().map(|start| self.base.pane_of(start)).collect()
    }

    /// The closed panes whose outcomes changed since the last call, as [`PaneBook::take_late`].
    pub fn take_late_outcomes(&mut self) -> Vec<Pane> {
        let changed = std::mem::take(&mut self.late_outcomes);
        changed.into_iter().map(|start| self.base.pane_of(start)).collect()
    }

    /// They were not revised after all.
    pub fn put_back_late_outcomes(&mut self, panes: &[Pane]) {
        self.late_outcomes.extend(panes.iter().map(|pane| pane.start));
    }

    pub fn has_late_outcomes(&self) -> bool {
        !self.late_outcomes.is_empty()
    }

    /// Their windows were not revised after all: they are late as before.
    pub fn put_back_late(&mut self, panes: &[Pane]) {
        self.late.extend(panes.iter().map(|pane| pane.start));
    }

    /// How often the panes of a range were changed after they had closed.
    pub fn revision(&self, version: &Version, segment: &Segment, range: TimeRange) -> u32 {
        let lane = self.lanes.get(&(version.clone(), segment.clone()));
        lane.map_or(0, |lane| lane.panes.range(range.start..range.end).map(|(_, entry)| entry.revision).sum())
    }

    /// The start of the first pane that is known.
    pub fn first_pane(&self) -> Option<Timestamp> {
        self.lanes.values().filter_map(|lane| lane.panes.keys().next()).min().copied()
    }

    /// Versions and segments that have panes, then those that have some on other grids only.
    pub fn lanes(&self) -> impl Iterator<Item = (&Version, &Segment)> {
        let foreign = self.foreign.lanes().filter(|key| !self.lanes.contains_key(*key));
        self.lanes.keys().chain(foreign).map(|(version, segment)| (version, segment))
    }

    /// Bytes of counts in memory, about.
    pub fn bytes(&self) -> usize {
        let of_lane = |lane: &Lane| -> usize {
            let sums = lane.sums.iter().map(|sum| tally_bytes(&sum.sum)).sum::<usize>();
            lane.panes.values().map(Entry::bytes).sum::<usize>() + sums
        };
        self.lanes.values().map(of_lane).sum()
    }

    /// The ruler that a lane without counts is shown on.
    fn default_ruler(&self, segment: &Segment) -> Option<Arc<Ruler>> {
        match segment {
            Segment::All => self.rulers.first().cloned(),
            Segment::Slice { .. } => self.rulers.get(1).or(self.rulers.first()).cloned(),
        }
    }

    fn missing(&self, range: TimeRange) -> Unavailable {
        Unavailable::Missing(Missing { range, passed_by: self.passed_by })
    }
}

/// From the first to the last pane whose counts were forgotten and are needed.
fn forgotten(lane: &Lane, plan: &Plan) -> Option<TimeRange> {
    let touches = plan.touches();
    let mut forgotten = lane.panes.range(touches.start..touches.end).filter(|(start, entry)| {
        match plan.needs_counts(**start) {
            true => entry.resident.is_none(),
            false => !entry.merges(),
        }
    });
    let (start, _) = forgotten.next()?;
    let end = forgotten.next_back().map_or(start, |(end, _)| end);
    Some(TimeRange { start: *start, end: *end })
}

//! Which panes are dense: those that rows came for lately, few enough to be kept so.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::lane::Lane;
use crate::domain::{Segment, Timestamp, Version};
use crate::sketch::{GridId, Ruler};

/// Dense counts of one model: about seven panes of 25 numeric columns for each MiB. Past it the one that became dense
/// first is encoded, so that rows for many panes cost time, not memory.
const DENSE_BYTES_MAX: usize = 4 << 20;

/// Each pane that is dense, in the order in which they became so.
#[derive(Debug, Default)]
pub struct Dense {
    places: VecDeque<Place>,
    bytes: usize,
}

#[derive(Debug)]
struct Place {
    lane: (Version, Segment),
    start: Timestamp,
    bytes: usize,
}

impl Dense {
    /// Notes that a pane became dense; those past the limit are encoded.
    pub fn note(
        &mut self,
        lane: (Version, Segment),
        start: Timestamp,
        bytes: usize,
        lanes: &mut BTreeMap<(Version, Segment), Lane>,
        rulers: &[Arc<Ruler>],
    ) {
        self.places.push_back(Place { lane, start, bytes });
        self.bytes += bytes;
        while self.bytes > DENSE_BYTES_MAX
            && self.places.len() > 1
            && let Some(place) = self.places.pop_front()
        {
            self.encode(&place, lanes, rulers);
        }
    }

    /// Encodes the panes that are `quiet`, told by their start and when they were last touched.
    pub fn settle(
        &mut self,
        lanes: &mut BTreeMap<(Version, Segment), Lane>,
        rulers: &[Arc<Ruler>],
        quiet: impl Fn(Timestamp, u64) -> bool,
    ) {
        for place in std::mem::take(&mut self.places) {
            let entry = lanes.get(&place.lane).and_then(|lane| lane.panes.get(&place.start));
            match entry.is_none_or(|entry| quiet(place.start, entry.touched)) {
                true => self.encode(&place, lanes, rulers),
                false => self.places.push_back(place),
            }
        }
    }

    fn encode(
        &mut self,
        place: &Place,
        lanes: &mut BTreeMap<(Version, Segment), Lane>,
        rulers: &[Arc<Ruler>],
    ) {
        self.bytes -= place.bytes;
        let entry = lanes.get_mut(&place.lane).and_then(|lane| lane.panes.get_mut(&place.start));
        if let Some(entry) = entry {
            entry.encode(|id: GridId| rulers.iter().find(|ruler| ruler.id() == id).cloned());
        }
    }
}

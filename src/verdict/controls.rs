//! What people asked for: times left out, times without alarms, a new reference.

use serde::{Deserialize, Serialize};

use crate::domain::{Segment, TimeRange, Timestamp};
use crate::sketch::{DecodeError, Ruler, Tally};

/// The standing requests for one model. Empty by default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Controls {
    /// Panes that touch these ranges of event time are left out of every window and habit.
    pub excluded: Vec<TimeRange>,
    /// Windows that end in these ranges are judged, but open and raise nothing.
    pub paused: Vec<Pause>,
    /// Counts that stand in for the profile's as the static reference.
    pub baseline: Option<Baseline>,
}

/// From when, and until when or further notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    pub from: Timestamp,
    #[serde(default)]
    pub until: Option<Timestamp>,
}

/// A reference taken from the model's own traffic: encoded tallies by segment, on the profile's rulers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    pub range: TimeRange,
    pub set_at: Timestamp,
    counts: Vec<SegmentCounts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SegmentCounts {
    segment: Segment,
    /// Base64 of the encoded tally.
    tally: String,
}

impl Controls {
    /// Whether alarms are off at this time.
    pub fn is_paused(&self, at: Timestamp) -> bool {
        self.paused.iter().any(|pause| pause.from <= at && pause.until.is_none_or(|until| at < until))
    }

    pub fn excludes(&self, range: &TimeRange) -> bool {
        self.excluded.iter().any(|excluded| excluded.overlaps(range))
    }
}

impl Baseline {
    pub fn new<'a>(
        range: TimeRange,
        set_at: Timestamp,
        counts: impl IntoIterator<Item = (Segment, &'a Tally)>,
    ) -> Self {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let counts = counts
            .into_iter()
            .map(|(segment, tally)| SegmentCounts { segment, tally: BASE64_STANDARD.encode(tally.encode()) });
        Self { range, set_at, counts: counts.collect() }
    }

    /// The counts by segment. Errors where they lie on other rulers: the grids changed since.
    pub fn tallies<'r>(
        &self,
        ruler_of: impl Fn(&Segment) -> &'r Ruler,
    ) -> Result<Vec<(Segment, Tally)>, DecodeError> {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let decode = |counts: &SegmentCounts| {
            let bytes = BASE64_STANDARD.decode(&counts.tally).map_err(|_| DecodeError::Corrupt)?;
            Ok((counts.segment.clone(), Tally::decode(&bytes, ruler_of(&counts.segment))?))
        };
        self.counts.iter().map(decode).collect()
    }
}

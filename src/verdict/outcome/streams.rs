//! What is followed of each version from pane to pane: detectors over its errors, and its performance day by day.

use serde::{Deserialize, Serialize};

use crate::detector::{Adwin, Ddm, DecodeError, HddmA, PageHinkley, PaneErrors, Signal};
use crate::domain::{TimeRange, Timestamp, Version};
use crate::trend::Daily;

/// Days of performance that are kept for a trend: half a year.
const DAYS_KEPT: usize = 180;
const DAY_MICROS: i64 = 86_400_000_000;

/// The streams of a model's versions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Streams(Vec<Stream>);

/// One version's. Detectors are stepped once over each pane, in order, with the labels that were there then; later ones
/// do not change what was stepped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::verdict) struct Stream {
    version: Version,
    /// The end of the last pane that was stepped over.
    stepped_to: Option<Timestamp>,
    adwin: Vec<u8>,
    page_hinkley: Vec<u8>,
    ddm: Vec<u8>,
    hddm_a: Vec<u8>,
    /// The last change that each detector found.
    changes: Vec<Detected>,
    /// Day since 1970, and the primary metric of its labelled rows.
    days: Vec<(i32, f64)>,
}

/// What watches the errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detector {
    /// The one that alarms may rest on.
    Adwin,
    /// These advise: on quiet streams they fire too often for a budget of false alarms.
    PageHinkley,
    Ddm,
    HddmA,
}

/// A change of the mean error, as a detector found it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Detected {
    pub detector: Detector,
    /// End of the pane in which it was found.
    pub at: Timestamp,
    /// The mean error before and after: a share of wrong rows, or in units of the reference's mean absolute error.
    pub before: f64,
    pub after: f64,
}

/// Smallest rise of the mean error that matters: a share of rows, or of the reference's mean absolute error.
const RISE_MIN: f64 = 0.02;

impl Detected {
    /// Whether the detector that alarms may rest on found more errors, and enough more to matter.
    pub fn is_a_rise(&self) -> bool {
        self.detector == Detector::Adwin && self.after - self.before >= RISE_MIN
    }
}

impl Streams {
    /// Whether any row of the model ever had its label.
    pub(in crate::verdict) fn has_labels(&self) -> bool {
        !self.0.is_empty()
    }

    pub(in crate::verdict) fn of(&self, version: &Version) -> Option<&Stream> {
        self.0.iter().find(|stream| stream.version == *version)
    }

    pub(in crate::verdict) fn of_mut(&mut self, version: &Version) -> &mut Stream {
        let known = self.0.iter().position(|stream| stream.version == *version);
        let at = known.unwrap_or_else(|| {
            self.0.push(Stream::new(version.clone()));
            self.0.len() - 1
        });
        &mut self.0[at]
    }

    /// Forgets versions that have no rows any more.
    pub(in crate::verdict) fn keep(&mut self, is_there: impl Fn(&Version) -> bool) {
        self.0.retain(|stream| is_there(&stream.version));
    }
}

impl Stream {
    fn new(version: Version) -> Self {
        Self {
            version,
            stepped_to: None,
            adwin: Adwin::default().encode(),
            page_hinkley: PageHinkley::default().encode(),
            ddm: Ddm::default().encode(),
            hddm_a: HddmA::default().encode(),
            changes: Vec::new(),
            days: Vec::new(),
        }
    }

    /// Steps over a pane that ends at `end`, once.
    pub fn step(&mut self, end: Timestamp, errors: &PaneErrors) {
        if self.stepped_to.is_some_and(|to| end <= to) {
            return;
        }
        self.stepped_to = Some(end);
        let signals = [
            (Detector::Adwin, stepped(&mut self.adwin, Adwin::decode, Adwin::encode, |d| d.step(errors))),
            (
                Detector::PageHinkley,
                stepped(&mut self.page_hinkley, PageHinkley::decode, PageHinkley::encode, |d| d.step(errors)),
            ),
            (Detector::Ddm, stepped(&mut self.ddm, Ddm::decode, Ddm::encode, |d| d.step(errors))),
            (Detector::HddmA, stepped(&mut self.hddm_a, HddmA::decode, HddmA::encode, |d| d.step(errors))),
        ];
        for (detector, signal) in signals {
            if let Signal::Change { before, after } = signal {
                self.changes.retain(|change| change.detector != detector);
                self.changes.push(Detected { detector, at: end, before, after });
            }
        }
        self.changes.sort_by_key(|change| change.detector);
    }

    /// Notes the primary metric of the day that begins then; a later call for the same day takes its place.
    pub fn note_day(&mut self, start: Timestamp, value: f64) {
        // No trend is told of it, and it could not be stored.
        if !value.is_finite() {
            return;
        }
        let day = start.micros().div_euclid(DAY_MICROS) as i32;
        self.days.retain(|(known, _)| *known != day);
        self.days.push((day, value));
        self.days.sort_by_key(|(day, _)| *day);
        let surplus = self.days.len().saturating_sub(DAYS_KEPT);
        self.days.drain(..surplus);
    }

    /// The days that ended by then.
    pub fn days(&self, by: Timestamp) -> Vec<Daily> {
        let ended = |day: i32| (i64::from(day) + 1) * DAY_MICROS <= by.micros();
        self.days.iter().filter(|(day, _)| ended(*day)).map(|&(day, value)| Daily { day, value }).collect()
    }

    /// The last change that each detector found within a window.
    pub fn changes(&self, window: TimeRange) -> Vec<Detected> {
        let within = |change: &&Detected| window.start < change.at && change.at <= window.end;
        self.changes.iter().filter(within).copied().collect()
    }
}

/// A detector's step from its stored form to the next. What cannot be read begins anew: it was written by another driftd.
fn stepped<D: Default>(
    state: &mut Vec<u8>,
    decode: impl Fn(&[u8]) -> Result<D, DecodeError>,
    encode: impl Fn(&D) -> Vec<u8>,
    step: impl FnOnce(&mut D) -> Signal,
) -> Signal {
    let mut detector = decode(state).unwrap_or_default();
    let signal = step(&mut detector);
    *state = encode(&detector);
    signal
}

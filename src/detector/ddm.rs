//! DDM: an error rate that stands deviations above the lowest it has been.

use super::Signal;
use super::encode::{self, DecodeError};
use super::pane::{Mean, PaneErrors};

/// Up to so many rows nothing is seen.
const WARM_START: f64 = 30.0;
/// Deviations above the lowest rate: a warning.
const WARNING: f64 = 2.0;
/// And a change.
const DRIFT: f64 = 3.0;

const DETECTOR: u8 = 3;

/// The drift detection method (30 rows, 2 and 3 deviations) on a stream of 0 (right) and 1 (wrong), advisory.
///
/// With p the rate of errors since the last change and s = √(p(1−p)/n), a change is `p + s > p_min + 3 s_min`, the
/// minimum being that of p + s. It is taken at the ends of panes. Gama et al., SBIA 2004, 286.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ddm {
    rate: Mean,
    lowest: Option<Lowest>,
    fired: bool,
}

/// The rate and its deviation where their sum was least.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Lowest {
    rate: f64,
    deviation: f64,
}

impl Ddm {
    pub fn step(&mut self, pane: &PaneErrors) -> Signal {
        if self.fired {
            *self = Self::default();
        }
        self.rate.add(pane);
        let Mean { rows, value: rate } = self.rate;
        if rows <= WARM_START {
            return Signal::Quiet;
        }
        // Rounding may take a rate of all errors past 1.
        let deviation = (rate * (1.0 - rate) / rows).max(0.0).sqrt();
        let here = Lowest { rate, deviation };
        let lowest = self.lowest.map_or(here, |lowest| lowest.lower_of(here));
        self.lowest = Some(lowest);
        let above = |deviations: f64| rate + deviation > lowest.rate + deviations * lowest.deviation;
        self.fired = above(DRIFT);
        match (self.fired, above(WARNING)) {
            (true, _) => Signal::Change { before: lowest.rate, after: pane.mean() },
            (false, true) => Signal::Warning,
            (false, false) => Signal::Quiet,
        }
    }

    pub fn encode(&self) -> Vec<u8> {
        // A rate is never negative: −1 is "none yet".
        let Lowest { rate, deviation } = self.lowest.unwrap_or(Lowest { rate: -1.0, deviation: 0.0 });
        let fired = f64::from(u8::from(self.fired));
        encode::encode(DETECTOR, [self.rate.rows, self.rate.value, rate, deviation, fired])
    }

    /// Reads what [`Ddm::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let [rows, value, rate, deviation, fired] = encode::decode_exactly(DETECTOR, bytes)?;
        let lowest = (rate >= 0.0).then_some(Lowest { rate, deviation });
        Ok(Self { rate: Mean { rows: encode::count(rows)?, value }, lowest, fired: encode::flag(fired)? })
    }
}

impl Lowest {
    /// The later of the two where they are equal.
    fn lower_of(self, later: Self) -> Self {
        let earlier_is_lower = self.rate + self.deviation < later.rate + later.deviation;
        if earlier_is_lower { self } else { later }
    }
}

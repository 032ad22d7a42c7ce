//! HDDM_A: means of the stream before and after a cut, apart by more than Hoeffding's bound.

use super::Signal;
use super::encode::{self, DecodeError};
use super::pane::{Mean, PaneErrors};

/// Level of a change.
const DRIFT: f64 = 0.001;
/// Level of a warning.
const WARNING: f64 = 0.005;

const DETECTOR: u8 = 4;

/// Hoeffding's drift detection by averages (.001, .005), of increases only, on values in [0, 1]; advisory.
///
/// The cut stands where `mean + √(ln(1/α)/2n)` was least; a change is a mean of the whole at least
/// `√(m/2 · ln(2/α))` above the mean up to the cut, m = (n − n_cut)/(n_cut n). It is taken at the ends of panes.
/// Frías-Blanco et al., *IEEE TKDE* 27 (2015) 810.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HddmA {
    whole: Mean,
    cut: Mean,
    fired: bool,
}

impl HddmA {
    pub fn step(&mut self, pane: &PaneErrors) -> Signal {
        if self.fired {
            *self = Self::default();
        }
        self.whole.add(pane);
        if self.cut.rows == 0.0 || upper(self.cut) >= upper(self.whole) {
            self.cut = self.whole;
        }
        self.fired = self.has_risen(DRIFT);
        match (self.fired, self.has_risen(WARNING)) {
            (true, _) => Signal::Change { before: self.cut.value, after: pane.mean() },
            (false, true) => Signal::Warning,
            (false, false) => Signal::Quiet,
        }
    }

    fn has_risen(&self, level: f64) -> bool {
        let (cut, whole) = (self.cut.rows, self.whole.rows);
        if cut == whole {
            return false;
        }
        let m = (whole - cut) / cut * (1.0 / whole);
        self.whole.value - self.cut.value >= (m / 2.0 * (2.0 / level).ln()).sqrt()
    }

    pub fn encode(&self) -> Vec<u8> {
        let fired = f64::from(u8::from(self.fired));
        let Self { whole, cut, .. } = self;
        encode::encode(DETECTOR, [whole.rows, whole.value, cut.rows, cut.value, fired])
    }

    /// Reads what [`HddmA::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let [rows, value, cut_rows, cut_value, fired] = encode::decode_exactly(DETECTOR, bytes)?;
        let whole = Mean { rows: encode::count(rows)?, value };
        let cut = Mean { rows: encode::count(cut_rows)?, value: cut_value };
        Ok(Self { whole, cut, fired: encode::flag(fired)? })
    }
}

/// The mean and Hoeffding's bound of it at the level of a change.
fn upper(mean: Mean) -> f64 {
    mean.value + (1.0 / (2.0 * mean.rows) * (1.0 / DRIFT).ln()).sqrt()
}

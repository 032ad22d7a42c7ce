//! Page-Hinkley: a cumulative sum of deviations from the running mean, on both sides.

use super::Signal;
use super::encode::{self, DecodeError};
use super::pane::{Mean, PaneErrors};

/// No change is seen before so many rows.
const ROWS_MIN: f64 = 30.0;
/// Deviations up to this size are let pass.
const DELTA: f64 = 0.005;
/// λ: a sum that has moved so far from its extreme is a change.
const THRESHOLD: f64 = 50.0;
/// How much of the sums is kept from row to row.
const ALPHA: f64 = 1.0 - 0.0001;

const DETECTOR: u8 = 2;

/// Page-Hinkley's test of both sides (δ 0.005, λ 50, α 0.9999, 30 rows), advisory.
///
/// A row adds `deviation ∓ δ` to two sums that fade by α. A pane of n rows counts as n rows at the pane's mean, the
/// running mean taken after them: `S ← αⁿS + (deviation ∓ δ)(1 − αⁿ)/(1 − α)`. Page, *Biometrika* 41 (1954) 100.
#[derive(Debug, Clone, PartialEq)]
pub struct PageHinkley {
    mean: Mean,
    increase: f64,
    increase_min: f64,
    decrease: f64,
    decrease_max: f64,
    fired: bool,
}

impl Default for PageHinkley {
    fn default() -> Self {
        Self {
            mean: Mean::default(),
            increase: 0.0,
            increase_min: f64::INFINITY,
            decrease: 0.0,
            decrease_max: -1.0,
            fired: false,
        }
    }
}

impl PageHinkley {
    pub fn step(&mut self, pane: &PaneErrors) -> Signal {
        if self.fired {
            *self = Self::default();
        }
        let before = self.mean.value;
        self.mean.add(pane);
        let deviation = pane.mean() - self.mean.value;
        let kept = ALPHA.powf(pane.count());
        let weight = if pane.rows() == 1 { 1.0 } else { (1.0 - kept) / (1.0 - ALPHA) };
        self.increase = kept * self.increase + weight * deviation - weight * DELTA;
        self.decrease = kept * self.decrease + weight * deviation + weight * DELTA;
        self.increase_min = self.increase_min.min(self.increase);
        self.decrease_max = self.decrease_max.max(self.decrease);
        let furthest = (self.increase - self.increase_min).max(self.decrease_max - self.decrease);
        self.fired = self.mean.rows >= ROWS_MIN && furthest > THRESHOLD;
        if self.fired { Signal::Change { before, after: pane.mean() } } else { Signal::Quiet }
    }

    pub fn encode(&self) -> Vec<u8> {
        let numbers = [
            self.mean.rows,
            self.mean.value,
            self.increase,
            self.increase_min,
            self.decrease,
            self.decrease_max,
            f64::from(u8::from(self.fired)),
        ];
        encode::encode(DETECTOR, numbers)
    }

    /// Reads what [`PageHinkley::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let [rows, value, increase, increase_min, decrease, decrease_max, fired] =
            encode::decode_exactly(DETECTOR, bytes)?;
        let mean = Mean { rows: encode::count(rows)?, value };
        Ok(Self { mean, increase, increase_min, decrease, decrease_max, fired: encode::flag(fired)? })
    }
}

//! What was hoped for, against what came.

use std::num::NonZeroU8;

use serde::{Deserialize, Serialize};

use super::figures::History;
use super::month::Month;
use super::reason::Reason;
use super::scalar::Amount;

/// The gain that a use case is expected to bring, net of its run cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Of a month at full effect.
    pub gain_per_month: Amount,
    /// The first month at full effect; before it the gain grows in equal steps. 1: at once.
    #[serde(default = "at_once")]
    pub full_effect_month: NonZeroU8,
}

/// Real and expected gain over the same months: those that could be computed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hypothesis {
    /// Σ (benefits − run cost).
    pub real: f64,
    pub expected: f64,
    /// real / expected: 1 is as hoped.
    pub ratio: f64,
    pub months: u32,
    /// Complete months that are left out on both sides, as their figures are missing.
    pub missing: Vec<Month>,
}

const fn at_once() -> NonZeroU8 {
    NonZeroU8::MIN
}

impl Expected {
    /// Of month m: `gain per month × min(1, m / full-effect month)`.
    ///
    /// ```
    /// use driftd::use_case::{Amount, Expected};
    /// let gain_per_month = Amount::try_from(9_000.0).unwrap();
    /// let expected = Expected { gain_per_month, full_effect_month: 3.try_into().unwrap() };
    /// assert_eq!([1, 2, 3, 4].map(|month| expected.in_month(month)), [3_000.0, 6_000.0, 9_000.0, 9_000.0]);
    /// ```
    pub fn in_month(&self, number: u32) -> f64 {
        let full = u32::from(self.full_effect_month.get());
        self.gain_per_month.get() * f64::from(number.min(full)) / f64::from(full)
    }
}

impl Hypothesis {
    /// Errors where no month could be computed, or where no gain is expected: there is nothing to hold the real
    /// ones against.
    pub fn of(history: &History, expected: &Expected) -> Result<Self, Reason> {
        let (mut months, mut real, mut hoped) = (0, 0.0, 0.0);
        for (line, benefits, run_cost) in history.computed() {
            months += 1;
            real += benefits - run_cost;
            hoped += expected.in_month(line.number);
        }
        let missing = history.missing();
        match (months, missing.is_empty()) {
            (0, true) => Err(Reason::TooFewMonths { have: 0, need: 1 }),
            (0, false) => Err(Reason::MissingMonths(missing)),
            _ if hoped <= 0.0 => Err(Reason::NoExpectation),
            _ => Ok(Self { real, expected: hoped, ratio: real / hoped, months, missing }),
        }
    }
}

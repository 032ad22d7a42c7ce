//! What of a numeric column only merges: how far its values reach.

/// The smallest and largest finite value. A lattice: merges in any order, never subtracts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extremes {
    pub min: f64,
    pub max: f64,
}

impl Extremes {
    /// Those of no values.
    pub const NONE: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    pub fn of(values: &[f64]) -> Self {
        let extremes = Self::of_lanes(values, |value| value);
        match extremes.min > f64::NEG_INFINITY && extremes.max < f64::INFINITY || extremes.is_none() {
            true => extremes,
            false => Self::of_lanes(values, |value| if value.is_finite() { value } else { f64::NAN }),
        }
    }

    /// Extremes of what is no NaN, in lanes that do not wait for each other.
    fn of_lanes(values: &[f64], finite: impl Fn(f64) -> f64) -> Self {
        let (mut min, mut max) = ([Self::NONE.min; Self::LANES], [Self::NONE.max; Self::LANES]);
        let mut take = |values: &[f64]| {
            for (lane, &value) in values.iter().enumerate() {
                // Adding 0 makes −0 a 0, so that no order of values decides which is kept. No compare holds for NaN.
                let value = finite(value) + 0.0;
                min[lane] = if value < min[lane] { value } else { min[lane] };
                max[lane] = if value > max[lane] { value } else { max[lane] };
            }
        };
        let (whole, rest) = values.as_chunks::<{ Self::LANES }>();
        whole.iter().for_each(|values| take(values));
        take(rest);
        Self {
            min: min.into_iter().fold(Self::NONE.min, f64::min),
            max: max.into_iter().fold(Self::NONE.max, f64::max),
        }
    }

    const LANES: usize = 8;

    pub fn merge(&mut self, other: &Self) {
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Whether there was no finite value.
    pub fn is_none(&self) -> bool {
        self.min > self.max
    }
}

impl Default for Extremes {
    fn default() -> Self {
        Self::NONE
    }
}

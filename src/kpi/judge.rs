//! Whether a KPI is well.

use super::definition::{Bounds, Direction};
use super::value::{NotComputable, Value};

/// How a KPI stands over a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Ok,
    Warning,
    Critical,
    NotComputable(NotComputable),
}

/// Why bounds cannot be judged by.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum BoundsError {
    #[error("`{bound}` is not finite")]
    NotFinite { bound: &'static str },
    #[error("`{worse}` is {at}, but must be {side} `{better}`, {than}, where {direction} is better")]
    Order {
        better: &'static str,
        worse: &'static str,
        than: f64,
        at: f64,
        side: &'static str,
        direction: &'static str,
    },
}

/// A value so near to a bound, as a share of the bound, has reached it: sums and quotients of decimals are no exact floats.
const REACHED_WITHIN: f64 = 1e-9;

fn reaches(value: f64, bound: f64) -> bool {
    (value - bound).abs() <= REACHED_WITHIN * bound.abs()
}

impl Bounds {
    /// A reached bound is crossed. Without bounds every value is [`Status::Ok`].
    pub fn judge(&self, value: &Result<Value, NotComputable>) -> Status {
        let value = match value {
            Ok(value) => value.value,
            Err(reason) => return Status::NotComputable(reason.clone()),
        };
        let crossed = |bound: Option<f64>| {
            bound.is_some_and(|bound| reaches(value, bound) || !self.is_better(value, bound))
        };
        match () {
            () if crossed(self.critical) => Status::Critical,
            () if crossed(self.warning) => Status::Warning,
            () => Status::Ok,
        }
    }

    /// Whether the target is reached; `None` without one.
    pub fn meets_target(&self, value: f64) -> Option<bool> {
        self.target.map(|target| reaches(value, target) || self.is_better(value, target))
    }

    /// All bounds are finite, and strictly in order: the target better than the warning, that than the critical.
    pub fn check(&self) -> Result<(), BoundsError> {
        let bounds = [("target", self.target), ("warning", self.warning), ("critical", self.critical)];
        let mut better: Option<(&'static str, f64)> = None;
        for (bound, at) in bounds.into_iter().filter_map(|(bound, at)| Some((bound, at?))) {
            if !at.is_finite() {
                return Err(BoundsError::NotFinite { bound });
            }
            match better {
                Some((better, than)) if !self.is_better(than, at) => {
                    let (side, direction) = match self.direction {
                        Direction::HigherIsBetter => ("below", "higher"),
                        Direction::LowerIsBetter => ("above", "lower"),
                    };
                    return Err(BoundsError::Order { better, worse: bound, than, at, side, direction });
                }
                _ => better = Some((bound, at)),
            }
        }
        Ok(())
    }

    fn is_better(&self, value: f64, than: f64) -> bool {
        match self.direction {
            Direction::HigherIsBetter => value > than,
            Direction::LowerIsBetter => value < than,
        }
    }
}

impl Status {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::NotComputable(_) => "not_computable",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(direction: Direction, of: [Option<f64>; 3]) -> Bounds {
        Bounds { direction, target: of[0], warning: of[1], critical: of[2] }
    }

    fn judged(bounds: Bounds, value: f64) -> &'static str {
        bounds.judge(&Ok(Value { value, n: 1 })).as_str()
    }

    #[test]
    fn a_reached_bound_is_crossed() {
        let up = bounds(Direction::HigherIsBetter, [Some(0.7), Some(0.6), Some(0.5)]);
        let of = |value| (judged(up, value), up.meets_target(value));
        assert_eq!(of(0.7), ("ok", Some(true)));
        assert_eq!(of(0.61), ("ok", Some(false)));
        assert_eq!(of(0.6), ("warning", Some(false)));
        assert_eq!(of(0.51), ("warning", Some(false)));
        assert_eq!(of(0.5), ("critical", Some(false)));
        let down = bounds(Direction::LowerIsBetter, [Some(100.0), None, Some(300.0)]);
        let of = |value| (judged(down, value), down.meets_target(value));
        assert_eq!(of(100.0), ("ok", Some(true)));
        assert_eq!(of(299.9), ("ok", Some(false)));
        assert_eq!(of(300.0), ("critical", Some(false)));
        // 0.1 + 0.2 is a little more than 0.3, 1.1 · 3 than 3.3.
        let sum = bounds(Direction::HigherIsBetter, [Some(3.3), None, Some(0.3)]);
        assert_eq!((judged(sum, 0.1 + 0.2), judged(sum, 0.300_001)), ("critical", "ok"));
        assert_eq!((sum.meets_target(1.1 * 3.0), sum.meets_target(3.299_999)), (Some(true), Some(false)));
        assert_eq!((judged(Bounds::default(), -1e9), Bounds::default().meets_target(1.0)), ("ok", None));
        let status = up.judge(&Err(NotComputable::DivisionByZero));
        assert_eq!(status, Status::NotComputable(NotComputable::DivisionByZero));
    }

    #[test]
    fn bounds_stand_in_order() {
        use Direction::{HigherIsBetter, LowerIsBetter};
        let check = |direction, of| bounds(direction, of).check().map_err(|error| error.to_string());
        assert_eq!(check(HigherIsBetter, [Some(3.0), Some(2.0), Some(1.0)]), Ok(()));
        assert_eq!(check(LowerIsBetter, [Some(1.0), None, Some(3.0)]), Ok(()));
        assert_eq!(check(LowerIsBetter, [None; 3]), Ok(()));
        let error = |text: &str| Err(text.to_owned());
        let order = "`warning` is 2, but must be below `target`, 1, where higher is better";
        assert_eq!(check(HigherIsBetter, [Some(1.0), Some(2.0), None]), error(order));
        let order = "`critical` is 2, but must be above `warning`, 2, where lower is better";
        assert_eq!(check(LowerIsBetter, [None, Some(2.0), Some(2.0)]), error(order));
        let order = "`critical` is 0.5, but must be above `target`, 1, where lower is better";
        assert_eq!(check(LowerIsBetter, [Some(1.0), None, Some(0.5)]), error(order));
        assert_eq!(check(LowerIsBetter, [Some(f64::NAN), None, None]), error("`target` is not finite"));
    }
}

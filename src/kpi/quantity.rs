//! What a formula computes with: a number or why there is none, and its unit. One parse serves both.

use std::convert::Infallible;
use std::str::FromStr;

use exmex::{BinOp, MakeOperators, Operator};

use super::unit::{Unit, UnitError};
use super::value::NotComputable;

/// A number with a unit.
#[derive(Debug, Clone)]
pub(super) struct Quantity {
    pub value: Result<f64, NotComputable>,
    pub unit: Result<Measure, Box<UnitClash>>,
}

/// What a number is of.
#[derive(Debug, Clone)]
pub(super) enum Measure {
    /// A literal: fits any unit beside it in sums, and is dimensionless in products.
    Plain,
    Of(Unit),
}

/// Units that do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitClash {
    #[error("`{operator}` of {left} and {right}")]
    Sum { operator: &'static str, left: Unit, right: Unit },
    #[error("the unit of {left} {operator} {right} {error}")]
    Product { operator: &'static str, left: Unit, right: Unit, error: UnitError },
}

impl Quantity {
    pub const fn plain(value: Result<f64, NotComputable>) -> Self {
        Self { value, unit: Ok(Measure::Plain) }
    }

    fn map(self, of: fn(f64) -> f64) -> Self {
        Self { value: self.value.map(of), unit: self.unit }
    }

    fn sum(self, operator: &'static str, other: Self, of: fn(f64, f64) -> f64) -> Self {
        let unit = both(self.unit, other.unit).and_then(|units| match units {
            (Measure::Plain, unit) | (unit, Measure::Plain) => Ok(unit),
            (Measure::Of(left), Measure::Of(right)) if left.is_same(&right) => Ok(Measure::Of(left)),
            (Measure::Of(left), Measure::Of(right)) => Err(UnitClash::Sum { operator, left, right }.into()),
        });
        let value = both(self.value, other.value).and_then(|(a, b)| finite(of(a, b)));
        Self { value, unit }
    }

    fn product(
        self,
        operator: &'static str,
        other: Self,
        units: fn(&Unit, &Unit) -> Result<Unit, UnitError>,
        of: fn(f64, f64) -> Result<f64, NotComputable>,
    ) -> Self {
        let unit = both(self.unit, other.unit).and_then(|measures| {
            if let (Measure::Plain, Measure::Plain) = &measures {
                return Ok(Measure::Plain);
            }
            let (left, right) = (measures.0.unit(), measures.1.unit());
            match units(&left, &right) {
                Ok(unit) => Ok(Measure::Of(unit)),
                Err(error) => Err(UnitClash::Product { operator, left, right, error }.into()),
            }
        });
        Self { value: both(self.value, other.value).and_then(|(a, b)| of(a, b)), unit }
    }
}

impl Measure {
    pub fn unit(self) -> Unit {
        match self {
            Self::Plain => Unit::one(),
            Self::Of(unit) => unit,
        }
    }
}

/// Both, or the first error.
fn both<T, E>(left: Result<T, E>, right: Result<T, E>) -> Result<(T, T), E> {
    Ok((left?, right?))
}

pub(super) fn finite(value: f64) -> Result<f64, NotComputable> {
    if value.is_finite() { Ok(value) } else { Err(NotComputable::NotFinite) }
}

fn divide(a: f64, b: f64) -> Result<f64, NotComputable> {
    if b == 0.0 { Err(NotComputable::DivisionByZero) } else { finite(a / b) }
}

impl Default for Quantity {
    fn default() -> Self {
        Self::plain(Ok(0.0))
    }
}

/// A literal. Digits are always a number; one too large is not finite.
impl FromStr for Quantity {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::plain(text.parse().map_err(|_| NotComputable::NotFinite).and_then(finite)))
    }
}

/// `+ - * / min max abs`, and no constants.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Operators;

impl MakeOperators<Quantity> for Operators {
    fn make<'a>() -> Vec<Operator<'a, Quantity>> {
        // Evaluated as written: with rounding no operator is associative.
        let binary =
            |apply: fn(Quantity, Quantity) -> Quantity, prio| BinOp { apply, prio, is_commutative: false };
        vec![
            Operator::make_bin("+", binary(|a, b| a.sum("+", b, |a, b| a + b), 0)),
            Operator::make_bin_unary("-", binary(|a, b| a.sum("-", b, |a, b| a - b), 0), |a| a.map(|a| -a)),
            Operator::make_bin("*", binary(|a, b| a.product("*", b, Unit::times, |a, b| finite(a * b)), 1)),
            Operator::make_bin("/", binary(|a, b| a.product("/", b, Unit::per, divide), 1)),
            Operator::make_bin("min", binary(|a, b| a.sum("min", b, f64::min), 1)),
            Operator::make_bin("max", binary(|a, b| a.sum("max", b, f64::max), 1)),
            Operator::make_unary("abs", |a| a.map(f64::abs)),
        ]
    }
}

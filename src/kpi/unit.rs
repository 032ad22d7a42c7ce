//! What a KPI is measured in, so that euros are never added to hours.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A product of named base units with whole exponents: `EUR`, `EUR/h`, `EUR*h^2`, `1/h`.
///
/// Without a factor it is dimensionless; the word it was written with (`1`, `ratio`, `%`) is kept for display.
/// Two units of the same factors are the same unit ([`Unit::is_same`]), whatever that word.
///
/// ```
/// use driftd::kpi::Unit;
/// let rate: Unit = "EUR/h".parse().unwrap();
/// let gain = rate.times(&"h".parse().unwrap()).unwrap();
/// assert_eq!(gain.to_string(), "EUR");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// By name; no exponent is 0.
    factors: BTreeMap<Box<str>, i8>,
    word: Word,
}

/// How a dimensionless unit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Word {
    #[default]
    One,
    Ratio,
    Percent,
}

/// Why a text or a product is no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    #[error("is empty; a unit without a dimension is `1`, `ratio` or `%`")]
    Empty,
    #[error("has a factor without a name; as in `EUR/h`, `EUR*h^2` or `1/h`")]
    NoName,
    #[error("has the factor `{0}` of more than {max} bytes", max = Unit::NAME_BYTES_MAX)]
    LongName(Box<str>),
    #[error("has the factor `{0}`; letters, digits, `_` and currency signs are allowed, the first no digit")]
    Name(Box<str>),
    #[error("has the exponent `{0}`; whole ones from -{max} to {max} are allowed", max = Unit::EXPONENT_MAX)]
    Exponent(Box<str>),
    #[error("has more than {max} factors", max = Unit::FACTORS_MAX)]
    Factors,
}

impl Unit {
    /// Most factors of a unit.
    pub const FACTORS_MAX: usize = 8;
    /// Longest name of a factor, in bytes.
    pub const NAME_BYTES_MAX: usize = 16;
    /// Largest exponent, either way.
    pub const EXPONENT_MAX: i8 = 16;

    /// Of a plain number: `1`.
    pub const fn one() -> Self {
        Self { factors: BTreeMap::new(), word: Word::One }
    }

    pub fn is_dimensionless(&self) -> bool {
        self.factors.is_empty()
    }

    /// Whether numbers of both may be added.
    pub fn is_same(&self, other: &Self) -> bool {
        self.factors == other.factors
    }

    /// The unit of a product.
    pub fn times(&self, other: &Self) -> Result<Self, UnitError> {
        self.with(other, 1)
    }

    /// The unit of a quotient.
    pub fn per(&self, other: &Self) -> Result<Self, UnitError> {
        self.with(other, -1)
    }

    fn with(&self, other: &Self, sign: i8) -> Result<Self, UnitError> {
        let mut product = Self { factors: self.factors.clone(), word: Word::One };
        for (name, exponent) in &other.factors {
            product.multiply(name, exponent * sign)?;
        }
        Ok(product)
    }

    fn multiply(&mut self, name: &str, exponent: i8) -> Result<(), UnitError> {
        let all = self.factors.get(name).map_or(0, |known| i16::from(*known)) + i16::from(exponent);
        if all.abs() > i16::from(Self::EXPONENT_MAX) {
            return Err(UnitError::Exponent(all.to_string().into()));
        }
        match all as i8 {
            0 => self.factors.remove(name),
            exponent => self.factors.insert(name.into(), exponent),
        };
        if self.factors.len() > Self::FACTORS_MAX { Err(UnitError::Factors) } else { Ok(()) }
    }
}

impl Word {
    const ALL: [Self; 3] = [Self::One, Self::Ratio, Self::Percent];

    const fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Ratio => "ratio",
            Self::Percent => "%",
        }
    }

    fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.as_str() == text)
    }
}

/// One factor: its name and exponent, none for a dimensionless word.
fn factor(text: &str) -> Result<Option<(&str, i8)>, UnitError> {
    let (name, exponent) = match text.split_once('^') {
        Some((name, digits)) => {
            let exponent = digits.trim().parse().ok();
            let fits = exponent.filter(|e: &i8| *e != 0 && e.unsigned_abs() <= Unit::EXPONENT_MAX as u8);
            (name.trim(), fits.ok_or_else(|| UnitError::Exponent(digits.into()))?)
        }
        None => (text.trim(), 1),
    };
    if name.is_empty() {
        return Err(UnitError::NoName);
    }
    if Word::of(name).is_some() {
        return Ok(None);
    }
    if name.len() > Unit::NAME_BYTES_MAX {
        return Err(UnitError::LongName(name.into()));
    }
    let mut first = true;
    let fits = name.chars().all(|c| {
        let digit = c.is_numeric() && !std::mem::take(&mut first);
        first = false;
        digit || c.is_alphabetic() || "_€$£¥°%".contains(c)
    });
    if fits { Ok(Some((name, exponent))) } else { Err(UnitError::Name(name.into())) }
}

impl FromStr for Unit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UnitError::Empty);
        }
        if let Some(word) = Word::of(text) {
            return Ok(Self { word, ..Self::one() });
        }
        let mut unit = Self::one();
        let mut sign = 1;
        for part in text.split_inclusive(['*', '/']) {
            let name = part.trim_end_matches(['*', '/']);
            if let Some((name, exponent)) = factor(name)? {
                unit.multiply(name, sign * exponent)?;
            }
            sign = if part.ends_with('/') { -1 } else { 1 };
        }
        if text.ends_with(['*', '/']) { Err(UnitError::NoName) } else { Ok(unit) }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = |f: &mut fmt::Formatter<'_>, name: &str, exponent: i8| match exponent {
            1 => f.write_str(name),
            _ => write!(f, "{name}^{exponent}"),
        };
        let mut above = self.factors.iter().filter(|(_, exponent)| **exponent > 0);
        match above.next() {
            Some((name, exponent)) => power(f, name, *exponent)?,
            None => f.write_str(self.word.as_str())?,
        }
        for (name, exponent) in above {
            f.write_str("*")?;
            power(f, name, *exponent)?;
        }
        for (name, exponent) in self.factors.iter().filter(|(_, exponent)| **exponent < 0) {
            f.write_str("/")?;
            power(f, name, -exponent)?;
        }
        Ok(())
    }
}

/// As its text.
impl Serialize for Unit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(text: &str) -> Unit {
        text.parse().unwrap()
    }

    #[test]
    fn units_read_and_write() {
        for text in ["EUR", "EUR/h", "h", "1", "ratio", "%", "EUR/prediction", "1/h", "EUR*h^2/user/visit^3"]
        {
            assert_eq!(unit(text).to_string(), text);
        }
        assert_eq!(unit(" h * EUR / h ").to_string(), "EUR");
        assert_eq!(unit("%/h").to_string(), "1/h");
        assert_eq!(unit("h^-2").to_string(), "1/h^2");
        assert_eq!(unit("€/kWh").to_string(), "€/kWh");
    }

    #[test]
    fn units_multiply() {
        let text = |unit: Result<Unit, UnitError>| unit.unwrap().to_string();
        assert_eq!(text(unit("EUR/h").times(&unit("h"))), "EUR");
        assert_eq!(text(unit("EUR").per(&unit("EUR"))), "1");
        assert_eq!(text(unit("EUR").per(&unit("h*h"))), "EUR/h^2");
        assert_eq!(text(unit("%").times(&unit("EUR"))), "EUR");
        assert!(unit("ratio").is_same(&unit("%")) && unit("ratio") != unit("%"));
        assert!(!unit("EUR").is_same(&unit("EUR/h")));
        assert!(unit("a*b*c*d").times(&unit("e*f*g*h*i")).is_err());
        assert!(unit("a^16").times(&unit("a")).is_err());
    }

    #[test]
    fn what_is_no_unit_says_why() {
        let error = |text: &str| text.parse::<Unit>().unwrap_err();
        assert_eq!(error(" "), UnitError::Empty);
        assert_eq!(error("EUR//h"), UnitError::NoName);
        assert_eq!(error("EUR/"), UnitError::NoName);
        assert_eq!(error("*h"), UnitError::NoName);
        assert_eq!(error("EUR h"), UnitError::Name("EUR h".into()));
        assert_eq!(error("2h"), UnitError::Name("2h".into()));
        assert_eq!(error("h^0"), UnitError::Exponent("0".into()));
        assert_eq!(error("h^-128"), UnitError::Exponent("-128".into()));
        assert_eq!(error("h^x"), UnitError::Exponent("x".into()));
        assert_eq!(error("abcdefghijklmnopq"), UnitError::LongName("abcdefghijklmnopq".into()));
        assert_eq!(error("a*b*c*d*e*f*g*i*j"), UnitError::Factors);
    }
}

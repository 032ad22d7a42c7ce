//! Numbers and words of the register that are right once they exist.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a value cannot stand in the register.
#[derive(Debug, Clone, thiserror::Error, PartialEq)]
pub enum ScalarError {
    #[error("is empty")]
    Empty,
    #[error("has {bytes} bytes; at most {bytes_max} are allowed")]
    TooLong { bytes: usize, bytes_max: usize },
    #[error("has a control character")]
    ControlCharacter,
    #[error("is {0}; an amount is at least 0 and at most 1e15")]
    Amount(f64),
    #[error("is {0}; a share is between 0 and 1")]
    Share(f64),
    #[error("is {0}; a grade is 1, 2, 3, 4 or 5")]
    Grade(i64),
    #[error("add to {0}; the weights of the scores, each at least 0, must add to 1")]
    Weights(f64),
}

/// A sum of money, or the price of one unit: 0 to 1e15.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Amount(f64);

/// A share, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(f64);

/// A grade, 1 (poor) to 5 (good).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Grade(u8);

/// A person or a team.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Person(Box<str>);

/// A name or a sentence or two.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(Box<str>);

impl Amount {
    pub const ZERO: Self = Self(0.0);
    /// The largest amount; sums and products of such stay finite.
    pub const MAX: f64 = 1e15;

    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Share {
    pub const fn get(self) -> f64 {
        self.0
    }

    /// `percent`/100, at most 1.
    pub(super) const fn of_percent(percent: u8) -> Self {
        let percent = if percent > 100 { 100 } else { percent };
        Self(percent as f64 / 100.0)
    }
}

impl Grade {
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Person {
    /// Longest name, in bytes.
    pub const BYTES_MAX: usize = 200;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text {
    /// Longest text, in bytes.
    pub const BYTES_MAX: usize = 500;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<f64> for Amount {
    type Error = ScalarError;

    fn try_from(number: f64) -> Result<Self, ScalarError> {
        match (0.0..=Self::MAX).contains(&number) {
            true => Ok(Self(number)),
            false => Err(ScalarError::Amount(number)),
        }
    }
}

impl TryFrom<f64> for Share {
    type Error = ScalarError;

    fn try_from(number: f64) -> Result<Self, ScalarError> {
        match (0.0..=1.0).contains(&number) {
            true => Ok(Self(number)),
            false => Err(ScalarError::Share(number)),
        }
    }
}

impl TryFrom<i64> for Grade {
    type Error = ScalarError;

    fn try_from(number: i64) -> Result<Self, ScalarError> {
        match u8::try_from(number) {
            Ok(grade @ 1..=5) => Ok(Self(grade)),
            _ => Err(ScalarError::Grade(number)),
        }
    }
}

impl From<Amount> for f64 {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> Self {
        share.0
    }
}

impl From<Grade> for i64 {
    fn from(grade: Grade) -> Self {
        i64::from(grade.0)
    }
}

impl FromStr for Person {
    type Err = ScalarError;

    fn from_str(text: &str) -> Result<Self, ScalarError> {
        words(text, Self::BYTES_MAX).map(Self)
    }
}

impl FromStr for Text {
    type Err = ScalarError;

    fn from_str(text: &str) -> Result<Self, ScalarError> {
        words(text, Self::BYTES_MAX).map(Self)
    }
}

impl TryFrom<String> for Person {
    type Error = ScalarError;

    fn try_from(text: String) -> Result<Self, ScalarError> {
        text.parse()
    }
}

impl TryFrom<String> for Text {
    type Error = ScalarError;

    fn try_from(text: String) -> Result<Self, ScalarError> {
        text.parse()
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text without the blanks around it.
fn words(text: &str, bytes_max: usize) -> Result<Box<str>, ScalarError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(ScalarError::Empty);
    }
    if text.len() > bytes_max {
        return Err(ScalarError::TooLong { bytes: text.len(), bytes_max });
    }
    match text.chars().any(char::is_control) {
        true => Err(ScalarError::ControlCharacter),
        false => Ok(text.into()),
    }
}

//! A column as a file holds it, and what it becomes as each kind.

use super::text::{boolean, name_of, number};
use crate::batch::{Codes, CodesBuilder, ColumnValues};
use crate::domain::ColumnKind;
use crate::sketch::{MISSING, WRONG_TYPE};

/// The values of a column by the type that its file gives them.
#[derive(Clone)]
pub enum Raw {
    /// [`MISSING`] where a row has none, [`WRONG_TYPE`] where it has no number.
    Numbers(Vec<f64>),
    /// The names are `true` and `false`, in any case.
    Booleans(Codes),
    Names(Codes),
    /// Integers of which some are too large for a float, by their digits.
    BigIntegers(Codes),
    /// So many rows, all without a value.
    Nothing(usize),
    /// A type that cannot be counted, by its name.
    Other(String),
}

/// Why values cannot be of a kind.
pub enum Misfit {
    Type(String),
    BigIntegers,
}

impl Raw {
    /// The kind that the type suggests; `None` where it cannot be counted.
    pub fn kind(&self) -> Option<ColumnKind> {
        match self {
            Self::Numbers(_) | Self::Nothing(_) => Some(ColumnKind::Numeric),
            Self::Booleans(_) => Some(ColumnKind::Boolean),
            Self::Names(_) | Self::BigIntegers(_) => Some(ColumnKind::Categorical),
            Self::Other(_) => None,
        }
    }

    /// The values as this kind; single ones that do not fit are of the wrong type.
    pub fn into_values(self, kind: ColumnKind) -> Result<ColumnValues, Misfit> {
        match kind {
            ColumnKind::Numeric => self.into_numbers().map(ColumnValues::Numeric),
            ColumnKind::Categorical => self.into_names().map(ColumnValues::Categorical),
            ColumnKind::Boolean => self.into_booleans().map(ColumnValues::Categorical),
        }
    }

    fn into_numbers(self) -> Result<Vec<f64>, Misfit> {
        Ok(match self {
            Self::Numbers(numbers) => numbers,
            Self::Booleans(codes) => {
                by_name(&codes, |name| boolean(name).map_or(WRONG_TYPE, |value| f64::from(u8::from(value))))
            }
            Self::Names(codes) => by_name(&codes, |name| number(name).unwrap_or(WRONG_TYPE)),
            Self::Nothing(rows) => vec![MISSING; rows],
            Self::BigIntegers(_) => return Err(Misfit::BigIntegers),
            Self::Other(found) => return Err(Misfit::Type(found)),
        })
    }

    /// Whether these are booleans, or names that are all `true` or `false`.
    pub fn is_boolean(&self) -> bool {
        match self {
            Self::Booleans(_) => true,
            Self::Names(codes) => {
                !codes.names.is_empty() && codes.names.iter().all(|name| boolean(name).is_some())
            }
            _ => false,
        }
    }

    fn into_names(self) -> Result<Codes, Misfit> {
        Ok(match self {
            Self::Numbers(numbers) => {
                let mut names = CodesBuilder::default();
                for number in numbers {
                    push_number(&mut names, number);
                }
                names.take()
            }
            Self::Booleans(codes) => renamed(&codes, |name| boolean(name).map(|value| value.to_string())),
            Self::Names(codes) | Self::BigIntegers(codes) => codes,
            Self::Nothing(rows) => Codes { codes: vec![Codes::MISSING; rows], names: Vec::new() },
            Self::Other(found) => return Err(Misfit::Type(found)),
        })
    }

    fn into_booleans(self) -> Result<Codes, Misfit> {
        let names = self.into_names()?;
        let value_of = |name: &str| match name {
            "1" => Some(true),
            "0" => Some(false),
            text => boolean(text),
        };
        Ok(renamed(&names, |name| value_of(name).map(|value| value.to_string())))
    }
}

/// Adds a number to a column of names.
pub fn push_number(names: &mut CodesBuilder, number: f64) {
    match number {
        number if number.to_bits() == WRONG_TYPE.to_bits() => names.push_nameless(Codes::WRONG_TYPE),
        number if number.is_nan() => names.push_nameless(Codes::MISSING),
        number => names.push(&name_of(number)),
    }
}

/// A number for every row, by its name.
fn by_name(codes: &Codes, number_of: impl Fn(&str) -> f64) -> Vec<f64> {
    let numbers: Vec<f64> = codes.names.iter().map(|name| number_of(name)).collect();
    let number = |&code: &u32| match numbers.get(code as usize) {
        Some(&number) => number,
        None if code == Codes::MISSING => MISSING,
        None => WRONG_TYPE,
    };
    codes.codes.iter().map(number).collect()
}

/// The same column under other names; names without another are of the wrong type.
fn renamed(codes: &Codes, rename: impl Fn(&str) -> Option<String>) -> Codes {
    let mut built = CodesBuilder::default();
    let new: Vec<Option<String>> = codes.names.iter().map(|name| rename(name)).collect();
    for &code in &codes.codes {
        match new.get(code as usize) {
            Some(Some(name)) => built.push(name),
            Some(None) => built.push_nameless(Codes::WRONG_TYPE),
            None => built.push_nameless(code),
        }
    }
    built.take()
}

//! The name of a receiver.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A receiver's name in the config: 1 to 64 of `[a-z0-9_-]`, the first a letter (safe in a label and a path).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ReceiverName(Box<str>);

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no receiver's name: 1 to 64 of a-z, 0-9, `_` and `-`, the first a letter")]
pub struct ReceiverNameError;

const BYTES_MAX: usize = 64;

impl ReceiverName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReceiverName {
    type Err = ReceiverNameError;

    fn from_str(text: &str) -> Result<Self, ReceiverNameError> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        let first = text.chars().next().is_some_and(|c| c.is_ascii_lowercase());
        match first && text.len() <= BYTES_MAX && text.chars().all(fits) {
            true => Ok(Self(text.into())),
            false => Err(ReceiverNameError),
        }
    }
}

impl Borrow<str> for ReceiverName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReceiverName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReceiverName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

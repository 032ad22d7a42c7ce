//! Names that travel in URLs, labels and keys. Parsed once, at the rim; within, they are right.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a name cannot be an id.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum IdError {
    #[error("is empty")]
    Empty,
    #[error("has {bytes} bytes; at most {bytes_max} are allowed")]
    TooLong { bytes: usize, bytes_max: usize },
    #[error("has the character {character:?}; {allowed}")]
    Character { character: char, allowed: &'static str },
}

/// A model's id: 1 to 64 of `[A-Za-z0-9._-]`, the first a letter or digit (safe in a path and in a label).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ModelId(Box<str>);

/// A model's version: 1 to 64 bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Version(Box<str>);

impl ModelId {
    /// Longest id, in bytes.
    pub const BYTES_MAX: usize = 64;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Version {
    /// Longest version, in bytes.
    pub const BYTES_MAX: usize = 64;

    /// The version of rows that name none.
    pub fn unnamed() -> Self {
        Self("default".into())
    }

    /// Where rows of versions past `versions_max` are counted.
    pub fn other() -> Self {
        Self("other".into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ModelId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        length_within(text, Self::BYTES_MAX)?;
        let allowed = "letters, digits, `.`, `_` and `-` are allowed, the first a letter or digit";
        for (at, character) in text.char_indices() {
            let fits = character.is_ascii_alphanumeric() || (at > 0 && "._-".contains(character));
            if !fits {
                return Err(IdError::Character { character, allowed });
            }
        }
        Ok(Self(text.into()))
    }
}

impl FromStr for Version {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        length_within(text, Self::BYTES_MAX)?;
        no_control_characters(text)?;
        Ok(Self(text.into()))
    }
}

/// The rows that a count is over: all of them, or those with one value of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    All,
    Slice { attribute: Box<str>, value: Box<str> },
}

impl Segment {
    /// Longest value of a segment's attribute, in bytes.
    pub const VALUE_BYTES_MAX: usize = 128;

    /// Where values past `segment_values_max` are counted.
    pub const OTHER: &'static str = "other";
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Slice { attribute, value } => write!(f, "{attribute}={value}"),
        }
    }
}

/// As its text.
impl Serialize for Segment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Segment {
    type Err = IdError;

    /// Reads what `Display` writes: `all`, or `attribute=value`.
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.split_once('=') {
            Some((attribute, value)) => {
                length_within(value, Self::VALUE_BYTES_MAX)?;
                no_control_characters(text)?;
                Ok(Self::Slice { attribute: attribute.into(), value: value.into() })
            }
            None if text == "all" => Ok(Self::All),
            None => Err(IdError::Character {
                character: text.chars().next().ok_or(IdError::Empty)?,
                allowed: "a segment is `all` or `attribute=value`",
            }),
        }
    }
}

fn length_within(text: &str, bytes_max: usize) -> Result<(), IdError> {
    match text.len() {
        0 => Err(IdError::Empty),
        bytes if bytes > bytes_max => Err(IdError::TooLong { bytes, bytes_max }),
        _ => Ok(()),
    }
}

fn no_control_characters(text: &str) -> Result<(), IdError> {
    match text.chars().find(|c| c.is_control()) {
        Some(character) => {
            Err(IdError::Character { character, allowed: "no control characters are allowed" })
        }
        None => Ok(()),
    }
}

macro_rules! reads_text {
    ($id:ident) => {
        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

macro_rules! text_id {
    ($id:ident) => {
        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        reads_text!($id);
    };
}

text_id!(ModelId);
text_id!(Version);
reads_text!(Segment);

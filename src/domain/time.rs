//! Event time: instants, the fixed slices of it that are counted (panes), and ranges.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// An instant, UTC: microseconds since 1970-01-01T00:00:00Z, in the years -9999 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

/// A text that is no RFC 3339 instant, or one out of range.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error(
    "is no RFC 3339 instant with a zone, as in 2026-11-22T10:00:00Z, nor seconds or milliseconds since 1970"
)]
pub struct TimestampError;

impl Timestamp {
    /// The earliest instant that a row may carry: year 1.
    pub const MIN: Self = Self(-62_135_596_800 * MICROS_PER_SECOND);
    /// The latest instant that a row may carry: the end of year 9999, less a day.
    pub const MAX: Self = Self(253_402_207_200 * MICROS_PER_SECOND);

    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds * MICROS_PER_SECOND)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Seconds since 1970, with the fraction; what Prometheus wants.
    pub fn as_seconds_f64(self) -> f64 {
        self.0 as f64 / MICROS_PER_SECOND as f64
    }

    /// Reads an epoch number: below 1e11 in magnitude seconds, else milliseconds, else (from 1e14) microseconds.
    ///
    /// Errors where the number is not finite or lies outside [`Timestamp::MIN`]..=[`Timestamp::MAX`].
    pub fn from_epoch(number: f64) -> Result<Self, TimestampError> {
        let micros = match number.abs() {
            magnitude if magnitude < 1e11 => number * 1e6,
            magnitude if magnitude < 1e14 => number * 1e3,
            _ => number,
        };
        if !(micros >= Self::MIN.0 as f64 && micros <= Self::MAX.0 as f64) {
            return Err(TimestampError);
        }
        Ok(Self(micros.round() as i64))
    }

    pub fn saturating_add(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_add(duration_micros(duration)).min(Self::MAX.0))
    }

    pub fn saturating_sub(self, duration: std::time::Duration) -> Self {
        Self(self.0.saturating_sub(duration_micros(duration)).max(Self::MIN.0))
    }

    /// Time from `earlier` to `self`; zero where `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> std::time::Duration {
        std::time::Duration::from_micros(self.0.saturating_sub(earlier.0).max(0) as u64)
    }
}

fn duration_micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| TimestampError)?;
        Ok(Self(instant.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(instant) => write!(f, "{instant}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How long a pane is. Panes are aligned to UTC; each length divides the longer ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PaneLength {
    #[serde(rename = "1m")]
    Minute,
    #[serde(rename = "5m")]
    FiveMinutes,
    #[serde(rename = "15m")]
    QuarterHour,
    #[serde(rename = "1h")]
    Hour,
    #[serde(rename = "6h")]
    SixHours,
    #[serde(rename = "1d")]
    Day,
}

impl PaneLength {
    /// Shortest first.
    pub const ALL: [Self; 6] =
        [Self::Minute, Self::FiveMinutes, Self::QuarterHour, Self::Hour, Self::SixHours, Self::Day];

    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::FiveMinutes => 300,
            Self::QuarterHour => 900,
            Self::Hour => 3_600,
            Self::SixHours => 21_600,
            Self::Day => 86_400,
        }
    }

    pub const fn duration(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.seconds() as u64)
    }

    /// The pane of this length that holds `at`. Right before 1970 too.
    ///
    /// ```
    /// use driftd::domain::{PaneLength, Timestamp};
    /// let at: Timestamp = "1969-12-31T23:59:59Z".parse().unwrap();
    /// assert_eq!(PaneLength::Hour.pane_of(at).start.to_string(), "1969-12-31T23:00:00Z");
    /// ```
    pub fn pane_of(self, at: Timestamp) -> Pane {
        let length = self.seconds() * MICROS_PER_SECOND;
        Pane { start: Timestamp(at.0 - at.0.rem_euclid(length)), length: self }
    }

    /// `1m`, `5m`, `15m`, `1h`, `6h` or `1d`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::QuarterHour => "15m",
            Self::Hour => "1h",
            Self::SixHours => "6h",
            Self::Day => "1d",
        }
    }
}

impl fmt::Display for PaneLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One fixed slice of event time, `[start, start + length)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pane {
    pub start: Timestamp,
    pub length: PaneLength,
}

impl Pane {
    pub fn end(self) -> Timestamp {
        Timestamp(self.start.0 + self.length.seconds() * MICROS_PER_SECOND)
    }

    pub fn range(self) -> TimeRange {
        TimeRange { start: self.start, end: self.end() }
    }

    /// The pane after this one.
    pub fn next(self) -> Self {
        Self { start: self.end(), length: self.length }
    }
}

/// A half-open range of event time, `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TimeRange {
    pub start: Timestamp,
    pub end: Timestamp,
}

impl TimeRange {
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }

    pub fn covers(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

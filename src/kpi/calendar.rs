//! Periods of the calendar, by the clock on the wall.
//!
//! Periods of a kind part time without a gap: an instant lies in one, the end of one is the start of the next. A
//! local day has 23 or 25 hours where clocks change, and begins at its first instant where midnight is jumped over.
//! Where clocks are put back over midnight, a day begins at the first of its two midnights, and what is repeated of
//! the evening before counts to it. At the limits of time periods are cut; the last is followed by itself.

use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::domain::{TimeRange, Timestamp};

/// How often a KPI is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Hour,
    Day,
    /// Of ISO 8601: from Monday.
    Week,
    Month,
    Quarter,
    Year,
}

/// What a pane of a stream's counts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaneUnit {
    /// Of the local clock, at one offset from UTC.
    Hour,
    /// Of the local calendar.
    Day,
}

/// A pane as counts are stored by it: a day is a date, and stays that date where the zone is another one later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CalendarPane {
    /// Of the local clock, by its first instant.
    Hour(Timestamp),
    /// Of the calendar that it was counted by.
    Day(Date),
}

/// The calendar of a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    pub zone: TimeZone,
}

/// A word that is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no period; one of hour, day, week, month, quarter, year")]
pub struct UnknownPeriod;

impl Calendar {
    /// The period that holds an instant.
    pub fn period_of(&self, period: Period, at: Timestamp) -> TimeRange {
        // No period begins at the end of time.
        let at = at.clamp(Timestamp::MIN, Timestamp::from_micros(Timestamp::MAX.micros() - 1));
        if period == Period::Hour {
            return self.hour_of(at);
        }
        let day = self.day_of(at);
        let start = period.first_day(day);
        let end = period.first_day_after(start).map_or(Timestamp::MAX, |day| self.midnight(day));
        TimeRange { start: self.midnight(start), end }
    }

    /// The period after one.
    pub fn next(&self, period: Period, of: TimeRange) -> TimeRange {
        self.period_of(period, of.end)
    }

    /// The period before one.
    pub fn previous(&self, period: Period, of: TimeRange) -> TimeRange {
        self.period_of(period, Timestamp::from_micros(of.start.micros().saturating_sub(1)))
    }

    /// So long up to the end of a period, in whole panes. Of days: as many days of the calendar as `length` has of 24 h, at
    /// least one, whatever their hours; of hours: from the local hour that holds the instant `length` before. Cut at the
    /// beginning of time.
    pub fn up_to(&self, end: Timestamp, unit: PaneUnit, length: Duration) -> TimeRange {
        let start = match unit {
            PaneUnit::Hour => self.pane_of(unit, end.saturating_sub(length)),
            PaneUnit::Day => {
                let last = self.date_of(Timestamp::from_micros(end.micros().saturating_sub(1)));
                let days = (length.as_secs() / DAY_SECONDS).cast_signed().saturating_sub(1);
                self.midnight(last.saturating_sub(days.days()))
            }
        };
        TimeRange { start, end }
    }

    /// The pane that starts at an instant.
    pub fn pane(&self, unit: PaneUnit, start: Timestamp) -> CalendarPane {
        match unit {
            PaneUnit::Hour => CalendarPane::Hour(start),
            PaneUnit::Day => CalendarPane::Day(self.date_of(start)),
        }
    }

    /// Where a pane that was stored starts among panes of this unit: it may have been counted when the KPI's period or the
    /// zone was another one.
    pub fn start_of_pane(&self, unit: PaneUnit, pane: CalendarPane) -> Timestamp {
        match pane {
            CalendarPane::Hour(start) => self.pane_of(unit, start),
            CalendarPane::Day(day) => self.midnight(day),
        }
    }

    /// The start of the pane that holds an instant.
    pub fn pane_of(&self, unit: PaneUnit, at: Timestamp) -> Timestamp {
        self.period_of(unit.period(), at).start
    }

    /// The instants of the same local hour at the same offset from UTC.
    fn hour_of(&self, at: Timestamp) -> TimeRange {
        let instant = instant(at);
        let info = self.zone.to_offset_info(instant);
        let offset = info.offset();
        let local = at.micros() + i64::from(offset.seconds()) * 1_000_000;
        let start = Timestamp::from_micros(at.micros() - local.rem_euclid(HOUR_MICROS));
        let end = Timestamp::from_micros(start.micros() + HOUR_MICROS);
        // A change of the offset within the hour cuts it.
        let offset_at = |at: Timestamp| self.zone.to_offset(self::instant(at));
        let start = match offset_at(start) == offset {
            true => start,
            false => self
                .zone
                .preceding(instant + SignedDuration::from_micros(1))
                .next()
                .map_or(start, |change| timestamp(change.timestamp()).max(start)),
        };
        let end = match offset_at(Timestamp::from_micros(end.micros() - 1)) == offset {
            true => end,
            false => self
                .zone
                .following(instant)
                .next()
                .map_or(end, |change| timestamp(change.timestamp()).min(end)),
        };
        TimeRange { start: start.max(Timestamp::MIN), end: end.min(Timestamp::MAX) }
    }

    /// The day whose instants, from its midnight to the next, hold this one.
    fn day_of(&self, at: Timestamp) -> Date {
        let mut day = self.zone.to_datetime(instant(at)).date();
        if at < self.midnight(day) {
            day = day.yesterday().unwrap_or(day);
        }
        // Twice: after an evening that was repeated, or a day that was left out.
        for _ in 0..2 {
            match day.tomorrow() {
                Ok(tomorrow) if self.midnight(tomorrow) <= at => day = tomorrow,
                _ => break,
            }
        }
        day
    }

    /// The day that holds an instant.
    pub fn date_of(&self, at: Timestamp) -> Date {
        self.day_of(at.clamp(Timestamp::MIN, Timestamp::MAX))
    }

    /// The first instant of a day.
    pub fn start_of(&self, day: Date) -> Timestamp {
        self.midnight(day)
    }

    fn midnight(&self, day: Date) -> Timestamp {
        let start = day.to_zoned(self.zone.clone()).map(|start| timestamp(start.timestamp()));
        let limit = if day.year() > 0 { Timestamp::MAX } else { Timestamp::MIN };
        start.unwrap_or(limit).clamp(Timestamp::MIN, Timestamp::MAX)
    }
}

const HOUR_MICROS: i64 = 3_600_000_000;
const DAY_SECONDS: u64 = 86_400;

fn instant(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default()
}

fn timestamp(at: jiff::Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_microsecond())
}

impl Period {
    pub const ALL: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// What the counts of a KPI of this period are kept by.
    pub const fn pane_unit(self) -> PaneUnit {
        match self {
            Self::Hour => PaneUnit::Hour,
            _ => PaneUnit::Day,
        }
    }

    fn first_day(self, day: Date) -> Date {
        match self {
            Self::Hour | Self::Day => day,
            Self::Week => {
                let since_monday = i64::from(day.weekday().to_monday_zero_offset());
                day.checked_sub(since_monday.days()).unwrap_or(Date::MIN)
            }
            Self::Month => date(day.year(), day.month(), 1),
            Self::Quarter => date(day.year(), (day.month() - 1) / 3 * 3 + 1, 1),
            Self::Year => date(day.year(), 1, 1),
        }
    }

    /// `None` past the last day of time.
    fn first_day_after(self, first: Date) -> Option<Date> {
        let length: Span = match self {
            Self::Hour | Self::Day => 1.day(),
            Self::Week => 7.days(),
            Self::Month => 1.month(),
            Self::Quarter => 3.months(),
            Self::Year => 1.year(),
        };
        first.checked_add(length).ok()
    }
}

impl PaneUnit {
    pub const fn period(self) -> Period {
        match self {
            Self::Hour => Period::Hour,
            Self::Day => Period::Day,
        }
    }

    pub const fn as_str(self) -> &'static str {
        self.period().as_str()
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Period {
    type Err = UnknownPeriod;

    fn from_str(text: &str) -> Result<Self, UnknownPeriod> {
        Self::ALL.into_iter().find(|period| period.as_str() == text).ok_or(UnknownPeriod)
    }
}

//! Hours of the week in which warnings wait for the morning.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;

use crate::domain::Timestamp;

/// Local hours, on some days of the week. Right across changes to and from summer time: they begin and end by the
/// clock on the wall.
#[derive(Debug, Clone, PartialEq)]
pub struct QuietHours {
    /// The days on which they begin.
    pub days: BTreeSet<Day>,
    pub from: Time,
    /// Not after `from`: they end on the next day.
    pub to: Time,
    pub zone: TimeZone,
}

/// A day of the week, Monday first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i8);

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        Self(day.to_monday_zero_offset())
    }
}

/// Days looked at to find the end of quiet hours that follow each other.
const DAYS_MAX: usize = 9;

impl QuietHours {
    /// When the quiet hours that hold `at` end; `None` outside them. Hours that meet without a gap are one.
    pub fn until(&self, at: Timestamp) -> Option<Timestamp> {
        let mut end = None;
        let mut moment = at;
        for _ in 0..DAYS_MAX {
            match self.end_of_hours(moment) {
                Some(until) if until > moment => (end, moment) = (Some(until), until),
                _ => break,
            }
        }
        end
    }

    fn end_of_hours(&self, at: Timestamp) -> Option<Timestamp> {
        let local = jiff::Timestamp::from_microsecond(at.micros()).ok()?.to_zoned(self.zone.clone());
        let today = local.date();
        // Those that began yesterday may go on today.
        [today.yesterday().ok(), Some(today)].into_iter().flatten().find_map(|day| {
            let (start, end) = self.on(day)?;
            (start <= at && at < end).then_some(end)
        })
    }

    fn on(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        if !self.days.contains(&day.weekday().into()) {
            return None;
        }
        let last = if self.to > self.from { day } else { day.tomorrow().ok()? };
        Some((self.instant(day, self.from)?, self.instant(last, self.to)?))
    }

    /// A local time that a change of clocks skips is the instant after the gap; one that comes twice is the first.
    fn instant(&self, day: Date, time: Time) -> Option<Timestamp> {
        let zoned = self.zone.to_ambiguous_zoned(day.to_datetime(time)).compatible().ok()?;
        Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nights(days: &[Weekday]) -> QuietHours {
        QuietHours {
            days: days.iter().map(|day| Day::from(*day)).collect(),
            from: Time::constant(20, 0, 0, 0),
            to: Time::constant(8, 0, 0, 0),
            zone: TimeZone::get("Europe/Paris").expect("a zone"),
        }
    }

    fn until(hours: &QuietHours, at: &str) -> Option<String> {
        hours.until(at.parse().expect("an instant")).map(|until| until.to_string())
    }

    #[test]
    fn a_night_ends_in_the_morning_by_the_clock_on_the_wall() {
        let all: Vec<Weekday> = Weekday::Monday.cycle_forward().take(7).collect();
        let nights = nights(&all);
        assert_eq!(until(&nights, "2026-11-24T18:59:59Z"), None);
        assert_eq!(until(&nights, "2026-11-24T19:00:00Z").as_deref(), Some("2026-11-25T07:00:00Z"));
        assert_eq!(until(&nights, "2026-11-25T06:59:59Z").as_deref(), Some("2026-11-25T07:00:00Z"));
        assert_eq!(until(&nights, "2026-11-25T07:00:00Z"), None);
        // The night in which clocks go forward is an hour shorter.
        assert_eq!(until(&nights, "2026-03-28T19:00:00Z").as_deref(), Some("2026-03-29T06:00:00Z"));
        // And the one in which they go back an hour longer.
        assert_eq!(until(&nights, "2026-10-24T18:00:00Z").as_deref(), Some("2026-10-25T07:00:00Z"));
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        let friday = nights(&[Weekday::Friday]);
        assert_eq!(until(&friday, "2026-11-28T05:00:00Z").as_deref(), Some("2026-11-28T07:00:00Z"));
        assert_eq!(until(&friday, "2026-11-28T20:00:00Z"), None);
    }

    #[test]
    fn hours_that_meet_are_one() {
        let mut whole_days = nights(&[Weekday::Saturday, Weekday::Sunday]);
        (whole_days.from, whole_days.to) = (Time::midnight(), Time::midnight());
        assert_eq!(until(&whole_days, "2026-11-28T12:00:00Z").as_deref(), Some("2026-11-29T23:00:00Z"));
    }
}

//! When planned runs come round.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;

use crate::domain::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);
/// Times that are looked at to tell how often a schedule comes round: more than a day of minutes has.
const LOOKED_AT: usize = 8;

/// A cron expression of five fields (minute, hour, day of the month, month, day of the week; `@weekly` and the like),
/// by the clock on the wall of a time zone, at most once a day. Where summer time begins, a time that does not exist is
/// the first one after the gap; where it ends, a time that comes twice is the first.
#[derive(Debug, Clone)]
pub struct Schedule {
    cron: Cron,
    text: Box<str>,
}

#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum ScheduleError {
    #[error("is no cron expression of five fields, as in \"0 6 * * 1\" (Mondays at 6): {0}")]
    NoCron(String),
    #[error("comes more than once a day; one minute and one hour, as in \"0 6 * * 1\"")]
    TooOften,
    #[error("never comes")]
    Never,
}

impl Schedule {
    /// The last time that it came round, not after `at`; `None` where it never did.
    pub fn last(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        // An occurrence lies on a whole second: the search begins at one that is not in the future.
        let found = self.cron.find_previous_occurrence(&local(at, zone)?, true).ok()?;
        Some(Timestamp::from_micros(found.timestamp().as_microsecond()))
    }

    /// Whether it ever comes round again sooner than this, of the times after 1970 that are looked at.
    pub fn comes_within(&self, pause: Duration) -> bool {
        times(self).windows(2).any(|pair| pair[1].since(pair[0]) < pause)
    }

    /// The next time that it comes round, after `at`.
    pub fn next(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let found = self.cron.find_next_occurrence(&local(at, zone)?, false).ok()?;
        Some(Timestamp::from_micros(found.timestamp().as_microsecond()))
    }
}

/// Some times of it. Any would do; in UTC a day always has 24 hours.
fn times(schedule: &Schedule) -> Vec<Timestamp> {
    let times =
        std::iter::successors(Some(Timestamp::from_seconds(0)), |at| schedule.next(*at, &TimeZone::UTC));
    times.skip(1).take(LOOKED_AT).collect()
}

fn local(at: Timestamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    let second = jiff::Timestamp::from_second(at.micros().div_euclid(1_000_000)).ok()?;
    Some(second.to_zoned(zone.clone()))
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser.parse(text).map_err(|error| ScheduleError::NoCron(error.to_string()))?;
        let schedule = Self { cron, text: text.into() };
        if times(&schedule).is_empty() {
            return Err(ScheduleError::Never);
        }
        if schedule.comes_within(DAY) {
            return Err(ScheduleError::TooOften);
        }
        Ok(schedule)
    }
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_wall_clock_decides_across_both_changes() {
        let sundays: Schedule = "30 2 * * 0".parse().unwrap();
        let after = |text| sundays.next(at(text), &paris()).unwrap().to_string();
        assert_eq!(
            after("2026-03-22T01:30:00Z"),
            "2026-03-29T01:00:00Z",
            "2:30 does not exist: 3:00 summer time"
        );
        assert_eq!(after("2026-03-29T01:00:00Z"), "2026-04-05T00:30:00Z");
        assert_eq!(after("2026-10-18T00:30:00Z"), "2026-10-25T00:30:00Z", "2:30 comes twice: the first");
        assert_eq!(after("2026-10-25T00:30:00Z"), "2026-11-01T01:30:00Z");
    }

    #[test]
    fn the_last_time_is_that_which_came_next() {
        let mondays: Schedule = "0 6 * * 1".parse().unwrap();
        let sundays: Schedule = "30 2 * * 0".parse().unwrap();
        for schedule in [mondays, sundays] {
            let mut time = at("2026-01-01T00:00:00Z");
            while time < at("2028-01-01T00:00:00Z") {
                let next = schedule.next(time, &paris()).unwrap();
                for seconds in [0, 1, 3_599, 3_600, 86_400] {
                    let later = next.saturating_add(Duration::from_secs(seconds));
                    assert_eq!(schedule.last(later, &paris()), Some(next), "{schedule} at {later}");
                }
                let before = next.saturating_sub(Duration::from_micros(1));
                assert!(schedule.last(before, &paris()).unwrap() < next);
                time = next;
            }
        }
    }

    #[test]
    fn what_is_no_schedule_says_why() {
        let why = |text: &str| text.parse::<Schedule>().unwrap_err();
        for no in ["", "6 * * 1", "0 0 6 * * 1", "0 25 * * 1", "mondays"] {
            assert!(matches!(why(no), ScheduleError::NoCron(_)), "{no}");
        }
        for often in ["* * * * *", "0 * * * 1", "0 6,18 * * *", "0,30 6 * * 1"] {
            assert_eq!(why(often), ScheduleError::TooOften, "{often}");
        }
        assert_eq!(why("0 6 30 2 *"), ScheduleError::Never);
        for good in ["0 6 * * *", "0 6 * * 1-5", "@weekly", "0 6 1 1,4,7,10 *", "0 6 * * 1#1", "0 6 29 2 *"] {
            assert!(good.parse::<Schedule>().is_ok(), "{good}");
        }
    }
}

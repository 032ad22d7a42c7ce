//! Periods against dates and changes of clocks that anyone can look up (IANA time zone database).

use std::time::Duration;

use driftd::domain::{TimeRange, Timestamp};
use driftd::kpi::{Calendar, PaneUnit, Period};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::{at, paris};

fn place(zone: &str) -> Calendar {
    Calendar { zone: TimeZone::get(zone).unwrap() }
}

fn shown(range: TimeRange) -> String {
    format!("{} {}", range.start, range.end)
}

fn hours(range: TimeRange) -> f64 {
    range.end.since(range.start).as_secs_f64() / 3_600.0
}

#[test]
fn periods_are_those_of_the_calendar() {
    let of = |period, instant: &str| shown(paris().period_of(period, at(instant)));
    // Midnight in Paris is 23:00 UTC in winter and 22:00 in summer; 2026-01-01 is a Thursday.
    let instant = "2026-01-01T12:34:56Z";
    assert_eq!(of(Period::Hour, instant), "2026-01-01T12:00:00Z 2026-01-01T13:00:00Z");
    assert_eq!(of(Period::Day, instant), "2025-12-31T23:00:00Z 2026-01-01T23:00:00Z");
    assert_eq!(of(Period::Week, instant), "2025-12-28T23:00:00Z 2026-01-04T23:00:00Z");
    assert_eq!(of(Period::Month, instant), "2025-12-31T23:00:00Z 2026-01-31T23:00:00Z");
    assert_eq!(of(Period::Quarter, instant), "2025-12-31T23:00:00Z 2026-03-31T22:00:00Z");
    assert_eq!(of(Period::Year, instant), "2025-12-31T23:00:00Z 2026-12-31T23:00:00Z");
    // The last microsecond and the first of a day, a week, a month and a quarter: 2026-06-29 is a Monday.
    assert_eq!(of(Period::Week, "2026-06-28T21:59:59.999999Z"), "2026-06-21T22:00:00Z 2026-06-28T22:00:00Z");
    assert_eq!(of(Period::Week, "2026-06-28T22:00:00Z"), "2026-06-28T22:00:00Z 2026-07-05T22:00:00Z");
    assert_eq!(of(Period::Month, "2026-06-30T21:59:59.999999Z"), "2026-05-31T22:00:00Z 2026-06-30T22:00:00Z");
    assert_eq!(of(Period::Quarter, "2026-06-30T22:00:00Z"), "2026-06-30T22:00:00Z 2026-09-30T22:00:00Z");
}

#[test]
fn months_have_their_days_in_leap_years_too() {
    let days = |instant: &str| hours(place("UTC").period_of(Period::Month, at(instant))) / 24.0;
    let lengths: Vec<f64> = (1..=12).map(|month| days(&format!("2026-{month:02}-15T00:00:00Z"))).collect();
    assert_eq!(lengths, [31.0, 28.0, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0]);
    assert_eq!(days("2028-02-29T23:59:59Z"), 29.0);
    // A century that is no leap year, and one that is.
    assert_eq!((days("1900-02-01T00:00:00Z"), days("2000-02-01T00:00:00Z")), (28.0, 29.0));
    let year = |instant: &str| hours(place("UTC").period_of(Period::Year, at(instant))) / 24.0;
    assert_eq!((year("2027-06-01T00:00:00Z"), year("2028-06-01T00:00:00Z")), (365.0, 366.0));
}

#[test]
fn clocks_change_in_paris() {
    let day = |instant: &str| paris().period_of(Period::Day, at(instant));
    // 2026-03-29 02:00 becomes 03:00; 2026-10-25 03:00 becomes 02:00.
    assert_eq!(shown(day("2026-03-29T12:00:00Z")), "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z");
    assert_eq!(shown(day("2026-10-25T12:00:00Z")), "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z");
    assert_eq!((hours(day("2026-03-29T12:00:00Z")), hours(day("2026-10-25T12:00:00Z"))), (23.0, 25.0));
    let month = |instant: &str| hours(paris().period_of(Period::Month, at(instant)));
    assert_eq!((month("2026-03-10T00:00:00Z"), month("2026-10-10T00:00:00Z")), (743.0, 745.0));
    // The hour that comes twice is two; no hour of that night is lost.
    let night = day("2026-10-25T12:00:00Z");
    let mut hour = paris().period_of(Period::Hour, night.start);
    let mut starts = vec![hour.start];
    while hour.end < night.end {
        hour = paris().next(Period::Hour, hour);
        starts.push(hour.start);
    }
    assert_eq!(starts.len(), 25);
    assert!(starts.windows(2).all(|pair| pair[1].since(pair[0]).as_secs() == 3_600));
}

#[test]
fn a_window_is_whole_days_or_hours_up_to_the_end_of_a_period() {
    let days = |end: &str, days: u64| {
        let length = Duration::from_secs(days * 86_400);
        shown(paris().up_to(at(end), PaneUnit::Day, length))
    };
    // Through the change of 29 March, and back to 29 February.
    assert_eq!(days("2026-03-31T22:00:00Z", 7), "2026-03-24T23:00:00Z 2026-03-31T22:00:00Z");
    assert_eq!(days("2024-03-01T23:00:00Z", 2), "2024-02-28T23:00:00Z 2024-03-01T23:00:00Z");
    let hours = |end: &str, hours: u64| {
        let length = Duration::from_secs(hours * 3_600);
        shown(paris().up_to(at(end), PaneUnit::Hour, length))
    };
    assert_eq!(hours("2026-10-25T02:00:00Z", 6), "2026-10-24T20:00:00Z 2026-10-25T02:00:00Z");
    // At the beginning of time it is cut.
    let first = paris().up_to(Timestamp::MIN, PaneUnit::Day, Duration::from_secs(30 * 86_400));
    assert_eq!(first.start, Timestamp::MIN);
}

#[test]
fn a_day_begins_where_midnight_does_not_exist() {
    let sao_paulo = place("America/Sao_Paulo");
    // 2018-11-04 00:00 -03 became 01:00 -02; 2019-02-17 00:00 -02 became 2019-02-16 23:00 -03.
    let day = |instant: &str| shown(sao_paulo.period_of(Period::Day, at(instant)));
    assert_eq!(day("2018-11-04T12:00:00Z"), "2018-11-04T03:00:00Z 2018-11-05T02:00:00Z");
    assert_eq!(day("2018-11-04T02:59:59Z"), "2018-11-03T03:00:00Z 2018-11-04T03:00:00Z");
    assert_eq!(day("2019-02-17T02:30:00Z"), "2019-02-16T02:00:00Z 2019-02-17T03:00:00Z");
    assert_eq!(sao_paulo.pane_of(PaneUnit::Day, at("2018-11-04T03:00:00Z")), at("2018-11-04T03:00:00Z"));
    let week = sao_paulo.period_of(Period::Week, at("2018-11-04T12:00:00Z"));
    assert_eq!(hours(week), 167.0);
}

#[test]
fn clocks_that_are_put_back_over_midnight() {
    // Havana: 2025-11-02 01:00 -04 became 00:00 -05: the day has two midnights and begins at the first.
    let havana = place("America/Havana").period_of(Period::Day, at("2025-11-02T05:30:00Z"));
    assert_eq!(shown(havana), "2025-11-02T04:00:00Z 2025-11-03T05:00:00Z");
    // St. John's: 2010-11-07 00:01 -02:30 became 2010-11-06 23:01 -03:30. The evening's repetition is the 7th's.
    let day = |instant: &str| shown(place("America/St_Johns").period_of(Period::Day, at(instant)));
    let seventh = "2010-11-07T02:30:00Z 2010-11-08T03:30:00Z";
    assert_eq!(day("2010-11-07T02:29:59Z"), "2010-11-06T02:30:00Z 2010-11-07T02:30:00Z");
    assert_eq!(day("2010-11-07T02:30:30Z"), seventh);
    assert_eq!(day("2010-11-07T03:00:00Z"), seventh);
    assert_eq!(day("2010-11-07T03:30:00Z"), seventh);
}

#[test]
fn a_day_that_was_left_out_and_hours_that_are_cut() {
    // Samoa had no 2011-12-30: after the 29th at -10 came the 31st at +14.
    let apia = place("Pacific/Apia");
    let last = apia.period_of(Period::Day, at("2011-12-30T09:00:00Z"));
    assert_eq!(shown(last), "2011-12-29T10:00:00Z 2011-12-30T10:00:00Z");
    assert_eq!(shown(apia.next(Period::Day, last)), "2011-12-30T10:00:00Z 2011-12-31T10:00:00Z");
    assert_eq!(apia.previous(Period::Day, apia.next(Period::Day, last)), last);
    assert_eq!(hours(apia.period_of(Period::Month, last.start)), 30.0 * 24.0);
    // Lord Howe moves by half an hour: 2026-04-05 02:00 +11 became 01:30 +10:30, 2026-10-04 02:00 +10:30 became 02:30 +11.
    let hour = |instant: &str| shown(place("Australia/Lord_Howe").period_of(Period::Hour, at(instant)));
    assert_eq!(hour("2026-04-04T14:59:59Z"), "2026-04-04T14:00:00Z 2026-04-04T15:00:00Z");
    assert_eq!(hour("2026-04-04T15:10:00Z"), "2026-04-04T15:00:00Z 2026-04-04T15:30:00Z");
    assert_eq!(hour("2026-10-03T15:40:00Z"), "2026-10-03T15:30:00Z 2026-10-03T16:00:00Z");
    // Kathmandu is at +05:45.
    let hour = place("Asia/Kathmandu").period_of(Period::Hour, at("2026-01-01T00:00:00Z"));
    assert_eq!(shown(hour), "2025-12-31T23:15:00Z 2026-01-01T00:15:00Z");
}

#[test]
fn words_are_those_of_the_config() {
    for (period, word) in Period::ALL.into_iter().zip(["hour", "day", "week", "month", "quarter", "year"]) {
        assert_eq!((word.parse(), period.to_string()), (Ok(period), word.to_owned()));
        assert_eq!(serde_json::to_value(period).unwrap(), word);
    }
    assert!("Monthly".parse::<Period>().is_err());
    assert_eq!(Period::Hour.pane_unit(), PaneUnit::Hour);
    assert_eq!(Period::Quarter.pane_unit(), PaneUnit::Day);
}

#[test]
fn time_has_ends() {
    let ends =
        [Timestamp::MIN, Timestamp::MAX, Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX)];
    for zone in ["UTC", "Europe/Paris", "Pacific/Apia", "America/St_Johns"] {
        let calendar = place(zone);
        for (period, instant) in Period::ALL.into_iter().flat_map(|period| ends.map(|end| (period, end))) {
            let range = calendar.period_of(period, instant);
            assert!(range.start < range.end, "{zone} {period} {instant}");
            assert!(Timestamp::MIN <= range.start && range.end <= Timestamp::MAX);
            let last = calendar.next(period, calendar.next(period, range));
            assert!(last.end <= Timestamp::MAX && last.start >= range.start);
            let first = calendar.previous(period, calendar.previous(period, range));
            assert!(first.start >= Timestamp::MIN && first.start <= range.start);
        }
    }
}

const ZONES: [&str; 10] = [
    "Europe/Paris",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Havana",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "Africa/Monrovia",
    "Asia/Manila",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Periods part time: each instant lies in one, which is followed and preceded without a gap. 1800 to 2100.
    #[test]
    fn periods_part_time(zone in 0..ZONES.len(), period in 0..6usize, seconds in -5_364_662_400i64..4_102_444_800) {
        let (calendar, period) = (place(ZONES[zone]), Period::ALL[period]);
        let instant = Timestamp::from_seconds(seconds);
        let range = calendar.period_of(period, instant);
        prop_assert!(range.contains(instant), "{} {}", ZONES[zone], shown(range));
        let last = Timestamp::from_micros(range.end.micros() - 1);
        prop_assert_eq!(calendar.period_of(period, range.start), range);
        prop_assert_eq!(calendar.period_of(period, last), range);
        let next = calendar.next(period, range);
        prop_assert_eq!(next.start, range.end);
        prop_assert!(next.start < next.end);
        prop_assert_eq!(calendar.previous(period, next), range);
        // Panes lie within longer periods.
        let unit = period.pane_unit();
        prop_assert!(calendar.pane_of(unit, instant) >= range.start);
        prop_assert_eq!(calendar.pane_of(unit, range.start), range.start);
        prop_assert_eq!(calendar.pane_of(PaneUnit::Hour, range.start), range.start);
        // A pane as it is stored is the same pane; an hour lies in its day.
        let pane = calendar.pane_of(unit, instant);
        prop_assert_eq!(calendar.start_of_pane(unit, calendar.pane(unit, pane)), pane);
        let (hour, day) = (calendar.pane_of(PaneUnit::Hour, instant), calendar.pane_of(PaneUnit::Day, instant));
        prop_assert_eq!(calendar.start_of_pane(PaneUnit::Day, calendar.pane(PaneUnit::Hour, hour)), day);
    }
}

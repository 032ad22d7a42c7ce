//! Adoption curves and time to value.

use driftd::domain::{TimeRange, Timestamp};
use driftd::kpi::Direction;
use driftd::use_case::{PERIODS_MAX, TimeToValue, Trend, curve, time_to_value};

fn known(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

/// In order, 4 values are 1 of 4! = 24 orders: 4.2 %, below 5 %. One swap of neighbours leaves 1 + 3 of 24: 16.7 %.
#[test]
fn four_periods_in_order_are_a_trend() {
    assert_eq!(curve(&known(&[0.1, 0.2, 0.3, 0.5])).trend, Trend::Grows);
    assert_eq!(curve(&known(&[0.5, 0.3, 0.2, 0.1])).trend, Trend::Falls);
    assert_eq!(curve(&known(&[0.1, 0.3, 0.2, 0.5])).trend, Trend::Stagnates);
    assert_eq!(curve(&known(&[0.4; 6])).trend, Trend::Stagnates);
    let few = curve(&known(&[0.1, 0.2, 0.3]));
    assert_eq!((few.trend, few.slope_per_period, few.n), (Trend::NotEnough, None, 3));
}

/// Of 5 values, S = 8 (one inversion): (1 + 4)/120 = 4.2 %, a trend. S = 6 (two): (1 + 4 + 9)/120 = 11.7 %, none.
#[test]
fn one_inversion_of_five_is_allowed() {
    assert_eq!(curve(&known(&[0.1, 0.3, 0.2, 0.5, 0.6])).trend, Trend::Grows);
    assert_eq!(curve(&known(&[0.1, 0.3, 0.2, 0.6, 0.5])).trend, Trend::Stagnates);
}

/// Periods 0, 1, 3, 4 have 10, 20, 40, 50 %: 10 points a period everywhere, since the missing one passes too.
#[test]
fn a_missing_period_is_time_that_passes() {
    let found = curve(&[Some(0.1), Some(0.2), None, Some(0.4), Some(0.5)]);
    assert_eq!((found.trend, found.n), (Trend::Grows, 4));
    assert!((found.slope_per_period.unwrap() - 0.1).abs() < 1e-12);
    assert_eq!(curve(&[Some(0.1), Some(f64::NAN), Some(0.3), Some(0.4)]).trend, Trend::NotEnough);
}

#[test]
fn the_newest_value_may_be_one_period_old() {
    assert_eq!(curve(&[Some(0.1), Some(0.2)]).newest(), Some(0.2));
    assert_eq!(curve(&[Some(0.1), Some(0.2), None]).newest(), Some(0.2));
    assert_eq!(curve(&[Some(0.2), None, None]).newest(), None);
    assert_eq!(curve(&[]).newest(), None);
}

#[test]
fn only_the_newest_periods_count() {
    let mut values = vec![Some(9.0); 50];
    values.extend((0..PERIODS_MAX).map(|period| Some(period as f64 / 1e4)));
    let found = curve(&values);
    assert_eq!((found.n, found.trend), (PERIODS_MAX, Trend::Grows));
}

/// Days of August 2024 with a value each; 0 stands for the 1st.
fn days(values: &[Option<f64>]) -> Vec<(TimeRange, Option<f64>)> {
    (0..).zip(values).map(|(day, value)| (range(day, day + 1), *value)).collect()
}

fn range(from: i64, to: i64) -> TimeRange {
    TimeRange { start: day(from), end: day(to) }
}

fn day(number: i64) -> Timestamp {
    let first: Timestamp = "2024-08-01T00:00:00Z".parse().unwrap();
    Timestamp::from_micros(first.micros() + number * 86_400_000_000)
}

/// The target 60 is held on days 1, 3, 4 and 5: three in a row from day 3 on.
#[test]
fn value_is_there_from_the_first_day_that_held() {
    let history = days(&[40.0, 60.0, 55.0, 60.0, 61.0, 70.0, 50.0].map(Some));
    let found = |held| time_to_value(day(0), &history, 60.0, Direction::HigherIsBetter, held);
    assert_eq!(found(1), TimeToValue::Reached { from: day(1), days: 1 });
    assert_eq!(found(0), found(1));
    assert_eq!(found(3), TimeToValue::Reached { from: day(3), days: 3 });
    assert_eq!(found(4), TimeToValue::NotYet { in_a_row: 0, need: 4 });
    let lower = time_to_value(day(0), &history, 50.0, Direction::LowerIsBetter, 1);
    assert_eq!(lower, TimeToValue::Reached { from: day(0), days: 0 });
}

#[test]
fn what_is_missing_breaks_the_row() {
    let history = days(&[Some(60.0), None, Some(60.0), Some(f64::NAN), Some(60.0), Some(60.0)]);
    let found = |held| time_to_value(day(0), &history, 60.0, Direction::HigherIsBetter, held);
    assert_eq!(found(2), TimeToValue::Reached { from: day(4), days: 4 });
    assert_eq!(found(3), TimeToValue::NotYet { in_a_row: 2, need: 3 });
    // Day 1 is not there at all.
    let gap = [(range(0, 1), Some(60.0)), (range(2, 3), Some(60.0))];
    let found = time_to_value(day(0), &gap, 60.0, Direction::HigherIsBetter, 2);
    assert_eq!(found, TimeToValue::NotYet { in_a_row: 1, need: 2 });
    let nothing = time_to_value(day(0), &[], 60.0, Direction::HigherIsBetter, 2);
    assert_eq!(nothing, TimeToValue::NotYet { in_a_row: 0, need: 2 });
}

/// A use case that starts within a month has what the month came to from its start on.
#[test]
fn time_to_value_begins_with_the_use_case() {
    let months = [(range(0, 31), Some(50.0)), (range(31, 61), Some(70.0))];
    let found = |start: i64, target| time_to_value(day(start), &months, target, Direction::HigherIsBetter, 1);
    assert_eq!(found(14, 60.0), TimeToValue::Reached { from: day(31), days: 17 });
    assert_eq!(found(30, 40.0), TimeToValue::Reached { from: day(30), days: 0 });
}

/// 31 March 2024 had 23 hours in Paris, 27 October 25: a day each.
#[test]
fn a_day_of_23_or_25_hours_is_a_day() {
    let at = |text: &str| -> Timestamp { text.parse().unwrap() };
    for (start, middle, end) in [
        ("2024-03-30T23:00:00Z", "2024-03-31T22:00:00Z", "2024-04-01T22:00:00Z"),
        ("2024-10-26T22:00:00Z", "2024-10-27T23:00:00Z", "2024-10-28T23:00:00Z"),
    ] {
        let (start, middle, end) = (at(start), at(middle), at(end));
        let history =
            [(TimeRange { start, end: middle }, Some(1.0)), (TimeRange { start: middle, end }, Some(9.0))];
        let found = time_to_value(start, &history, 5.0, Direction::HigherIsBetter, 1);
        assert_eq!(found, TimeToValue::Reached { from: middle, days: 1 });
    }
}

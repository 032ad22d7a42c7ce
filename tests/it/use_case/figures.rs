//! Gains of a month, months that are missing or corrected, and the calendar.

use std::collections::BTreeSet;

use driftd::use_case::{
    Component, Expected, Hypothesis, Month, MonthFigures, Outcome, Rates, Reason, RunCost, UseCase,
    complete_months, history,
};
use jiff::civil::date;

use super::{START, after, amount, claims, month, revenue_only, revenues};

fn january() -> MonthFigures {
    MonthFigures {
        time_saved_hours: Some(120.0),
        errors_avoided: Some(10.0),
        added_revenue: Some(500.0),
        run_cost: Some(900.0),
        ..MonthFigures::unknown(month(1))
    }
}

fn first(use_case: &UseCase, figures: &[MonthFigures]) -> Outcome {
    history(use_case, figures, after(1)).unwrap().months[0].outcome.clone()
}

/// 120 h × 50 + 10 × 200 + 500 = 6,000 + 2,000 + 500 = 8,500; less 900 to run it: 7,600.
#[test]
fn gains_are_time_errors_and_revenue_less_the_run_cost() {
    let expected = Outcome::Computed {
        benefits: 8_500.0,
        run_cost: 900.0,
        run_cost_source: RunCost::Recorded,
        gain: 7_600.0,
    };
    assert_eq!(first(&claims(), &[january()]), expected);
}

/// Revenue and errors are not tracked: 120 h × 50 = 6,000. Nor is the run cost: 12,000 / 12 = 1,000, as planned.
#[test]
fn what_is_not_tracked_counts_nothing_and_the_planned_run_cost() {
    let use_case = UseCase { tracked: BTreeSet::from([Component::TimeSaved]), ..claims() };
    let expected = Outcome::Computed {
        benefits: 6_000.0,
        run_cost: 1_000.0,
        run_cost_source: RunCost::Planned,
        gain: 5_000.0,
    };
    assert_eq!(first(&use_case, &[january()]), expected, "even where figures are there");
}

#[test]
fn a_zero_is_a_figure_and_nothing_is_not() {
    let zero = MonthFigures { added_revenue: Some(0.0), ..january() };
    assert!(matches!(first(&claims(), &[zero]), Outcome::Computed { gain: 7_100.0, .. }));
    for lost in [None, Some(f64::NAN), Some(f64::INFINITY), Some(-2e15)] {
        let lacking = MonthFigures { added_revenue: lost, run_cost: None, ..january() };
        let components = vec![Component::AddedRevenue, Component::RunCost];
        assert_eq!(first(&claims(), &[lacking]), Outcome::Missing { components });
    }
}

/// Months 2 and 4 are not there, 5 lacks its run cost: three of five are listed.
#[test]
fn missing_months_are_listed() {
    let mut figures = revenues(&[(9.0, 1.0); 5]);
    figures[4].run_cost = None;
    figures.remove(3);
    figures.remove(1);
    let history = history(&revenue_only(10.0), &figures, after(5)).unwrap();
    assert_eq!(history.missing(), [month(2), month(4), month(5)]);
    assert_eq!(history.months.len(), 5);
    assert_eq!(history.computed().map(|(line, ..)| line.number).collect::<Vec<_>>(), [1, 3]);
}

/// February was sent as 100 and corrected to 140; figures come in any order.
#[test]
fn a_correction_replaces_the_month() {
    let mut figures = revenues(&[(90.0, 10.0), (100.0, 10.0)]);
    figures.reverse();
    figures.push(MonthFigures { added_revenue: Some(140.0), ..figures[0] });
    let history = history(&revenue_only(10.0), &figures, after(2)).unwrap();
    let gains: Vec<f64> = history.computed().map(|(_, benefits, run_cost)| benefits - run_cost).collect();
    assert_eq!(gains, [80.0, 130.0]);
}

#[test]
fn a_month_is_complete_when_its_last_day_is_over() {
    // 2024 is a leap year: 29 February is a day of month 2.
    let complete = |today| complete_months(Some(START), today);
    assert_eq!(complete(date(2024, 1, 14)), 0, "before the start");
    assert_eq!(complete(date(2024, 1, 31)), 0);
    assert_eq!(complete(date(2024, 2, 1)), 1);
    assert_eq!(complete(date(2024, 2, 29)), 1);
    assert_eq!(complete(date(2024, 3, 1)), 2);
    assert_eq!(complete(date(2025, 2, 28)), 13);
    assert_eq!(complete(date(2025, 3, 1)), 14);
    assert_eq!(complete_months(None, date(2025, 3, 1)), 0);
    // A start on 29 February: twelve months later the year has none.
    assert_eq!(complete_months(Some(date(2024, 2, 29)), date(2025, 2, 28)), 12);
}

#[test]
fn months_are_those_of_the_calendar() {
    let days = [date(2024, 2, 1), date(2024, 2, 29), date(2023, 12, 31), date(900, 7, 4)];
    assert_eq!(days.map(|day| Month::of(day).to_string()), ["2024-02", "2024-02", "2023-12", "0900-07"]);
    let december = Month::of(date(2023, 12, 31));
    assert_eq!(december.numbered(1), december);
    assert_eq!(december.numbered(3).last_day(), date(2024, 2, 29));
    assert_eq!(december.number_from(december.numbered(14)), -12);
    assert_eq!(Month::of(date(9999, 12, 5)).numbered(2).first_day(), date(9999, 12, 1), "no month follows");
}

#[test]
fn what_has_no_history_says_why() {
    let today = after(3);
    let reason = |use_case: UseCase| history(&use_case, &[], today).unwrap_err();
    assert_eq!(reason(UseCase { started_on: None, ..claims() }), Reason::NotStarted);
    assert_eq!(reason(UseCase { started_on: Some(date(2024, 4, 2)), ..claims() }), Reason::NotStarted);
    let run_cost_only = BTreeSet::from([Component::RunCost]);
    assert_eq!(reason(UseCase { tracked: run_cost_only, ..claims() }), Reason::NothingTracked);
    let unpriced = Rates { hourly_cost: None, ..claims().rates };
    assert_eq!(reason(UseCase { rates: unpriced, ..claims() }), Reason::NoRate(Component::TimeSaved));
    // April 2004 to April 2024: exactly 20 years; one month more is too many.
    let old = |year, month| UseCase { started_on: Some(date(year, month, 9)), ..claims() };
    assert_eq!(history(&old(2004, 4), &[], today).unwrap().months.len(), 240);
    assert_eq!(reason(old(2004, 3)), Reason::StartedTooLongAgo { months: 241, months_max: 240 });
}

fn hoped(gain_per_month: f64, full_effect_month: u8) -> Expected {
    let full_effect_month = full_effect_month.try_into().unwrap();
    Expected { gain_per_month: amount(gain_per_month), full_effect_month }
}

/// Hoped for: 300 a month from month 3 on, so 100, 200, 300, 300. Month 2 is missing and left out on both sides:
/// real 50 + 240 + 270 = 560 against 100 + 300 + 300 = 700: 80 %.
#[test]
fn the_real_gain_is_held_against_the_same_months() {
    let mut figures = revenues(&[(60.0, 10.0), (0.0, 0.0), (250.0, 10.0), (280.0, 10.0)]);
    figures.remove(1);
    let history = history(&revenue_only(10.0), &figures, after(4)).unwrap();
    let found = Hypothesis::of(&history, &hoped(300.0, 3)).unwrap();
    assert_eq!((found.real, found.expected, found.months), (560.0, 700.0, 3));
    assert!((found.ratio - 0.8).abs() < 1e-12);
    assert_eq!(found.missing, [month(2)]);
}

#[test]
fn without_months_or_hopes_there_is_nothing_to_compare() {
    let of = |figures: &[MonthFigures], complete, expected| {
        Hypothesis::of(&history(&revenue_only(10.0), figures, after(complete)).unwrap(), &expected)
            .unwrap_err()
    };
    assert_eq!(of(&[], 0, hoped(300.0, 1)), Reason::TooFewMonths { have: 0, need: 1 });
    assert_eq!(of(&[], 2, hoped(300.0, 1)), Reason::MissingMonths(vec![month(1), month(2)]));
    assert_eq!(of(&revenues(&[(5.0, 1.0)]), 1, hoped(0.0, 1)), Reason::NoExpectation);
}

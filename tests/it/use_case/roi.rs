//! The return on what was spent: by month, at month 6, and on its way to month 12.

use std::collections::BTreeSet;

use driftd::use_case::{Answer, Component, MonthFigures, Reason, Roi, RoiAtSix, UseCase, history};

use super::{after, claims, month, revenue_only, revenues};

fn roi(one_off: f64, figures: &[MonthFigures], complete: u32) -> Roi {
    let use_case = revenue_only(one_off);
    Roi::of(&history(&use_case, figures, after(complete)).unwrap(), use_case.costs.one_off())
}

fn newest(roi: &Roi) -> f64 {
    roi.newest.value().and_then(|point| point.roi).unwrap()
}

/// 600 at the start; every month brings 250 and costs 50 to run.
///
/// | month | Σ benefits | Σ costs | net | ROI |
/// |---|---|---|---|---|
/// | 1 | 250 | 650 | −400 | −400/650 |
/// | 2 | 500 | 700 | −200 | −200/700 |
/// | 3 | 750 | 750 | 0 | 0 |
/// | 6 | 1,500 | 900 | 600 | 600/900 |
#[test]
fn the_trajectory_by_month() {
    let found = roi(600.0, &revenues(&[(250.0, 50.0); 6]), 6);
    let by_month: Vec<f64> = found.trajectory.iter().map(|point| point.roi.unwrap()).collect();
    let expected = [-400.0 / 650.0, -200.0 / 700.0, 0.0, 200.0 / 800.0, 400.0 / 850.0, 600.0 / 900.0];
    assert_eq!(by_month, expected);
    let last = found.trajectory[5];
    assert_eq!((last.number, last.month, last.benefits, last.costs), (6, month(6), 1_500.0, 900.0));
    assert_eq!(found.at_month_six, RoiAtSix::Reached(600.0 / 900.0));
}

/// After month 4: benefits 100 + 200 + 300 + 400 = 1,000, costs 600 + 4 × 50 = 800. The last 3 bring 300 on
/// average, so month 6 has 1,000 + 2 × 300 = 1,600 against 800 + 2 × 50 = 900: 700/900.
#[test]
fn before_month_six_the_last_three_months_go_on() {
    let figures = revenues(&[(100.0, 50.0), (200.0, 50.0), (300.0, 50.0), (400.0, 50.0)]);
    assert_eq!(roi(600.0, &figures, 4).at_month_six, RoiAtSix::Projected(700.0 / 900.0));
    let two = roi(600.0, &figures[..2], 2);
    assert_eq!(two.at_month_six, RoiAtSix::NotComputable(Reason::TooFewMonths { have: 2, need: 3 }));
    assert_eq!(newest(&two), -400.0 / 700.0, "what is known so far is told all the same");
}

/// 2,000 at the start; months bring 250 and cost 50: a gain of 200.
/// After month 6 the net is 6 × 200 − 2,000 = −800; 6 months more make 400. With a start of 2,400.01 it is −0.01.
#[test]
fn on_its_way_is_paid_back_by_month_twelve() {
    let figures = revenues(&[(250.0, 50.0); 6]);
    assert_eq!(roi(2_000.0, &figures, 6).net_at_month_twelve, Answer::Computed(400.0));
    assert_eq!(roi(2_400.0, &figures, 6).net_at_month_twelve, Answer::Computed(0.0));
    let Answer::Computed(short) = roi(2_400.01, &figures, 6).net_at_month_twelve else { panic!("a number") };
    assert!((short + 0.01).abs() < 1e-9);
    // 14 × 200 − 3,000 = −200: month 12 is over, nothing goes on.
    let late = roi(3_000.0, &revenues(&[(250.0, 50.0); 14]), 14);
    assert_eq!(late.net_at_month_twelve, Answer::Computed(-200.0));
}

/// Only the last 3 months go on: 5 months of −50, then 3 of 400 − 50 = 350. After month 8 the net is
/// −250 + 1,050 − 1,500 = −700; 4 × 350 = 1,400 more make 700.
#[test]
fn the_pace_is_that_of_the_last_three_months() {
    let mut months = vec![(0.0, 50.0); 5];
    months.extend([(400.0, 50.0); 3]);
    assert_eq!(roi(1_500.0, &revenues(&months), 8).net_at_month_twelve, Answer::Computed(700.0));
}

#[test]
fn a_month_that_is_missing_leaves_the_sum_unknown() {
    let mut figures = revenues(&[(250.0, 50.0); 8]);
    figures.remove(3);
    let found = roi(600.0, &figures, 8);
    assert_eq!(found.trajectory.len(), 3, "up to the month before");
    let missing = Reason::MissingMonths(vec![month(4)]);
    assert_eq!(found.at_month_six, RoiAtSix::NotComputable(missing.clone()));
    assert_eq!(found.newest, Answer::NotComputable(missing.clone()));
    assert_eq!(found.net_at_month_twelve, Answer::NotComputable(missing));
    // After month 6 it no longer changes ROI(6): 600/900 as in the table above.
    let mut late = revenues(&[(250.0, 50.0); 9]);
    late.remove(6);
    let found = roi(600.0, &late, 9);
    assert_eq!(found.at_month_six, RoiAtSix::Reached(600.0 / 900.0));
    assert_eq!(found.newest, Answer::NotComputable(Reason::MissingMonths(vec![month(7)])));
}

/// On the first of a month the one before has no figures yet: the answer is that of the month before it.
#[test]
fn the_newest_month_may_be_late() {
    let figures = revenues(&[(250.0, 50.0); 5]);
    let found = roi(600.0, &figures, 6);
    assert_eq!(found.newest.value().map(|point| point.number), Some(5));
    assert_eq!(found.missing, [month(6)]);
    // Net 5 × 200 − 600 = 400 of 850 spent; one month more: 600/900.
    assert_eq!(newest(&found), 400.0 / 850.0);
    assert_eq!(found.at_month_six, RoiAtSix::Projected(600.0 / 900.0));
    let two_late = roi(600.0, &figures, 7);
    assert_eq!(two_late.newest, Answer::NotComputable(Reason::MissingMonths(vec![month(6), month(7)])));
}

#[test]
fn without_costs_there_is_no_return_on_them() {
    let found = roi(0.0, &revenues(&[(250.0, 0.0); 6]), 6);
    assert_eq!(found.newest.value().unwrap().roi, None);
    assert_eq!(found.at_month_six, RoiAtSix::NotComputable(Reason::NoCosts));
    let projected = roi(0.0, &revenues(&[(250.0, 0.0); 3]), 3);
    assert_eq!(projected.at_month_six, RoiAtSix::NotComputable(Reason::NoCosts));
    assert_eq!(roi(600.0, &[], 0).newest, Answer::NotComputable(Reason::TooFewMonths { have: 0, need: 1 }));
}

/// `claims` costs 20,000 at the start and, untracked, 1,000 a month. 120 h × 50 = 6,000 come each month: after
/// month 2 12,000 − 22,000 = −10,000 of 22,000.
#[test]
fn the_planned_run_cost_is_spent_where_none_is_tracked() {
    let use_case = UseCase { tracked: BTreeSet::from([Component::TimeSaved]), ..claims() };
    let figures = [1, 2]
        .map(|number| MonthFigures { time_saved_hours: Some(120.0), ..MonthFigures::unknown(month(number)) });
    let found = Roi::of(&history(&use_case, &figures, after(2)).unwrap(), use_case.costs.one_off());
    assert_eq!(newest(&found), -10_000.0 / 22_000.0);
}

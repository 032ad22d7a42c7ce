//! Every reading, against numbers worked out by hand.

use std::time::Duration;

use driftd::domain::{TimeRange, Timestamp};
use driftd::kpi::{
    Empty, NotComputable, Outcome, Reading, Sample, SampleError, SampleValue, Satisfied, State, StateKind,
    read,
};

use super::{at, number, outcome, parts, range, retracted, sample, user};

fn counted(reading: Reading, samples: &[Sample]) -> State {
    let mut state = State::empty(reading.counts());
    samples.iter().for_each(|sample| state.add(sample).unwrap());
    state
}

/// A day of 24 hours.
fn day() -> TimeRange {
    range("2026-03-30T22:00:00Z", "2026-03-31T22:00:00Z")
}

fn read_of(reading: Reading, samples: &[Sample]) -> Result<(f64, i64), NotComputable> {
    read(&reading, Some(&counted(reading, samples)), day()).map(|value| (value.value, value.n))
}

fn numbers(values: &[f64]) -> Vec<Sample> {
    values.iter().map(|value| number(*value)).collect()
}

const ZERO: Empty = Empty::Zero;
const UNKNOWN: Empty = Empty::Unknown;

#[test]
fn last_is_the_newest_whatever_the_order() {
    let of = |hour: u32, revision: u32, value: f64| Sample {
        revision,
        ..sample(at(&format!("2026-03-31T{hour:02}:00:00Z")), SampleValue::Number(value))
    };
    let samples = [of(9, 0, 5.0), of(11, 0, 7.0), of(10, 9, 6.0)];
    assert_eq!(read_of(Reading::Last, &samples), Ok((7.0, 1)));
    // A correction of the newest: the higher revision, then the larger value.
    assert_eq!(read_of(Reading::Last, &[of(11, 1, 3.0), of(11, 0, 7.0)]), Ok((3.0, 1)));
    assert_eq!(read_of(Reading::Last, &[of(11, 1, 3.0), of(11, 1, 4.0), of(11, 1, -8.0)]), Ok((4.0, 1)));
    assert_eq!(read_of(Reading::Last, &[]), Err(NotComputable::NoData));
}

#[test]
fn means_and_sums() {
    // Invoices of 120, 80.50 and −20 (a credit note): 180.50 in all, 60.1666… each.
    let invoices = numbers(&[120.0, 80.5, -20.0]);
    assert_eq!(read_of(Reading::Sum { empty: UNKNOWN }, &invoices), Ok((180.5, 3)));
    let (mean, n) = read_of(Reading::Mean, &invoices).unwrap();
    assert!((mean - 60.166_666_666_666_664).abs() < 1e-12 && n == 3, "{mean}");
    // Ten cents ten times are a euro, to 10^-11.
    let (dimes, _) = read_of(Reading::Sum { empty: ZERO }, &numbers(&[0.1; 10])).unwrap();
    assert!((dimes - 1.0).abs() < 1e-11, "{dimes}");
    // Nothing sold, or nothing known.
    assert_eq!(read_of(Reading::Sum { empty: ZERO }, &[]), Ok((0.0, 0)));
    assert_eq!(read_of(Reading::Sum { empty: UNKNOWN }, &[]), Err(NotComputable::NoData));
    assert_eq!(read(&Reading::Sum { empty: ZERO }, None, day()).map(|value| value.value), Ok(0.0));
    assert_eq!(read(&Reading::Mean, None, day()), Err(NotComputable::NoData));
    assert_eq!(read_of(Reading::Mean, &[]), Err(NotComputable::NoData));
}

#[test]
fn a_sample_taken_back_leaves_no_trace_even_where_it_comes_first() {
    let wrong = retracted(number(500.0));
    let corrected = [wrong, number(100.0), number(500.0), number(50.0)];
    assert_eq!(read_of(Reading::Mean, &corrected), Ok((75.0, 2)));
    assert_eq!(read_of(Reading::Mean, &[wrong]), Err(NotComputable::NoData));
    assert_eq!(read_of(Reading::Sum { empty: ZERO }, &[wrong]), Err(NotComputable::NoData));
    assert_eq!(read_of(Reading::Sum { empty: ZERO }, &[wrong, number(500.0)]), Ok((0.0, 0)));
    assert_eq!(read_of(Reading::Quantile(0.5), &[wrong, number(500.0)]), Err(NotComputable::NoData));
}

#[test]
fn a_ratio_is_of_sums() {
    // 3 of 10 files and 45 of 50 without a hand: 48/60 = 0.8, not the mean of 0.3 and 0.9.
    assert_eq!(read_of(Reading::Ratio, &[parts(3.0, 10.0), parts(45.0, 50.0)]), Ok((0.8, 2)));
    assert_eq!(read_of(Reading::Ratio, &[parts(3.0, 0.0)]), Err(NotComputable::DivisionByZero));
    assert_eq!(read_of(Reading::Ratio, &[parts(0.0, 0.0)]), Err(NotComputable::DivisionByZero));
    assert_eq!(read_of(Reading::Ratio, &[]), Err(NotComputable::NoData));
}

#[test]
fn quantiles_are_of_the_nearest_rank_within_one_percent() {
    // Of 1 to 100 the ⌈q·100⌉-th is that number itself.
    let hundred = numbers(&(1..=100).map(f64::from).collect::<Vec<_>>());
    for (q, exact) in [(0.0, 1.0), (0.01, 1.0), (0.5, 50.0), (0.95, 95.0), (0.991, 100.0), (1.0, 100.0)] {
        let (value, n) = read_of(Reading::Quantile(q), &hundred).unwrap();
        assert!((value - exact).abs() <= 0.01 * exact && n == 100, "{q}: {value}");
    }
    // Two of four are negative, one is zero: ranks 1 to 4.
    let signed = numbers(&[4.0, -300.0, 0.0, -2.0]);
    let of = |q| read_of(Reading::Quantile(q), &signed).unwrap().0;
    assert!(
        (of(0.25) + 300.0).abs() <= 3.0 && (of(0.5) + 2.0).abs() <= 0.02 && (of(1.0) - 4.0).abs() <= 0.04
    );
    assert_eq!(of(0.75), 0.0);
}

#[test]
fn a_rate_counts_a_day_as_long_as_it_was() {
    let hour = Duration::from_secs(3_600);
    let reading = |empty| Reading::Rate { per: hour, empty };
    let rate = |over| {
        let state = counted(reading(UNKNOWN), &numbers(&[1.0; 46]));
        read(&reading(UNKNOWN), Some(&state), over).map(|value| value.value)
    };
    // 46 complaints: 2 an hour on the day of 23 hours in March, 1.84 on that of 25 in October, 1.91666… else.
    assert_eq!(rate(range("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")), Ok(2.0));
    assert!((rate(range("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")).unwrap() - 1.84).abs() < 1e-12);
    assert!((rate(day()).unwrap() - 46.0 / 24.0).abs() < 1e-12);
    assert_eq!(rate(range("2026-03-28T23:00:00Z", "2026-03-28T23:00:00Z")), Err(NotComputable::NoData));
    assert_eq!(read_of(reading(ZERO), &[]), Ok((0.0, 0)));
    assert_eq!(read_of(reading(UNKNOWN), &[]), Err(NotComputable::NoData));
}

#[test]
fn users_and_their_frequency() {
    // Three people, seven visits.
    let visits: Vec<Sample> = [1, 2, 3, 1, 1, 2, 1].map(user).to_vec();
    assert_eq!(read_of(Reading::Distinct { empty: UNKNOWN }, &visits), Ok((3.0, 7)));
    let (frequency, n) = read_of(Reading::Frequency, &visits).unwrap();
    assert!((frequency - 7.0 / 3.0).abs() < 1e-12 && n == 7);
    assert_eq!(read_of(Reading::Distinct { empty: ZERO }, &[]), Ok((0.0, 0)));
    assert_eq!(read_of(Reading::Frequency, &[]), Err(NotComputable::NoData));
    // Of one month: each user once, though seen on each day.
    let state = counted(Reading::Frequency, &visits);
    let mut month = state.clone();
    month.merge(&state).unwrap();
    let of = |reading| read(&reading, Some(&month), day()).unwrap().value;
    assert_eq!(of(Reading::Distinct { empty: UNKNOWN }), 3.0);
    assert!((of(Reading::Frequency) - 14.0 / 3.0).abs() < 1e-12);
}

#[test]
fn net_promoter_score() {
    // 10 answers: 5 promoters (9, 10), 2 passive (7, 8), 3 detractors (0 to 6): 50 % − 30 % = 20.
    let answers = numbers(&[10.0, 9.0, 9.0, 10.0, 10.0, 7.0, 8.0, 0.0, 6.0, 3.0]);
    assert_eq!(read_of(Reading::Nps, &answers), Ok((20.0, 10)));
    assert_eq!(read_of(Reading::Nps, &numbers(&[9.0, 10.0])), Ok((100.0, 2)));
    assert_eq!(read_of(Reading::Nps, &numbers(&[0.0, 6.0])), Ok((-100.0, 2)));
    assert_eq!(read_of(Reading::Nps, &numbers(&[7.0, 8.0])), Ok((0.0, 2)));
    assert_eq!(read_of(Reading::Nps, &[]), Err(NotComputable::NoData));
    let off = NotComputable::OffScale { answer: 11, lowest: 0, highest: 10 };
    assert_eq!(read_of(Reading::Nps, &numbers(&[9.0, 11.0])), Err(off.clone()));
    assert_eq!(off.as_str(), "answer_off_scale");
}

#[test]
fn satisfaction() {
    // 1 to 5, satisfied from 4 on: 4, 5, 5 of 5 answers = 60 %.
    let reading = Reading::Satisfaction(Satisfied { lowest: 1, highest: 5, from: 4 });
    assert_eq!(read_of(reading, &numbers(&[4.0, 5.0, 5.0, 3.0, 1.0])), Ok((0.6, 5)));
    assert_eq!(read_of(reading, &numbers(&[3.0])), Ok((0.0, 1)));
    let symmetric = Reading::Satisfaction(Satisfied { lowest: -2, highest: 2, from: 1 });
    assert_eq!(read_of(symmetric, &numbers(&[-2.0, 0.0, 1.0, 2.0])), Ok((0.5, 4)));
}

#[test]
fn uptime_is_of_all_slots() {
    // An hour has 12 slots. Traffic in 10 of them; one with 2 of 4 failed, one with 1 of 20.
    let hour = range("2026-03-31T10:00:00Z", "2026-03-31T11:00:00Z");
    let slot = |number: i64| Timestamp::from_micros(hour.start.micros() + number * 300_000_000);
    let mut requests: Vec<Sample> = (0..10).map(|number| outcome(slot(number), Outcome::Succeeded)).collect();
    requests.extend([Outcome::Failed, Outcome::Failed, Outcome::Succeeded].map(|how| outcome(slot(3), how)));
    requests.extend((0..18).map(|_| outcome(slot(7), Outcome::Succeeded)));
    // The last microsecond of the slot.
    requests.push(outcome(Timestamp::from_micros(slot(8).micros() - 1), Outcome::Failed));
    let uptime = |errors_max, over| {
        let reading = Reading::Uptime { errors_max };
        read(&reading, Some(&counted(reading, &requests)), over).map(|value| (value.value, value.n))
    };
    assert_eq!(uptime(0.05, hour), Ok((9.0 / 12.0, 32)));
    assert_eq!(uptime(0.049, hour), Ok((8.0 / 12.0, 32)));
    assert_eq!(uptime(0.5, hour), Ok((10.0 / 12.0, 32)));
    // Of the day: the other 23 hours had no traffic.
    assert_eq!(uptime(0.5, day()), Ok((10.0 / 288.0, 32)));
    assert_eq!(read_of(Reading::Uptime { errors_max: 0.0 }, &[]), Err(NotComputable::NoData));
}

#[test]
fn a_sample_that_does_not_fit_says_what_is_needed() {
    let error = |kind, sample: &Sample| State::of(kind, sample).unwrap_err().to_string();
    let value = number(1.0);
    assert_eq!(error(StateKind::Ratio, &value), "a ratio needs `numerator` and `denominator`");
    assert_eq!(error(StateKind::Distinct, &value), "a number of users needs `user`");
    assert_eq!(error(StateKind::Slots, &value), "an availability needs `failed`");
    assert_eq!(error(StateKind::Sums, &user(1)), "a sum or mean needs `value`");
    assert_eq!(error(StateKind::Sums, &number(f64::NAN)), "`value` is not finite");
    assert_eq!(error(StateKind::Sums, &number(1.1e15)), "`value` is beyond ±1e15");
    assert_eq!(error(StateKind::Histogram, &number(f64::NEG_INFINITY)), "`value` is not finite");
    assert_eq!(error(StateKind::Last, &number(-2e15)), "`value` is beyond ±1e15");
    assert_eq!(error(StateKind::Ratio, &parts(1.0, f64::NAN)), "`denominator` is not finite");
    assert_eq!(error(StateKind::Answers, &number(7.5)), "the answer 7.5 is not a whole number");
    assert_eq!(error(StateKind::Answers, &number(101.0)), "the answer 101 lies outside -100 to 100");
    assert_eq!(State::of(StateKind::Last, &retracted(value)), Err(SampleError::NewestRetracted));
    assert!(error(StateKind::Last, &retracted(value)).contains("higher `revision`"));
    assert_eq!(State::of(StateKind::Distinct, &retracted(user(1))), Err(SampleError::UserRetracted));
    for limit in [1e15, -1e15] {
        assert_eq!(read_of(Reading::Sum { empty: UNKNOWN }, &[number(limit)]), Ok((limit, 1)));
    }
}

#[test]
fn counts_of_another_kind_are_not_read() {
    let sums = State::of(StateKind::Sums, &number(1.0)).unwrap();
    assert_eq!(read(&Reading::Nps, Some(&sums), day()), Err(NotComputable::OtherKind));
    let mut ratio = State::empty(StateKind::Ratio);
    let error = ratio.merge(&sums).unwrap_err();
    assert_eq!(error.to_string(), "counts of sums do not add to counts of ratio");
}

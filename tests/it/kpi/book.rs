//! Counts over periods: days into months, formulas of them, what comes late, what is forgotten.

use std::collections::BTreeMap;

use driftd::domain::{Segment, TimeRange, Timestamp};
use driftd::kpi::{
    Book, Catalogue, Empty, Kind, NotComputable, PaneUnit, Period, Reading, Sample, SampleValue, State,
    StateKind,
};

use super::{at, catalogue, constant, counted, definition, formula, kpi, paris, range, retracted, sample};

const SUM: Reading = Reading::Sum { empty: Empty::Unknown };

fn count(book: &mut Book, catalogue: &Catalogue, stream: &str, segment: &Segment, sample: &Sample) {
    let counted = &catalogue.streams()[&kpi(stream)];
    let pane = catalogue.calendar().pane_of(counted.pane, sample.at);
    book.add(kpi(stream), segment.clone(), pane, &State::of(counted.kind, sample).unwrap()).unwrap();
    book.note(&kpi(stream), sample.at);
}

fn of(instant: &str, value: f64) -> Sample {
    sample(at(instant), SampleValue::Number(value))
}

fn month(instant: &str) -> TimeRange {
    paris().period_of(Period::Month, at(instant))
}

/// Hours saved at 40 EUR, less what running costs.
fn claims() -> Catalogue {
    let constants = BTreeMap::from([((None, "hourly_cost".parse().unwrap()), constant(40.0, "EUR/h"))]);
    let definitions = vec![
        counted("claims/saved", "h", Period::Day, SUM),
        counted("claims/cost", "EUR", Period::Month, SUM),
        formula("claims/gain", "EUR", Period::Month, "saved * hourly_cost - cost"),
        formula("claims/roi", "ratio", Period::Month, "gain / cost"),
        formula("claims/by_year", "EUR", Period::Month, "12 * gain"),
        counted("claims/answers", "1", Period::Month, Reading::Nps),
        counted("latency", "ms", Period::Hour, Reading::Mean),
    ];
    catalogue(definitions, constants).unwrap()
}

#[test]
fn a_month_is_the_sum_of_its_local_days() {
    let (catalogue, mut book) = (claims(), Book::default());
    let mut add = |stream: &str, sample: &Sample| count(&mut book, &catalogue, stream, &Segment::All, sample);
    // 31 March 23:30 in Paris is 21:30 UTC; half an hour later it is April.
    add("claims/saved", &of("2026-03-31T21:59:59Z", 100.0));
    add("claims/saved", &of("2026-03-31T22:00:00Z", 7.0));
    add("claims/saved", &of("2026-04-15T10:00:00Z", 13.0));
    add("claims/cost", &of("2026-04-01T08:00:00Z", 500.0));
    let value = |book: &Book, id: &str, over: TimeRange| {
        book.value(&catalogue, &kpi(id), &Segment::All, over).map(|value| (value.value, value.n))
    };
    let (march, april) = (month("2026-03-15T00:00:00Z"), month("2026-04-15T00:00:00Z"));
    assert_eq!(value(&book, "claims/saved", march), Ok((100.0, 1)));
    assert_eq!(value(&book, "claims/saved", april), Ok((20.0, 2)));
    // 20 h · 40 EUR/h − 500 EUR = 300 EUR; 300 / 500 = 0.6; of one bill.
    assert_eq!(value(&book, "claims/gain", april), Ok((300.0, 1)));
    assert_eq!(value(&book, "claims/roi", april), Ok((0.6, 1)));
    let reason = value(&book, "claims/by_year", march).unwrap_err().to_string();
    assert_eq!(reason, "`gain` is not computable: `cost` is not computable: no data");
    // A late bill, then its correction.
    let mut add = |stream: &str, sample: &Sample| count(&mut book, &catalogue, stream, &Segment::All, sample);
    add("claims/cost", &of("2026-04-30T08:00:00Z", 300.0));
    add("claims/cost", &retracted(of("2026-04-30T08:00:00Z", 300.0)));
    add("claims/cost", &of("2026-04-30T08:00:00Z", 250.0));
    // 800 − 750 = 50; 50 / 750.
    assert_eq!(value(&book, "claims/gain", april), Ok((50.0, 2)));
    assert_eq!(value(&book, "claims/roi", april), Ok((50.0 / 750.0, 2)));
    let unknown = value(&book, "claims/rio", april).unwrap_err();
    assert_eq!(unknown, NotComputable::UnknownInput { name: "claims/rio".into() });
    assert_eq!(
        value(&book, "claims/saved", TimeRange { start: april.end, end: april.start }),
        Err(NotComputable::NoData)
    );
}

#[test]
fn a_missing_month_has_no_value_and_costs_nothing_else() {
    let (catalogue, mut book) = (claims(), Book::default());
    for instant in ["2026-01-10T00:00:00Z", "2026-03-10T00:00:00Z"] {
        count(&mut book, &catalogue, "claims/saved", &Segment::All, &of(instant, 5.0));
    }
    let value =
        |over| book.value(&catalogue, &kpi("claims/saved"), &Segment::All, over).map(|value| value.value);
    let mut over = month("2026-01-15T00:00:00Z");
    let mut values = Vec::new();
    for _ in 0..4 {
        values.push(value(over));
        over = paris().next(Period::Month, over);
    }
    assert_eq!(values, [Ok(5.0), Err(NotComputable::NoData), Ok(5.0), Err(NotComputable::NoData)]);
    let quarter = paris().period_of(Period::Quarter, at("2026-02-01T00:00:00Z"));
    assert_eq!(value(quarter), Ok(10.0));
}

#[test]
fn segments_are_read_apart() {
    let (catalogue, mut book) = (claims(), Book::default());
    let team = |value: &str| Segment::Slice { attribute: "team".into(), value: value.into() };
    for (segment, hours, cost) in
        [(Segment::All, 30.0, 600.0), (team("a"), 20.0, 200.0), (team("b"), 10.0, 400.0)]
    {
        count(&mut book, &catalogue, "claims/saved", &segment, &of("2026-04-10T00:00:00Z", hours));
        count(&mut book, &catalogue, "claims/cost", &segment, &of("2026-04-10T00:00:00Z", cost));
    }
    let roi = |segment: &Segment| {
        let over = month("2026-04-15T00:00:00Z");
        book.value(&catalogue, &kpi("claims/roi"), segment, over).map(|value| value.value)
    };
    // (1,200 − 600)/600, (800 − 200)/200, (400 − 400)/400.
    assert_eq!([roi(&Segment::All), roi(&team("a")), roi(&team("b"))], [Ok(1.0), Ok(3.0), Ok(0.0)]);
    assert!(roi(&team("c")).is_err());
    let segments: Vec<String> = book.segments(&kpi("claims/saved")).map(ToString::to_string).collect();
    assert_eq!(segments, ["all", "team=a", "team=b"]);
    assert_eq!(book.segments(&kpi("latency")).count(), 0);
}

#[test]
fn the_last_sample_of_a_formula_is_its_stalest_input() {
    let (catalogue, mut book) = (claims(), Book::default());
    let last = |book: &Book, id: &str| book.last_sample_of(&catalogue, &kpi(id));
    count(&mut book, &catalogue, "claims/saved", &Segment::All, &of("2026-04-10T00:00:00Z", 1.0));
    assert_eq!(last(&book, "claims/roi"), None);
    count(&mut book, &catalogue, "claims/cost", &Segment::All, &of("2026-03-01T00:00:00Z", 1.0));
    book.note(&kpi("claims/saved"), at("2026-04-01T00:00:00Z"));
    assert_eq!(last(&book, "claims/saved"), Some(at("2026-04-10T00:00:00Z")));
    assert_eq!(last(&book, "claims/roi"), Some(at("2026-03-01T00:00:00Z")));
    assert_eq!(book.last_sample(&kpi("claims/cost")), Some(at("2026-03-01T00:00:00Z")));
    assert_eq!(last(&book, "unknown"), None);
}

#[test]
fn what_is_old_is_forgotten() {
    let (catalogue, mut book) = (claims(), Book::default());
    let team = Segment::Slice { attribute: "team".into(), value: "a".into() };
    count(&mut book, &catalogue, "claims/saved", &team, &of("2026-01-10T12:00:00Z", 1.0));
    count(&mut book, &catalogue, "claims/saved", &Segment::All, &of("2026-01-20T12:00:00Z", 2.0));
    count(&mut book, &catalogue, "claims/saved", &Segment::All, &of("2026-02-20T12:00:00Z", 3.0));
    assert_eq!(book.first_pane(&kpi("claims/saved")), Some(at("2026-01-09T23:00:00Z")));
    let before = book.bytes();
    book.drop_before(at("2026-02-01T00:00:00Z"));
    assert_eq!(book.first_pane(&kpi("claims/saved")), Some(at("2026-02-19T23:00:00Z")));
    assert_eq!(book.segments(&kpi("claims/saved")).count(), 1);
    assert_eq!(book.bytes() * 3, before);
    let year = paris().period_of(Period::Year, at("2026-02-01T00:00:00Z"));
    let value = book.value(&catalogue, &kpi("claims/saved"), &Segment::All, year).unwrap();
    assert_eq!(value.value, 3.0);
    // When the last sample came is known still.
    book.drop_before(at("2027-01-01T00:00:00Z"));
    assert_eq!(book.first_pane(&kpi("claims/saved")), None);
    assert_eq!(book.last_sample(&kpi("claims/saved")), Some(at("2026-02-20T12:00:00Z")));
}

#[test]
fn counts_of_another_kind_do_not_add() {
    let mut book = Book::default();
    let start = at("2026-01-01T00:00:00Z");
    let add = |book: &mut Book, kind| {
        let state = State::of(kind, &of("2026-01-01T00:00:00Z", 1.0)).unwrap();
        book.add(kpi("s"), Segment::All, start, &state)
    };
    add(&mut book, StateKind::Sums).unwrap();
    let before = book.clone();
    assert!(add(&mut book, StateKind::Answers).is_err());
    assert_eq!(book, before);
}

#[test]
fn hours_add_up_to_days_when_clocks_change() {
    let catalogue = catalogue(
        vec![counted("requests", "1", Period::Hour, Reading::Sum { empty: Empty::Zero })],
        BTreeMap::new(),
    )
    .unwrap();
    let mut book = Book::default();
    // One each half hour, over three days around the change of 25 October: 48 + 50 + 48.
    let days = range("2026-10-23T22:00:00Z", "2026-10-26T23:00:00Z");
    for half in 0..146 {
        let instant = Timestamp::from_micros(days.start.micros() + half * 1_800_000_000);
        let one = sample(instant, SampleValue::Number(1.0));
        count(&mut book, &catalogue, "requests", &Segment::All, &one);
    }
    let mut over = paris().period_of(Period::Day, days.start);
    let mut values = Vec::new();
    for _ in 0..4 {
        let value = book.value(&catalogue, &kpi("requests"), &Segment::All, over).unwrap();
        values.push(value.value);
        over = paris().next(Period::Day, over);
    }
    assert_eq!(values, [48.0, 50.0, 48.0, 0.0]);
    assert_eq!(paris().pane_of(PaneUnit::Hour, at("2026-10-25T01:30:00Z")), at("2026-10-25T01:00:00Z"));
}

/// Each input is read once, though 16 levels name it 2^16 times.
#[test]
fn formulas_that_share_inputs_are_read_once() {
    let mut definitions = vec![counted("k0", "1", Period::Day, SUM)];
    definitions.extend((1..=16).map(|i| {
        let text = format!("k{0} / 2 + k{0} / 2", i - 1);
        let Kind::Formula(formula) = formula("x", "1", Period::Day, &text).kind else { unreachable!() };
        definition(&format!("k{i}"), "1", Period::Day, Kind::Formula(formula))
    }));
    definitions.push(formula("all", "1", Period::Day, "k1 + k2 + k3 + k4 + k5 + k6 + k7 + k8"));
    let catalogue = catalogue(definitions, BTreeMap::new()).unwrap();
    let mut book = Book::default();
    count(&mut book, &catalogue, "k0", &Segment::All, &of("2026-04-10T00:00:00Z", 3.0));
    let over = month("2026-04-10T00:00:00Z");
    let value = |id: &str| book.value(&catalogue, &kpi(id), &Segment::All, over).unwrap().value;
    assert_eq!((value("k16"), value("all")), (3.0, 24.0));
}

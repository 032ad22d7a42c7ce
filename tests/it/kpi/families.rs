//! Ready-made KPIs, read from figures that are added up by hand.

use std::collections::{BTreeMap, BTreeSet};

use driftd::domain::{Segment, TimeRange};
use driftd::kpi::families::{
    AdoptionOptions, Ready, StrategicOptions, TechnicalOptions, TechnicalStream, Tracked, adoption,
    stale_after, strategic, technical,
};
use driftd::kpi::{
    Book, Catalogue, Constant, Constants, Definition, Direction, Family, Kind, KpiName, NotComputable,
    Outcome, Period, Sample, SampleValue, State, UseCaseId,
};

use super::{at, catalogue, kpi, paris, sample};

/// A book of one catalogue; all samples are of one day of May.
struct Filled {
    catalogue: Catalogue,
    book: Book,
}

impl Filled {
    fn of(definitions: Vec<Definition>, constants: Constants) -> Self {
        let catalogue = catalogue(definitions, constants);
        Self { catalogue: catalogue.unwrap_or_else(|errors| panic!("{errors:?}")), book: Book::default() }
    }

    fn ready(Ready { definitions, constants }: Ready) -> Self {
        let of = |(name, constant): (KpiName, Constant)| ((Some(claims()), name), constant);
        Self::of(definitions, constants.into_iter().map(of).collect())
    }

    fn add(&mut self, stream: &str, segment: &Segment, sample: &Sample) {
        let counted = &self.catalogue.streams()[&kpi(stream)];
        let pane = paris().pane_of(counted.pane, sample.at);
        self.book.add(kpi(stream), segment.clone(), pane, &State::of(counted.kind, sample).unwrap()).unwrap();
    }

    fn send(&mut self, stream: &str, value: SampleValue) {
        self.add(stream, &Segment::All, &sample(at("2026-05-12T10:00:00Z"), value));
    }

    fn numbers(&mut self, stream: &str, values: &[f64]) {
        values.iter().for_each(|value| self.send(stream, SampleValue::Number(*value)));
    }

    fn value(&self, id: &str) -> Result<f64, NotComputable> {
        let definition = self.catalogue.get(&kpi(id)).unwrap_or_else(|| panic!("{id}"));
        let over = paris().period_of(definition.period, at("2026-05-12T10:00:00Z"));
        self.over(id, &Segment::All, over)
    }

    fn over(&self, id: &str, segment: &Segment, over: TimeRange) -> Result<f64, NotComputable> {
        self.book.value(&self.catalogue, &kpi(id), segment, over).map(|value| value.value)
    }
}

fn claims() -> UseCaseId {
    "claims".parse().unwrap()
}

fn worth(tracks: &[Tracked]) -> StrategicOptions {
    StrategicOptions {
        period: Period::Month,
        tracks: tracks.iter().copied().collect(),
        currency: "EUR".parse().unwrap(),
        hourly_cost: Some(40.0),
        error_cost: Some(250.0),
        processing_time_unit: "min".parse().unwrap(),
        processing_time_baseline: Some(60.0),
    }
}

fn names(definitions: &[Definition]) -> BTreeSet<&str> {
    definitions.iter().map(|definition| definition.id.name.as_str()).collect()
}

#[test]
fn gains_are_what_was_saved_avoided_and_earned_less_what_it_cost() {
    let mut filled = Filled::ready(strategic(&claims(), &worth(&Tracked::ALL)).unwrap());
    filled.numbers("claims/time_saved", &[100.0, 20.0]);
    filled.numbers("claims/errors_avoided", &[8.0]);
    filled.numbers("claims/added_revenue", &[1_500.0]);
    assert!(filled.value("claims/gains").is_err(), "the run cost is tracked, and not known");
    filled.numbers("claims/run_cost", &[2_000.0, 300.0]);
    // 120 h · 40 EUR/h + 8 · 250 EUR + 1,500 EUR − 2,300 EUR = 4,800 + 2,000 + 1,500 − 2,300.
    assert_eq!(filled.value("claims/gains"), Ok(6_000.0));

    // 300 of 400 cases without a person; 6 complaints about them.
    let of = |numerator, denominator| SampleValue::Parts { numerator, denominator };
    filled.send("claims/automation_rate", of(100.0, 150.0));
    filled.send("claims/automation_rate", of(200.0, 250.0));
    filled.send("claims/complaint_rate", of(6.0, 400.0));
    assert_eq!(filled.value("claims/automation_rate"), Ok(0.75));
    assert_eq!(filled.value("claims/complaint_rate"), Ok(0.015));
    // (30 + 50 + 55) / 3 = 45 minutes; 45 / 60 − 1: a quarter faster.
    filled.numbers("claims/processing_time", &[30.0, 50.0, 55.0]);
    assert_eq!(filled.value("claims/processing_time_change"), Ok(-0.25));
    // Two of five promote, one detracts: (2 − 1) / 5.
    filled.numbers("claims/nps", &[10.0, 9.0, 8.0, 7.0, 6.0]);
    assert_eq!(filled.value("claims/nps"), Ok(20.0));
}

#[test]
fn gains_are_of_what_is_tracked() {
    let formula = |tracks: &[Tracked]| {
        let ready = strategic(&claims(), &worth(tracks)).unwrap();
        let gains = ready.definitions.into_iter().find(|kpi| kpi.id.name.as_str() == "gains");
        gains.map(|gains| match gains.kind {
            Kind::Formula(formula) => formula.to_string(),
            Kind::Counted { .. } => panic!("gains are computed"),
        })
    };
    use Tracked::{AddedRevenue, ErrorsAvoided, Nps, RunCost, TimeSaved};
    assert_eq!(
        formula(&[AddedRevenue, TimeSaved]).as_deref(),
        Some("time_saved * hourly_cost + added_revenue")
    );
    assert_eq!(formula(&[ErrorsAvoided, RunCost]).as_deref(), Some("errors_avoided * error_cost - run_cost"));
    assert_eq!(formula(&[RunCost]).as_deref(), Some("-run_cost"));
    assert_eq!(formula(&[Nps]), None);

    let mut filled = Filled::ready(strategic(&claims(), &worth(&[RunCost])).unwrap());
    filled.numbers("claims/run_cost", &[70.0]);
    assert_eq!(filled.value("claims/gains"), Ok(-70.0));
}

#[test]
fn every_subset_of_what_is_tracked_is_sound_in_any_currency() {
    for chosen in 0..1_u32 << Tracked::ALL.len() {
        let tracks: Vec<Tracked> =
            (0..Tracked::ALL.len()).filter(|at| chosen >> at & 1 == 1).map(|at| Tracked::ALL[at]).collect();
        let options = StrategicOptions {
            currency: "CHF".parse().unwrap(),
            processing_time_unit: "h".parse().unwrap(),
            processing_time_baseline: (chosen % 3 > 0).then_some(2.0),
            ..worth(&tracks)
        };
        let ready = strategic(&claims(), &options).unwrap();
        let with = names(&ready.definitions);
        assert!(tracks.iter().all(|tracked| with.contains(tracked.as_str())));
        let is_compared = tracks.contains(&Tracked::ProcessingTime) && chosen % 3 > 0;
        assert_eq!(with.contains("processing_time_change"), is_compared);
        Filled::ready(ready);
    }
}

#[test]
fn adoption_is_of_users_and_not_of_uses() {
    let options = AdoptionOptions {
        period: Period::Week,
        targeted_users: Some(8),
        satisfied: AdoptionOptions::SATISFIED,
        by: Some("team".into()),
    };
    let mut filled = Filled::ready(adoption(&claims(), &options));
    assert_eq!(filled.value("claims/usage_rate").unwrap_err().as_str(), "input_not_computable");
    // Ann three times, Ben and Cleo once each.
    for user in [11 << 50, 11 << 50, 11 << 50, 23 << 50, 37 << 50] {
        filled.send("claims/active_users", SampleValue::User(user));
    }
    filled.numbers("claims/satisfaction", &[1.0, 3.0, 4.0, 5.0]);
    let close = |id: &str, expected: f64| {
        let value = filled.value(id).unwrap();
        assert!((value / expected - 1.0).abs() < 1e-3, "{id}: {value}, not {expected}");
    };
    // Different users are estimated; few of them nearly exactly. 3 of 8; 5 uses of 3; two of four answers from 4 on.
    close("claims/active_users", 3.0);
    close("claims/usage_rate", 0.375);
    close("claims/frequency", 5.0 / 3.0);
    assert_eq!(filled.value("claims/satisfaction"), Ok(0.5));

    let by = |name: &str| filled.catalogue.get(&kpi(name)).unwrap().by.clone();
    assert_eq!((by("claims/active_users").as_deref(), by("claims/usage_rate")), (Some("team"), None));
    let untargeted = adoption(&claims(), &AdoptionOptions { targeted_users: None, ..options });
    assert_eq!(names(&untargeted.definitions), ["active_users", "frequency", "satisfaction"].into());
}

#[test]
fn a_models_kpis_are_read_from_its_rows_and_verdicts() {
    let model = "fraud".parse().unwrap();
    let options = TechnicalOptions {
        period: Period::Hour,
        availability_errors_max: 0.25,
        currency: "EUR".parse().unwrap(),
        performance: Direction::HigherIsBetter,
    };
    let mut filled = Filled::of(technical(&model, &options).unwrap(), BTreeMap::new());
    assert_eq!(filled.value("model:fraud/predictions"), Ok(0.0));
    filled.send("model:fraud/errors", SampleValue::Parts { numerator: 3.0, denominator: 120.0 });
    let latencies: Vec<f64> = (1..=100).map(f64::from).collect();
    filled.numbers("model:fraud/latency", &latencies);
    filled.numbers("model:fraud/cost", &[0.25, 0.5]);
    filled.numbers("model:fraud/cpu_seconds", &[0.5, 1.5]);
    filled.numbers("model:fraud/gpu_seconds", &[0.25]);
    filled.numbers("model:fraud/predictions", &[70.0, 50.0]);
    filled.numbers("model:fraud/performance", &[0.91]);
    filled.numbers("model:fraud/drift_share", &[0.125]);
    filled.numbers("model:fraud/fairness", &[0.8]);
    // Of the twelve slots of the hour two have traffic: one with 1 of 4 failed, which is put up with, one with 2 of 3.
    let slots = [("10:01", "sssf"), ("10:31", "ffs")];
    for (time, ends) in slots {
        for end in ends.chars() {
            let outcome = if end == 's' { Outcome::Succeeded } else { Outcome::Failed };
            let sample = sample(at(&format!("2026-05-12T{time}:00Z")), SampleValue::Outcome(outcome));
            filled.add("model:fraud/traffic", &Segment::All, &sample);
        }
    }
    let exact = [
        ("error_rate", 0.025),
        ("cost_per_prediction", 0.375),
        ("cpu_seconds_per_prediction", 1.0),
        ("gpu_seconds_per_prediction", 0.25),
        ("predictions", 120.0),
        ("performance", 0.91),
        ("drift_share", 0.125),
        ("fairness", 0.8),
        ("availability", 1.0 / 12.0),
    ];
    for (name, expected) in exact {
        let value = filled.value(&format!("model:fraud/{name}")).unwrap();
        // Sums are in units of 2^-40.
        assert!((value - expected).abs() < 1e-11, "{name}: {value}");
    }
    for (name, expected) in [("latency_p50", 50.0), ("latency_p95", 95.0), ("latency_p99", 99.0)] {
        let value = filled.value(&format!("model:fraud/{name}")).unwrap();
        assert!((value / expected - 1.0).abs() <= 0.01, "{name}: {value}");
    }
    assert_eq!(filled.catalogue.definitions().count(), exact.len() + 3);
    let streams: BTreeSet<_> = TechnicalStream::ALL.map(|stream| stream.of(&model)).into();
    assert!(filled.catalogue.streams().keys().eq(&streams), "each stream is read, and no other");
    assert!(filled.catalogue.definitions().all(|kpi| kpi.family == Family::Technical));
}

#[test]
fn nobody_is_stale_who_comes_once_a_period() {
    // The longest of each, from the start of one to the end of the next.
    let days = [
        (Period::Day, 2),
        (Period::Week, 14),
        (Period::Month, 62),
        (Period::Quarter, 184),
        (Period::Year, 731),
    ];
    for (period, days) in days {
        let longest = std::time::Duration::from_secs(days * 86_400);
        assert!((longest..2 * longest).contains(&stale_after(period)), "{period}");
    }
    assert_eq!(stale_after(Period::Hour).as_secs(), 9_000);
}

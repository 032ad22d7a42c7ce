//! KPIs taken together: what is wrong with them is told at once, and what is right is put in order.

use std::collections::BTreeMap;
use std::time::Duration;

use driftd::kpi::{
    Bounds, Catalogue, CatalogueError, Constants, Definition, Empty, Kind, PaneUnit, Period, Reading,
    Satisfied, StateKind,
};

use super::{catalogue, constant, counted, definition, formula, kpi, number};

const SUM: Reading = Reading::Sum { empty: Empty::Zero };

fn messages(definitions: Vec<Definition>, constants: Constants) -> Vec<String> {
    match catalogue(definitions, constants) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

fn read_from(id: &str, stream: &str, reading: Reading) -> Definition {
    definition(id, "1", Period::Day, Kind::Counted { stream: kpi(stream), reading })
}

#[test]
fn a_good_catalogue() {
    let constants = BTreeMap::from([
        ((None, "hourly_cost".parse().unwrap()), constant(40.0, "EUR/h")),
        ((Some("claims".parse().unwrap()), "hourly_cost".parse().unwrap()), constant(55.0, "EUR/h")),
    ]);
    let definitions = vec![
        formula("claims/roi", "ratio", Period::Month, "gain / run_cost"),
        formula("claims/gain", "EUR", Period::Month, "saved * hourly_cost - run_cost"),
        counted("claims/saved", "h", Period::Day, SUM),
        counted("claims/run_cost", "EUR", Period::Month, SUM),
        formula("model:fraud/saving", "EUR", Period::Month, "{claims/saved} * hourly_cost"),
        read_from("claims/active", "claims/use", Reading::Distinct { empty: Empty::Zero }),
        read_from("claims/visits", "claims/use", Reading::Frequency),
        counted("latency", "ms", Period::Hour, Reading::Quantile(0.95)),
    ];
    let catalogue = catalogue(definitions, constants).unwrap();
    let place = |id: &str| catalogue.order().iter().position(|known| *known == kpi(id)).unwrap();
    assert_eq!(catalogue.order().len(), 8);
    assert!(place("claims/saved") < place("claims/gain") && place("claims/gain") < place("claims/roi"));
    let streams: Vec<String> =
        catalogue.streams().iter().map(|(id, stream)| format!("{id}: {stream}")).collect();
    assert_eq!(
        streams,
        [
            "latency: histogram by the hour",
            "claims/run_cost: sums by the day",
            "claims/saved: sums by the day",
            "claims/use: distinct by the day",
        ]
    );
    let inputs: Vec<String> =
        catalogue.inputs(catalogue.get(&kpi("claims/gain")).unwrap()).map(ToString::to_string).collect();
    assert_eq!(inputs, ["claims/run_cost", "claims/saved"]);
    assert_eq!((catalogue.definitions().count(), catalogue.lateness()), (8, Duration::from_secs(3_600)));
    let stream = &catalogue.streams()[&kpi("latency")];
    assert_eq!((stream.kind, stream.pane, &stream.by), (StateKind::Histogram, PaneUnit::Hour, &None));
    assert!(catalogue.get(&kpi("roi")).is_none());
}

#[test]
fn all_errors_are_told_at_once() {
    let mut by_team = counted("visits", "1", Period::Day, Reading::Frequency);
    by_team.by = Some("team".into());
    let mut unordered = counted("ordered", "1", Period::Day, SUM);
    unordered.bounds = Bounds { warning: Some(1.0), critical: Some(2.0), ..Bounds::default() };
    let definitions = vec![
        counted("a", "EUR", Period::Day, SUM),
        counted("a", "EUR", Period::Day, SUM),
        unordered,
        read_from("hour_share", "hours", Reading::Ratio),
        read_from("hour_sum", "hours", SUM),
        by_team,
        read_from("active", "visits", Reading::Distinct { empty: Empty::Zero }),
        formula("typo", "1", Period::Day, "order + ordered"),
        formula("b", "EUR", Period::Day, "c + 1"),
        formula("c", "EUR", Period::Day, "d * 2"),
        formula("d", "EUR", Period::Day, "b - a"),
        formula("on_cycle", "EUR", Period::Day, "b"),
        formula("self_read", "1", Period::Day, "self_read + 1"),
        formula("mixed", "EUR", Period::Day, "a + hour_rate"),
        counted("hour_rate", "1/h", Period::Hour, Reading::Mean),
        formula("wrong_unit", "h", Period::Day, "a * 2"),
        formula("too_fine", "EUR", Period::Hour, "a"),
        read_from("bad_q", "q", Reading::Quantile(1.5)),
        read_from("bad_scale", "s", Reading::Satisfaction(Satisfied { lowest: 1, highest: 5, from: 6 })),
    ];
    let found = messages(definitions, BTreeMap::new());
    let expected = [
        "`a` is defined twice",
        "`bad_q`: a quantile lies between 0 and 1",
        "`bad_scale`: answers go from `lowest` to `highest`, the satisfied one among them",
        "`ordered`: `critical` is 2, but must be below `warning`, 1, where higher is better",
        "`hour_sum` counts the stream `hours` as sums by the day, but `hour_share` as ratio by the day",
        "`visits` counts the stream `visits` as distinct by the day, and by `team`, but `active` as distinct by the day",
        "`typo` reads `order`, which is neither a KPI nor a constant; did you mean `ordered`?",
        "`b` is read by itself: b → c → d → b",
        "`self_read` is read by itself: self_read → self_read",
        "`mixed`: the formula mixes units: `+` of EUR and 1/h",
        "`wrong_unit` is declared in h, but its formula comes to EUR",
        "`too_fine` is read each hour, but reads `a`, which is counted by the day",
    ];
    assert_eq!(found, expected);
    let errors = catalogue(vec![formula("x", "1", Period::Day, "{y}")], BTreeMap::new()).unwrap_err();
    assert_eq!(errors[0].kpi(), Some(&kpi("x")));
}

/// A gain is known when the cost is, which comes weeks later; unless it says itself how long it waits.
#[test]
fn a_formula_waits_for_its_latest_input() {
    let days = |days: u64| Duration::from_secs(days * 86_400);
    let late = |definition: Definition, lateness| Definition { lateness: Some(lateness), ..definition };
    let definitions = vec![
        counted("saved", "EUR", Period::Month, SUM),
        late(counted("cost", "EUR", Period::Month, SUM), days(20)),
        late(counted("fees", "EUR", Period::Month, SUM), Duration::ZERO),
        formula("gain", "EUR", Period::Month, "saved - cost - fees"),
        formula("year", "EUR", Period::Month, "12 * gain"),
        late(formula("early", "EUR", Period::Month, "gain / 2"), days(2)),
        formula("half", "EUR", Period::Month, "early / 2"),
        formula("prompt", "EUR", Period::Month, "saved - fees"),
    ];
    let catalogue = catalogue(definitions, BTreeMap::new()).unwrap();
    let waits = |id: &str| catalogue.lateness_of(catalogue.get(&kpi(id)).unwrap());
    assert_eq!(["gain", "year", "early", "half"].map(waits), [20, 20, 2, 2].map(days));
    assert_eq!(
        [waits("prompt"), waits("saved"), waits("fees")],
        [catalogue.lateness(), catalogue.lateness(), Duration::ZERO]
    );
}

#[test]
fn one_stream_is_counted_in_one_way() {
    let with_period = |id: &str, period: Period| {
        definition(id, "1", period, Kind::Counted { stream: kpi("s"), reading: SUM })
    };
    // Days and months are counted in days, hours are not.
    assert_eq!(
        messages(vec![with_period("a", Period::Day), with_period("b", Period::Year)], BTreeMap::new()),
        [""; 0]
    );
    assert_eq!(
        messages(vec![with_period("a", Period::Day), with_period("b", Period::Hour)], BTreeMap::new()),
        ["`b` counts the stream `s` as sums by the hour, but `a` as sums by the day"]
    );
    let scale = Reading::Satisfaction(Satisfied { lowest: 0, highest: 10, from: 8 });
    let fits =
        catalogue(vec![read_from("nps", "s", Reading::Nps), read_from("csat", "s", scale)], BTreeMap::new());
    let stream = fits.unwrap().streams()[&kpi("s")].clone();
    let refused = stream.check(&number(11.0)).unwrap_err().to_string();
    assert_eq!(refused, "the answer 11 lies outside 0 to 10");
    assert!(stream.check(&number(10.0)).is_ok());
    let five = Reading::Satisfaction(Satisfied { lowest: 1, highest: 5, from: 4 });
    let errors =
        messages(vec![read_from("csat", "s", five), read_from("nps", "s", Reading::Nps)], BTreeMap::new());
    assert_eq!(
        errors,
        [
            "`nps` counts the stream `s` as answers by the day, answers 0 to 10, but `csat` as answers by the day, answers 1 to 5"
        ]
    );
}

#[test]
fn names_are_of_the_same_use_case_and_model() {
    let elsewhere = vec![
        counted("claims/gain", "EUR", Period::Day, SUM),
        formula("fraud/roi", "EUR", Period::Day, "gain"),
        formula("claims/model:m/roi", "EUR", Period::Day, "gain"),
        formula("other/roi", "EUR", Period::Day, "{claim/gain}"),
    ];
    assert_eq!(
        messages(elsewhere, BTreeMap::new()),
        [
            "`claims/model:m/roi` reads `gain`, which is neither a KPI nor a constant",
            "`fraud/roi` reads `gain`, which is neither a KPI nor a constant",
            "`other/roi` reads `{claim/gain}`, which is neither a KPI nor a constant; did you mean `{claims/gain}`?",
        ]
    );
}

#[test]
fn formulas_of_hours_read_hours_through_other_formulas_too() {
    let definitions = |period| {
        vec![
            counted("requests", "1", Period::Hour, SUM),
            counted("cost", "EUR", Period::Day, SUM),
            formula("unit_cost", "EUR", Period::Day, "cost / requests"),
            formula("twice", "EUR", period, "unit_cost * 2"),
            formula("thousands", "1", Period::Hour, "requests / 1000"),
        ]
    };
    assert_eq!(messages(definitions(Period::Week), BTreeMap::new()), [""; 0]);
    assert_eq!(
        messages(definitions(Period::Hour), BTreeMap::new()),
        ["`twice` is read each hour, but reads `unit_cost`, which is counted by the day"]
    );
}

#[test]
fn formulas_read_one_another_sixteen_deep() {
    let chain = |n: usize| {
        let link = |i: usize| formula(&format!("k{i}"), "1", Period::Day, &format!("k{} + 1", i - 1));
        std::iter::once(counted("k0", "1", Period::Day, SUM)).chain((1..=n).map(link)).collect::<Vec<_>>()
    };
    assert_eq!(messages(chain(Catalogue::FORMULA_DEPTH_MAX), BTreeMap::new()), [""; 0]);
    let deep = messages(chain(40), BTreeMap::new());
    assert_eq!(deep, ["`k17` reads formulas that read formulas, more than 16 deep"]);
}

#[test]
fn there_is_a_limit_to_kpis() {
    let many =
        (0..=Catalogue::DEFINITIONS_MAX).map(|i| counted(&format!("k{i}"), "1", Period::Day, SUM)).collect();
    let errors = catalogue(many, BTreeMap::new()).unwrap_err();
    assert_eq!(errors, [CatalogueError::TooMany { found: 10_001 }]);
}

//! The twelve indicators, decision dates, and what it all looks like as JSON.

use driftd::use_case::{
    Answer, Assessment, Decision, Due, Expected, Facts, Group, Indicator, MonthFigures, PortfolioFacts,
    Reason, Register, Rules, SlaKept, UseCase, WatchedStatus, assess, portfolio,
};
use jiff::civil::date;
use serde_json::json;

use super::{after, amount, assessed, claims, month, revenue_only, revenues, watched};

/// Two use cases after month 4. Hoped for: 150 a month each, at once.
///
/// | | start | a month | after month 4: net | of costs | hoped | users | usage | satisfaction | TCO planned |
/// |---|---|---|---|---|---|---|---|---|---|
/// | a | 500 | 250 − 50 = 200 | 800 − 500 = 300 | 500 + 200 = 700 | 600 | 300 | 80 % | 90 % | 500 |
/// | b | 1,000 | 150 − 50 = 100 | 400 − 1,000 = −600 | 1,000 + 200 = 1,200 | 600 | 100 | 40 % | 50 % | 1,000 + 600 |
fn two() -> Vec<Assessment> {
    let expected = Some(Expected { gain_per_month: amount(150.0), full_effect_month: 1.try_into().unwrap() });
    let of = |id: &str,
              one_off,
              run,
              users,
              revenue,
              usage: [f64; 4],
              satisfaction,
              models: &[(&str, WatchedStatus)]| {
        let mut use_case = UseCase {
            id: id.parse().unwrap(),
            targeted_users: Some(users),
            expected,
            ..revenue_only(one_off)
        };
        use_case.costs.run = amount(run);
        let mut months = revenues(&[(revenue, 50.0); 4]);
        for (figures, usage) in months.iter_mut().zip(usage) {
            (figures.usage, figures.satisfaction) = (Some(usage), Some(satisfaction));
        }
        let watched = models.iter().map(|(model, status)| watched("accuracy", model, *status)).collect();
        assess(&use_case, &Facts { today: after(4), months, watched }, &Rules::default())
    };
    use WatchedStatus::{InRange, Unknown, Warning};
    vec![
        of("a", 500.0, 0.0, 300, 250.0, [0.5, 0.6, 0.7, 0.8], 0.9, &[("m1", InRange), ("m2", InRange)]),
        of(
            "b",
            1_000.0,
            600.0,
            100,
            150.0,
            [0.4; 4],
            0.5,
            &[("m2", Warning), ("m3", Unknown), ("m4", Warning), ("m4", InRange)],
        ),
    ]
}

fn value(indicators: &[Indicator], id: &str) -> (Result<f64, Reason>, usize) {
    let found = indicators.iter().find(|indicator| indicator.id == id).unwrap();
    (found.value.as_result().copied().map_err(Clone::clone), found.n)
}

#[test]
fn the_twelve_indicators() {
    let sla = Some(SlaKept { kept: 9, due: 12 });
    let facts = PortfolioFacts { critical_incidents_open: Some(2), sla, ..PortfolioFacts::on(after(4)) };
    let found = portfolio(&two(), &facts).indicators;
    for (id, expected, n) in [
        // 4 × 200 + 4 × 100.
        ("total_gain", 1_200.0, 2),
        ("gain_against_hypothesis", 1_200.0 / 1_200.0, 2),
        // 300 − 600 of 700 + 1,200.
        ("portfolio_roi", -300.0 / 1_900.0, 2),
        ("roi_reached_share", 1.0 / 2.0, 2),
        // (300 × 80 % + 100 × 40 %) / 400.
        ("usage", 280.0 / 400.0, 2),
        ("satisfaction", 320.0 / 400.0, 2),
        ("adoption_growing_share", 1.0 / 2.0, 2),
        // m1 is in range; m2 and m4 are in warning for b, by one of what is watched; of m3 nothing is known.
        ("models_in_range_share", 1.0 / 3.0, 3),
        ("critical_incidents_open", 2.0, 2),
        ("sla_kept_ratio", 9.0 / 12.0, 12),
        ("register_up_to_date_share", 1.0, 2),
        // 700 + 1,200 of 500 + 1,600.
        ("tco_spent_ratio", 1_900.0 / 2_100.0, 2),
    ] {
        let (value, of) = value(&found, id);
        assert!((value.clone().unwrap() - expected).abs() < 1e-12 && of == n, "{id}: {value:?} of {of}");
    }
    assert_eq!(found.len(), 12);
    let groups: Vec<Group> = found.iter().map(|indicator| indicator.group).collect();
    assert!(groups.is_sorted_by_key(|group| *group as u8), "{groups:?}");
}

#[test]
fn an_empty_portfolio_has_reasons_and_no_numbers() {
    let found = portfolio(&[], &PortfolioFacts::on(after(4)));
    assert_eq!(found.indicators.len(), 12);
    for indicator in &found.indicators {
        let expected = match indicator.id {
            "critical_incidents_open" | "sla_kept_ratio" => Reason::NotProvided,
            _ => Reason::NoUseCase,
        };
        assert_eq!(
            (&indicator.value, indicator.n),
            (&Answer::NotComputable(expected), 0),
            "{}",
            indicator.id
        );
    }
    assert_eq!(found.signs_raised, 0);
    let quiet = PortfolioFacts { sla: Some(SlaKept { kept: 0, due: 0 }), ..PortfolioFacts::on(after(4)) };
    assert_eq!(value(&portfolio(&[], &quiet).indicators, "sla_kept_ratio").0, Err(Reason::NothingDue));
}

/// A use case whose users are not counted, or that has not started, moves no mean.
#[test]
fn what_is_not_known_is_left_out_of_means() {
    let mut all = two();
    all.push(assessed(&UseCase { started_on: None, ..claims() }, vec![], after(4)));
    let used = MonthFigures { usage: Some(0.1), ..MonthFigures::unknown(month(4)) };
    all.push(assessed(&UseCase { targeted_users: None, ..claims() }, vec![used], after(4)));
    let found = portfolio(&all, &PortfolioFacts::on(after(4))).indicators;
    assert_eq!(value(&found, "usage"), (Ok(280.0 / 400.0), 2));
    assert_eq!(value(&found, "total_gain"), (Ok(1_200.0), 2));
    assert_eq!(value(&found, "roi_reached_share"), (Ok(0.5), 2));
}

/// Only what was spent in the plan's 12 months is held against the plan: 100 + 12 × 10 of 100 + 120.
#[test]
fn the_plan_is_over_after_twelve_months() {
    let mut use_case = revenue_only(100.0);
    use_case.costs.run = amount(120.0);
    let found = assessed(&use_case, revenues(&[(9.0, 10.0); 20]), after(20));
    let found = portfolio(&[found], &PortfolioFacts::on(after(20))).indicators;
    assert_eq!(value(&found, "tco_spent_ratio"), (Ok(1.0), 1));
}

/// Today is 1 March 2024; 14 days before 15 March. The 29th of February was yesterday.
#[test]
fn decisions_that_come_and_that_passed() {
    let today = date(2024, 3, 1);
    let dates = [
        ("far", Some(date(2024, 3, 16))),
        ("near", Some(date(2024, 3, 15))),
        ("none", None),
        ("now", Some(today)),
        ("passed", Some(date(2024, 2, 29))),
        ("long_passed", Some(date(2023, 3, 1))),
    ];
    let all = dates.map(|(id, decision_date)| {
        assessed(&UseCase { id: id.parse().unwrap(), decision_date, ..claims() }, vec![], today)
    });
    let found = portfolio(&all, &PortfolioFacts::on(today)).decisions;
    let due: Vec<(&str, Due)> =
        found.iter().map(|decision| (decision.use_case.as_str(), decision.due)).collect();
    let expected = [
        ("long_passed", Due::Passed { days_ago: 366 }),
        ("passed", Due::Passed { days_ago: 1 }),
        ("now", Due::Coming { in_days: 0 }),
        ("near", Due::Coming { in_days: 14 }),
    ];
    assert_eq!(due, expected);
    let Decision { owner, .. } = &found[0];
    assert_eq!(owner.as_ref().unwrap().as_str(), "A. Martin");
    let at_once = PortfolioFacts { remind_before_days: 0, ..PortfolioFacts::on(today) };
    assert_eq!(portfolio(&all, &at_once).decisions.len(), 3);
}

#[test]
fn as_json() {
    let all = two();
    let a = serde_json::to_value(&all[0]).unwrap();
    assert_eq!(a["use_case"]["started_on"], "2024-01-15");
    assert_eq!(a["use_case"]["costs"]["integration"], 500.0);
    assert_eq!(a["use_case"]["category"], "quick_win");
    let march = json!({
        "number": 3, "month": "2024-03", "outcome": "computed",
        "benefits": 250.0, "run_cost": 50.0, "run_cost_source": "recorded", "gain": 200.0,
    });
    assert_eq!(a["history"]["value"]["months"][2], march);
    assert_eq!(a["roi"]["value"]["newest"]["value"]["month"], "2024-04");
    assert!(a["roi"]["value"]["at_month_six"]["projected"].is_number());
    assert_eq!(a["usage"]["value"]["trend"], "grows");
    assert_eq!(a["closing"]["technique"], json!({"standing": "met", "words": "2 of 2 in range"}));
    assert_eq!(a["horizons"]["organisational"], json!({"standing": "met"}));
    assert_eq!(a["proposal"], "scale");
    assert_eq!(a["reasons"][0]["criterion"], "technique");
    let b = serde_json::to_value(&all[1]).unwrap();
    let reason = json!({"code": "status_unknown", "text": "1 of 4 that are watched are not known"});
    assert_eq!(b["closing"]["technique"]["reason"], reason);

    let found = serde_json::to_value(portfolio(&all, &PortfolioFacts::on(after(4)))).unwrap();
    let gain = json!({"id": "total_gain", "group": "value", "value": 1_200.0, "unit": "currency", "n": 2});
    assert_eq!(found["indicators"][0], gain);
    let sla = json!({"code": "not_provided", "text": "it was not handed over"});
    assert_eq!(found["indicators"][9]["reason"], sla);
    assert_eq!((&found["signs"][0]["id"], &found["signs"][0]["state"]), (&json!("no_kpi"), &json!("clear")));
    assert_eq!(found["signs_raised"], 1, "no priorities: {}", found["signs"]);
}

/// The register's own defaults: nothing is documented, no audit is planned.
#[test]
fn a_register_that_says_nothing_is_not_up_to_date() {
    let silent = assessed(&UseCase { register: Register::default(), ..claims() }, vec![], after(1));
    let found = portfolio(&[silent], &PortfolioFacts::on(after(1))).indicators;
    assert_eq!(value(&found, "register_up_to_date_share"), (Ok(0.0), 1));
}

//! KPIs, use cases and the portfolio, as they are said and across files.

use std::fs;
use std::time::Duration;

use driftd::domain::Timestamp;
use driftd::kpi::{Direction, Empty, Family, Kind, KpiId, Period, Reading, Satisfied};
use driftd::use_case::{Category, Component, Documentation, Limits, PortfolioPlan, Risk, Rules, Weights};
use driftd::window::ClockMode;
use jiff::civil::date;

use super::{MODEL, USE_CASE, directory, errors_of, fixtures, read, use_case};

const DAY: Duration = Duration::from_secs(86_400);

fn kpi(id: &str) -> KpiId {
    id.parse().unwrap()
}

#[test]
fn without_a_word_there_are_no_kpis_and_the_rules_are_those_by_default() {
    let settings = read(&fixtures().join("good/minimal"), &[]).unwrap();
    assert_eq!(settings.kpis.catalogue.order().len(), 0);
    assert_eq!((settings.kpis.clock, settings.kpis.retention), (ClockMode::Live, 1_100 * DAY));
    assert_eq!(settings.kpis.currency.to_string(), "EUR");
    assert_eq!(settings.use_cases, []);
    let expected = PortfolioPlan { rules: Rules::default(), priorities: Vec::new(), remind_before_days: 14 };
    assert_eq!(settings.portfolio, expected);
}

#[test]
fn what_is_said_of_kpis_arrives() {
    let settings = read(&fixtures().join("good/full"), &[]).unwrap();
    let kpis = &settings.kpis;
    assert_eq!((kpis.segment_values_max, kpis.series_max, kpis.kpis_max), (5, 1_000, 100));
    assert_eq!((kpis.clock, kpis.retention), (ClockMode::Replay, 800 * DAY));
    // Midnight in Paris, in winter.
    let noon: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
    let day = kpis.catalogue.calendar().period_of(Period::Day, noon);
    assert_eq!(day.start.to_string(), "2026-01-14T23:00:00Z");

    let of = |id: &str| kpis.catalogue.get(&kpi(id)).unwrap_or_else(|| panic!("{id}"));
    let tickets = of("tickets");
    assert_eq!((tickets.period, tickets.bounds.direction), (Period::Hour, Direction::LowerIsBetter));
    assert_eq!(
        (tickets.bounds.target, tickets.bounds.warning, tickets.bounds.critical),
        (None, Some(5.0), Some(9.5))
    );
    let hourly = Reading::Rate { per: Duration::from_secs(3_600), empty: Empty::Zero };
    assert_eq!(tickets.kind, Kind::Counted { stream: kpi("tickets"), reading: hourly });
    assert_eq!(of("share").owner.as_deref(), Some("HR"));

    let latency = of("model:churn/latency_p95");
    assert_eq!((latency.period, latency.owner.as_deref()), (Period::Week, Some("Platform")));
    assert_eq!(
        (latency.bounds.warning, latency.stale_after),
        (Some(200.0), Duration::from_secs(35 * 43_200))
    );
    assert_eq!(of("model:churn/latency_p50").bounds.warning, None);
    assert_eq!(of("model:churn/cost_per_prediction").unit.to_string(), "CHF/prediction");
    assert!(kpis.catalogue.get(&kpi("model:churn/gpu_seconds_per_prediction")).is_none(), "switched off");
    let uptime =
        Kind::Counted { stream: kpi("model:churn/traffic"), reading: Reading::Uptime { errors_max: 0.1 } };
    assert_eq!(of("model:churn/availability").kind, uptime);
    let [churn, kinds, _] = &settings.models[..] else { panic!("three models") };
    assert_eq!((churn.technical.len(), kinds.technical.len()), (11, 0));

    let nps = of("claims/nps");
    assert_eq!((nps.bounds.critical, nps.owner.as_deref()), (Some(0.0), Some("Marketing")));
    let cost = of("claims/run_cost");
    assert_eq!((cost.period, cost.owner.as_deref()), (Period::Quarter, Some("Head of claims")));
    assert_eq!(kpis.catalogue.lateness_of(cost), 20 * DAY);
    assert_eq!(kpis.catalogue.lateness_of(nps), Duration::from_secs(6 * 3_600));
    let usage = of("claims/usage_rate");
    assert_eq!((usage.period, usage.window, nps.window), (Period::Day, Some(28 * DAY), None));
    let satisfied = Satisfied { lowest: 1, highest: 7, from: 4 };
    let Kind::Counted { reading, .. } = &of("claims/satisfaction").kind else { panic!("it is counted") };
    assert_eq!(*reading, Reading::Satisfaction(Satisfied { from: 5, ..satisfied }), "5, 6 and 7 of 1 to 7");
    let waiting = of("claims/waiting");
    assert_eq!(waiting.kind, Kind::Counted { stream: kpi("claims/wait"), reading: Reading::Quantile(0.9) });
    assert_eq!(waiting.by.as_deref(), Some("team"));
    let answer = of("claims/first_answer");
    assert_eq!(
        (answer.family, &answer.kind),
        (
            Family::Technical,
            &Kind::Counted { stream: kpi("model:churn/performance"), reading: Reading::Last }
        )
    );
    assert_eq!(
        (of("claims/answered").stale_after, of("claims/answered").description.as_str()),
        (10 * DAY, "Answered on the day")
    );
}

#[test]
fn what_is_said_of_use_cases_and_the_portfolio_arrives() {
    let settings = read(&fixtures().join("good/full"), &[]).unwrap();
    let [claims, letters] = &settings.use_cases[..] else { panic!("two use cases") };
    assert_eq!(claims.file, fixtures().join("good/full/use_cases/claims.toml"));
    assert_eq!(claims.users_of, ["churn".parse().unwrap()].into());
    assert_eq!(claims.users_stream(), kpi("claims/active_users"));
    let case = &claims.use_case;
    assert_eq!((case.category, case.risk), (Category::Differentiator, Risk::Medium));
    assert_eq!(case.north_star, Some(kpi("claims/gains")));
    assert_eq!((case.started_on, case.decision_date), (Some(date(2026, 2, 10)), Some(date(2027, 1, 31))));
    assert_eq!((case.baseline, case.targeted_users), (Some(-1.5), Some(40)));
    let expected = case.expected.unwrap();
    // A quarter of 4,000 in the first of four months.
    assert_eq!(expected.in_month(1), 1_000.0);
    // 10,000 + 1 + 2 + 3 + 4, and 12,000 / 12 a month.
    assert_eq!((case.costs.one_off(), case.costs.run_per_month()), (10_010.0, 1_000.0));
    assert_eq!(case.tracked, [Component::TimeSaved, Component::RunCost].into());
    assert_eq!(case.rates.hourly_cost.map(|cost| cost.get()), Some(40.0));
    // 0.3 · 5 + 0.2 · 4 + 0.2 · 3 + 0.15 · 2 + 0.15 · 1.
    let score = case.scores.unwrap().weighted(Weights::default()).weighted;
    assert!((score - 3.35).abs() < 1e-12, "{score}");
    assert_eq!(
        (case.register.documented, case.register.audit_due),
        (Documentation::Complete, Some(date(2027, 2, 1)))
    );
    assert_eq!((letters.use_case.owner.as_ref(), letters.use_case.tracked.len()), (None, 0));

    let plan = &settings.portfolio;
    assert_eq!(plan.remind_before_days, 7);
    assert_eq!(plan.rules.weights, Weights::new(0.4, 0.2, 0.2, 0.15, 0.05).unwrap());
    assert_eq!(plan.rules.limits, Limits { usage_above: 0.5.try_into().unwrap(), ..Limits::default() });
    let priorities: Vec<_> =
        plan.priorities.iter().map(|first| (first.use_case.as_str(), first.reason.is_some())).collect();
    assert_eq!(priorities, [("claims", true), ("letters", false)]);
}

#[test]
fn ids_and_limits_of_use_cases_hold_across_files() {
    let directory = use_case("[limits]\nuse_cases_max = 2\n", USE_CASE);
    let folder = directory.path().join("use_cases");
    fs::write(folder.join("v.toml"), format!("{USE_CASE}[strategic]\ntracks = [\"nps\"]\n")).unwrap();
    let first = folder.join("u.toml").display().to_string();
    let first = first.replace(&format!("{}/", directory.path().display()), "");
    assert_eq!(
        errors_of(directory.path(), &[]),
        [format!("use_cases/v.toml:1: id = \"u\": is the id of {first} too; ids differ")]
    );
    fs::write(folder.join("w.toml"), USE_CASE).unwrap();
    let limit = "use_cases: has 3 use cases; at most 2 (limits.use_cases_max)".to_owned();
    let same = |file: &str| format!("use_cases/{file}:1: id = \"u\": is the id of {first} too; ids differ");
    assert_eq!(errors_of(directory.path(), &[]), [limit, same("v.toml"), same("w.toml")]);
}

#[test]
fn what_a_broken_file_may_have_is_not_missed_elsewhere() {
    let more = "models = [\"gone\"]\nnorth_star = \"{x\"\n";
    let directory = use_case("[[portfolio.priorities]]\nuse_case = \"v\"\n", &format!("{USE_CASE}{more}"));
    fs::write(directory.path().join("models/gone.toml"), "id = \n").unwrap();
    fs::write(directory.path().join("use_cases/v.toml"), "id = \n").unwrap();
    let errors = errors_of(directory.path(), &[]);
    let beginnings: Vec<_> = errors.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(beginnings, ["gone.toml:1", "use_cases/u.toml:7", "use_cases/v.toml:1"], "{errors:#?}");
}

#[test]
fn the_example_of_a_use_case_is_read_with_all_that_it_says() {
    let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let settings = read(&shipped, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    let [car_loan] = &settings.use_cases[..] else { panic!("one use case") };
    assert_eq!(car_loan.use_case.north_star, Some(kpi("car_loan/processing_time")));
    let of_it = |kpi: &&driftd::kpi::Definition| kpi.id.use_case.is_some();
    // 7 tracked, gains, the change of the processing time; 4 of adoption; 3 of its own.
    assert_eq!(settings.kpis.catalogue.definitions().filter(of_it).count(), 16);
    let cost = settings.kpis.catalogue.get(&kpi("car_loan/run_cost")).unwrap();
    assert_eq!((cost.lateness, cost.owner.as_deref()), (Some(20 * DAY), Some("Controlling")));
}

#[test]
fn a_variable_sets_what_is_common_to_kpis() {
    let directory = directory("", &[("m.toml", &format!("{MODEL}[kpis]\ntechnical = true\n"))]);
    let settings = read(directory.path(), &[("DRIFTD_KPIS__CURRENCY", "USD")]).unwrap();
    let cost = settings.kpis.catalogue.get(&kpi("model:m/cost_per_prediction")).unwrap();
    assert_eq!(cost.unit.to_string(), "USD/prediction");
    assert_eq!(
        errors_of(directory.path(), &[("DRIFTD_KPIS__KPIS_MAX", "3")]),
        ["driftd.toml: kpis.kpis_max: is 3, and there are 12 KPIs; raise it, or switch some off"]
    );
}

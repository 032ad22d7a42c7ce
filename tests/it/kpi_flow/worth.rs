//! Use cases on the real daemon: from samples to gains, ROI, the closing grid, decisions and the portfolio.

use driftd::kpi::{Constant, Empty, Period, Reading};
use driftd::pipeline::{KpiOptions, ReferenceOptions};
use driftd::use_case::{Amount, Category, Component, Costs, PortfolioPlan, Rates, Register, Risk, UseCase};
use serde_json::json;

use super::*;
use crate::api::{model, profile, rows};

fn claims() -> UseCase {
    UseCase {
        id: "claims".parse().unwrap(),
        name: "Claims".parse().unwrap(),
        process: "Claims handling".parse().unwrap(),
        owner: Some("Anne Martin".parse().unwrap()),
        north_star: Some(id("claims/gains")),
        category: Category::QuickWin,
        risk: Risk::Medium,
        data: Vec::new(),
        systems: Vec::new(),
        models: Vec::new(),
        next_step: None,
        decision_date: Some("2026-06-10".parse().unwrap()),
        started_on: Some("2026-01-15".parse().unwrap()),
        baseline: None,
        expected: None,
        costs: Costs { integration: Amount::try_from(9_000.0).unwrap(), ..Costs::default() },
        tracked: [Component::TimeSaved, Component::RunCost].into(),
        rates: Rates { hourly_cost: Some(Amount::try_from(50.0).unwrap()), error_cost: None },
        scores: None,
        register: Register::default(),
        targeted_users: Some(10),
    }
}

fn kpis() -> KpiOptions {
    let sum = |name: &str| kpi(name, Period::Month, Reading::Sum { empty: Empty::Unknown });
    let hours = Definition { unit: "h".parse().unwrap(), ..sum("claims/time_saved") };
    let cost = Definition { unit: "EUR".parse().unwrap(), ..sum("claims/run_cost") };
    let gains = Definition {
        unit: "EUR".parse().unwrap(),
        bounds: Bounds { target: Some(3_000.0), ..Bounds::default() },
        ..formula("claims/gains", Period::Month, "time_saved * hourly_cost - run_cost")
    };
    let hourly_cost = Constant { value: 50.0, unit: "EUR/h".parse().unwrap() };
    let constants = [((Some("claims".parse().unwrap()), "hourly_cost".parse().unwrap()), hourly_cost)].into();
    let calendar = Calendar { zone: TimeZone::get("Europe/Paris").unwrap() };
    let catalogue = Catalogue::new(vec![hours, cost, gains], constants, calendar, HOUR).unwrap();
    KpiOptions {
        catalogue,
        use_cases: vec![claims()],
        portfolio: PortfolioPlan { remind_before_days: 14, ..PortfolioPlan::default() },
        ..KpiOptions::default()
    }
}

/// | month | h saved | × 50 | run cost | gain |
/// |---|---|---|---|---|
/// | 2026-01 | 60 | 3,000 | 500 | 2,500 |
/// | 2026-02 | 80 | 4,000 | 500 | 3,500 |
/// | 2026-03 | 100 | 5,000 | 500 | 4,500 |
///
/// Benefits 12,000, costs 9,000 + 1,500 = 10,500: ROI 1,500 / 10,500 = 1/7.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_use_case_is_worth_what_its_samples_say() {
    let daemon = Daemon::with_kpis(at("2026-04-05T00:00:00Z"), vec![], kpis()).await;
    let sample =
        |kpi: &str, ts: &str, value: f64| json!({"use_case": "claims", "kpi": kpi, "ts": ts, "value": value});
    for (ts, hours) in [
        ("2026-01-20T00:00:00Z", 60.0),
        ("2026-02-10T00:00:00Z", 50.0),
        // Still February in London, March in Paris.
        ("2026-02-28T23:30:00Z", 100.0),
        ("2026-02-28T22:30:00Z", 30.0),
    ] {
        counted(&daemon, &[sample("time_saved", ts, hours), sample("run_cost", ts, 0.0)]).await;
    }
    for ts in ["2026-01-31T12:00:00Z", "2026-02-27T12:00:00Z", "2026-03-31T12:00:00Z"] {
        counted(&daemon, &[sample("run_cost", ts, 500.0)]).await;
    }
    let range = "range=2025-12-31T23:00:00Z/2026-03-31T22:00:00Z";
    assert_eq!(
        history(&daemon, &format!("/v1/kpis/gains?use_case=claims&{range}")).await,
        ["2500", "3500", "4500"]
    );
    let claims = daemon.read("/v1/use_cases/claims").await;
    let newest = &claims["roi"]["value"]["newest"]["value"];
    assert!((newest["roi"].as_f64().unwrap() - 1.0 / 7.0).abs() < 1e-12, "{claims:#}");
    assert_eq!(newest["costs"], 10_500.0, "{claims:#}");
    assert_eq!(claims["closing"]["roi"]["standing"], "met", "{claims:#}");
    // The first month of a gain of 3,000 was February.
    assert_eq!(claims["time_to_value"]["days"], 17, "{claims:#}");
    let portfolio = daemon.read("/v1/portfolio").await;
    let gain =
        portfolio["indicators"].as_array().unwrap().iter().find(|one| one["id"] == "total_gain").unwrap();
    assert_eq!(gain["value"], 10_500.0, "{portfolio:#}");
    assert_eq!(daemon.get("/v1/use_cases/other").await.status, 404);
    let link = daemon.read("/v1/use_cases/claims/link").await;
    assert_eq!(link["north_star"]["name"], "gains", "{link:#}");
    daemon.look_at_kpis().await;
    daemon.until_sample("driftd_portfolio_gain", 10_500.0).await;
    daemon.until_sample("driftd_use_case_criterion_status{use_case=\"claims\",criterion=\"roi\"}", 0.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_stay_under_their_cap_with_a_hundred_use_cases_and_a_thousand_kpis() {
    let definitions = (0..1_000).map(|number| {
        let name = format!("case-{}/kpi_{}", number % 100, number / 100);
        Definition {
            bounds: lower(1.0, 5.0, 10.0),
            ..kpi(&name, Period::Day, Reading::Sum { empty: Empty::Zero })
        }
    });
    let use_cases =
        (0..100).map(|number| UseCase { id: format!("case-{number}").parse().unwrap(), ..claims() });
    let options =
        KpiOptions { use_cases: use_cases.collect(), series_max: 4_000, ..options(definitions.collect()) };
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options).await;
    // Critical, and last in order: it is never left out.
    counted(
        &daemon,
        &[json!({"use_case": "case-99", "kpi": "kpi_9", "ts": "2026-03-04T12:00:00Z", "value": 70})],
    )
    .await;
    daemon.look_at_kpis().await;
    let firing = "driftd_kpi_status{kpi=\"kpi_9\",family=\"strategic\",use_case=\"case-99\",model=\"\",segment=\"all\"}";
    daemon.until_sample(firing, 2.0).await;
    let metrics = daemon.get("/metrics").await;
    let of_kpis = |line: &&str| line.starts_with("driftd_kpi_") && line.contains("kpi=");
    let shown = metrics.text().lines().filter(of_kpis).count();
    assert!((3_900..=4_000).contains(&shown), "{shown}");
    let left_out = daemon.sample("driftd_kpi_series_left_out").await.unwrap();
    assert!(left_out > 2_000.0, "{left_out}");
    let of_use_cases = metrics.text().lines().filter(|line| line.starts_with("driftd_use_case_")).count();
    assert!(of_use_cases <= 100 * 60, "{of_use_cases}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_that_comes_near_is_told_to_its_owner() {
    let daemon = Daemon::with_kpis(at("2026-05-01T00:00:00Z"), vec![], kpis()).await;
    daemon.look_at_kpis().await;
    let told = |page: &Value| {
        page["incidents"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["subject"] == "claims decision"))
    };
    assert!(!told(&daemon.read("/v1/incidents?kind=kpi").await));
    daemon.clock.set(at("2026-05-28T00:00:00Z"));
    let daemon = daemon.restart_with_kpis(vec![], kpis()).await;
    let page = daemon.until("/v1/incidents?kind=kpi", told).await;
    assert!(
        page.to_string().contains("a decision on claims is due by 2026-06-10; Anne Martin owns it"),
        "{page:#}"
    );
    // Somebody resolves it; no restart tells it again.
    let all = page["incidents"].as_array().unwrap();
    let one = all.iter().find(|one| one["subject"] == "claims decision").unwrap()["id"].as_str().unwrap();
    let resolved =
        daemon.post(&format!("/v1/incidents/{one}/resolve"), &json!({"note": "in the diary"})).await;
    assert_eq!(resolved.status, 200, "{}", resolved.text());
    let daemon = daemon.restart_with_kpis(vec![], kpis()).await;
    daemon.look_at_kpis().await;
    let subjects =
        "SELECT count(*) FROM incident WHERE json_extract(body, '$.key.subject') LIKE 'claims decision%'";
    assert_eq!(daemon.stored(subjects), 1);
    // The date is over in Paris.
    daemon.clock.set(at("2026-06-10T22:00:01Z"));
    let daemon = daemon.restart_with_kpis(vec![], kpis()).await;
    let passed = |page: &Value| page.to_string().contains("was due by 2026-06-10 and has passed");
    daemon.until("/v1/incidents?kind=kpi", passed).await;
    assert_eq!(daemon.stored(subjects), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_that_has_not_begun_reminds_nobody() {
    let options = KpiOptions { clock: driftd::window::ClockMode::Replay, ..kpis() };
    // By the wall the decision of 2026-06-10 has passed.
    let daemon = Daemon::with_kpis(at("2026-07-01T00:00:00Z"), vec![], options).await;
    daemon.look_at_kpis().await;
    assert_eq!(daemon.stored("SELECT count(*) FROM incident"), 0);
}

/// It starts on 2026-01-15 in Paris, 2026-01-14 at 23:00 UTC; samples may stay away for 90 days.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_use_case_that_has_not_started_owes_no_samples() {
    let daemon = Daemon::with_kpis(at("2025-06-01T00:00:00Z"), vec![], kpis()).await;
    daemon.look_at_kpis().await;
    daemon.clock.set(at("2026-04-14T23:00:00Z"));
    daemon.look_at_kpis().await;
    assert_eq!(daemon.stored("SELECT count(*) FROM incident"), 0);
    daemon.clock.set(at("2026-04-14T23:00:01Z"));
    daemon.look_at_kpis().await;
    // Of the two streams.
    assert_eq!(daemon.stored("SELECT count(*) FROM incident"), 2);
}

/// Three rows are too few for a verdict: that is no model in range.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_without_a_verdict_is_not_in_range() {
    let now = at("2026-11-22T01:05:00Z");
    let with_model = UseCase { models: vec!["loans".parse().unwrap()], ..claims() };
    let options = KpiOptions { use_cases: vec![with_model], ..kpis() };
    let loans = model("loans", ReferenceOptions::Profile(Box::new(profile())));
    let daemon = Daemon::with_kpis(now, vec![loans], options).await;
    let stands = async |rows: &[Value]| {
        daemon.predict("loans", rows).await;
        daemon.evaluated("loans").await;
        let answer = daemon.read("/v1/use_cases/claims").await;
        let technique = &answer["closing"]["technique"];
        (technique["standing"].as_str().unwrap().to_owned(), answer)
    };
    let (few, answer) = stands(&rows("21T00:00", 3, "1", 0.0)).await;
    assert_eq!(few, "unknown", "{answer:#}");
    daemon.clock.set(at("2026-11-23T01:05:00Z"));
    let (enough, answer) = stands(&rows("22T00:00", 288, "1", 0.0)).await;
    assert_eq!(enough, "met", "{answer:#}");
}

//! The worth of use cases and their portfolio, in numbers that can be checked by hand.

mod adoption;

mod closing;

mod figures;

mod portfolio;

mod proposal;

mod roi;

mod score;

mod signs;

use std::collections::BTreeSet;

use driftd::kpi::KpiId;
use driftd::use_case::{
    Amount, Assessment, Category, Component, Costs, Documentation, Facts, Month, MonthFigures, Rates,
    Register, Risk, Rules, UseCase, Watched, WatchedStatus, assess,
};
use jiff::civil::{Date, date};

/// The first day of `claims`; its month 1 is January 2024.
const START: Date = date(2024, 1, 15);

fn amount(number: f64) -> Amount {
    Amount::try_from(number).unwrap()
}

fn kpi(name: &str) -> KpiId {
    KpiId { use_case: None, model: None, name: name.parse().unwrap() }
}

/// Spent at the start: 10,000 + 5,000 + 3,000 + 1,000 + 1,000 = 20,000. To run: 12,000 a year, 1,000 a month.
/// An hour costs 50, an error 200.
fn claims() -> UseCase {
    UseCase {
        id: "claims".parse().unwrap(),
        name: "Triage of claims".parse().unwrap(),
        process: "claims".parse().unwrap(),
        owner: Some("A. Martin".parse().unwrap()),
        north_star: Some(kpi("handling_time")),
        category: Category::QuickWin,
        risk: Risk::Medium,
        data: vec!["claims of 2022".parse().unwrap()],
        systems: vec!["the claims desk".parse().unwrap()],
        models: vec!["triage".parse().unwrap()],
        next_step: None,
        decision_date: None,
        started_on: Some(START),
        baseline: Some(42.0),
        expected: None,
        costs: Costs {
            integration: amount(10_000.0),
            data: amount(5_000.0),
            evaluation: amount(3_000.0),
            security: amount(1_000.0),
            training: amount(1_000.0),
            run: amount(12_000.0),
        },
        tracked: BTreeSet::from(Component::ALL),
        rates: Rates { hourly_cost: Some(amount(50.0)), error_cost: Some(amount(200.0)) },
        scores: None,
        register: Register {
            audit_due: Some(date(2025, 3, 1)),
            last_audit: Some(date(2024, 2, 1)),
            documented: Documentation::Complete,
        },
        targeted_users: Some(100),
    }
}

/// A use case that tracks only its added revenue and its recorded run cost, and cost `one_off` at the start.
fn revenue_only(one_off: f64) -> UseCase {
    UseCase {
        costs: Costs { integration: amount(one_off), ..Costs::default() },
        tracked: BTreeSet::from([Component::AddedRevenue, Component::RunCost]),
        ..claims()
    }
}

fn month(number: u32) -> Month {
    Month::of(START).numbered(number)
}

/// Months 1, 2, 3 … with these added revenues and run costs.
fn revenues(of_months: &[(f64, f64)]) -> Vec<MonthFigures> {
    (1..)
        .zip(of_months)
        .map(|(number, (revenue, run_cost))| MonthFigures {
            added_revenue: Some(*revenue),
            run_cost: Some(*run_cost),
            ..MonthFigures::unknown(month(number))
        })
        .collect()
}

/// The first day on which so many months are complete: the first of the next; for 0 the day of the start.
fn after(months: u32) -> Date {
    month(months + 1).first_day().max(START)
}

fn watched(what: &str, model: &str, status: WatchedStatus) -> Watched {
    Watched { what: what.to_owned(), model: Some(model.parse().unwrap()), status }
}

fn assessed(use_case: &UseCase, months: Vec<MonthFigures>, today: Date) -> Assessment {
    let watched = vec![watched("accuracy", "triage", WatchedStatus::InRange)];
    assess(use_case, &Facts { today, months, watched }, &Rules::default())
}

//! The rows of a model on a day: one in each five minutes, so that availability is a matter of failures alone.

use std::fmt::Write;

use super::calendar::{Day, SECONDS};
use super::cases::{Case, Model};
use super::random::Chance;
use super::story::{UseCase, contracts_are_down, contracts_name_reviewers, price_of_contract};

/// Seconds of a slot.
const SLOT: u64 = 300;
/// Rows of a model a day.
pub const ROWS: u64 = SECONDS / SLOT;
/// Ages are drawn apart from all else.
const AGES: u64 = 200;
/// One row of so many names a reviewer, where any does.
const REVIEWED: u64 = 30;
/// Share of answers that fail on any day.
const FAILURES: f64 = 0.002;

/// One prediction with when it was made and for whom.
struct Row {
    id: String,
    at: String,
    case: Case,
    /// Members of `segments`.
    segments: String,
    /// None before the use case has started.
    user: Option<String>,
    served: Served,
}

/// How it was served.
struct Served {
    latency_ms: f64,
    cpu_seconds: f64,
    gpu_seconds: Option<f64>,
    cost: f64,
    failed: bool,
}

/// What a sender of predictions writes.
pub fn predictions(seed: u64, model: Model, day: Day) -> String {
    let mut lines = String::with_capacity(ROWS as usize * 320);
    for row in rows(seed, model, day) {
        let Row { id, at, case: Case { features, prediction, score, .. }, segments, user, served } = row;
        let Served { latency_ms, cpu_seconds, gpu_seconds, cost, failed } = served;
        // Writing into a text cannot fail.
        let _infallible = write!(
            lines,
            r#"{{"id":"{id}","ts":"{at}","version":"1","features":{{{features}}},"prediction":{prediction},"#
        );
        if let Some(score) = score {
            let _infallible = write!(lines, r#""score":{score:.3},"#);
        }
        if let Some(user) = user {
            let _infallible = write!(lines, r#""user":"{user}","#);
        }
        if let Some(seconds) = gpu_seconds {
            let _infallible = write!(lines, r#""gpu_seconds":{seconds:.3},"#);
        }
        let _infallible = writeln!(
            lines,
            r#""segments":{{{segments}}},"latency_ms":{latency_ms:.1},"cpu_seconds":{cpu_seconds:.4},"cost":{cost:.4},"failed":{failed}}}"#
        );
    }
    lines
}

/// What a sender of labels writes, of predictions that were made on `day`.
pub fn labels(seed: u64, model: Model, day: Day) -> String {
    let known = Day::before(day, -model.known_after());
    let mut lines = String::with_capacity(ROWS as usize * 96);
    for (slot, Row { id, case, .. }) in (0..).zip(rows(seed, model, day)) {
        let (actual, at) = (case.actual, known.at(slot * SLOT));
        let _infallible = writeln!(lines, r#"{{"id":"{id}","actual":{actual},"ts":"{at}"}}"#);
    }
    lines
}

/// Rows with what turned out, as a file to learn a reference from.
pub fn reference(seed: u64, model: Model, day: Day) -> String {
    let mut lines = String::with_capacity(ROWS as usize * 200);
    for Row { at, case, segments, .. } in rows(seed, model, day) {
        let Case { features, prediction, score, actual, .. } = case;
        let score = score.map(|score| format!(r#""score":{score:.3},"#)).unwrap_or_default();
        let _infallible = writeln!(
            lines,
            r#"{{"ts":"{at}","features":{{{features}}},"prediction":{prediction},{score}"actual":{actual},"segments":{{{segments}}}}}"#
        );
    }
    lines
}

fn rows(seed: u64, model: Model, day: Day) -> impl Iterator<Item = Row> {
    let [mut chance, mut of_person] =
        [model as u64, AGES + model as u64].map(|subject| Chance::of(seed, subject, day.number()));
    (0..ROWS).map(move |slot| {
        let second = slot * SLOT + chance.below(SLOT);
        let mut case = model.case(day, &mut chance, &mut of_person);
        if model == Model::ContractRisk && contracts_name_reviewers(day) && slot % REVIEWED == 0 {
            case.features += r#","reviewer":"synthetic""#;
        }
        let served = served(model, day, second, &mut chance);
        let user = user(model.use_case(), day, slot, &mut chance);
        let team = team(model.use_case(), user.unwrap_or_else(|| chance.below(10)));
        let age = case.age_group.map(|group| format!(r#","age_group":"{group}""#));
        Row {
            id: format!("syn-{}-{}-{slot}", model.id(), day.number()),
            at: day.at(second),
            case,
            segments: format!(r#""team":"{team}"{}"#, age.unwrap_or_default()),
            user: user.map(|user| format!("syn-{}-{user}", model.use_case().id())),
            served,
        }
    })
}

/// Every active user of the month has one row at least: the first ones go round.
fn user(use_case: UseCase, day: Day, slot: u64, chance: &mut Chance) -> Option<u64> {
    let active = use_case.figures().active_users[use_case.month(day)?];
    let (in_month, _) = day.in_month();
    let nth = in_month * ROWS + slot;
    let any = chance.below(active);
    Some(if nth < active { nth } else { any })
}

/// Users belong to teams by the last digit of their number.
pub fn team(use_case: UseCase, user: u64) -> &'static str {
    let teams = use_case.figures().teams;
    let mut tenth = user % 10;
    for (team, tenths) in teams {
        if tenth < *tenths {
            return team;
        }
        tenth -= tenths;
    }
    teams.first().map_or("", |(team, _)| team)
}

fn served(model: Model, day: Day, second: u64, chance: &mut Chance) -> Served {
    let (milliseconds, cpu_seconds, cost) = match model {
        Model::ClaimsTriage => (35.0, 0.012, 0.002),
        Model::ClaimsAmount => (45.0, 0.018, 0.003),
        Model::Churn => (25.0, 0.008, 0.001),
        Model::ContractRisk => (900.0, 0.2, price_of_contract(day)),
    };
    let is_down = model == Model::ContractRisk && contracts_are_down(day, second);
    let factor = (1.0 + 0.25 * chance.normal()).max(0.2);
    Served {
        latency_ms: milliseconds * factor,
        cpu_seconds: cpu_seconds * factor,
        gpu_seconds: (model == Model::ContractRisk).then_some(0.6 * factor),
        cost,
        failed: chance.is(FAILURES) || is_down,
    }
}

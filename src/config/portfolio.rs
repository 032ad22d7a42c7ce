//! `[portfolio]`: which use cases come first, what they are weighed by, when owners are reminded.

use std::time::Duration;

use super::error::ConfigError;
use super::nearest;
use super::place::Places;
use super::table::Table;
use super::use_case::UseCaseSettings;
use crate::kpi::UseCaseId;
use crate::use_case::{Limits, PortfolioFacts, PortfolioPlan, Priority, Rules, Share, Text, Weights};

const DAY: Duration = Duration::from_secs(86_400);

/// Most priorities.
const PRIORITIES_MAX: usize = 50;

/// The weights' keys and defaults, in the order of [`Weights::new`].
const WEIGHTS: [(&str, f64); 5] =
    [("value", 0.30), ("time_to_impact", 0.20), ("feasibility", 0.20), ("risk", 0.15), ("adoption", 0.15)];

pub(super) fn read(table: &Table<'_>) -> PortfolioPlan {
    let default = u64::from(PortfolioFacts::REMIND_BEFORE_DAYS);
    let days = |days: u64| Duration::from_secs(days * DAY.as_secs());
    let reminder = table.read_if("decision_reminder", days(default), |reminder: &Duration| {
        let is_whole = reminder.as_millis().is_multiple_of(DAY.as_millis());
        match is_whole && *reminder <= days(365) {
            true => Ok(()),
            false => Err("is no number of days; whole days from 0s to 365d".to_owned()),
        }
    });
    let weights = table.section("weights", read_weights);
    let limits = table.section("closing", read_limits);
    let priorities = table.tables("priorities", read_priority);
    if priorities.len() > PRIORITIES_MAX {
        table.error("priorities", format!("are {}; at most {PRIORITIES_MAX}", priorities.len()));
    }
    PortfolioPlan {
        rules: Rules { weights, limits },
        priorities: priorities.into_iter().flatten().collect(),
        remind_before_days: u32::try_from(reminder.as_secs() / DAY.as_secs()).unwrap_or(u32::MAX),
    }
}

fn read_weights(table: &Table<'_>) -> Weights {
    let [value, time, feasibility, risk, adoption] =
        WEIGHTS.map(|(key, default)| table.read_within(key, default, 0.0..=1.0));
    match Weights::new(value, time, feasibility, risk, adoption) {
        Ok(weights) => weights,
        Err(error) => {
            if table.is_sound() {
                table.error("", error.to_string());
            }
            Weights::default()
        }
    }
}

fn read_limits(table: &Table<'_>) -> Limits {
    let default = Limits::default();
    let share = |key, default: Share| {
        let share = table.read_within(key, default.get(), 0.0..=1.0);
        Share::try_from(share).unwrap_or(default)
    };
    Limits {
        usage_above: share("usage", default.usage_above),
        satisfaction_above: share("satisfaction", default.satisfaction_above),
    }
}

fn read_priority(table: &Table<'_>) -> Option<Priority> {
    let use_case = table.optional::<UseCaseId>("use_case");
    if !table.has("use_case") {
        table.error("use_case", "is missing; a priority names a use case");
    }
    let reason = table.optional::<Text>("reason");
    Some(Priority { use_case: use_case?, reason })
}

/// Priorities that are no use case, or named twice.
pub(super) fn check(plan: &PortfolioPlan, known: &[UseCaseSettings], main: &Places) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    for (at, priority) in plan.priorities.iter().enumerate() {
        let key = format!("portfolio.priorities[{at}].use_case");
        let id = &priority.use_case;
        if plan.priorities[..at].iter().any(|before| before.use_case == *id) {
            errors.push(main.error(&key, format!("names `{id}` twice; once is enough")));
        } else if !known.iter().any(|known| known.use_case.id == *id) {
            let near = nearest(id.as_str(), known.iter().map(|known| known.use_case.id.as_str()));
            let message = match near {
                Some(near) => format!("names `{id}`, which is no use case; did you mean `{near}`?"),
                None => format!("names `{id}`, which is no use case; no file has this id"),
            };
            errors.push(main.error(&key, message));
        }
    }
    errors
}

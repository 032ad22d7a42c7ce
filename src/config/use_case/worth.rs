//! What a use case costs and is hoped to bring, how it was graded, where its compliance stands.

use std::num::NonZeroU8;

use jiff::civil::Date;

use crate::config::table::Table;
use crate::use_case::{Amount, Costs, Documentation, Expected, Grade, Rates, Register, Scores};

pub(super) fn read_expected(table: &Table<'_>) -> Option<Expected> {
    let gain_per_month = table.optional::<Amount>("gain_per_month");
    if !table.has("gain_per_month") {
        table.error("gain_per_month", "is missing; what a month is expected to bring, less its run cost");
    }
    let month = table.read_within("full_effect_month", 1, 1..=u64::from(u8::MAX));
    let month = u8::try_from(month).ok().and_then(NonZeroU8::new).unwrap_or(NonZeroU8::MIN);
    Some(Expected { gain_per_month: gain_per_month?, full_effect_month: month })
}

pub(super) fn read_costs(table: &Table<'_>) -> Costs {
    let amount = |key| table.read(key, Amount::ZERO);
    Costs {
        integration: amount("integration"),
        data: amount("data"),
        evaluation: amount("evaluation"),
        security: amount("security"),
        training: amount("training"),
        run: amount("run"),
    }
}

pub(super) fn read_rates(table: &Table<'_>) -> Rates {
    Rates { hourly_cost: table.optional("hourly_cost"), error_cost: table.optional("error_cost") }
}

/// All five or none.
pub(super) fn read_scores(table: &Table<'_>) -> Option<Scores> {
    let keys = ["value", "time_to_impact", "feasibility", "risk", "adoption"];
    let grades = keys.map(|key| {
        if !table.has(key) {
            table.error(key, format!("is missing; scores are {}", keys.join(", ")));
        }
        table.optional::<Grade>(key)
    });
    let [Some(value), Some(time_to_impact), Some(feasibility), Some(risk), Some(adoption)] = grades else {
        return None;
    };
    Some(Scores { value, time_to_impact, feasibility, risk, adoption })
}

pub(super) fn read_register(table: &Table<'_>) -> Register {
    let words = [("complete", Documentation::Complete), ("incomplete", Documentation::Incomplete)];
    Register {
        documented: table.choice("documented", "state of the register", Documentation::Incomplete, &words),
        audit_due: table.optional::<Date>("audit_due"),
        last_audit: table.optional::<Date>("last_audit"),
    }
}

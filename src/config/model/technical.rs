//! `[kpis]` of a model: its technical KPIs, which driftd itself feeds.

use crate::config::kpi::adjust_each;
use crate::config::table::Table;
use crate::domain::ModelId;
use crate::kpi::families::{TechnicalOptions, technical};
use crate::kpi::{Definition, Direction, Period, Unit};
use crate::performance::{Harm, Metric};

/// None where they are not switched on.
pub(super) fn read(
    table: &Table<'_>,
    id: Option<&ModelId>,
    primary: Metric,
    currency: &Unit,
) -> Vec<Definition> {
    let enabled = table.read("technical", false);
    let options = TechnicalOptions {
        period: table.read("period", Period::Day),
        availability_errors_max: table.read_within(
            "availability_errors_max",
            TechnicalOptions::ERRORS_MAX,
            0.0..=1.0,
        ),
        currency: currency.clone(),
        // Of one that is well at 0, what lies above is told.
        performance: match primary.harm() {
            Harm::Falling => Direction::HigherIsBetter,
            Harm::Rising | Harm::LeavingZero => Direction::LowerIsBetter,
        },
    };
    // What is wrong with bounds is told even where the id is not known.
    let id = id.cloned().unwrap_or_else(|| "none".parse().expect("an id"));
    let ready = technical(&id, &options).unwrap_or_else(|error| {
        table.error("technical", error.to_string());
        Vec::new()
    });
    let definitions = adjust_each(table, "bounds", ready);
    match enabled {
        true => definitions,
        false => {
            if table.has("bounds") && table.is_sound() {
                table.error("bounds", "says nothing without technical KPIs; write technical = true");
            }
            Vec::new()
        }
    }
}

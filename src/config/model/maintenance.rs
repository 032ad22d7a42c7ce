//! `[maintenance]`: what is done for a model by the calendar.

use std::time::Duration;

use figment::value::Value;
use jiff::tz::TimeZone;

use crate::config::setting::{Setting, Zone};
use crate::config::table::Table;
use crate::retraining::{MaintenancePlan, MaintenanceTask, Period};

const DAY: Duration = Duration::from_secs(86_400);

/// `max_age`: of the model's versions, which belongs to the calendar too.
pub(super) fn read(table: &Table<'_>, max_age: Option<Duration>) -> MaintenancePlan {
    let none = MaintenancePlan { max_age, ..MaintenancePlan::default() };
    let plan = table.optional_section("maintenance", |table| {
        let zone = table.read("zone", Zone(TimeZone::UTC)).0;
        let remind_before = table.read_within("remind_before", none.remind_before, Duration::ZERO..=90 * DAY);
        let periodic = MaintenanceTask::ALL.into_iter().filter(|task| *task != MaintenanceTask::ModelAge);
        let tasks = periodic.flat_map(|task| {
            let periods = table.optional::<Periods>(task.as_str());
            periods.into_iter().flat_map(|periods| periods.0).map(move |period| (task, period))
        });
        let tasks = tasks.collect();
        MaintenancePlan { zone, tasks, max_age, remind_before }
    });
    plan.unwrap_or(none)
}

/// Periods by their words.
#[derive(Debug, Clone, PartialEq)]
struct Periods(Vec<Period>);

impl Setting for Periods {
    fn read(value: &Value) -> Result<Self, String> {
        let parse =
            |word: String| word.parse::<Period>().map_err(|error| format!("has `{word}`, which {error}"));
        Vec::<String>::read(value)?.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    fn to_toml(&self) -> String {
        self.0.iter().map(|period| period.as_str().to_owned()).collect::<Vec<String>>().to_toml()
    }
}

//! `[[routes]]`: which incidents are told to whom, in which groups, at which hours.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::{Time, Weekday};

use super::setting::{Setting, Texts, Zone};
use super::table::Table;
use crate::incident::check_tags;
use crate::notification::{Day, Grouping, Matcher, QuietHours, ReceiverName, Route};

const DAY: Duration = Duration::from_secs(86_400);

/// Most routes.
const ROUTES_MAX: usize = 200;

/// All routes in order. `receivers`: those that exist.
pub(super) fn read(table: &Table<'_>, receivers: &BTreeSet<ReceiverName>) -> Vec<Route> {
    // The first route that takes everything that comes to it.
    let mut last: Option<usize> = None;
    let mut at = 0;
    let routes = table.tables("routes", |table| {
        let route = read_route(table, receivers);
        if let Some(last) = last {
            table.error(
                "",
                format!(
                    "is never reached: routes[{last}] takes every incident; give that `continue = true`, or put \
                     it last"
                ),
            );
        } else if route.matcher.is_empty() && !route.go_on && table.is_sound_below("match") {
            last = Some(at);
        }
        at += 1;
        route
    });
    if routes.len() > ROUTES_MAX {
        table.error("routes", format!("are {}; at most {ROUTES_MAX}", routes.len()));
    }
    routes
}

fn read_route(table: &Table<'_>, known: &BTreeSet<ReceiverName>) -> Route {
    let receivers = table.optional_if::<Vec<ReceiverName>>("receivers", |receivers| {
        let unknown = receivers.iter().find(|name| !known.contains(*name));
        match unknown {
            Some(name) if known.is_empty() => {
                Err(format!("names {name}, which is no receiver; write it below [receivers.{name}]"))
            }
            Some(name) => {
                let all: Vec<&str> = known.iter().map(ReceiverName::as_str).collect();
                Err(format!(
                    "names {name}, which is no receiver; those below [receivers] are {}",
                    all.join(", ")
                ))
            }
            None if receivers.is_empty() => Err("is empty; name those who are told".to_owned()),
            None => Ok(()),
        }
    });
    if !table.has("receivers") {
        table.error("receivers", "is missing; name those who are told");
    }
    let go_on = table.read("continue", false);
    let grouping = Grouping {
        by: table.read("group_by", Vec::new()),
        wait: table.read_within("group_wait", Duration::ZERO, Duration::ZERO..=DAY),
        interval: table.read_within("group_interval", Duration::ZERO, Duration::ZERO..=7 * DAY),
    };
    let matcher = table.optional_section("match", read_matcher).unwrap_or_default();
    let quiet_hours = table.optional_section("quiet_hours", read_quiet_hours).flatten();
    Route { matcher, receivers: receivers.unwrap_or_default(), go_on, grouping, quiet_hours }
}

fn read_matcher(table: &Table<'_>) -> Matcher {
    Matcher {
        severity: set(table, "severity"),
        kind: set(table, "kind"),
        role: set(table, "role"),
        model: set(table, "model"),
        tags: read_tags(table),
    }
}

/// Names and values; none where the key is left out.
pub(super) fn read_tags(table: &Table<'_>) -> BTreeMap<String, String> {
    let tags = table.optional_if::<Texts>("tags", |tags| {
        not_empty(tags.0.len())?;
        check_tags(&tags.0).map_err(|error| error.to_string())
    });
    tags.unwrap_or_default().0
}

fn set<T: Setting + Ord>(table: &Table<'_>, key: &str) -> BTreeSet<T> {
    let list = table.optional_if::<Vec<T>>(key, |list| not_empty(list.len()));
    list.unwrap_or_default().into_iter().collect()
}

/// An empty condition would match everything, which nobody means by it.
fn not_empty(count: usize) -> Result<(), String> {
    match count {
        0 => Err("is empty; leave the key out to match all".to_owned()),
        _ => Ok(()),
    }
}

fn read_quiet_hours(table: &Table<'_>) -> Option<QuietHours> {
    let days = table.read_if("days", WEEK.to_vec(), |days: &Vec<DayName>| not_empty(days.len()));
    let from = table.optional::<Hour>("from");
    let to = table.optional::<Hour>("to");
    let zone = table.optional::<Zone>("zone");
    for key in ["from", "to", "zone"].into_iter().filter(|key| !table.has(key)) {
        table.error(key, "is missing; quiet hours need from, to and zone");
    }
    let days = days.into_iter().map(|day| Day::from(day.0)).collect();
    Some(QuietHours { days, from: from?.0, to: to?.0, zone: zone?.0 })
}

/// A day of the week, `mon` to `sun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct DayName(Weekday);

const WEEK: [DayName; 7] = [
    DayName(Weekday::Monday),
    DayName(Weekday::Tuesday),
    DayName(Weekday::Wednesday),
    DayName(Weekday::Thursday),
    DayName(Weekday::Friday),
    DayName(Weekday::Saturday),
    DayName(Weekday::Sunday),
];
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Setting for DayName {
    fn read(value: &figment::value::Value) -> Result<Self, String> {
        let named = value.as_str().and_then(|text| NAMES.iter().position(|name| *name == text));
        named.map(|at| WEEK[at]).ok_or_else(|| format!("is no day of the week; one of {}", NAMES.join(", ")))
    }

    fn to_toml(&self) -> String {
        NAMES[self.0.to_monday_zero_offset() as usize].to_owned().to_toml()
    }
}

/// A time of day, `20:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Hour(Time);

impl Setting for Hour {
    fn read(value: &figment::value::Value) -> Result<Self, String> {
        let time = value.as_str().and_then(|text| {
            let (hour, minute) = text.split_once(':')?;
            let digits = text.len() == 5 && hour.len() == 2;
            Time::new(hour.parse().ok().filter(|_| digits)?, minute.parse().ok()?, 0, 0).ok()
        });
        time.map(Self).ok_or_else(|| "is no time of day; write it as \"20:00\"".to_owned())
    }

    fn to_toml(&self) -> String {
        format!("\"{:02}:{:02}\"", self.0.hour(), self.0.minute())
    }
}

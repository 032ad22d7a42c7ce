//! `[retraining]`: when a model is retrained, what must hold then, and who is asked.

use std::collections::BTreeSet;
use std::time::Duration;

use figment::value::Value;
use jiff::tz::TimeZone;

use crate::config::setting::{Setting, Zone};
use crate::config::table::Table;
use crate::incident::IncidentKind;
use crate::retraining::{RetrainingPlan, Schedule, TargetName};
use crate::verdict::Severity;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Mondays at 6.
const WEEKLY: &str = "0 6 * * 1";

/// Incidents that may bring a run about.
const KINDS: [IncidentKind; 5] = [
    IncidentKind::DataDrift,
    IncidentKind::ConceptDrift,
    IncidentKind::ModelDrift,
    IncidentKind::Performance,
    IncidentKind::Bias,
];
const ON: [IncidentKind; 3] = [IncidentKind::DataDrift, IncidentKind::ConceptDrift, IncidentKind::ModelDrift];

/// `None` where there is no such table, or what it cannot be without is missing. `targets`: those that exist.
pub(super) fn read(table: &Table<'_>, targets: Option<&BTreeSet<TargetName>>) -> Option<RetrainingPlan> {
    table.optional_section("retraining", |table| read_plan(table, targets)).flatten()
}

fn read_plan(table: &Table<'_>, targets: Option<&BTreeSet<TargetName>>) -> Option<RetrainingPlan> {
    let target = table.optional_if::<TargetName>("target", |target| match targets {
        Some(targets) if !targets.contains(target) => Err(no_target(target, targets)),
        _ => Ok(()),
    });
    if !table.has("target") {
        table.error("target", "is missing; it names one of the main file's [targets]");
    }
    let severities = [("warning", Severity::Warning), ("critical", Severity::Critical)];
    let zone = table.read("zone", Zone(TimeZone::UTC)).0;
    let weekly = Round::At(Box::new(WEEKLY.parse().expect("a cron expression")));
    let [weekly, monthly, quarterly] =
        [("schedule", weekly), ("monthly", Round::Off), ("quarterly", Round::Off)]
            .map(|(key, default)| table.read(key, default).schedule());
    for (key, schedule, days, months) in
        [("monthly", &monthly, 28, "*"), ("quarterly", &quarterly, 89, "1,4,7,10")]
    {
        if schedule.as_ref().is_some_and(|schedule| schedule.comes_within(days * DAY)) {
            table.error(key, format!("comes round more often than that; write it as \"0 6 1 {months} *\""));
        }
    }
    let on =
        table.read_if("on", Kinds(ON.into()), |on| match on.0.iter().find(|kind| !KINDS.contains(kind)) {
            Some(kind) => Err(format!("has {kind}, which training does not mend; of {}", words(&KINDS))),
            None => Ok(()),
        });
    let plan = RetrainingPlan {
        target: target.clone().unwrap_or_else(|| "none".parse().expect("a name")),
        zone,
        weekly,
        monthly,
        quarterly,
        on: on.0,
        on_severity: table.choice("on_severity", "severity", Severity::Critical, &severities),
        cooldown: table.read_within("cooldown", 3 * DAY, Duration::ZERO..=365 * DAY),
        min_new_labels: table.read_within("min_new_labels", 1_000, 0..=1_000_000_000),
        min_label_coverage: table.read_within("min_label_coverage", 0.5, 0.0..=1.0),
        young: table.read_within("young", 90 * DAY, Duration::ZERO..=3_650 * DAY),
        window: table.read_within("window", 90 * DAY, DAY..=400 * DAY),
        report_within: table.read_within("report_within", DAY, HOUR..=90 * DAY),
    };
    target.map(|_| plan)
}

fn no_target(target: &TargetName, targets: &BTreeSet<TargetName>) -> String {
    match targets.is_empty() {
        true => {
            format!("names {target}, which is no target; write it below [targets.{target}] in the main file")
        }
        false => {
            let all: Vec<&str> = targets.iter().map(TargetName::as_str).collect();
            format!("names {target}, which is no target; those below [targets] are {}", all.join(", "))
        }
    }
}

fn words(kinds: &[IncidentKind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    words.join(", ")
}

/// A schedule, or `off`.
#[derive(Debug, Clone, PartialEq)]
enum Round {
    Off,
    At(Box<Schedule>),
}

impl Round {
    fn schedule(self) -> Option<Schedule> {
        match self {
            Self::Off => None,
            Self::At(schedule) => Some(*schedule),
        }
    }
}

impl Setting for Round {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("off") => Ok(Self::Off),
            Some(text) => text
                .parse()
                .map(Box::new)
                .map(Self::At)
                .map_err(|error: crate::retraining::ScheduleError| format!("{error}; or \"off\"")),
            None => {
                Err("is no text; a cron expression of five fields, as \"0 6 * * 1\", or \"off\"".to_owned())
            }
        }
    }

    fn to_toml(&self) -> String {
        match self {
            Self::Off => "off".to_owned().to_toml(),
            Self::At(schedule) => schedule.to_string().to_toml(),
        }
    }
}

/// Kinds of incidents by their words.
#[derive(Debug, Clone, PartialEq)]
struct Kinds(BTreeSet<IncidentKind>);

impl Setting for Kinds {
    fn read(value: &Value) -> Result<Self, String> {
        let kinds = Vec::<String>::read(value)?;
        let parse = |word: String| word.parse().map_err(|_| format!("has `{word}`; of {}", words(&KINDS)));
        kinds.into_iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    fn to_toml(&self) -> String {
        self.0.iter().map(|kind| kind.as_str().to_owned()).collect::<Vec<String>>().to_toml()
    }
}

impl Setting for TargetName {
    fn read(value: &Value) -> Result<Self, String> {
        String::read(value)?.parse().map_err(|error: crate::retraining::TargetNameError| error.to_string())
    }

    fn to_toml(&self) -> String {
        self.as_str().to_owned().to_toml()
    }
}

//! The calendar of what is done for a model whether or not anything is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use super::cause::Category;
use crate::domain::Timestamp;
use crate::incident::Role;

/// Something to be done once in each period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaintenanceTask {
    /// Done by a run whose version was reported.
    PreventiveRetraining,
    /// Training data, their sources and their owners are gone through.
    DataRefresh,
    /// The model answers known cases as before.
    NonRegressionTests,
    /// Register, documents, fairness and access are audited.
    ComplianceAudit,
    /// The model is replaced before it is too old; done by a version that was trained lately. Its period is `max_age`.
    ModelAge,
}

/// A period of the calendar, by the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Monthly,
    Quarterly,
    HalfYearly,
}

/// What is to be done for a model.
#[derive(Debug, Clone, PartialEq)]
pub struct MaintenancePlan {
    pub zone: TimeZone,
    pub tasks: BTreeSet<(MaintenanceTask, Period)>,
    /// Age from which a version is too old.
    pub max_age: Option<Duration>,
    /// So long before a task is due, whoever must act is told.
    pub remind_before: Duration,
}

impl Default for MaintenancePlan {
    /// Nothing is planned.
    fn default() -> Self {
        let remind_before = Duration::from_secs(7 * 86_400);
        Self { zone: TimeZone::UTC, tasks: BTreeSet::new(), max_age: None, remind_before }
    }
}

/// A task of a model as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MaintenanceItem {
    pub task: MaintenanceTask,
    /// `None`: of [`MaintenanceTask::ModelAge`].
    pub period: Option<Period>,
    pub category: Category,
    pub role: Role,
    #[serde(flatten)]
    pub standing: Standing,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_done: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "standing")]
pub enum Standing {
    /// The first whole period of the model has not begun: it ends at `due_by`.
    Upcoming { due_by: Timestamp },
    /// In this period; the next is to be done by `due_by`.
    Done { due_by: Timestamp },
    /// Not yet in this period, which ends at `due_by`.
    Due { due_by: Timestamp },
    /// A period ended without it.
    Overdue { due_by: Timestamp },
}

/// All tasks of a plan at a time. `since`: from when on the model is known, whose first whole period counts; `done`:
/// when each task and period was done last; `trained_at`: of the version that serves.
pub fn calendar(
    plan: &MaintenancePlan,
    since: Timestamp,
    done: &BTreeMap<(MaintenanceTask, Option<Period>), Timestamp>,
    trained_at: Option<Timestamp>,
    now: Timestamp,
) -> Vec<MaintenanceItem> {
    let periodic = plan.tasks.iter().map(|&(task, period)| {
        let last_done = done.get(&(task, Some(period))).copied().filter(|at| *at <= now);
        let standing = standing(period, &plan.zone, since, last_done, now);
        MaintenanceItem::new(task, Some(period), standing, last_done)
    });
    let age = plan.max_age.zip(trained_at).map(|(max_age, trained_at)| {
        let due_by = trained_at.saturating_add(max_age);
        let standing = match now {
            now if now >= due_by => Standing::Overdue { due_by },
            now if due_by.since(now) <= plan.remind_before => Standing::Due { due_by },
            _ => Standing::Done { due_by },
        };
        MaintenanceItem::new(MaintenanceTask::ModelAge, None, standing, Some(trained_at))
    });
    periodic.chain(age).collect()
}

fn standing(
    period: Period,
    zone: &TimeZone,
    since: Timestamp,
    last_done: Option<Timestamp>,
    now: Timestamp,
) -> Standing {
    let this = period.start_of(local(now, zone));
    let end_of = |start: Date| instant(period.after(start), zone);
    // The period that must have it next: after the one that had it last, or the first whole one.
    let next = match last_done {
        Some(at) => period.after(period.start_of(local(at, zone))),
        None => {
            let begun = period.start_of(local(since, zone));
            if instant(begun, zone) >= since { begun } else { period.after(begun) }
        }
    };
    match next {
        next if next < this => Standing::Overdue { due_by: end_of(next) },
        next if next == this => Standing::Due { due_by: end_of(this) },
        next if last_done.is_none() => Standing::Upcoming { due_by: end_of(next) },
        next => Standing::Done { due_by: end_of(next) },
    }
}

fn local(at: Timestamp, zone: &TimeZone) -> Date {
    let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or_default();
    at.to_zoned(zone.clone()).date()
}

/// Midnight as a day begins; where clocks jump over it, the first instant of the day.
fn instant(day: Date, zone: &TimeZone) -> Timestamp {
    let start = day.to_zoned(zone.clone()).map_or(i64::MAX, |start| start.timestamp().as_microsecond());
    Timestamp::from_micros(start.min(Timestamp::MAX.micros()))
}

impl Period {
    pub const ALL: [Self; 3] = [Self::Monthly, Self::Quarterly, Self::HalfYearly];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::HalfYearly => "half_yearly",
        }
    }

    const fn months(self) -> i8 {
        match self {
            Self::Monthly => 1,
            Self::Quarterly => 3,
            Self::HalfYearly => 6,
        }
    }

    /// The first day of the period that holds a day.
    fn start_of(self, day: Date) -> Date {
        date(day.year(), (day.month() - 1) / self.months() * self.months() + 1, 1)
    }

    fn after(self, start: Date) -> Date {
        let months: Span = i64::from(self.months()).months();
        start.checked_add(months).unwrap_or(Date::MAX)
    }
}

impl MaintenanceTask {
    pub const ALL: [Self; 5] = [
        Self::PreventiveRetraining,
        Self::DataRefresh,
        Self::NonRegressionTests,
        Self::ComplianceAudit,
        Self::ModelAge,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PreventiveRetraining => "preventive_retraining",
            Self::DataRefresh => "data_refresh",
            Self::NonRegressionTests => "non_regression_tests",
            Self::ComplianceAudit => "compliance_audit",
            Self::ModelAge => "model_age",
        }
    }

    /// As people say it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PreventiveRetraining => "preventive retraining",
            Self::DataRefresh => "data refresh",
            Self::NonRegressionTests => "non-regression tests",
            Self::ComplianceAudit => "compliance audit",
            Self::ModelAge => "renewal by age",
        }
    }

    pub const fn category(self) -> Category {
        match self {
            Self::PreventiveRetraining | Self::NonRegressionTests | Self::ModelAge => Category::Preventive,
            Self::DataRefresh | Self::ComplianceAudit => Category::Adaptive,
        }
    }

    /// Who must act.
    pub const fn role(self) -> Role {
        match self {
            Self::PreventiveRetraining | Self::NonRegressionTests | Self::ModelAge => Role::ModelOwner,
            Self::DataRefresh => Role::DataEngineer,
            Self::ComplianceAudit => Role::SecurityOfficer,
        }
    }
}

impl MaintenanceItem {
    fn new(
        task: MaintenanceTask,
        period: Option<Period>,
        standing: Standing,
        last_done: Option<Timestamp>,
    ) -> Self {
        Self { task, period, category: task.category(), role: task.role(), standing, last_done }
    }

    /// What it is called: `data_refresh/monthly`, `model_age`.
    pub fn name(&self) -> String {
        match self.period {
            Some(period) => format!("{}/{}", self.task.as_str(), period.as_str()),
            None => self.task.as_str().to_owned(),
        }
    }

    /// What there is to tell whoever must act, from `remind_before` on; `None` where there is nothing.
    pub fn reminder(&self, remind_before: Duration, now: Timestamp) -> Option<String> {
        let title = self.task.title();
        match self.standing {
            Standing::Overdue { due_by } => Some(format!("{title} is overdue since {due_by}")),
            Standing::Due { due_by } if due_by.since(now) <= remind_before => {
                Some(format!("{title} is due by {due_by}"))
            }
            Standing::Due { .. } | Standing::Done { .. } | Standing::Upcoming { .. } => None,
        }
    }
}

impl Standing {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upcoming { .. } => "upcoming",
            Self::Done { .. } => "done",
            Self::Due { .. } => "due",
            Self::Overdue { .. } => "overdue",
        }
    }

    pub const fn due_by(self) -> Timestamp {
        match self {
            Self::Upcoming { due_by } | Self::Done { due_by } => due_by,
            Self::Due { due_by } | Self::Overdue { due_by } => due_by,
        }
    }
}

/// A word that is no task or no period.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no {what}; one of {known}")]
pub struct UnknownTask {
    what: &'static str,
    known: String,
}

impl FromStr for MaintenanceTask {
    type Err = UnknownTask;

    fn from_str(text: &str) -> Result<Self, UnknownTask> {
        let unknown =
            || UnknownTask { what: "task of maintenance", known: Self::ALL.map(Self::as_str).join(", ") };
        Self::ALL.into_iter().find(|task| task.as_str() == text).ok_or_else(unknown)
    }
}

impl FromStr for Period {
    type Err = UnknownTask;

    fn from_str(text: &str) -> Result<Self, UnknownTask> {
        let unknown = || UnknownTask { what: "period", known: Self::ALL.map(Self::as_str).join(", ") };
        Self::ALL.into_iter().find(|period| period.as_str() == text).ok_or_else(unknown)
    }
}

impl fmt::Display for MaintenanceTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn stands(period: Period, since: &str, done: Option<&str>, now: &str) -> String {
        let standing =
            standing(period, &TimeZone::get("Europe/Paris").unwrap(), at(since), done.map(at), at(now));
        format!("{} {}", standing.as_str(), standing.due_by())
    }

    #[test]
    fn a_task_is_due_done_and_overdue_by_the_calendar() {
        use Period::{HalfYearly, Monthly, Quarterly};
        let known = "2026-01-15T00:00:00Z";
        // Midnight in Paris: 23:00 UTC in winter, 22:00 in summer.
        assert_eq!(stands(Monthly, known, None, "2026-01-20T00:00:00Z"), "upcoming 2026-02-28T23:00:00Z");
        assert_eq!(stands(Monthly, known, None, "2026-01-31T23:00:00Z"), "due 2026-02-28T23:00:00Z");
        assert_eq!(stands(Monthly, known, None, "2026-02-28T22:59:59Z"), "due 2026-02-28T23:00:00Z");
        assert_eq!(stands(Monthly, known, None, "2026-02-28T23:00:00Z"), "overdue 2026-02-28T23:00:00Z");
        assert_eq!(stands(Monthly, known, None, "2026-06-01T00:00:00Z"), "overdue 2026-02-28T23:00:00Z");
        let done = Some("2026-03-02T00:00:00Z");
        assert_eq!(stands(Monthly, known, done, "2026-03-31T21:59:59Z"), "done 2026-04-30T22:00:00Z");
        assert_eq!(stands(Monthly, known, done, "2026-03-31T22:00:00Z"), "due 2026-04-30T22:00:00Z");
        assert_eq!(stands(Monthly, known, done, "2026-04-30T22:00:00Z"), "overdue 2026-04-30T22:00:00Z");
        assert_eq!(stands(Quarterly, known, done, "2026-07-01T00:00:00Z"), "overdue 2026-06-30T22:00:00Z");
        assert_eq!(stands(HalfYearly, known, None, "2026-12-31T22:59:59Z"), "due 2026-12-31T23:00:00Z");
        assert_eq!(stands(HalfYearly, known, None, "2028-02-29T00:00:00Z"), "overdue 2026-12-31T23:00:00Z");
        let first_day = "2025-12-31T23:00:00Z";
        assert_eq!(stands(Monthly, first_day, None, "2026-01-20T00:00:00Z"), "due 2026-01-31T23:00:00Z");
    }

    #[test]
    fn a_model_ages() {
        let plan = MaintenancePlan {
            zone: TimeZone::UTC,
            tasks: BTreeSet::new(),
            max_age: Some(Duration::from_secs(180 * 86_400)),
            remind_before: Duration::from_secs(7 * 86_400),
        };
        let of = |now: &str| {
            let trained = Some(at("2026-01-01T00:00:00Z"));
            calendar(&plan, at("2026-01-01T00:00:00Z"), &BTreeMap::new(), trained, at(now)).remove(0)
        };
        assert_eq!(of("2026-03-01T00:00:00Z").standing.as_str(), "done");
        assert_eq!(of("2026-06-23T00:00:00Z").standing.as_str(), "due");
        assert_eq!(of("2026-06-30T00:00:00Z").standing.as_str(), "overdue");
        let reminder = of("2026-06-30T00:00:00Z").reminder(plan.remind_before, at("2026-06-30T00:00:00Z"));
        assert_eq!(reminder.as_deref(), Some("renewal by age is overdue since 2026-06-30T00:00:00Z"));
        assert!(
            calendar(&plan, at("2026-01-01T00:00:00Z"), &BTreeMap::new(), None, at("2027-01-01T00:00:00Z"))
                .is_empty()
        );
    }
}

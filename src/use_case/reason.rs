//! Why something cannot be said of a use case: never 0, never NaN.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::figures::Component;
use super::month::Month;

/// A value, or why there is none. As JSON `{"value": …}` or `{"reason": {"code": …, "text": …}}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Answer<T> {
    #[serde(rename = "value")]
    Computed(T),
    #[serde(rename = "reason")]
    NotComputable(Reason),
}

/// Why there is no value.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum Reason {
    #[error("it has not started")]
    NotStarted,
    #[error("it started {months} months ago; at most {months_max} are looked at")]
    StartedTooLongAgo { months: u32, months_max: u32 },
    #[error("no gain of it is tracked")]
    NothingTracked,
    #[error("{} is tracked but its price is not given", .0.words())]
    NoRate(Component),
    #[error("{have} complete months; {need} are needed")]
    TooFewMonths { have: u32, need: u32 },
    #[error("figures are missing in {}", months(.0))]
    MissingMonths(Vec<Month>),
    #[error("nothing was spent")]
    NoCosts,
    #[error("no gain is expected by then")]
    NoExpectation,
    #[error("the usage is not known")]
    NoUsage,
    #[error("the satisfaction is not known")]
    NoSatisfaction,
    #[error("nothing technical is watched")]
    NothingWatched,
    #[error("{unknown} of {of} that are watched are not known")]
    StatusUnknown { unknown: usize, of: usize },
    #[error("no audit is planned")]
    NoAuditPlanned,
    #[error("no use case has the figures for it")]
    NoUseCase,
    #[error("nothing was due")]
    NothingDue,
    #[error("it was not handed over")]
    NotProvided,
}

impl Reason {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotStarted => "not_started",
            Self::StartedTooLongAgo { .. } => "started_too_long_ago",
            Self::NothingTracked => "nothing_tracked",
            Self::NoRate(_) => "no_rate",
            Self::TooFewMonths { .. } => "too_few_months",
            Self::MissingMonths(_) => "missing_months",
            Self::NoCosts => "no_costs",
            Self::NoExpectation => "no_expectation",
            Self::NoUsage => "no_usage",
            Self::NoSatisfaction => "no_satisfaction",
            Self::NothingWatched => "nothing_watched",
            Self::StatusUnknown { .. } => "status_unknown",
            Self::NoAuditPlanned => "no_audit_planned",
            Self::NoUseCase => "no_use_case",
            Self::NothingDue => "nothing_due",
            Self::NotProvided => "not_provided",
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reason = serializer.serialize_struct("Reason", 2)?;
        reason.serialize_field("code", self.code())?;
        reason.serialize_field("text", &self.to_string())?;
        reason.end()
    }
}

impl<T> Answer<T> {
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Computed(value) => Some(value),
            Self::NotComputable(_) => None,
        }
    }

    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Computed(_) => None,
            Self::NotComputable(reason) => Some(reason),
        }
    }

    pub fn as_result(&self) -> Result<&T, &Reason> {
        match self {
            Self::Computed(value) => Ok(value),
            Self::NotComputable(reason) => Err(reason),
        }
    }
}

impl<T> From<Result<T, Reason>> for Answer<T> {
    fn from(result: Result<T, Reason>) -> Self {
        match result {
            Ok(value) => Self::Computed(value),
            Err(reason) => Self::NotComputable(reason),
        }
    }
}

/// `2024-02, 2024-05`.
fn months(missing: &[Month]) -> impl fmt::Display {
    missing.iter().map(Month::to_string).collect::<Vec<_>>().join(", ")
}

//! The register's entry of a use case: what somebody wrote down about it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::cost::Costs;
use super::figures::Component;
use super::hypothesis::Expected;
use super::scalar::{Amount, Person, Text};
use super::score::Scores;
use crate::domain::ModelId;
use crate::kpi::{KpiId, UseCaseId};

/// Most data, systems or models that a use case names, each.
pub const LIST_MAX: usize = 50;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UseCase {
    pub id: UseCaseId,
    pub name: Text,
    pub process: Text,
    pub owner: Option<Person>,
    /// The KPI that it is for.
    pub north_star: Option<KpiId>,
    pub category: Category,
    pub risk: Risk,
    /// At most [`LIST_MAX`], as are systems and models.
    pub data: Vec<Text>,
    pub systems: Vec<Text>,
    pub models: Vec<ModelId>,
    pub next_step: Option<Text>,
    pub decision_date: Option<Date>,
    /// The calendar month that holds it is month 1; none: it has not started.
    pub started_on: Option<Date>,
    /// The north-star KPI before the start, in its unit.
    pub baseline: Option<f64>,
    pub expected: Option<Expected>,
    pub costs: Costs,
    /// What its worth is counted by. What is not in here counts 0 (gains) or as planned (run cost).
    pub tracked: BTreeSet<Component>,
    pub rates: Rates,
    pub scores: Option<Scores>,
    pub register: Register,
    pub targeted_users: Option<u64>,
}

/// Prices of what is tracked.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Of an hour saved.
    pub hourly_cost: Option<Amount>,
    /// Of an error that was avoided.
    pub error_cost: Option<Amount>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    QuickWin,
    Foundation,
    Differentiator,
    RiskAndCompliance,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    Low,
    Medium,
    High,
}

/// Where its compliance stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Register {
    /// The last day for the next audit.
    pub audit_due: Option<Date>,
    pub last_audit: Option<Date>,
    pub documented: Documentation,
}

/// Whether the entry in the register of AI systems is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Documentation {
    Complete,
    #[default]
    Incomplete,
}

/// What a [`Register`] says on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegisterStanding {
    pub documented: Documentation,
    pub audit: Audit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audit {
    /// Audited, and the next one is still to come.
    UpToDate {
        last: Date,
        due: Date,
    },
    /// Never audited, and the first one is still to come.
    First {
        due: Date,
    },
    /// The day has passed without an audit on it or after it.
    Overdue {
        due: Date,
        days: i32,
    },
    NotPlanned,
}

impl Register {
    /// An audit that is due today is not overdue; one that was held after `audit_due` keeps it from being so.
    /// Audits later than today have not been held.
    pub fn standing(&self, today: Date) -> RegisterStanding {
        let last = self.last_audit.filter(|last| *last <= today);
        let audit = match (self.audit_due, last) {
            (None, _) => Audit::NotPlanned,
            (Some(due), Some(last)) if today <= due || last >= due => Audit::UpToDate { last, due },
            (Some(due), None) if today <= due => Audit::First { due },
            (Some(due), _) => Audit::Overdue { due, days: days_between(due, today) },
        };
        RegisterStanding { documented: self.documented, audit }
    }
}

/// Days from one date to another, negative where `to` is the earlier.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    i32::try_from(to.duration_since(from).as_hours() / 24).unwrap_or(i32::MAX)
}

impl Category {
    pub const ALL: [Self; 4] =
        [Self::QuickWin, Self::Foundation, Self::Differentiator, Self::RiskAndCompliance];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QuickWin => "quick_win",
            Self::Foundation => "foundation",
            Self::Differentiator => "differentiator",
            Self::RiskAndCompliance => "risk_and_compliance",
        }
    }
}

impl Risk {
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

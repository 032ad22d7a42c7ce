//! What a KPI is: which stream it reads, how, over which period, and within which bounds it is well.

use std::time::Duration;

use super::calendar::Period;
use super::formula::Formula;
use super::id::{Family, KpiId};
use super::unit::Unit;

/// One KPI.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    pub id: KpiId,
    pub family: Family,
    pub unit: Unit,
    pub kind: Kind,
    pub bounds: Bounds,
    pub owner: Option<String>,
    /// How often it is read: each calendar period has one value, judged when the period is over.
    pub period: Period,
    /// What each value is of, where that is not its period: so long up to the period's end. The users of the last 30 days,
    /// read each day. Whole days of the calendar; of a KPI that is read each hour whole hours.
    pub window: Option<Duration>,
    /// How long after a period's end its samples are waited for, where that is not as for all: what finance reports comes
    /// weeks after the month.
    pub lateness: Option<Duration>,
    /// Without a sample for so long it is stale.
    pub stale_after: Duration,
    pub description: String,
    /// The attribute that samples are also counted by (`team`), if any.
    pub by: Option<Box<str>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Read from the counts of a stream; several KPIs may read one.
    Counted { stream: KpiId, reading: Reading },
    /// Computed from other KPIs over the same period.
    Formula(Formula),
}

/// How the counts of a period become one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reading {
    /// The newest sample.
    Last,
    Mean,
    Sum {
        empty: Empty,
    },
    /// Σ numerator / Σ denominator.
    Ratio,
    /// q in [0, 1], to 1 % of the value.
    Quantile(f64),
    /// Samples in `per`: n · per / length of the period.
    Rate {
        per: Duration,
        empty: Empty,
    },
    /// How many different users.
    Distinct {
        empty: Empty,
    },
    /// Samples for each different user.
    Frequency,
    /// Net promoter score, −100 to 100: share of answers 9–10 less share of answers 0–6.
    Nps,
    /// Share of answers that are satisfied.
    Satisfaction(Satisfied),
    /// Share of the period's slots with traffic of which at most `errors_max` failed.
    Uptime {
        errors_max: f64,
    },
}

/// What a period without a sample means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Empty {
    /// Nothing is known of it.
    #[default]
    Unknown,
    /// Nothing happened.
    Zero,
}

/// From which answer on somebody is satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Satisfied {
    pub lowest: i16,
    pub highest: i16,
    pub from: i16,
}

/// Where a KPI is well. Reached bounds count as crossed; the target is to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    pub direction: Direction,
    pub target: Option<f64>,
    pub warning: Option<f64>,
    pub critical: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    HigherIsBetter,
    LowerIsBetter,
}

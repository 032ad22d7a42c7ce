//! What a use case brought and cost, month by month.
//!
//! `benefits = time saved × cost of an hour + errors avoided × cost of an error + added revenue`, and
//! `gain = benefits − run cost`.
//!
//! A component that the use case does not track counts 0 (its run cost: planned run / 12, marked as planned):
//! that is declared. One that it tracks but that a month lacks makes that month missing, which is listed.
//! Months are those of the calendar; month 1 holds the start, and a month is complete when its last day is
//! over.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::month::Month;
use super::reason::Reason;
use super::register::UseCase;
use super::scalar::Amount;

/// Most months from the start on that are looked at: 20 years.
pub const MONTHS_MAX: u32 = 240;

/// What the worth of a use case is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Component {
    TimeSaved,
    ErrorsAvoided,
    AddedRevenue,
    RunCost,
}

/// The figures of a month, as known. A value that is not finite, or beyond ±1e15, counts as missing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MonthFigures {
    pub month: Month,
    pub time_saved_hours: Option<f64>,
    pub errors_avoided: Option<f64>,
    pub added_revenue: Option<f64>,
    pub run_cost: Option<f64>,
    /// Active over targeted users.
    pub usage: Option<f64>,
    /// Share of the answers that are satisfied.
    pub satisfaction: Option<f64>,
}

/// The complete months since the start, without a gap.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// The first is month 1.
    pub months: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// 1 for the month that holds the start.
    pub number: u32,
    pub month: Month,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Computed {
        benefits: f64,
        run_cost: f64,
        run_cost_source: RunCost,
        /// Benefits less the run cost.
        gain: f64,
    },
    /// What is tracked but missing.
    Missing { components: Vec<Component> },
}

/// Where a month's run cost comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunCost {
    Recorded,
    /// Not tracked: a twelfth of the plan's.
    Planned,
}

impl Component {
    pub const ALL: [Self; 4] = [Self::TimeSaved, Self::ErrorsAvoided, Self::AddedRevenue, Self::RunCost];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimeSaved => "time_saved",
            Self::ErrorsAvoided => "errors_avoided",
            Self::AddedRevenue => "added_revenue",
            Self::RunCost => "run_cost",
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::TimeSaved => "the time saved",
            Self::ErrorsAvoided => "errors avoided",
            Self::AddedRevenue => "added revenue",
            Self::RunCost => "the run cost",
        }
    }
}

impl MonthFigures {
    /// A month of which nothing is known yet.
    pub const fn unknown(month: Month) -> Self {
        Self {
            month,
            time_saved_hours: None,
            errors_avoided: None,
            added_revenue: None,
            run_cost: None,
            usage: None,
            satisfaction: None,
        }
    }

    fn of(&self, component: Component) -> Option<f64> {
        sane(match component {
            Component::TimeSaved => self.time_saved_hours,
            Component::ErrorsAvoided => self.errors_avoided,
            Component::AddedRevenue => self.added_revenue,
            Component::RunCost => self.run_cost,
        })
    }
}

/// How many months are complete on `today`, month 1 being the one that holds `started_on`.
///
/// February 2024 is complete from 1 March on: its 29th is a day of it.
pub fn complete_months(started_on: Option<Date>, today: Date) -> u32 {
    let Some(started_on) = started_on.filter(|start| *start <= today) else { return 0 };
    let current = Month::of(today).number_from(Month::of(started_on));
    u32::try_from(current - 1).unwrap_or(0)
}

/// The figures of every complete month since the start, month 1 first; a month without any is one of which
/// nothing is known. They come in any order; of two of one month the later in the list counts (a correction).
///
/// Errors where it has not started or started more than [`MONTHS_MAX`] months ago.
pub fn since_start(
    started_on: Option<Date>,
    figures: &[MonthFigures],
    today: Date,
) -> Result<Vec<MonthFigures>, Reason> {
    let started_on = started_on.filter(|start| *start <= today).ok_or(Reason::NotStarted)?;
    let complete = complete_months(Some(started_on), today);
    if complete > MONTHS_MAX {
        return Err(Reason::StartedTooLongAgo { months: complete, months_max: MONTHS_MAX });
    }
    let first = Month::of(started_on);
    let newest: HashMap<Month, &MonthFigures> =
        figures.iter().map(|figures| (figures.month, figures)).collect();
    let months = (1..=complete).map(|number| {
        let month = first.numbered(number);
        newest.get(&month).map_or_else(|| MonthFigures::unknown(month), |figures| **figures)
    });
    Ok(months.collect())
}

/// What a use case brought and cost in every complete month since its start.
///
/// Errors as [`since_start`] does, and where it tracks no gain or the price of what it tracks is not given.
pub fn history(use_case: &UseCase, figures: &[MonthFigures], today: Date) -> Result<History, Reason> {
    let figures = since_start(use_case.started_on, figures, today)?;
    let prices = prices(use_case)?;
    let line = |(number, figures): (u32, &MonthFigures)| Line {
        number,
        month: figures.month,
        outcome: outcome(use_case, &prices, figures),
    };
    Ok(History { months: (1..).zip(&figures).map(line).collect() })
}

/// The gains that are tracked, each with the price of its unit.
fn prices(use_case: &UseCase) -> Result<Vec<(Component, f64)>, Reason> {
    let mut prices = Vec::new();
    for &component in &use_case.tracked {
        let price = match component {
            Component::TimeSaved => use_case.rates.hourly_cost.map(|amount| amount.get()),
            Component::ErrorsAvoided => use_case.rates.error_cost.map(|amount| amount.get()),
            Component::AddedRevenue => Some(1.0),
            Component::RunCost => continue,
        };
        prices.push((component, price.ok_or(Reason::NoRate(component))?));
    }
    match prices.is_empty() {
        true => Err(Reason::NothingTracked),
        false => Ok(prices),
    }
}

fn outcome(use_case: &UseCase, prices: &[(Component, f64)], figures: &MonthFigures) -> Outcome {
    let components: Vec<Component> =
        use_case.tracked.iter().copied().filter(|component| figures.of(*component).is_none()).collect();
    if !components.is_empty() {
        return Outcome::Missing { components };
    }
    let benefits = prices.iter().filter_map(|(component, price)| Some(figures.of(*component)? * price)).sum();
    let (run_cost, run_cost_source) =
        match figures.of(Component::RunCost).filter(|_| use_case.tracked.contains(&Component::RunCost)) {
            Some(recorded) => (recorded, RunCost::Recorded),
            None => (use_case.costs.run_per_month(), RunCost::Planned),
        };
    Outcome::Computed { benefits, run_cost, run_cost_source, gain: benefits - run_cost }
}

/// Known, and small enough that sums of products stay finite.
fn sane(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.abs() <= Amount::MAX)
}

impl History {
    /// Months of which something tracked is missing.
    pub fn missing(&self) -> Vec<Month> {
        let missing = self.months.iter().filter(|line| matches!(line.outcome, Outcome::Missing { .. }));
        missing.map(|line| line.month).collect()
    }

    /// Every month that could be computed: its line, benefits and run cost.
    pub fn computed(&self) -> impl Iterator<Item = (&Line, f64, f64)> {
        self.months.iter().filter_map(|line| match line.outcome {
            Outcome::Computed { benefits, run_cost, .. } => Some((line, benefits, run_cost)),
            Outcome::Missing { .. } => None,
        })
    }
}

//! One use case on one day: everything that is computed of it.

use jiff::civil::Date;
use serde::Serialize;

use super::adoption::{Curve, Trend, curve};
use super::closing::{Grid, Horizons};
use super::criteria::{self, Limits, Watched};
use super::figures::{History, MonthFigures, complete_months, history, since_start};
use super::hypothesis::Hypothesis;
use super::proposal::{Phase, Proposed, propose};
use super::reason::{Answer, Reason};
use super::register::UseCase;
use super::roi::Roi;
use super::score::{Score, Weights};

/// What is known of a use case besides its entry in the register.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub today: Date,
    /// Figures of its months, in any order.
    pub months: Vec<MonthFigures>,
    /// Technical KPIs and the statuses of its models, as they are now.
    pub watched: Vec<Watched>,
}

/// What is the same for all use cases.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rules {
    pub weights: Weights,
    pub limits: Limits,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assessment {
    pub use_case: UseCase,
    pub today: Date,
    /// Calendar months since the start that are over.
    pub complete_months: u32,
    pub score: Option<Score>,
    pub history: Answer<History>,
    pub roi: Answer<Roi>,
    pub hypothesis: Answer<Hypothesis>,
    /// By month since the start.
    pub usage: Answer<Curve>,
    pub satisfaction: Answer<Curve>,
    pub watched: Vec<Watched>,
    pub closing: Grid,
    pub horizons: Horizons,
    #[serde(flatten)]
    pub proposed: Proposed,
}

/// Everything that is computed of a use case.
pub fn assess(use_case: &UseCase, facts: &Facts, rules: &Rules) -> Assessment {
    let today = facts.today;
    let complete_months = complete_months(use_case.started_on, today);
    let history = history(use_case, &facts.months, today);
    let roi: Answer<Roi> = history
        .as_ref()
        .map(|history| Roi::of(history, use_case.costs.one_off()))
        .map_err(Clone::clone)
        .into();
    let hypothesis = history.as_ref().map_err(Clone::clone).and_then(|history| {
        let expected = use_case.expected.as_ref().ok_or(Reason::NoExpectation)?;
        Hypothesis::of(history, expected)
    });
    let by_month = |read: fn(&MonthFigures) -> Option<f64>| -> Answer<Curve> {
        since_start(use_case.started_on, &facts.months, today)
            .map(|months| curve(&months.iter().map(read).collect::<Vec<_>>()))
            .into()
    };
    let usage = by_month(|month| month.usage);
    let satisfaction = by_month(|month| month.satisfaction);
    let closing = Grid {
        technique: criteria::technique(&facts.watched),
        roi: criteria::roi(&roi),
        adoption: criteria::adoption(&usage, &satisfaction, &rules.limits),
        register: criteria::register(&use_case.register, today),
    };
    let trend = usage.value().map_or(Trend::NotEnough, |usage| usage.trend);
    Assessment {
        use_case: use_case.clone(),
        today,
        complete_months,
        score: use_case.scores.map(|scores| scores.weighted(rules.weights)),
        roi,
        hypothesis: hypothesis.into(),
        history: history.into(),
        usage,
        satisfaction,
        watched: facts.watched.clone(),
        horizons: closing.horizons(),
        proposed: propose(&closing, trend, Phase::after(complete_months)),
        closing,
    }
}

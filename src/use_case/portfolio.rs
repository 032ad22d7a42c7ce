//! All use cases together.

use jiff::civil::Date;
use serde::Serialize;

use super::assess::{Assessment, Rules};
use super::decisions::{Decision, decisions};
use super::indicators::{Indicator, indicators};
use super::signs::{Priority, Sign, SignState, signs};

/// What is known of the portfolio besides its use cases.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioFacts {
    pub today: Date,
    pub priorities: Vec<Priority>,
    /// None where nobody counted them.
    pub critical_incidents_open: Option<u64>,
    pub sla: Option<SlaKept>,
    /// From how many days before a decision date on its owner is reminded.
    pub remind_before_days: u32,
}

/// What use cases are weighed by, and who is reminded when.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PortfolioPlan {
    pub rules: Rules,
    pub priorities: Vec<Priority>,
    /// From how many days before a decision date on its owner is reminded.
    pub remind_before_days: u32,
}

/// Incidents whose SLA was due, and those handled in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlaKept {
    pub kept: u64,
    pub due: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Portfolio {
    pub today: Date,
    pub use_cases: usize,
    pub indicators: Vec<Indicator>,
    pub signs: Vec<Sign>,
    pub signs_raised: usize,
    /// Those that come within the reminder, or have passed.
    pub decisions: Vec<Decision>,
    pub priorities: Vec<Priority>,
}

impl PortfolioFacts {
    pub const REMIND_BEFORE_DAYS: u32 = 14;

    /// Of a portfolio that has no priorities and of whose incidents nothing is known.
    pub const fn on(today: Date) -> Self {
        Self {
            today,
            priorities: Vec::new(),
            critical_incidents_open: None,
            sla: None,
            remind_before_days: Self::REMIND_BEFORE_DAYS,
        }
    }
}

pub fn portfolio(assessments: &[Assessment], facts: &PortfolioFacts) -> Portfolio {
    let signs = signs(assessments, &facts.priorities);
    Portfolio {
        today: facts.today,
        use_cases: assessments.len(),
        indicators: indicators(assessments, facts),
        signs_raised: signs.iter().filter(|sign| sign.state == SignState::Raised).count(),
        signs,
        decisions: decisions(assessments, facts.today, facts.remind_before_days),
        priorities: facts.priorities.clone(),
    }
}

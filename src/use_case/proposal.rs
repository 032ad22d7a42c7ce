//! What to do with a use case next: a proposal with its reasons; people decide.
//!
//! The first row that applies:
//!
//! | proposal | when |
//! |---|---|
//! | scale | all four criteria are met, and usage does not fall |
//! | stop | from month 6 on: ROI is missed, and adoption is missed or usage falls |
//! | iterate | a criterion is missed, or usage falls |
//! | continue | the rest: nothing missed, something on its way or not known |
//!
//! So nothing is stopped for its technique or its register alone, which can be repaired, nor before it had 6
//! months, nor for figures that are missing.

use serde::Serialize;

use super::adoption::Trend;
use super::closing::{Criterion, Grid, Standing};
use super::roi::TARGET_MONTH;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposal {
    Continue,
    Iterate,
    Scale,
    Stop,
}

/// Whether six calendar months since the start are complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    BeforeMonthSix,
    FromMonthSix,
}

/// A proposal and what led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposed {
    pub proposal: Proposal,
    /// The criteria that the row rests on, in the grid's order; last that usage falls, where it does.
    pub reasons: Vec<Because>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Because {
    pub criterion: Criterion,
    pub words: String,
}

impl Proposal {
    pub const ALL: [Self; 4] = [Self::Continue, Self::Iterate, Self::Scale, Self::Stop];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::Iterate => "iterate",
            Self::Scale => "scale",
            Self::Stop => "stop",
        }
    }
}

impl Phase {
    pub const fn after(complete_months: u32) -> Self {
        if complete_months >= TARGET_MONTH { Self::FromMonthSix } else { Self::BeforeMonthSix }
    }
}

/// The decision table. `usage` is the trend of the usage curve.
pub fn propose(grid: &Grid, usage: Trend, phase: Phase) -> Proposed {
    let with = |fits: fn(&Standing) -> bool| -> Vec<Criterion> {
        Criterion::ALL.into_iter().filter(|criterion| fits(&grid.of(*criterion).standing)).collect()
    };
    let met = with(|standing| *standing == Standing::Met);
    let missed = with(|standing| *standing == Standing::Missed);
    let open = with(|standing| matches!(standing, Standing::OnItsWay | Standing::Unknown(_)));
    let falls = usage == Trend::Falls;
    let fails = missed.contains(&Criterion::Roi) && (missed.contains(&Criterion::Adoption) || falls);
    let (proposal, deciding) = match phase {
        _ if met.len() == Criterion::ALL.len() && !falls => (Proposal::Scale, met),
        Phase::FromMonthSix if fails => {
            let business = |criterion: &Criterion| matches!(criterion, Criterion::Roi | Criterion::Adoption);
            (Proposal::Stop, missed.into_iter().filter(business).collect())
        }
        _ if falls || !missed.is_empty() => (Proposal::Iterate, missed),
        _ => (Proposal::Continue, open),
    };
    let mut reasons: Vec<Because> = deciding.into_iter().map(|criterion| because(grid, criterion)).collect();
    if falls {
        reasons.push(Because { criterion: Criterion::Adoption, words: "usage falls".to_owned() });
    }
    Proposed { proposal, reasons }
}

fn because(grid: &Grid, criterion: Criterion) -> Because {
    let finding = grid.of(criterion);
    let standing = finding.standing.as_str().replace('_', " ");
    let why = match &finding.standing {
        Standing::Unknown(reason) if !finding.words.contains(&reason.to_string()) => format!(" ({reason})"),
        _ => String::new(),
    };
    Because { criterion, words: format!("{standing}{why}: {}", finding.words) }
}

//! The six signs of a badly run portfolio, each with its evidence.

use std::collections::HashSet;

use serde::Serialize;

use super::adoption::{Curve, Trend, curve};
use super::assess::Assessment;
use super::closing::Standing;
use super::figures::{Line, Outcome, RunCost};
use super::reason::Answer;
use super::scalar::Text;
use crate::kpi::UseCaseId;

/// Priorities that a portfolio is to name; all of its use cases where it has fewer.
const PRIORITIES: usize = 3;
/// The newest complete months in which cost is held against impact.
const COST_MONTHS: usize = 6;

/// One of the portfolio's priorities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Priority {
    pub use_case: UseCaseId,
    pub reason: Option<Text>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignId {
    /// A use case names no north-star KPI.
    NoKpi,
    NoOwner,
    /// Fewer than three use cases of the portfolio are named as priorities, each with a reason.
    NoPriorities,
    /// A usage curve falls.
    AdoptionFalling,
    /// An audit is overdue, or the register incomplete.
    ComplianceLate,
    /// Over the last 6 complete months the recorded run cost grows, and the benefits neither grow nor rise by more.
    CostWithoutImpact,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sign {
    pub id: SignId,
    pub state: SignState,
    /// Of how many use cases it could be told.
    pub n: usize,
    pub evidence: Vec<Evidence>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignState {
    Raised,
    Clear,
    /// No use case has the figures for it.
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// None where it is of the whole portfolio.
    pub use_case: Option<UseCaseId>,
    pub words: String,
}

/// What a sign is of one use case.
enum Seen {
    Yes(String),
    No,
    NotTold,
}

impl SignId {
    pub const ALL: [Self; 6] = [
        Self::NoKpi,
        Self::NoOwner,
        Self::NoPriorities,
        Self::AdoptionFalling,
        Self::ComplianceLate,
        Self::CostWithoutImpact,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoKpi => "no_kpi",
            Self::NoOwner => "no_owner",
            Self::NoPriorities => "no_priorities",
            Self::AdoptionFalling => "adoption_falling",
            Self::ComplianceLate => "compliance_late",
            Self::CostWithoutImpact => "cost_without_impact",
        }
    }
}

/// All six, in the order of [`SignId::ALL`].
pub fn signs(assessments: &[Assessment], priorities: &[Priority]) -> Vec<Sign> {
    SignId::ALL
        .into_iter()
        .map(|id| match id {
            SignId::NoKpi => by_use_case(id, assessments, no_kpi),
            SignId::NoOwner => by_use_case(id, assessments, no_owner),
            SignId::NoPriorities => no_priorities(assessments, priorities),
            SignId::AdoptionFalling => by_use_case(id, assessments, adoption_falling),
            SignId::ComplianceLate => by_use_case(id, assessments, compliance_late),
            SignId::CostWithoutImpact => by_use_case(id, assessments, cost_without_impact),
        })
        .collect()
}

fn by_use_case(id: SignId, assessments: &[Assessment], look: fn(&Assessment) -> Seen) -> Sign {
    let (mut n, mut evidence) = (0, Vec::new());
    for assessment in assessments {
        let words = match look(assessment) {
            Seen::NotTold => continue,
            Seen::No => None,
            Seen::Yes(words) => Some(words),
        };
        n += 1;
        let use_case = Some(assessment.use_case.id.clone());
        evidence.extend(words.map(|words| Evidence { use_case, words }));
    }
    Sign::of(id, n, evidence)
}

impl Sign {
    fn of(id: SignId, n: usize, evidence: Vec<Evidence>) -> Self {
        let state = match (n, evidence.is_empty()) {
            (0, _) => SignState::Unknown,
            (_, true) => SignState::Clear,
            (_, false) => SignState::Raised,
        };
        Self { id, state, n, evidence }
    }
}

fn no_kpi(assessment: &Assessment) -> Seen {
    match assessment.use_case.north_star {
        Some(_) => Seen::No,
        None => Seen::Yes("names no north-star KPI".to_owned()),
    }
}

fn no_owner(assessment: &Assessment) -> Seen {
    match assessment.use_case.owner {
        Some(_) => Seen::No,
        None => Seen::Yes("has no owner".to_owned()),
    }
}

/// A priority counts once, where it is of a use case of the portfolio and has a reason.
fn no_priorities(assessments: &[Assessment], priorities: &[Priority]) -> Sign {
    let known: HashSet<&UseCaseId> = assessments.iter().map(|assessment| &assessment.use_case.id).collect();
    let counted: HashSet<&UseCaseId> = priorities
        .iter()
        .filter(|priority| priority.reason.is_some() && known.contains(&priority.use_case))
        .map(|priority| &priority.use_case)
        .collect();
    let need = PRIORITIES.min(known.len());
    let mut evidence = Vec::new();
    if counted.len() < need {
        let words = format!("{} of {need} priorities are named with a reason", counted.len());
        evidence.push(Evidence { use_case: None, words });
        for priority in priorities.iter().filter(|priority| !counted.contains(&priority.use_case)) {
            let words = match known.contains(&priority.use_case) {
                true => "is a priority without a reason",
                false => "is a priority but not in the register",
            };
            evidence.push(Evidence { use_case: Some(priority.use_case.clone()), words: words.to_owned() });
        }
    }
    Sign::of(SignId::NoPriorities, known.len(), evidence)
}

fn adoption_falling(assessment: &Assessment) -> Seen {
    let Answer::Computed(usage) = &assessment.usage else { return Seen::NotTold };
    match (usage.trend, usage.slope_per_period) {
        (Trend::NotEnough, _) | (_, None) => Seen::NotTold,
        (Trend::Falls, Some(slope)) => {
            let points = slope * 100.0;
            Seen::Yes(format!("usage falls over {} months, by {:.1} points a month", usage.n, -points))
        }
        (Trend::Grows | Trend::Stagnates, Some(_)) => Seen::No,
    }
}

fn compliance_late(assessment: &Assessment) -> Seen {
    let register = &assessment.closing.register;
    match register.standing {
        Standing::Missed => Seen::Yes(register.words.clone()),
        Standing::Met | Standing::OnItsWay | Standing::Unknown(_) => Seen::No,
    }
}

/// Both by [`curve`], Mann and Kendall's test at 5 %: cost must be seen to grow, and benefits must not. Benefits that rise by
/// more than the cost, but not steadily, are an impact too. Planned run cost is the same every month and tells nothing.
fn cost_without_impact(assessment: &Assessment) -> Seen {
    let Answer::Computed(history) = &assessment.history else { return Seen::NotTold };
    let newest = &history.months[history.months.len().saturating_sub(COST_MONTHS)..];
    if newest.len() < COST_MONTHS {
        return Seen::NotTold;
    }
    let read = |read: fn(&Line) -> Option<f64>| curve(&newest.iter().map(read).collect::<Vec<_>>());
    let cost = read(|line| match line.outcome {
        Outcome::Computed { run_cost, run_cost_source: RunCost::Recorded, .. } => Some(run_cost),
        Outcome::Computed { .. } | Outcome::Missing { .. } => None,
    });
    let impact = read(|line| match line.outcome {
        Outcome::Computed { benefits, .. } => Some(benefits),
        Outcome::Missing { .. } => None,
    });
    let slope = |of: &Curve| of.slope_per_period.unwrap_or_default();
    let (cost_slope, impact_slope) = (slope(&cost), slope(&impact));
    match (cost.trend, impact.trend) {
        (Trend::NotEnough, _) | (_, Trend::NotEnough) => Seen::NotTold,
        (Trend::Grows, Trend::Stagnates | Trend::Falls) if impact_slope < cost_slope => Seen::Yes(format!(
            "over the last {COST_MONTHS} months the run cost grows by {cost_slope:.0} a month, the benefits by {impact_slope:.0}"
        )),
        _ => Seen::No,
    }
}

//! Is the use case worth it?

use std::collections::BTreeSet;

use super::{Line, Of, Ready, kpi_name, price, unit};
use crate::kpi::calendar::Period;
use crate::kpi::catalogue::Constant;
use crate::kpi::definition::{Definition, Direction, Empty, Reading};
use crate::kpi::id::{Family, UseCaseId};
use crate::kpi::unit::{Unit, UnitError};

/// What is recorded of a use case; the stream has the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tracked {
    /// Hours.
    TimeSaved,
    ErrorsAvoided,
    /// Money, as is the run cost.
    AddedRevenue,
    RunCost,
    /// Cases handled without a person, over all cases.
    AutomationRate,
    /// Of each case, in a unit of choice.
    ProcessingTime,
    /// Complaints over cases.
    ComplaintRate,
    /// Answers from 0 to 10.
    Nps,
}

/// How a use case's strategic KPIs are read.
#[derive(Debug, Clone, PartialEq)]
pub struct StrategicOptions {
    pub period: Period,
    /// What is not in here has no KPI, and no part in the gains.
    pub tracks: BTreeSet<Tracked>,
    pub currency: Unit,
    /// What an hour saved, and an error avoided, is worth: the gains need those of what is tracked.
    pub hourly_cost: Option<f64>,
    pub error_cost: Option<f64>,
    pub processing_time_unit: Unit,
    /// The processing time before the start; without it there is no `processing_time_change`.
    pub processing_time_baseline: Option<f64>,
}

impl Tracked {
    pub const ALL: [Self; 8] = [
        Self::TimeSaved,
        Self::ErrorsAvoided,
        Self::AddedRevenue,
        Self::RunCost,
        Self::AutomationRate,
        Self::ProcessingTime,
        Self::ComplaintRate,
        Self::Nps,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TimeSaved => "time_saved",
            Self::ErrorsAvoided => "errors_avoided",
            Self::AddedRevenue => "added_revenue",
            Self::RunCost => "run_cost",
            Self::AutomationRate => "automation_rate",
            Self::ProcessingTime => "processing_time",
            Self::ComplaintRate => "complaint_rate",
            Self::Nps => "nps",
        }
    }

    /// Its part in the gains, after those before it: `+ time_saved * hourly_cost`.
    const fn gain(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::TimeSaved => Some(("+", "time_saved * hourly_cost")),
            Self::ErrorsAvoided => Some(("+", "errors_avoided * error_cost")),
            Self::AddedRevenue => Some(("+", "added_revenue")),
            Self::RunCost => Some(("-", "run_cost")),
            Self::AutomationRate | Self::ProcessingTime | Self::ComplaintRate | Self::Nps => None,
        }
    }
}

/// The strategic KPIs of a use case.
///
/// | KPI | value |
/// |---|---|
/// | `time_saved`, `errors_avoided`, `added_revenue`, `run_cost` | sums |
/// | `gains` | time saved · hourly cost + errors avoided · cost of an error + added revenue − run cost, of those tracked |
/// | `automation_rate` | cases handled without a person / cases |
/// | `processing_time` | mean |
/// | `processing_time_change` | processing time / baseline − 1; −0.3 is 30 % faster |
/// | `complaint_rate` | complaints / cases |
/// | `nps` | net promoter score, −100 to 100 |
///
/// Errors where `currency` is a unit of too many factors to have a price in it.
pub fn strategic(use_case: &UseCaseId, options: &StrategicOptions) -> Result<Ready, UnitError> {
    let of = Of { use_case: Some(use_case), model: None, family: Family::Strategic, period: options.period };
    let mut definitions: Vec<Definition> =
        options.tracks.iter().map(|tracked| recorded(*tracked, &of, options)).collect();
    definitions.extend(gains(&of, options));
    let mut constants = Vec::new();
    let mut constant = |name: &str, value: Option<f64>, unit: Unit| {
        constants.extend(value.map(|value| (kpi_name(name), Constant { value, unit })));
    };
    constant("hourly_cost", options.hourly_cost, price(&options.currency, "h")?);
    constant("error_cost", options.error_cost, price(&options.currency, "error")?);
    if options.tracks.contains(&Tracked::ProcessingTime) && options.processing_time_baseline.is_some() {
        let time = options.processing_time_unit.clone();
        constant("processing_time_baseline", options.processing_time_baseline, time);
        let line = Line {
            name: "processing_time_change",
            unit: unit("ratio"),
            direction: Direction::LowerIsBetter,
            description: "Processing time against the baseline; below 0 is faster",
        };
        definitions.push(of.computed(line, "processing_time / processing_time_baseline - 1"));
    }
    Ok(Ready { definitions, constants })
}

fn recorded(tracked: Tracked, of: &Of<'_>, options: &StrategicOptions) -> Definition {
    use Direction::{HigherIsBetter, LowerIsBetter};

    // A month without a figure is one whose figure is not known: nobody reported that it is 0.
    let sum = Reading::Sum { empty: Empty::Unknown };
    let money = || options.currency.clone();
    let (unit, direction, reading, description) = match tracked {
        Tracked::TimeSaved => (unit("h"), HigherIsBetter, sum, "Working time saved"),
        Tracked::ErrorsAvoided => (unit("error"), HigherIsBetter, sum, "Errors that did not happen"),
        Tracked::AddedRevenue => (money(), HigherIsBetter, sum, "Revenue that would not have come otherwise"),
        Tracked::RunCost => (money(), LowerIsBetter, sum, "Cost of running it"),
        Tracked::AutomationRate => {
            (unit("ratio"), HigherIsBetter, Reading::Ratio, "Share of cases handled without a person")
        }
        Tracked::ProcessingTime => {
            (options.processing_time_unit.clone(), LowerIsBetter, Reading::Mean, "Mean time to handle a case")
        }
        Tracked::ComplaintRate => (unit("ratio"), LowerIsBetter, Reading::Ratio, "Complaints for each case"),
        Tracked::Nps => (Unit::one(), HigherIsBetter, Reading::Nps, "Net promoter score, -100 to 100"),
    };
    let line = Line { name: tracked.as_str(), unit, direction, description };
    of.counted(line, tracked.as_str(), reading)
}

/// `None` where nothing that brings or costs is tracked.
fn gains(of: &Of<'_>, options: &StrategicOptions) -> Option<Definition> {
    let mut formula = String::new();
    for (sign, part) in options.tracks.iter().filter_map(|tracked| tracked.gain()) {
        match (formula.is_empty(), sign) {
            (true, "+") => {}
            (true, _) => formula.push_str(sign),
            (false, _) => {
                formula.push(' ');
                formula.push_str(sign);
                formula.push(' ');
            }
        }
        formula.push_str(part);
    }
    let line = Line {
        name: "gains",
        unit: options.currency.clone(),
        direction: Direction::HigherIsBetter,
        description: match options.tracks.contains(&Tracked::RunCost) {
            true => "What it brought less what it cost to run",
            false => "What it brought; what it costs to run is not tracked",
        },
    };
    (!formula.is_empty()).then(|| of.computed(line, &formula))
}

//! Ready-made KPIs: what most models and use cases are asked about, as definitions.
//!
//! Each family is of one model or one use case. None of its KPIs has bounds: what is well is for its owner to say.

mod technical;

mod strategic;

mod adoption;

use std::time::Duration;

pub use adoption::{AdoptionOptions, adoption};
pub use strategic::{StrategicOptions, Tracked, strategic};
pub use technical::{TechnicalOptions, TechnicalStream, technical};

use super::calendar::Period;
use super::catalogue::Constant;
use super::definition::{Bounds, Definition, Direction, Kind, Reading};
use super::formula::Formula;
use super::id::{Family, KpiId, KpiName, UseCaseId};
use super::unit::{Unit, UnitError};
use crate::domain::ModelId;

/// The KPIs of a family, and the numbers that its formulas read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ready {
    pub definitions: Vec<Definition>,
    pub constants: Vec<(KpiName, Constant)>,
}

/// How long a KPI that is read by a period may go without a sample: two and a half periods. A figure of a month is of
/// its first day, and comes up to two weeks after the next month has begun.
pub const fn stale_after(period: Period) -> Duration {
    let minutes = match period {
        Period::Hour => 150,
        Period::Day => 60 * 60,
        Period::Week => 60 * 24 * 35 / 2,
        Period::Month => 60 * 24 * 78,
        Period::Quarter => 60 * 24 * 230,
        Period::Year => 60 * 24 * 915,
    };
    Duration::from_secs(minutes * 60)
}

/// Of what the KPIs of a family are.
#[derive(Debug, Clone, Copy)]
struct Of<'a> {
    use_case: Option<&'a UseCaseId>,
    model: Option<&'a ModelId>,
    family: Family,
    period: Period,
}

/// What tells one KPI of a family from another.
struct Line<'a> {
    name: &'static str,
    unit: Unit,
    direction: Direction,
    description: &'a str,
}

impl Of<'_> {
    fn id(&self, name: &str) -> KpiId {
        KpiId { use_case: self.use_case.cloned(), model: self.model.cloned(), name: kpi_name(name) }
    }

    /// Read from a stream of the same model or use case.
    fn counted(&self, line: Line<'_>, stream: &str, reading: Reading) -> Definition {
        let stream = self.id(stream);
        self.definition(line, Kind::Counted { stream, reading })
    }

    fn computed(&self, line: Line<'_>, formula: &str) -> Definition {
        self.definition(line, Kind::Formula(Formula::parse(formula).expect("a formula")))
    }

    fn definition(&self, line: Line<'_>, kind: Kind) -> Definition {
        Definition {
            id: self.id(line.name),
            family: self.family,
            unit: line.unit,
            kind,
            bounds: Bounds { direction: line.direction, ..Bounds::default() },
            owner: None,
            period: self.period,
            window: None,
            lateness: None,
            stale_after: stale_after(self.period),
            description: line.description.to_owned(),
            by: None,
        }
    }
}

/// Of a name that is written in this module.
fn kpi_name(name: &str) -> KpiName {
    name.parse().expect("a name of a KPI")
}

/// What of a use case's file makes the ready-made KPI of this name, as a key; `None` where no ready-made KPI of use cases is
/// called so.
pub fn switch_of(name: &str) -> Option<String> {
    let tracked = |name: &str| format!("`{name}` in strategic.tracks");
    match name {
        "active_users" | "frequency" | "satisfaction" => Some("[adoption]".to_owned()),
        "usage_rate" => Some("adoption.targeted_users".to_owned()),
        "gains" => Some("`time_saved`, `errors_avoided` or `added_revenue` in strategic.tracks".to_owned()),
        "processing_time_change" => Some("strategic.processing_time_baseline".to_owned()),
        _ => Tracked::ALL.iter().find(|known| known.as_str() == name).map(|known| tracked(known.as_str())),
    }
}

/// Of a unit that is written in this module.
fn unit(text: &str) -> Unit {
    text.parse().expect("a unit")
}

/// What one of something costs: `EUR/h`. Errors where the currency is a unit of so many factors that none fits.
fn price(currency: &Unit, of: &str) -> Result<Unit, UnitError> {
    currency.per(&unit(of))
}

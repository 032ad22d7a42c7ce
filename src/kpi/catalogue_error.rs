//! What may be wrong with KPIs taken together.

use super::calendar::Period;
use super::catalogue::{Catalogue, Stream};
use super::formula::{FormulaError, FormulaName};
use super::id::KpiId;
use super::judge::BoundsError;
use super::unit::Unit;

/// One fault; `kpi` names the definition to mend.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CatalogueError {
    #[error("there are {found} KPIs; at most {max} are allowed", max = Catalogue::DEFINITIONS_MAX)]
    TooMany { found: usize },
    #[error("`{kpi}` is defined twice")]
    Duplicate { kpi: KpiId },
    #[error("`{kpi}`: {error}")]
    Bounds { kpi: KpiId, error: BoundsError },
    #[error("`{kpi}`: {what}")]
    Reading { kpi: KpiId, what: &'static str },
    #[error("`{kpi}` counts the stream `{stream}` as {wanted}, but `{other}` as {counted}")]
    Stream { kpi: KpiId, stream: KpiId, other: KpiId, wanted: Box<Stream>, counted: Box<Stream> },
    #[error("`{kpi}` reads `{name}`, which is neither a KPI nor a constant{}", did_you_mean(.nearest.as_deref()))]
    UnknownName { kpi: KpiId, name: FormulaName, nearest: Option<Box<str>> },
    #[error("`{kpi}` is read by itself: {}", chain(.path))]
    Cycle {
        kpi: KpiId,
        /// From `kpi` on, each reading the next, the last reading `kpi`.
        path: Vec<KpiId>,
    },
    #[error("`{kpi}` reads formulas that read formulas, more than {max} deep", max = Catalogue::FORMULA_DEPTH_MAX)]
    TooDeep { kpi: KpiId },
    #[error("`{kpi}`: the formula {error}")]
    Formula { kpi: KpiId, error: FormulaError },
    #[error("`{kpi}` is {}, but its formula comes to {computed}", declared_in(.declared))]
    Unit { kpi: KpiId, declared: Unit, computed: Unit },
    #[error("`{kpi}` is read each {period}, but reads `{input}`, which is counted by the day")]
    Period { kpi: KpiId, period: Period, input: KpiId },
}

fn declared_in(unit: &Unit) -> String {
    match *unit == Unit::one() {
        true => "of no unit (`1`)".to_owned(),
        false => format!("declared in {unit}"),
    }
}

impl CatalogueError {
    /// The definition to mend; `None` where it is their number.
    pub fn kpi(&self) -> Option<&KpiId> {
        match self {
            Self::TooMany { .. } => None,
            Self::Duplicate { kpi }
            | Self::Bounds { kpi, .. }
            | Self::Reading { kpi, .. }
            | Self::Stream { kpi, .. }
            | Self::UnknownName { kpi, .. }
            | Self::Cycle { kpi, .. }
            | Self::TooDeep { kpi }
            | Self::Formula { kpi, .. }
            | Self::Unit { kpi, .. }
            | Self::Period { kpi, .. } => Some(kpi),
        }
    }
}

/// `ratio, by the day, by team, answers 0 to 10`.
impl std::fmt::Display for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} by the {}", self.kind, self.pane.as_str())?;
        if let Some((lowest, highest)) = self.scale {
            write!(f, ", answers {lowest} to {highest}")?;
        }
        match &self.by {
            Some(by) => write!(f, ", and by `{by}`"),
            None => Ok(()),
        }
    }
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

/// `a → b → a`.
fn chain(path: &[KpiId]) -> String {
    let names: Vec<String> = path.iter().chain(path.first()).map(ToString::to_string).collect();
    names.join(" → ")
}

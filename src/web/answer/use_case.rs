//! Use cases and the portfolio. What is computed of them stands as [`crate::use_case`] and [`crate::kpi::link`] have it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::kpi::link::Link;
use crate::kpi::{KpiId, UseCaseId};
use crate::use_case::{Assessment, Portfolio, TimeToValue};

/// Use cases in order of id.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UseCasesAnswer {
    /// Of every gain and cost.
    pub currency: String,
    pub use_cases: Vec<UseCaseAnswer>,
}

/// A use case: its entry in the register (`use_case`), what it is worth (`history`, `roi`, `hypothesis`), how it is used
/// (`usage`, `satisfaction`, `time_to_value`), the closing grid (`closing`, `horizons`) and what is proposed (`proposal`,
/// `reasons`).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct UseCaseAnswer {
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub assessment: Assessment,
    /// `null` where its north star has no target.
    #[schema(value_type = Option<Object>)]
    pub time_to_value: Option<TimeToValue>,
}

/// All use cases in sum: `indicators`, `signs`, `decisions` and `priorities`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PortfolioAnswer {
    /// Of every gain and cost.
    pub currency: String,
    #[serde(flatten)]
    #[schema(value_type = Object)]
    pub portfolio: Portfolio,
}

/// How the technical KPIs of a use case went with its north star over the north star's periods. An association is no
/// cause.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LinkAnswer {
    #[schema(value_type = String)]
    pub use_case: UseCaseId,
    /// `null` where the use case names none.
    #[schema(value_type = Option<Object>)]
    pub north_star: Option<KpiId>,
    pub links: Vec<KpiLink>,
}

/// How one technical KPI went with the north star.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct KpiLink {
    #[schema(value_type = Object)]
    pub technical: KpiId,
    /// `lags` from 0 on, the `strongest` with its interval and slope, and the `caution`; `null` where there is none.
    #[schema(value_type = Option<Object>)]
    pub link: Option<Link>,
    /// Why there is none.
    pub not_computable: Option<super::Explanation>,
}

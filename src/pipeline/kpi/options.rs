//! What KPIs and use cases go by, by config or by a test.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::of_rows::RowFeed;
use crate::domain::ModelId;
use crate::kpi::{Calendar, Catalogue, Constants};
use crate::use_case::{PortfolioPlan, UseCase};
use crate::window::ClockMode;

/// KPIs, use cases and the portfolio.
#[derive(Debug, Clone)]
pub struct KpiOptions {
    pub catalogue: Catalogue,
    pub clock: ClockMode,
    /// Counts are kept so long.
    pub retention: Duration,
    /// Values of an attribute that a KPI is also counted by; later ones are `other`.
    pub segment_values_max: usize,
    /// Series of KPIs in `/metrics`.
    pub series_max: usize,
    pub currency: String,
    /// What the rows and verdicts of models feed.
    pub feeds: BTreeMap<ModelId, RowFeed>,
    pub use_cases: Vec<UseCase>,
    pub portfolio: PortfolioPlan,
}

impl Default for KpiOptions {
    /// No KPI and no use case.
    fn default() -> Self {
        let calendar = Calendar { zone: TimeZone::UTC };
        let catalogue = Catalogue::new(Vec::new(), Constants::new(), calendar, Duration::from_secs(3_600));
        Self {
            catalogue: catalogue.expect("nothing is wrong with nothing"),
            clock: ClockMode::Live,
            retention: Duration::from_secs(1_100 * 86_400),
            segment_values_max: 20,
            series_max: 15_000,
            currency: "EUR".to_owned(),
            feeds: BTreeMap::new(),
            use_cases: Vec::new(),
            portfolio: PortfolioPlan::default(),
        }
    }
}

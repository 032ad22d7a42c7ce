//! The config: `driftd.toml`, the variables over it, one file a model in `models/` and one a
//! use case in `use_cases/` beside it.
//!
//! Raw values become [`Settings`] in one walk that never stops at an error: all are reported at once, each with
//! file and line or variable, key, value, what was wrong and what would be right. Unknown keys are errors.

mod error;

mod units;

mod place;

mod document;

mod setting;

mod table;

mod server;

mod storage;

mod ingest;

mod limits;

mod telemetry;

mod words;

mod incidents;

mod egress;

mod receiver;

mod routes;

mod targets;

mod model;

mod kpi;

mod use_case;

mod portfolio;

mod directory;

mod load;

mod forecast;

pub use crate::domain::nearest;
pub use egress::EgressSettings;
pub use error::{ConfigError, ConfigErrors, Origin};
pub use forecast::{Forecast, forecast};
pub use ingest::IngestSettings;
pub use kpi::KpiSettings;
pub use limits::LimitSettings;
pub use load::{DEFAULT_PATH, Effective, load, load_with};
pub use model::{
    ColumnNames, FeatureSettings, ModelClock, ModelSettings, ReferenceSource, SegmentSettings,
    VersionSettings,
};
pub use place::{Places, key_of};
pub use server::{Auth, ServerSettings};
pub use storage::{Retention, StorageSettings};
pub use telemetry::{LogFormat, TelemetrySettings};
pub use use_case::UseCaseSettings;

use std::collections::BTreeSet;

use crate::incident::IncidentPolicy;
use crate::notification::{ModelPattern, ReceiverName, Routing};
use crate::notify::Receivers;
use crate::retraining::TargetName;
use crate::trigger::Targets;
use crate::use_case::PortfolioPlan;

/// Everything configured, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    pub server: ServerSettings,
    pub storage: StorageSettings,
    pub ingest: IngestSettings,
    pub limits: LimitSettings,
    pub telemetry: TelemetrySettings,
    pub incidents: IncidentPolicy,
    pub egress: EgressSettings,
    /// Those that the routes name, and others.
    pub receivers: Receivers,
    pub routing: Routing,
    /// The training pipelines that runs are asked of.
    pub targets: Targets,
    /// In the order of their files' names; ids differ.
    pub models: Vec<ModelSettings>,
    pub kpis: KpiSettings,
    /// In the order of their files' names; ids differ.
    pub use_cases: Vec<UseCaseSettings>,
    pub portfolio: PortfolioPlan,
    /// The same once more as text, for people.
    pub effective: Effective,
}

impl Settings {
    /// Receivers that no route names: they are never told of anything.
    pub fn unrouted(&self) -> Vec<ReceiverName> {
        receiver::unrouted(&self.receivers, &self.routing.routes)
    }

    /// Models that routes name and that are not there, with the key: an incident of theirs never comes.
    pub fn strangers_of_routes(&self) -> Vec<(String, &str)> {
        let is_known =
            |pattern: &ModelPattern| self.models.iter().any(|model| pattern.matches(model.id.as_str()));
        let routes = self.routing.routes.iter().enumerate();
        let patterns = routes.flat_map(|(place, route)| {
            route.matcher.model.iter().map(move |pattern| (format!("routes[{place}].match.model"), pattern))
        });
        let strangers = patterns.filter(|(_, pattern)| !is_known(pattern));
        strangers.map(|(key, pattern)| (key, pattern.as_str())).collect()
    }

    /// Targets that no model names: they are never asked for anything.
    pub fn unasked(&self) -> Vec<&TargetName> {
        let plans = self.models.iter().filter_map(|model| model.retraining.as_ref());
        let asked: BTreeSet<&TargetName> = plans.map(|plan| &plan.target).collect();
        self.targets.keys().filter(|name| !asked.contains(name)).collect()
    }
}

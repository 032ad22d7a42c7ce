//! Everything Prometheus is told, every name in one place ([`names`]).
//!
//! Counting costs an atomic addition on a handle that the caller keeps; nothing on the data's way takes a lock. The
//! scrape reads the handles, and makes the drift gauges from what each model's last verdicts left here.
//!
//! Limits: series of drift ([`SeriesOptions::series_max`]), label values from outside ([`CounterMap`]).
//! Invariants: no sample is NaN or infinite: what is not known has no sample, and a status says why (-1); a model that
//! is removed leaves no series behind; the order of samples depends on their names only.

pub mod names;

mod cells;

mod samples;

mod process;

mod retraining;

mod store_jobs;

mod daemon;

mod model;

mod delivery;

mod outcome_names;

mod kpi_names;

mod kpi;

mod outcomes;

mod series;

mod provisional;

mod membership;

mod drift;

mod incidents;

mod exposition;

pub use cells::{Counter, CounterMap, Gauge};
pub use daemon::DaemonMetrics;
pub use delivery::{DeliveryMetrics, ReceiverMetrics};
pub use drift::SeriesOptions;
pub use exposition::Format;
pub use incidents::{Deadline, IncidentLabels, IncidentMetrics, Occurrence, Standing};
pub use kpi::{KpiMetrics, KpiPicture, KpiSeries, Labelled, UseCaseMetric, WholeKpi};
pub use model::{ModelMetrics, SourceRows, Violation};
pub use outcomes::{EstimateSeries, MetricSeries, OutcomeSeries};
pub use provisional::{OpenReference, OpenWindow};
pub use retraining::{RetrainingMetrics, RetrainingStanding};
pub use series::{FeatureSeries, ModelSeries, StatisticSeries, Status, WindowSeries};
pub use store_jobs::StoreJobs;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::ArcSwap;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, text};
use prometheus_client::registry::Registry;

use crate::domain::{ModelId, Task, Timestamp};

/// All metrics of one daemon. Shared; every method may be called from any thread.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    numbers: Arc<Numbers>,
}

/// What the registry collects from.
#[derive(Debug)]
struct Numbers {
    daemon: DaemonMetrics,
    incidents: IncidentMetrics,
    retraining: RetrainingMetrics,
    delivery: Arc<DeliveryMetrics>,
    kpis: KpiMetrics,
    models: ArcSwap<BTreeMap<ModelId, Arc<ModelMetrics>>>,
    drift: drift::DriftWriter,
    /// The time of the scrape that runs, in microseconds: a collector takes no arguments.
    now: AtomicI64,
}

impl Metrics {
    /// Metrics of a daemon of that version, without models.
    pub fn new(version: &str, options: SeriesOptions) -> Self {
        let numbers = Arc::new(Numbers {
            daemon: DaemonMetrics::new(version),
            incidents: IncidentMetrics::default(),
            retraining: RetrainingMetrics::default(),
            delivery: Arc::default(),
            kpis: KpiMetrics::default(),
            models: ArcSwap::default(),
            drift: drift::DriftWriter::new(options),
            now: AtomicI64::new(0),
        });
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Arc::clone(&numbers)));
        Self { registry, numbers }
    }

    /// What no model owns.
    pub fn daemon(&self) -> &DaemonMetrics {
        &self.numbers.daemon
    }

    pub fn incidents(&self) -> &IncidentMetrics {
        &self.numbers.incidents
    }

    pub fn retraining(&self) -> &RetrainingMetrics {
        &self.numbers.retraining
    }

    pub fn kpis(&self) -> &KpiMetrics {
        &self.numbers.kpis
    }

    /// Of the delivery of notifications.
    pub fn delivery(&self) -> &Arc<DeliveryMetrics> {
        &self.numbers.delivery
    }

    /// The model's metrics, new ones where it has none or was of another task. Keep the handle; this looks it up.
    pub fn model(&self, id: &ModelId, task: Task) -> Arc<ModelMetrics> {
        if let Some(model) = self.known(id, task) {
            return model;
        }
        let new = Arc::new(ModelMetrics::new(id.clone(), task));
        self.numbers.models.rcu(|models| {
            let mut models = BTreeMap::clone(models);
            if models.get(id).is_none_or(|model| model.task != task) {
                models.insert(id.clone(), Arc::clone(&new));
            }
            models
        });
        self.known(id, task).unwrap_or(new)
    }

    fn known(&self, id: &ModelId, task: Task) -> Option<Arc<ModelMetrics>> {
        self.numbers.models.load().get(id).filter(|model| model.task == task).cloned()
    }

    /// Forgets a model; handles that are still held count nowhere.
    pub fn remove_model(&self, id: &ModelId) {
        self.numbers.retraining.forget(id);
        self.numbers.models.rcu(|models| {
            let mut models = BTreeMap::clone(models);
            models.remove(id);
            models
        });
    }

    /// The scrape at `now`. Takes a fraction of a second and reads `/proc`: call it off the async threads.
    pub fn encode(&self, format: Format, now: Timestamp) -> String {
        self.numbers.now.store(now.micros(), Ordering::Relaxed);
        let mut open_metrics = String::new();
        text::encode(&mut open_metrics, &self.registry).expect("a String takes all that is written to it");
        match format {
            Format::OpenMetrics => open_metrics,
            Format::Text => exposition::text_from_open_metrics(&open_metrics),
        }
    }
}

impl Collector for Numbers {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let now = Timestamp::from_micros(self.now.load(Ordering::Relaxed));
        let models: Vec<_> = self.models.load().values().cloned().collect();
        self.daemon.write(&mut encoder)?;
        self.incidents.write(&mut encoder)?;
        self.retraining.write(&mut encoder)?;
        model::write(&models, &mut encoder)?;
        self.drift.write(&models, now, &mut encoder)?;
        self.delivery.write(&mut encoder)?;
        self.kpis.write(&mut encoder)?;
        process::write(&mut encoder)
    }
}

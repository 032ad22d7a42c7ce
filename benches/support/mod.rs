//! A pipeline of a bench: its limits, and nobody who is told.

use std::sync::Arc;
use std::time::Duration;

use driftd::clock::ManualClock;
use driftd::domain::IdKey;
use driftd::incident::IncidentPolicy;
use driftd::metrics::Metrics;
use driftd::notification::{DeskRules, Links, Routing};
use driftd::notify::{Directory, Egress, EgressOptions, Receivers, Sender};
use driftd::pipeline::{self, KpiOptions, ModelOptions, NameLimits, Parts, PipelineOptions, Running};
use driftd::store::Recovered;
use driftd::store::sqlite::SqliteStore;

const DAY: Duration = Duration::from_secs(86_400);

pub fn limits() -> PipelineOptions {
    PipelineOptions {
        queue_bytes_max: 64 << 20,
        commit_bytes: 4 << 20,
        row_bytes_max: 64 << 10,
        rows_max: 100_000,
        too_far_ahead: Duration::from_secs(300),
        fold_every: Duration::from_secs(60),
        fold_bytes: 64 << 20,
        keep_panes: 35 * DAY,
        keep_days: 400 * DAY,
        idempotency_ttl: DAY,
        panes_bytes_max: 2 << 20,
        join_slots_max: PipelineOptions::JOIN_SLOTS_MAX,
        id_key: IdKey([7; 32]),
        columns_max: 1_000,
        names: NameLimits { versions_max: 20, segment_values_max: 100 },
    }
}

pub async fn start(
    (store, recovered): (Arc<SqliteStore>, Recovered),
    clock: Arc<ManualClock>,
    metrics: Arc<Metrics>,
    options: PipelineOptions,
    models: Vec<ModelOptions>,
    kpis: KpiOptions,
) -> Running<SqliteStore> {
    let parts = Parts {
        store,
        recovered,
        clock,
        metrics,
        options,
        models,
        desk_rules: DeskRules {
            policy: IncidentPolicy::default(),
            routing: Routing::default(),
            links: Links { external_url: "http://driftd.example".to_owned() },
        },
        directory: Directory {
            receivers: Receivers::default(),
            sender: Sender::new(Egress::new(EgressOptions { allow: Vec::new() }), Duration::from_secs(15))
                .expect("an HTTP client"),
            installation: "bench".parse().expect("a name"),
        },
        targets: driftd::trigger::Targets::new(),
        kpis,
        read_config: Box::new(|| Err("there is no config".to_owned())),
    };
    pipeline::start(parts).await.unwrap_or_else(|error| panic!("{error}"))
}

//! The daemon, and what each model waits for.

use super::models::{self, drift_by_kind};
use super::reasons::reasons;
use super::waits::waits;
use crate::domain::Timestamp;
use crate::pipeline::Pipeline;
use crate::pipeline::model::Model;
use crate::reference::like_ids;
use crate::store::Store;
use crate::web::answer::{Explanation, ModelStatus, SourceStatus, StatusAnswer};
use crate::web::{Service, ServiceError};

pub async fn status<S: Store>(pipeline: &Pipeline<S>) -> Result<StatusAnswer, ServiceError> {
    let (models, now) = (pipeline.models.load_full(), pipeline.clock.now());
    let ready = pipeline.ready();
    let mut problems: Vec<Explanation> = Vec::new();
    if let Err(why) = &ready {
        problems.push(Explanation::new("not_ready", why.clone()));
    }
    problems.extend(models.values().filter_map(|model| like_ids_of(model)));
    if models.is_empty() {
        problems.push(Explanation::new("no_models", "no model is configured; add a file to config/models"));
    }
    if let Err(error) = pipeline.store.size().await {
        problems.push(Explanation::new("store", error.to_string()));
    }
    let needs_restart = pipeline.needs_restart.load();
    if !needs_restart.is_empty() {
        let message = format!(
            "changed in the config, and in effect at the next start only: {}",
            needs_restart.join(", ")
        );
        problems.push(Explanation::new("needs_restart", message));
    }
    Ok(StatusAnswer {
        at: now,
        driftd_version: env!("CARGO_PKG_VERSION").to_owned(),
        ready: ready.is_ok(),
        problems,
        incidents: pipeline.desk.open_in_sum().await,
        kpis: pipeline.kpis.concerns().await,
        runs: pipeline.retrainer.concerns().await,
        models: models.values().map(|model| of_model(model, now)).collect(),
    })
}

/// Columns that nothing can be said of.
fn like_ids_of(model: &Model) -> Option<Explanation> {
    let frozen = model.frozen()?;
    let watched = like_ids(&frozen.profile).filter(|column| !model.options.ignored.contains(column));
    let names: Vec<String> = watched.map(|column| format!("`{column}`")).collect();
    if names.is_empty() {
        return None;
    }
    let message = format!(
        "{}: {} of the reference look like ids, most rows have a value of their own: set `ignore = true` for them",
        model.options.id,
        names.join(", ")
    );
    Some(Explanation::new("like_ids", message))
}

fn of_model(model: &Model, now: Timestamp) -> ModelStatus {
    let (drift, waits_for) = (drift_by_kind(model), waits(model, now));
    let live = model.live();
    let sources = live.watermark.sources_at(now).map(|(source, newest, idle)| SourceStatus {
        source: source.to_owned(),
        newest_row: Some(newest),
        idle,
    });
    ModelStatus {
        model: model.options.id.clone(),
        status: models::status(&drift, model, &live, now),
        reasons: reasons(model, &live, now),
        watermark: live.watermark.at(model.lateness()),
        waits_for,
        sources: sources.collect(),
    }
}

//! The store's housekeeping: folding, days, retention, size. Runs beside ingest, never in its way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::fold::{by_day, fold};
use super::frozen::Frozen;
use super::learn;
use super::model::Model;
use super::options::PipelineOptions;
use super::take_in::Models;
use crate::domain::{ModelId, Pane, PaneLength, Timestamp};
use crate::join::log_kept;
use crate::sketch::GridId;
use crate::store::{Expired, Expiry, Fold, Store, StoreError};

/// Bytes of delta rows folded in one go: a short job for the writer.
const FOLD_BYTES_AT_ONCE: usize = 512 << 10;
/// How long notifications are kept once they are delivered or dead.
const KEEP_NOTIFICATIONS: Duration = Duration::from_secs(90 * 86_400);

/// Adds up what can be added up, `bytes_max` of rows at most. Gives how many rows went.
pub async fn fold_deltas(models: &Models, store: &impl Store, bytes_max: usize) -> Result<usize, StoreError> {
    let rulers = Rulers::of(models);
    let (mut bytes, mut gone) = (0, 0);
    while bytes < bytes_max {
        let rows = store.fold_candidates(FOLD_BYTES_AT_ONCE, Some(rulers.known())).await?;
        let steps = fold(rows, FOLD_BYTES_AT_ONCE, |model, id| rulers.find(model, id), Clone::clone);
        if steps.is_empty() {
            break;
        }
        gone += steps.iter().map(|step| step.deleted.len() - step.inserted.len()).sum::<usize>();
        fold_in_steps(store, steps).await?;
        bytes += FOLD_BYTES_AT_ONCE;
    }
    Ok(gone)
}

/// Folds panes past `keep_panes` into days, and drops what is past its retention. Both count from each model's newest
/// event, so that a replay of old data is not dropped as it comes in.
pub async fn retain(
    models: &Models,
    store: &impl Store,
    options: &PipelineOptions,
    kpis_before: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rulers = Rulers::of(models);
    let mut panes_before = Vec::new();
    for (id, model) in models {
        let Some(newest) = model.live().watermark.newest() else { continue };
        let keep_panes_from = newest.saturating_sub(options.keep_panes);
        // Whole days: what is kept of a day is all of it.
        let keep_days_from = PaneLength::Day.pane_of(newest.saturating_sub(options.keep_days)).start;
        fold_to_days(id, store, &rulers, keep_panes_from).await?;
        model.live().book.forget_before(keep_panes_from);
        panes_before.push((id.clone(), keep_days_from));
    }
    let learning_before = learning_before(models, &panes_before);
    let expiry = Expiry {
        panes_before,
        learning_before,
        halves_before: halves_before(models),
        verdicts_before: now.saturating_sub(options.keep_days),
        keys_before: now.saturating_sub(options.idempotency_ttl),
        kpis_before,
        notifications_before: now.saturating_sub(KEEP_NOTIFICATIONS),
    };
    let days: Vec<_> = expiry.panes_before.clone();
    let expired = store.expire(expiry).await?;
    for (id, before) in days {
        if let Some(model) = models.get(&id) {
            model.live().counted.forget_before(before);
        }
    }
    let Expired { deltas, halves, verdicts, keys: _, incidents, notifications } = expired;
    if deltas + halves + verdicts + incidents + notifications > 0 {
        tracing::info!(deltas, halves, verdicts, incidents, notifications, "expired by retention");
    }
    Ok(())
}

/// Halves leave the log once no index that is made again from it needs them.
fn halves_before(models: &Models) -> Vec<(ModelId, Timestamp)> {
    let of_model = |(id, model): (&ModelId, &Arc<Model>)| {
        let newest = model.live().joined_newest?;
        Some((id.clone(), newest.saturating_sub(log_kept(model.options.label_ttl))))
    };
    models.iter().filter_map(of_model).collect()
}

/// What is learnt leaves with its retention, and before that once no period can hold it any more.
fn learning_before(models: &Models, panes_before: &[(ModelId, Timestamp)]) -> Vec<(ModelId, Timestamp)> {
    let of_model = |(id, kept_from): &(ModelId, Timestamp)| {
        let model = models.get(id)?;
        let mut live = model.live();
        let kept_from = match model.frozen() {
            Some(_) => *kept_from,
            None => learn::plan(model, &live)
                .map_or(*kept_from, |plan| live.learning.keeps_from(&plan).max(*kept_from)),
        };
        live.learning.forget_before(kept_from);
        Some((id.clone(), kept_from))
    };
    panes_before.iter().filter_map(of_model).collect()
}

/// Makes days of a model's panes that ended before `keep_panes_from`, reading one day at a time, and only days that hold
/// shorter panes.
async fn fold_to_days(
    model: &ModelId,
    store: &impl Store,
    rulers: &Rulers,
    keep_panes_from: Timestamp,
) -> Result<(), StoreError> {
    let keys = store.counted(model).await?.into_iter().map(|(key, _)| key);
    let days: BTreeSet<Pane> = keys
        .filter_map(|key| Some(by_day(&key, keep_panes_from).pane).filter(|day| *day != key.pane))
        .collect();
    for day in days {
        let rows = store.read_deltas(model, day.range()).await?;
        let find = |model: &ModelId, ruler| rulers.find(model, ruler);
        let steps = fold(rows, FOLD_BYTES_AT_ONCE, find, |key| by_day(key, keep_panes_from));
        fold_in_steps(store, steps).await?;
    }
    Ok(())
}

async fn fold_in_steps(store: &impl Store, steps: Vec<Fold>) -> Result<(), StoreError> {
    for step in steps {
        match store.fold(step).await {
            // Rows went meanwhile (learnt anew, expired): what is left is folded next time.
            Err(StoreError::Conflict(_)) => {}
            other => other?,
        }
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// The rulers that stored counts may lie on, by model.
struct Rulers(BTreeMap<ModelId, Arc<Frozen>>);

impl Rulers {
    fn of(models: &Models) -> Self {
        let frozen = models.iter().filter_map(|(id, model)| Some((id.clone(), model.frozen()?)));
        Self(frozen.collect())
    }

    fn known(&self) -> BTreeSet<(ModelId, GridId)> {
        let both = |(id, frozen): (&ModelId, &Arc<Frozen>)| {
            [&frozen.ruler, &frozen.segment_ruler].map(|ruler| (id.clone(), ruler.id()))
        };
        self.0.iter().flat_map(both).collect()
    }

    fn find(&self, model: &ModelId, id: GridId) -> Option<&crate::sketch::Ruler> {
        let frozen = self.0.get(model)?;
        [&*frozen.ruler, &*frozen.segment_ruler].into_iter().find(|ruler| ruler.id() == id)
    }
}

//! The one loop that changes models: it freezes what was learnt, judges what closed, reloads, keeps house.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::desk::IncidentDesk;
use super::effects::Effects;
use super::evaluate::{EvaluateError, Round};
use super::kpi::Sampling;
use super::learn::FreezeError;
use super::model::Model;
use super::options::{ModelOptions, PipelineOptions};
use super::recover::{self, Remembered};
use super::take_in::Models;
use super::{ReadConfig, evaluate, learn, provisional, series, upkeep};
use crate::clock::Clock;
use crate::domain::{ModelId, Timestamp};
use crate::metrics::Metrics;
use crate::notify::Directory;
use crate::store::{IngestCommit, JoinState, RecoveredModel, Store, StoreError};
use crate::trigger::Targets;

/// Panes may close and silence fall without a commit: looked at this often.
const TICK: Duration = Duration::from_secs(1);
/// Rows come in many commits a second: what they closed is looked for so often at most.
const CALM: Duration = Duration::from_millis(20);
/// Retention is a matter of days.
const RETAIN_EVERY: Duration = Duration::from_secs(3_600);
/// A freeze reads all that was learnt while ingest of the model waits: not to be repeated at once.
const FREEZE_AGAIN_AFTER: Duration = Duration::from_secs(300);
/// Open windows are shown anew this often.
const PUBLISH_EVERY: Duration = Duration::from_secs(60);
/// Gauges of the store.
const MEASURE_EVERY: Duration = Duration::from_secs(15);

/// What the loop is asked to do.
pub enum Ask {
    /// Read the config again; answers what changed, or every error.
    Reload(oneshot::Sender<Result<Reloaded, String>>),
}

/// A config that was taken up.
pub struct Reloaded {
    /// In words.
    pub changes: Vec<String>,
    /// Keys that wait for the next start.
    pub needs_restart: Vec<String>,
}

/// What the loop works on.
pub struct Tending<S> {
    pub store: Arc<S>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
    pub options: PipelineOptions,
    pub models: Arc<ArcSwap<Models>>,
    pub desk: Arc<IncidentDesk<S>>,
    pub directory: Arc<ArcSwap<Directory>>,
    pub targets: Arc<ArcSwap<Targets>>,
    pub sampling: Arc<Sampling>,
    pub woken: Arc<Notify>,
    /// Why rows cannot be taken in now, if they cannot.
    pub trouble: Arc<ArcSwapOption<String>>,
    pub read_config: ReadConfig,
    /// Keys of the config that wait for the next start.
    pub needs_restart: Arc<ArcSwap<Vec<String>>>,
    /// Why the process has to stop, once it has to.
    pub fatal: watch::Sender<Option<String>>,
    /// What is remembered of models that the config does not name now: they may come back.
    pub dormant: Mutex<BTreeMap<ModelId, Remembered>>,
}

impl<S: Store> Tending<S> {
    /// Runs until `stopping`. What is due then stays due: a start goes on with it.
    pub async fn run(self, mut asked: mpsc::Receiver<Ask>, stopping: impl Future<Output = ()>) {
        let mut stopping = std::pin::pin!(stopping);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut calm_until = tokio::time::Instant::now();
        let mut folded = Instant::now();
        let mut retained: Option<Instant> = None;
        let mut measured: Option<Instant> = None;
        let mut published: Option<Timestamp> = None;
        loop {
            let rows_came = async {
                tokio::time::sleep_until(calm_until).await;
                self.woken.notified().await;
            };
            tokio::select! {
                biased;
                () = &mut stopping => return,
                Some(ask) = asked.recv() => self.answer(ask).await,
                () = rows_came => {
                    self.tend().await;
                    calm_until = tokio::time::Instant::now() + CALM;
                }
                _ = tick.tick() => {
                    self.tend().await;
                    let models = self.models.load_full();
                    let judged = models.values().filter(|model| model.frozen().is_some());
                    judged.for_each(|model| evaluate::settle(model));
                }
            }
            let now = self.clock.now();
            if published.is_none_or(|at| now < at || now.since(at) >= PUBLISH_EVERY) {
                published = Some(now);
                self.publish_open_windows().await;
            }
            self.report(self.desk.pass().await);
            if folded.elapsed() >= self.options.fold_every {
                folded = Instant::now();
                self.report(
                    upkeep::fold_deltas(&self.models.load_full(), &*self.store, self.options.fold_bytes)
                        .await,
                );
                self.report(self.store.fold_kpis().await);
                self.metrics.daemon().folds.inc();
            }
            if retained.is_none_or(|at| at.elapsed() >= RETAIN_EVERY) {
                retained = Some(Instant::now());
                let models = self.models.load_full();
                self.report(self.retain(&models).await);
            }
            if measured.is_none_or(|at| at.elapsed() >= MEASURE_EVERY) {
                measured = Some(Instant::now());
                self.measure().await;
                self.probe().await;
            }
        }
    }

    async fn retain(&self, models: &Models) -> Result<(), StoreError> {
        let now = self.clock.now();
        let kpis_before = self.sampling.kept_from(now);
        upkeep::retain(models, &*self.store, &self.options, kpis_before, now).await?;
        self.sampling.book.drop_before(kpis_before);
        Ok(())
    }

    fn report<T>(&self, done: Result<T, StoreError>) {
        if let Err(error) = done {
            tracing::warn!(%error, "keeping house in the store failed; it is tried again");
            self.stop_if_unsynced(&error);
        }
    }

    /// After a failed sync nothing is written any more, whoever wrote last.
    fn stop_if_unsynced(&self, error: &StoreError) {
        if let StoreError::SyncFailed(_) = error {
            self.fatal.send_replace(Some(error.to_string()));
        }
    }

    async fn tend(&self) {
        let models = self.models.load_full();
        for (id, model) in models.iter() {
            let started = Instant::now();
            // While it learns, nothing else moves its watermark, and learning ends by it.
            model.live().watermark.advance(self.clock.now());
            series::tell_time(model, self.clock.now());
            if learn::is_over(model, self.clock.now()) {
                let panes = self.options.panes_bytes_max;
                if let Err(error) = learn::freeze(model, &*self.store, panes, self.clock.now()).await {
                    tracing::error!(model = %id, %error, "the learnt reference cannot be frozen; tried again later");
                    let later = self.clock.now().saturating_add(FREEZE_AGAIN_AFTER);
                    model.live().learning.retry_after = Some(later);
                    if let FreezeError::Store(error) = &error {
                        self.stop_if_unsynced(error);
                    }
                }
            }
            model.metrics.learning_ratio.set(learn::progress(model).map_or(1.0, |(progress, _)| progress));
            let effects = Effects { desk: &self.desk, sampling: &self.sampling };
            match evaluate::evaluate(model, effects, self.options.keep_panes, self.clock.now()).await {
                Ok(Round::Done(0)) => {}
                Ok(Round::Done(_)) => self.metrics.daemon().evaluated(started.elapsed()),
                // The rest has its turn after the other models, and after whoever asks for something.
                Ok(Round::More) => self.woken.notify_one(),
                Err(error) => {
                    tracing::error!(model = %id, %error, "a model could not be evaluated; it stays due");
                    if let EvaluateError::Store(error) = &error {
                        self.stop_if_unsynced(error);
                    }
                }
            }
        }
    }

    async fn publish_open_windows(&self) {
        for model in self.models.load_full().values() {
            provisional::publish(model);
            tokio::task::yield_now().await;
        }
    }

    fn dormant(&self) -> MutexGuard<'_, BTreeMap<ModelId, Remembered>> {
        self.dormant.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn measure(&self) {
        let gauges = self.metrics.daemon();
        if let Ok(size) = self.store.size().await {
            gauges.store_bytes.set(size.database_bytes as f64);
            gauges.store_wal_bytes.set(size.log_bytes as f64);
            gauges.store_free_bytes.set(size.free_bytes as f64);
            gauges.idempotency_keys_evicted.set(size.keys_dropped as f64);
        }
        self.desk.forget().await;
        if let Ok(outbox) = self.store.outbox_size().await {
            let gauges = self.metrics.incidents();
            gauges.outbox_pending.set((outbox.pending + outbox.claimed) as f64);
            gauges.outbox_dead.set(outbox.dead as f64);
            gauges.outbox_oldest_due.set(outbox.oldest_due.map_or(f64::NAN, Timestamp::as_seconds_f64));
        }
    }

    /// Asks the store with a commit of nothing whether it takes rows in: while the daemon is not ready nobody sends
    /// any, so that none of theirs could tell that it is again.
    async fn probe(&self) {
        let nothing = IngestCommit { at: self.clock.now(), units: Vec::new() };
        let failed = self.store.commit_ingest(nothing).await.err();
        if let Some(error) = &failed {
            self.stop_if_unsynced(error);
        }
        self.trouble.store(failed.map(|error| Arc::new(error.to_string())));
    }

    async fn answer(&self, ask: Ask) {
        match ask {
            Ask::Reload(answer) => {
                let reloaded = self.reload().await;
                self.metrics.daemon().config_read(self.clock.now(), reloaded.is_ok());
                let _asker_left = answer.send(reloaded);
            }
        }
    }

    /// Takes the new config up whole, or keeps the old one with the errors.
    async fn reload(&self) -> Result<Reloaded, String> {
        let read = (self.read_config)()?;
        let current = self.models.load_full();
        let (mut changes, mut models) = (Vec::new(), Models::new());
        // Held until the new models are in place: no body is counted on a ruler that is about to go.
        let mut gates = Vec::new();
        let mut replaced = Vec::new();
        for options in read.models {
            let id = options.id.clone();
            let model = match current.get(&id) {
                Some(model) if same(&model.options, &options) => model.clone(),
                known => {
                    let verb = if known.is_some() { "changed" } else { "added" };
                    changes.push(format!("{verb} model {id}"));
                    if let Some(known) = known {
                        gates.push(known.gate.clone().write_owned().await);
                        replaced.push(known.clone());
                    }
                    let taken_up = self.take_up(options, known).await;
                    Arc::new(taken_up.map_err(|error| format!("{id}: {error}"))?)
                }
            };
            models.insert(id, model);
        }
        let removed: Vec<_> = current.iter().filter(|(id, _)| !models.contains_key(*id)).collect();
        for (_, model) in &removed {
            gates.push(model.gate.clone().write_owned().await);
            replaced.push((*model).clone());
        }
        // The last that can fail: nothing of the new config holds yet. Bodies take a model's gate first, then that of KPIs.
        let kpis = self.sampling.prepare(&*self.store, read.kpis).await;
        let kpis = kpis.map_err(|error| format!("KPIs: {error}"))?;
        for (id, model) in removed {
            changes.push(format!("removed model {id}; what was counted of it stays until its retention"));
            self.dormant().insert(id.clone(), remembered(model));
            self.metrics.remove_model(id);
        }
        replaced.iter().for_each(|model| model.retire());
        self.models.store(Arc::new(models));
        self.desk.under(read.desk_rules).await;
        self.directory.store(Arc::new(read.directory));
        self.targets.store(Arc::new(read.targets));
        kpis.take_up();
        (read.apply)();
        changes.extend(read.changes);
        tracing::info!(changes = changes.len(), "the config was read again");
        let needs_restart = read.needs_restart;
        if !needs_restart.is_empty() {
            tracing::warn!(
                keys = needs_restart.join(", "),
                "changed keys take effect at the next start only"
            );
        }
        self.metrics.daemon().config_keys_pending.set(needs_restart.len() as f64);
        self.needs_restart.store(Arc::new(needs_restart.clone()));
        Ok(Reloaded { changes, needs_restart })
    }

    /// A model under new options: what it was doing goes on, its counts are read from the store again. The caller holds
    /// the known one's gate.
    async fn take_up(
        &self,
        options: ModelOptions,
        known: Option<&Arc<Model>>,
    ) -> Result<Model, recover::RecoverError> {
        let now = self.clock.now();
        let remembered = match known {
            Some(model) => remembered(model),
            None => self.dormant().remove(&options.id).unwrap_or_default(),
        };
        let model =
            recover::model(options, remembered, &*self.store, &self.metrics, &self.options, now).await?;
        model.metrics.set_series(series::of(&model.options, &model.live()));
        Ok(model)
    }
}

/// What a model goes on with under new options.
fn remembered(model: &Model) -> Remembered {
    let live = model.live();
    Remembered {
        newest: live.watermark.sources().map(|(name, at)| (name.to_owned(), at)).collect(),
        stored: RecoveredModel {
            evaluation: (live.state_revision > 0).then(|| (live.state_revision, live.state.to_bytes())),
            control: serde_json::to_vec(&*live.controls).ok(),
            // The joiner knows, and goes on with it.
            join: JoinState::default(),
            profile: learnt_profile(model),
        },
    }
}

fn learnt_profile(model: &Model) -> Option<String> {
    let frozen = model.frozen()?;
    (frozen.origin == super::frozen::Origin::Learnt).then(|| frozen.profile.to_text())
}

/// Whether nothing of a model changed.
fn same(a: &ModelOptions, b: &ModelOptions) -> bool {
    use super::options::ReferenceOptions::{Learn, Profile};
    let references = match (&a.reference, &b.reference) {
        (Profile(a), Profile(b)) => a == b,
        (Learn(a), Learn(b)) => a == b,
        _ => false,
    };
    references
        && (a.task, a.full_grid, a.clock, a.idle_timeout) == (b.task, b.full_grid, b.clock, b.idle_timeout)
        && (&a.positive_class, &a.classes) == (&b.positive_class, &b.classes)
        && (&a.declared, &a.ignored, &a.sensitive, &a.segments)
            == (&b.declared, &b.ignored, &b.sensitive, &b.segments)
        && a.label_ttl == b.label_ttl
        && (&a.plan, &a.tags, &a.trained_at) == (&b.plan, &b.tags, &b.trained_at)
        && (&a.retraining, &a.maintenance) == (&b.retraining, &b.maintenance)
}

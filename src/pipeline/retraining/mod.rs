//! Retraining at work: decisions are made when they are due, stored before anything follows from them, asked of their
//! targets, and followed up until a version is reported.
//!
//! ```text
//! consider (due, facts, decide, commit) ─► dispatch (note, ask, note the answer) ─► report (a version) ─► follow_up
//! ```
//!
//! Invariants: what is decided is in the log before a request is sent; a run is noted as being sent before it is; what
//! memory holds is what the store holds. One decision or change of a run at a time.

mod memory;

mod facts;

mod consider;

mod dispatch;

mod report;

mod follow_up;

mod service;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::desk::IncidentDesk;
use super::evaluate::EvaluateError;
use super::model::Model;
use super::take_in::Models;
use crate::clock::Clock;
use crate::domain::{ModelId, Timestamp};
use crate::incident::IncidentKey;
use crate::metrics::Metrics;
use crate::notify::Directory;
use crate::retraining::RunKey;
use crate::store::{Store, StoreError};
use crate::trigger::Targets;
use crate::window::ClockMode;
use memory::Memory;

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What retraining works with.
pub struct RetrainerParts<S> {
    pub store: Arc<S>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
    pub models: Arc<ArcSwap<Models>>,
    pub desk: Arc<IncidentDesk<S>>,
    /// Whose sender requests go through.
    pub directory: Arc<ArcSwap<Directory>>,
    pub targets: Arc<ArcSwap<Targets>>,
    /// Told where the store is not to be relied on any more.
    pub fatal: watch::Sender<Option<String>>,
}

/// Decides on retraining, and sees to what was decided.
pub struct Retrainer<S> {
    parts: RetrainerParts<S>,
    memory: tokio::sync::Mutex<Memory>,
    /// Runs that are being asked for.
    on_their_way: Mutex<BTreeSet<RunKey>>,
    /// Who asks for them.
    asking: tokio::sync::Mutex<JoinSet<()>>,
    /// One look at a time.
    looking: tokio::sync::Mutex<()>,
    /// What was last told of each task of a calendar.
    reminded: Mutex<BTreeMap<IncidentKey, String>>,
}

/// Why a decision was not made; what is due stays due.
#[derive(Debug, thiserror::Error)]
pub enum RetrainError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Counts(#[from] EvaluateError),
}

impl<S: Store> Retrainer<S> {
    /// Goes on from what the store remembers.
    pub async fn open(parts: RetrainerParts<S>) -> Result<Self, StoreError> {
        let memory = tokio::sync::Mutex::new(Memory::of(parts.store.retraining_state().await?));
        Ok(Self {
            parts,
            memory,
            on_their_way: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            looking: tokio::sync::Mutex::default(),
            reminded: Mutex::default(),
        })
    }

    /// Looks until `stopping`; what is being asked for then is waited for.
    pub async fn run(self: Arc<Self>, stopping: impl Future<Output = ()>) {
        let mut stopping = std::pin::pin!(stopping);
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // A drift is decided on at once.
        let changed = self.parts.desk.changed();
        loop {
            tokio::select! {
                biased;
                () = &mut stopping => break,
                () = changed.notified() => self.look().await,
                _ = tick.tick() => self.look().await,
            }
        }
        let mut asking = self.asking.lock().await;
        while let Some(asked) = asking.join_next().await {
            noted(asked);
        }
    }

    /// Whether a run is being asked for.
    pub fn is_sending(&self) -> bool {
        !self.on_their_way().is_empty()
    }

    /// Everything that is due now, once.
    pub async fn look(self: &Arc<Self>) {
        let _one_at_a_time = self.looking.lock().await;
        // After a failed sync nothing is written any more.
        if self.parts.fatal.borrow().is_some() {
            return;
        }
        let models = self.parts.models.load_full();
        for model in models.values() {
            self.tell_versions(model).await;
            if let Err(error) = self.consider(model).await {
                self.failed("a decision on retraining was not made; it stays due", &model.options.id, &error);
            }
            if let Err(error) = self.follow_up(model).await {
                self.failed("runs could not be followed up; it is tried again", &model.options.id, &error);
            }
        }
        if let Err(error) = self.dispatch().await {
            tracing::error!(%error, "runs could not be asked for; it is tried again");
            self.stop_if_unsynced(&error);
        }
    }

    fn failed(&self, what: &str, model: &ModelId, error: &RetrainError) {
        tracing::error!(%model, %error, "{what}");
        if let RetrainError::Store(error) = error {
            self.stop_if_unsynced(error);
        }
    }

    fn stop_if_unsynced(&self, error: &StoreError) {
        if let StoreError::SyncFailed(_) = error {
            self.parts.fatal.send_replace(Some(error.to_string()));
        }
    }

    /// A commit that failed. After a conflict memory is read again: someone else wrote.
    async fn refused(&self, memory: &mut Memory, error: StoreError) -> StoreError {
        if let StoreError::Conflict(_) = error {
            match self.parts.store.retraining_state().await {
                Ok(state) => *memory = Memory::of(state),
                Err(error) => tracing::error!(%error, "what was decided cannot be read again"),
            }
        }
        error
    }

    /// The model's present: the clock, or in a replay the newest event. `None` before there is one.
    fn present(&self, model: &Model) -> Option<Timestamp> {
        match model.options.clock {
            ClockMode::Live => Some(self.parts.clock.now()),
            ClockMode::Replay => model.live().watermark.newest(),
        }
    }

    fn on_their_way(&self) -> MutexGuard<'_, BTreeSet<RunKey>> {
        self.on_their_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reminded(&self) -> MutexGuard<'_, BTreeMap<IncidentKey, String>> {
        self.reminded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn noted(asked: Result<(), JoinError>) {
    if let Err(error) = asked {
        tracing::error!(%error, "asking for a run broke off");
    }
}

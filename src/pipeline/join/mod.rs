//! The joiner: reads the log of halves, joins them in memory, and commits what came of it.
//!
//! ```text
//! log of halves ─► JoinIndex ─► changes ─► counts by key ─► commit_join (parts) ─► panes in memory
//! ```
//!
//! Limits: [`READ_BYTES`] of the log at once; [`PART_ROWS`] and [`PART_BYTES`] of counts in one transaction, so that
//! ingest waits some milliseconds for it at most; `join_slots_max` halves a model. Invariants: counts in memory follow
//! commits; the same rows give the same counts in the same order, so that a joiner that died between two parts of a
//! batch goes on with the next one. What is joined stays joined: a row is counted once, whatever fails.
//!
//! Decisions: rows of which nothing came (predictions that begin to wait) need no commit of their own: given again
//! after a restart they give nothing again. One joiner has all models in turn; a model is made again from the log when
//! its turn comes, and neither ingest nor verdicts on data wait for that.

mod counting;

mod joined;

pub use self::counting::DropReason;

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};

use self::joined::{Batch, CountedOn, Joined, READ_BYTES, off_the_loop};
use super::model::Model;
use super::take_in::Models;
use crate::domain::ModelId;
use crate::join::JoinOptions;
use crate::sketch::EncodedTally;
use crate::store::{DeltaKey, HalvesRow, JoinCommit, JoinState, PartialJoin, Store, StoreError};

/// Most rows of counts in one transaction.
const PART_ROWS: usize = 256;
/// About the most bytes of them.
const PART_BYTES: usize = 512 << 10;
/// What failed is tried again after this long, and models that a reload brought are looked at.
const TICK: Duration = Duration::from_secs(1);
/// So many rows of which nothing came may lie after the stored position.
const UNSTORED_ROWS_MAX: i64 = 1_024;

/// Models whose log grew; the joiner is woken.
#[derive(Debug, Default)]
pub struct Grown {
    models: Mutex<BTreeSet<ModelId>>,
    woken: Notify,
}

impl Grown {
    pub fn note(&self, models: impl IntoIterator<Item = ModelId>) {
        self.models.lock().unwrap_or_else(PoisonError::into_inner).extend(models);
        self.woken.notify_one();
    }

    fn take(&self) -> BTreeSet<ModelId> {
        std::mem::take(&mut *self.models.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What the joiner is put together from.
pub struct JoiningParts<S> {
    pub store: Arc<S>,
    pub models: Arc<ArcSwap<Models>>,
    pub grown: Arc<Grown>,
    /// Halves held of each model.
    pub slots_max: NonZeroUsize,
    /// Why the process has to stop, once it has to.
    pub fatal: watch::Sender<Option<String>>,
    /// How far each model is joined, as stored.
    pub states: BTreeMap<ModelId, JoinState>,
}

/// The one joiner.
pub struct Joining<S> {
    parts: JoiningParts<S>,
    /// Models that had their turn.
    joined: BTreeMap<ModelId, Joined>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Committed {
    Whole,
    /// A reload took the model away meanwhile.
    ModelGone,
}

/// Whether a model's log may have more to join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Done,
    More,
}

impl<S: Store> Joining<S> {
    pub fn new(parts: JoiningParts<S>) -> Self {
        Self { parts, joined: BTreeMap::new() }
    }

    /// Runs until `stopping`. A batch that is cut off is joined again at the next start.
    pub async fn run(mut self, stopping: impl Future<Output = ()>) {
        let mut stopping = std::pin::pin!(stopping);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let grown = self.parts.grown.clone();
        let mut due = BTreeSet::new();
        loop {
            tokio::select! {
                biased;
                () = &mut stopping => return,
                _ = tick.tick() => due.extend(self.every_model()),
                () = grown.woken.notified() => due.extend(grown.take()),
                () = std::future::ready(()), if !due.is_empty() => {}
            }
            due = tokio::select! {
                biased;
                () = &mut stopping => return,
                more = self.round(due) => more,
            };
        }
    }

    /// All models; those that left give their memory back.
    fn every_model(&mut self) -> BTreeSet<ModelId> {
        let models = self.parts.models.load();
        self.joined.retain(|id, _| models.contains_key(id));
        models.keys().cloned().collect()
    }

    /// Joins a batch of each of these models, and says whose log may hold more.
    async fn round(&mut self, due: BTreeSet<ModelId>) -> BTreeSet<ModelId> {
        let mut more = BTreeSet::new();
        for id in due {
            match self.turn(&id).await {
                Ok(Turn::Done) => {}
                Ok(Turn::More) => drop(more.insert(id)),
                Err(error) => {
                    tracing::error!(model = %id, %error, "outcomes cannot be joined; it is tried again");
                    if let StoreError::SyncFailed(_) = error {
                        self.parts.fatal.send_replace(Some(error.to_string()));
                    }
                }
            }
        }
        more
    }

    /// One batch of a model.
    async fn turn(&mut self, id: &ModelId) -> Result<Turn, StoreError> {
        let Some(model) = self.parts.models.load().get(id).cloned() else { return Ok(Turn::Done) };
        let stored = self.parts.states.get(id).cloned().unwrap_or_default();
        let mut joined = self.taken_up(&model, &stored).await?;
        if joined.batch.is_none() {
            let rows = match self.next_rows(id, joined.position, stored.partial.as_ref()).await {
                Ok(rows) if !rows.is_empty() => rows,
                nothing => {
                    self.put_back(&model, joined);
                    return nothing.map(|_| Turn::Done);
                }
            };
            let (frozen, pane) = (model.frozen(), model.options.plan.pane());
            let on = CountedOn { model: id.clone(), frozen, pane };
            joined = off_the_loop(move || {
                joined.join(rows, on, stored.partial.as_ref());
                joined
            })
            .await?;
        }
        let Some(mut batch) = joined.batch.take() else { return Ok(Turn::Done) };
        let committed = self.commit(id, &mut batch).await;
        match committed {
            Ok(Committed::Whole) => meter(&model, &batch),
            // What the store has of it is where the model goes on, should it come back.
            Ok(Committed::ModelGone) => return Ok(Turn::Done),
            Err(_) => joined.batch = Some(batch),
        }
        self.put_back(&model, joined);
        committed.map(|_| Turn::More)
    }

    /// The model's index: the one from before, or made again from the log.
    async fn taken_up(&mut self, model: &Model, stored: &JoinState) -> Result<Joined, StoreError> {
        let (id, label_ttl) = (&model.options.id, model.options.label_ttl);
        let kept = self.joined.remove(id);
        match kept.filter(|joined| joined.batch.is_some() || joined.label_ttl == label_ttl) {
            Some(joined) => Ok(joined),
            None => {
                let options = JoinOptions { label_ttl, slots_max: self.parts.slots_max };
                Joined::recover(id, &*self.parts.store, options, stored).await
            }
        }
    }

    fn put_back(&mut self, model: &Model, joined: Joined) {
        model.metrics.waiting_predictions.set(joined.index.waiting() as f64);
        model.metrics.label_sample_ratio.set(joined.index.sample().ratio());
        let stored = self.parts.states.get(&model.options.id);
        model.live().joined_newest = stored.and_then(|state| state.newest);
        self.joined.insert(model.options.id.clone(), joined);
    }

    /// The rows after a position; where a part of them is committed already, exactly the rows that it was of.
    async fn next_rows(
        &self,
        id: &ModelId,
        after: i64,
        partial: Option<&PartialJoin>,
    ) -> Result<Vec<HalvesRow>, StoreError> {
        let mut rows = self.parts.store.read_halves(id, after, READ_BYTES).await?;
        let Some(PartialJoin { through, .. }) = partial else { return Ok(rows) };
        while let Some(last) = rows.last().map(|row| row.position).filter(|last| last < through) {
            let more = self.parts.store.read_halves(id, last, READ_BYTES).await?;
            if more.is_empty() {
                break;
            }
            rows.extend(more);
        }
        rows.retain(|row| row.position <= *through);
        Ok(rows)
    }

    /// Commits what is left of a batch, part by part. What fails stays in it.
    async fn commit(&mut self, id: &ModelId, batch: &mut Batch) -> Result<Committed, StoreError> {
        loop {
            // A reload may have put another model in its place meanwhile.
            let Some(model) = self.parts.models.load().get(id).cloned() else {
                return Ok(Committed::ModelGone);
            };
            let _same_ruler_until_booked = model.gate.read().await;
            if model.is_retired() {
                continue;
            }
            let ruler = model.frozen().map(|frozen| frozen.ruler.id());
            if ruler != batch.ruler && batch.deltas.len() > 0 {
                tracing::warn!(model = %id, panes = batch.deltas.len(),
                    "the grids changed while outcomes were joined; those are not counted");
                batch.deltas = Vec::new().into_iter();
            }
            let stored = self.parts.states.get(id).cloned().unwrap_or_default();
            let rest = batch.deltas.as_slice();
            let part = rest[..part_of(rest)].to_vec();
            let state = match part.last() {
                Some((last, _)) if part.len() < rest.len() => {
                    let partial = PartialJoin { through: batch.after.position, last: last.clone() };
                    JoinState { partial: Some(partial), ..stored.clone() }
                }
                Some(_) => batch.after.clone(),
                None if is_worth_storing(&stored, &batch.after) => batch.after.clone(),
                None => return Ok(Committed::Whole),
            };
            let is_last = state == batch.after;
            let commit = JoinCommit {
                model: id.clone(),
                expected: stored,
                state: state.clone(),
                deltas: part.clone(),
            };
            self.parts.store.commit_join(commit).await?;
            self.parts.states.insert(id.clone(), state);
            batch.deltas.by_ref().take(part.len()).for_each(drop);
            book(&model, part);
            if is_last {
                return Ok(Committed::Whole);
            }
        }
    }
}

fn meter(model: &Model, batch: &Batch) {
    model.metrics.joined(&batch.counts);
    let dropped = batch.dropped.iter().map(|(reason, outcomes)| (reason.as_str(), *outcomes));
    let labels = &model.metrics.labels;
    dropped.for_each(|(reason, outcomes)| labels.add(reason, outcomes));
    labels.add(DropReason::Unreadable.as_str(), batch.unreadable);
}

/// How many of these go into one transaction.
fn part_of(deltas: &[(DeltaKey, EncodedTally)]) -> usize {
    let mut bytes = 0;
    let fits = |(_, counts): &&(DeltaKey, EncodedTally)| {
        let before = bytes;
        bytes += counts.bytes().len();
        before < PART_BYTES
    };
    deltas.iter().take(PART_ROWS).take_while(fits).count()
}

fn is_worth_storing(stored: &JoinState, reached: &JoinState) -> bool {
    reached.sample_threshold != stored.sample_threshold
        || stored.partial.is_some()
        || reached.position - stored.position >= UNSTORED_ROWS_MAX
}

/// Committed outcomes go into the counts in memory.
fn book(model: &Model, part: Vec<(DeltaKey, EncodedTally)>) {
    let mut live = model.live();
    live.labels_booked += 1;
    for (key, counts) in part {
        if let Err(error) = live.book.apply(&key.version, &key.segment, key.pane, counts) {
            // They are in the store all the same; a window that needs them says why it has none.
            tracing::warn!(model = %model.options.id, %error, "outcomes cannot be booked in memory");
        }
    }
}

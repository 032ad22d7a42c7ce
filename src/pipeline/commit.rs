//! Group commit: what came in while the last transaction ran goes into the next one.
//!
//! Limits: at most `queue_bytes_max` of bodies wait or are being counted ([`Queue::admit`] refuses more: 429); a group
//! closes at `commit_bytes`. Invariants: a sender is answered only after its transaction; counts in memory change only
//! after COMMIT, in the order of commits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::clock::Clock;
use crate::domain::{ModelId, Timestamp};
use crate::store::{Delta, DeltaKey, IngestCommit, KpiDelta, Store, StoreError, Unit, UnitOutcome};

/// What a permit of the queue stands for, so that a semaphore's 2^61 permits and `u32` batches reach.
const BYTES_PER_PERMIT: usize = 1024;

/// Why nothing more is taken in at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{queue_bytes_max} bytes are being taken in already; try again in a second")]
    Full { queue_bytes_max: usize },
    #[error("driftd is stopping")]
    Stopping,
}

/// The way into the commit loop: bounded in bytes.
#[derive(Debug, Clone)]
pub struct Queue {
    sender: mpsc::UnboundedSender<Waiting>,
    room: Arc<Semaphore>,
    queue_bytes_max: usize,
}

/// Room in the queue for one request, given back when its answer is there.
#[derive(Debug)]
pub struct Admitted {
    _room: OwnedSemaphorePermit,
    bytes: usize,
}

/// A unit that waits for its transaction.
#[derive(Debug)]
pub struct Waiting {
    unit: Unit,
    admitted: Admitted,
    answer: oneshot::Sender<Result<UnitOutcome, CommitFailed>>,
}

/// A transaction that did not happen: its units counted nothing.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{why}")]
pub struct CommitFailed {
    pub why: String,
    /// Whether the disk is full or syncing failed, rather than a passing fault.
    pub lasting: bool,
}

/// What the loop tells the rest of the pipeline.
pub trait CommitObserver: Send + 'static {
    /// These deltas and newest event times are durable now, and halves of these models.
    fn committed(&mut self, applied: Applied, newest: Newest, halves: BTreeSet<ModelId>);
    /// One transaction, from its first unit to its last answer.
    fn took(&mut self, duration: Duration);
    /// A transaction did not happen. After [`StoreError::SyncFailed`] what is durable is not known any more: the process
    /// must stop.
    fn failed(&mut self, error: &StoreError);
}

/// What a transaction added.
pub struct Applied {
    pub counts: Vec<(DeltaKey, Delta)>,
    pub kpis: Vec<KpiDelta>,
}

/// The largest event time by model and source.
pub type Newest = BTreeMap<(ModelId, String), Timestamp>;

/// A queue with room for `queue_bytes_max`, and its other end for [`run`].
pub fn queue(queue_bytes_max: usize) -> (Queue, mpsc::UnboundedReceiver<Waiting>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(queue_bytes_max.div_ceil(BYTES_PER_PERMIT)));
    (Queue { sender, room, queue_bytes_max }, receiver)
}

impl Queue {
    /// Takes room for a body of so many bytes, or says at once that there is none.
    pub fn admit(&self, bytes: usize) -> Result<Admitted, Refusal> {
        let full = Refusal::Full { queue_bytes_max: self.queue_bytes_max };
        let permits = u32::try_from(bytes.div_ceil(BYTES_PER_PERMIT).max(1)).map_err(|_| full)?;
        let room = self.room.clone().try_acquire_many_owned(permits).map_err(|_| full)?;
        Ok(Admitted { _room: room, bytes })
    }

    /// Bytes that are being taken in.
    pub fn bytes(&self) -> usize {
        self.queue_bytes_max.saturating_sub(self.room.available_permits() * BYTES_PER_PERMIT)
    }

    /// Hands a unit to the next transaction and waits until it is durable, or failed.
    pub async fn commit(&self, unit: Unit, admitted: Admitted) -> Result<UnitOutcome, CommitFailed> {
        let (answer, answered) = oneshot::channel();
        let stopping = |_| CommitFailed { why: Refusal::Stopping.to_string(), lasting: false };
        self.sender.send(Waiting { unit, admitted, answer }).map_err(|_| ()).map_err(stopping)?;
        answered.await.map_err(|_| ()).map_err(stopping)?
    }
}

/// Commits groups until `closing`, and then whatever was handed over before.
pub async fn run(
    mut receiver: mpsc::UnboundedReceiver<Waiting>,
    store: Arc<impl Store>,
    clock: Arc<dyn Clock>,
    commit_bytes: usize,
    mut observer: impl CommitObserver,
    closing: impl Future<Output = ()>,
) {
    let mut closing = std::pin::pin!(closing);
    let mut open = true;
    loop {
        let next = tokio::select! {
            biased;
            next = receiver.recv() => next,
            () = &mut closing, if open => {
                receiver.close();
                open = false;
                continue;
            }
        };
        let Some(first) = next else { return };
        let mut bytes = first.admitted.bytes;
        let mut group = vec![first];
        while bytes < commit_bytes
            && let Ok(next) = receiver.try_recv()
        {
            bytes += next.admitted.bytes;
            group.push(next);
        }
        commit_group(group, &*store, clock.now(), &mut observer).await;
    }
}

async fn commit_group(
    group: Vec<Waiting>,
    store: &impl Store,
    at: Timestamp,
    observer: &mut impl CommitObserver,
) {
    let started = Instant::now();
    let mut newest = Vec::with_capacity(group.len());
    let mut halves = BTreeSet::new();
    let mut senders = Vec::with_capacity(group.len());
    let mut units = Vec::with_capacity(group.len());
    for Waiting { unit, admitted, answer } in group {
        newest.push(unit.newest.clone());
        halves.extend(unit.halves.iter().map(|halves| halves.model.clone()));
        senders.push((answer, admitted));
        units.push(unit);
    }
    let count = units.len();
    match store.commit_ingest(IngestCommit { at, units }).await {
        Ok(committed) => {
            let mut of_committed = Newest::new();
            for (outcome, newest) in committed.outcomes.iter().zip(newest) {
                if *outcome == UnitOutcome::Committed {
                    merge_newest(&mut of_committed, newest);
                }
            }
            let applied = Applied { counts: committed.applied, kpis: committed.kpis };
            observer.committed(applied, of_committed, halves);
            for ((answer, _admitted), outcome) in senders.into_iter().zip(committed.outcomes) {
                // A sender that went away meanwhile has its rows counted all the same.
                let _gone = answer.send(Ok(outcome));
            }
        }
        Err(error) => {
            observer.failed(&error);
            tracing::error!(%error, units = count, "a commit failed; its senders are told to retry");
            let lasting =
                matches!(error, StoreError::Full(_) | StoreError::SyncFailed(_) | StoreError::Corrupt(_));
            let failed = CommitFailed { why: error.to_string(), lasting };
            for (answer, _admitted) in senders {
                let _gone = answer.send(Err(failed.clone()));
            }
        }
    }
    observer.took(started.elapsed());
}

fn merge_newest(into: &mut Newest, from: Newest) {
    for (source, at) in from {
        let newest = into.entry(source).or_insert(at);
        *newest = at.max(*newest);
    }
}

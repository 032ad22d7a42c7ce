//! The two queues before the one writer: ingest first, everything else between, joins first of those.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, oneshot};

use super::writer::Writer;
use crate::store::{JobKind, StoreError};

/// Ingest jobs in a row while another one waits: ingest comes first, but never for good.
const INGEST_RUN_MAX: usize = 8;

/// One transaction, and its answer to who waits for it.
pub(super) struct Job {
    pub(super) kind: JobKind,
    pub(super) work: Box<dyn FnOnce(&mut Writer) + Send>,
}

/// Bounded: who finds its queue full waits for room.
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    ingest_room: Arc<Semaphore>,
    other_room: Arc<Semaphore>,
}

#[derive(Default)]
struct Waiting {
    ingest: VecDeque<Job>,
    other: VecDeque<Job>,
    ingest_run: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new(ingest_jobs_max: usize, other_jobs_max: usize) -> Self {
        Self {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            ingest_room: Arc::new(Semaphore::new(ingest_jobs_max)),
            other_room: Arc::new(Semaphore::new(other_jobs_max)),
        }
    }

    /// Has the writer do `work` and waits for its answer. Once queued, the work is done even if nobody waits.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        kind: JobKind,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let room = match kind {
            JobKind::Ingest => &self.ingest_room,
            _ => &self.other_room,
        };
        let permit = Arc::clone(room).acquire_owned().await.map_err(|_| gone())?;
        let (answer, answered) = oneshot::channel();
        let work = Box::new(move |writer: &mut Writer| {
            // Who asked may have left; the work stands.
            let _ = answer.send(work(writer));
            drop(permit);
        });
        self.push(Job { kind, work })?;
        answered.await.map_err(|_| gone())?
    }

    /// Queues a job without waiting for room: for the store's own threads, which have one at a time.
    pub(super) fn push(&self, job: Job) -> Result<(), StoreError> {
        let mut waiting = self.waiting();
        if waiting.closed {
            return Err(gone());
        }
        match job.kind {
            JobKind::Ingest => waiting.ingest.push_back(job),
            // There is one joiner, which waits for each: others have their turn before its next.
            JobKind::Join => waiting.other.push_front(job),
            _ => waiting.other.push_back(job),
        }
        self.changed.notify_one();
        Ok(())
    }

    /// The next job, waiting for one; `None` once the queues are closed and empty.
    pub(super) fn pop(&self) -> Option<Job> {
        let mut waiting = self.waiting();
        loop {
            if let Some(job) = waiting.next() {
                return Some(job);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes no more jobs; those queued are still done.
    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.changed.notify_all();
    }

    /// Closes, and drops what is queued: whoever waits hears that the writer is gone.
    pub(super) fn abandon(&self) {
        self.close();
        let mut waiting = self.waiting();
        let dropped = (std::mem::take(&mut waiting.ingest), std::mem::take(&mut waiting.other));
        drop(waiting);
        drop(dropped);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn next(&mut self) -> Option<Job> {
        let ingest_goes = self.other.is_empty() || self.ingest_run < INGEST_RUN_MAX;
        if ingest_goes && let Some(job) = self.ingest.pop_front() {
            self.ingest_run += 1;
            return Some(job);
        }
        self.ingest_run = 0;
        self.other.pop_front()
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable("the store is closed".to_owned())
}

//! The store in one SQLite database, written by one thread.
//!
//! **Files.** `driftd.db`, its log `driftd.db-wal` and index `driftd.db-shm`, `driftd.lock`; directory 0700, files 0600.
//! Every commit is synced to the log before it is acknowledged (WAL, `synchronous=FULL`); after a crash the log's
//! whole commits count and a torn tail does not.
//!
//! **Limits.** [`SqliteOptions`] names them: jobs queued, keys remembered, readers, bytes kept free. The log begins
//! anew from about 4 MiB on; only a read or backup that lasts makes it wait. Deleting goes 64 rows a transaction, ingest between.
//!
//! **Invariants.**
//! - Commits are numbered 1, 2, 3 … by this directory's writer id; opening refuses a gap. Expiry takes them from the
//!   beginning and leaves the last.
//! - Delta rows are appended and deleted, never changed; their ids are not used twice while the process lives.
//! - What the writer holds in memory (numbers, keys, positions, row counts) changes only after COMMIT.
//! - No table holds a clear idempotency key, and no value of a row but in `learning`, which is overwritten when it
//!   is deleted.
//! - After a failed sync nothing is written any more.
//!
//! **Ways.** `ingest` claims guards, sums and appends; `fold` makes fewer rows of a key; `join` keeps the log of halves and its
//! outcomes; `evaluation`, `control` and
//! `freeze` write a model's state; `incidents` and `outbox` what went wrong and who is told; `expire` deletes; `read` reads on connections of its own; `checkpoint` moves the
//! log into the database. The tables are in `migrations/`, the row of the commit log in `commit_row`.
//!
//! **Decisions.** Keys are found by an index in memory rather than a table: a B-tree of random keys writes 7 kB a key.
//! What is learnt lies in a table of its own: moving rows about leaves copies in pages, so values never share pages
//! with rows that are folded. Free pages are kept for the rows to come and go back to the disk only past a quarter.

mod options;

mod error;

mod directory;

mod schema;

mod queue;

mod writer;

mod commit_row;

mod guards;

mod key_columns;

mod row_counts;

mod rows;

mod ingest;

mod fold;

mod join;

mod evaluation;

mod control;

mod freeze;

mod json;

mod incidents;

mod silences;

mod outbox;

mod receivers;

mod retraining;

mod expire;

mod read;

mod checkpoint;

mod backup;

mod recover;

pub use directory::OpenError;
pub use options::SqliteOptions;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use self::checkpoint::{Nudge, Signal};
use self::directory::{Directory, Reserve};
use self::guards::Guards;
use self::queue::Queue;
use self::read::Readers;
use self::row_counts::RowCounts;
use self::writer::{Ledger, Writer};
use super::{
    AuditRow, Claim, ClaimedMessage, ControlCommit, CurrentIncidents, DecisionCommit, DecisionQuery,
    DecisionRow, DeltaKey, DeltaRow, DisabledReceiver, EvaluationCommit, Expired, Expiry, Fold, Freeze,
    HalvesRow, IncidentChanges, IncidentQuery, IngestCommit, IngestCommitted, JobKind, JoinCommit, Marked,
    NotificationQuery, NotificationRow, OutboxSize, ReceiverState, Recovered, RetrainingState, Retried,
    RunCommit, Store, StoreError, StoreSize, StoredRun, VerdictRow, VerdictSubject,
};
use crate::domain::{ModelId, TimeRange, Timestamp};
use crate::incident::{Entry, Incident, IncidentId};
use crate::notification::{NotificationId, Silence};
use crate::retraining::RunKey;
use crate::sketch::GridId;

/// The daemon's store. Dropping it finishes what is queued, copies the log and unlocks the directory.
pub struct SqliteStore {
    queue: Arc<Queue>,
    readers: Arc<Readers>,
    row_counts: Arc<Mutex<RowCounts>>,
    keys_dropped: Arc<AtomicU64>,
    database: PathBuf,
    threads: Arc<Mutex<Option<Threads>>>,
}

struct Threads {
    writer: JoinHandle<()>,
    checkpointer: JoinHandle<()>,
    signals: SyncSender<Signal>,
    directory: Directory,
}

impl SqliteStore {
    /// Opens (or creates) the store in a data directory, and reads what the daemon needs to go on.
    pub fn open(dir: &Path, options: SqliteOptions) -> Result<(Self, Recovered), OpenError> {
        let directory = Directory::hold(dir)?;
        let database = directory.database();
        let connection = schema::open_writer(&database, options.database_bytes_max)?;
        directory.sync()?;

        let mut guards = Guards::new(options.keys_max, options.key_ttl);
        let log = recover::log(&connection, &mut guards)?;
        let recovered = log.recovered(recover::models(&connection)?);
        let row_counts = Arc::new(Mutex::new(RowCounts::recover(&connection)?));
        let keys_dropped = Arc::new(AtomicU64::new(log.keys_dropped));
        let (nudge, signals, signalled) = Nudge::new(options.checkpoint_bytes);
        let mut writer = Writer {
            ledger: Ledger::new(connection),
            id: log.writer,
            last_sequence: log.last_sequence,
            last_row: log.last_row,
            guards,
            keys_dropped: Arc::clone(&keys_dropped),
            newest: log.newest,
            row_counts: Arc::clone(&row_counts),
            reserve: Reserve::new(database.clone(), options.reserve_bytes),
            nudge,
            log_to_erase: false,
        };
        // A log left by a crash may hold what was deleted securely. On a full disk the store opens all the same.
        writer.erase_log_soon();

        let queue = Arc::new(Queue::new(options.ingest_jobs_max, options.other_jobs_max));
        let copier = schema::open_checkpointer(&database)?;
        let thread = |name: &str| thread::Builder::new().name(name.to_owned());
        let failed = |source| OpenError::Directory { path: dir.to_owned(), source };
        let (jobs, observer) = (Arc::clone(&queue), options.jobs);
        let writing =
            thread("store-writer").spawn(move || writer::run(writer, jobs, observer)).map_err(failed)?;
        let (jobs, interval) = (Arc::clone(&queue), options.checkpoint_interval);
        let checkpointing = thread("store-checkpoint")
            .spawn(move || checkpoint::run(copier, jobs, signalled, interval))
            .map_err(failed)?;
        let threads = Threads { writer: writing, checkpointer: checkpointing, signals, directory };
        let readers = Arc::new(Readers::new(database.clone(), options.readers_max));
        let threads = Arc::new(Mutex::new(Some(threads)));
        Ok((Self { queue, readers, row_counts, keys_dropped, database, threads }, recovered))
    }

    /// Idempotency keys that left the index before their time since the store was opened: a retry with one of
    /// them counts again.
    pub fn keys_dropped(&self) -> u64 {
        self.keys_dropped.load(Ordering::Relaxed)
    }

    /// Finishes what is queued, copies the log into the database and unlocks the directory. Further calls of any
    /// method answer [`StoreError::Unavailable`].
    pub async fn close(&self) -> Result<(), StoreError> {
        let (queue, readers, threads) =
            (Arc::clone(&self.queue), Arc::clone(&self.readers), Arc::clone(&self.threads));
        let stopped = tokio::task::spawn_blocking(move || stop(&queue, &readers, &threads));
        stopped.await.map_err(|error| StoreError::Unavailable(error.to_string()))
    }

    async fn write<T: Send + 'static>(
        &self,
        kind: JobKind,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.queue.run(kind, work).await
    }

    /// Repeats a small transaction until it finds nothing left; others go between.
    async fn write_in_steps(
        &self,
        kind: JobKind,
        step: impl Fn(&mut Writer) -> Result<Option<u64>, StoreError> + Clone + Send + 'static,
    ) -> Result<u64, StoreError> {
        let mut total = 0;
        while let Some(done) = self.write(kind, step.clone()).await? {
            total += done;
        }
        Ok(total)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        stop(&self.queue, &self.readers, &self.threads);
    }
}

/// Stops the threads in the order in which they need each other; the directory is let go last.
fn stop(queue: &Queue, readers: &Readers, threads: &Mutex<Option<Threads>>) {
    let Some(threads) = threads.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
    readers.close();
    // A thread that is gone has stopped.
    let _ = threads.signals.send(Signal::Stop);
    let _ = threads.checkpointer.join();
    queue.close();
    let _ = threads.writer.join();
    drop(threads.directory);
}

impl Store for SqliteStore {
    async fn commit_ingest(&self, commit: IngestCommit) -> Result<IngestCommitted, StoreError> {
        self.write(JobKind::Ingest, move |writer| ingest::commit(writer, commit)).await
    }

    async fn read_halves(
        &self,
        model: &ModelId,
        after: i64,
        bytes_max: usize,
    ) -> Result<Vec<HalvesRow>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| join::read(connection, &model, after, bytes_max)).await
    }

    async fn commit_join(&self, commit: JoinCommit) -> Result<(), StoreError> {
        self.write(JobKind::Join, move |writer| join::commit(writer, &commit)).await
    }

    async fn fold_candidates(
        &self,
        bytes_max: usize,
        rulers: Option<BTreeSet<(ModelId, GridId)>>,
    ) -> Result<Vec<DeltaRow>, StoreError> {
        let mut keys = row_counts::lock(&self.row_counts).foldable();
        if let Some(rulers) = rulers {
            keys.retain(|(key, ruler)| rulers.contains(&(key.model.clone(), *ruler)));
        }
        self.readers.run(move |connection| fold::candidates(connection, keys, bytes_max)).await
    }

    async fn fold(&self, fold: Fold) -> Result<(), StoreError> {
        self.write(JobKind::Fold, move |writer| fold::fold(writer, &fold)).await
    }

    async fn read_deltas(&self, model: &ModelId, range: TimeRange) -> Result<Vec<DeltaRow>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| read::deltas(connection, &model, range)).await
    }

    async fn counted(&self, model: &ModelId) -> Result<Vec<(DeltaKey, i64)>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| read::counted(connection, &model)).await
    }

    async fn commit_evaluation(&self, evaluation: EvaluationCommit) -> Result<(), StoreError> {
        self.write(JobKind::Evaluation, move |writer| evaluation::commit(writer, &evaluation)).await
    }

    async fn read_verdicts(
        &self,
        model: &ModelId,
        subject: VerdictSubject,
        length: Duration,
        limit: usize,
    ) -> Result<Vec<VerdictRow>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| evaluation::read(connection, &model, subject, length, limit)).await
    }

    async fn commit_incidents(&self, changes: IncidentChanges) -> Result<(), StoreError> {
        let write = move |writer: &mut Writer| {
            writer.ledger.transact(|transaction| incidents::write(transaction, &changes))
        };
        self.write(JobKind::Incident, write).await
    }

    async fn read_incidents(&self, query: IncidentQuery) -> Result<Vec<Incident>, StoreError> {
        self.readers.run(move |connection| incidents::page(connection, &query)).await
    }

    async fn read_incident(&self, id: IncidentId) -> Result<Option<(Incident, Vec<Entry>)>, StoreError> {
        self.readers.run(move |connection| incidents::read(connection, id)).await
    }

    async fn current_incidents(&self, since: Timestamp) -> Result<CurrentIncidents, StoreError> {
        self.readers.run(move |connection| incidents::current(connection, since)).await
    }

    async fn read_silences(&self, ended_since: Timestamp) -> Result<Vec<Silence>, StoreError> {
        self.readers.run(move |connection| silences::read(connection, ended_since)).await
    }

    async fn claim_notifications(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, StoreError> {
        let claimed = self.write(JobKind::Delivery, move |writer| outbox::claim(writer, &claim)).await?;
        Ok(claimed.into_iter().map(outbox::StoredMessage::decode).collect())
    }

    async fn mark_deliveries(&self, marked: Vec<Marked>) -> Result<(), StoreError> {
        self.write(JobKind::Delivery, move |writer| outbox::mark(writer, &marked)).await
    }

    async fn retry_notification(
        &self,
        id: NotificationId,
        now: Timestamp,
        audit: AuditRow,
    ) -> Result<Retried, StoreError> {
        self.write(JobKind::Delivery, move |writer| outbox::retry(writer, id, now, &audit)).await
    }

    async fn release_claims(&self) -> Result<u64, StoreError> {
        self.write(JobKind::Delivery, outbox::release).await
    }

    async fn read_notifications(&self, query: NotificationQuery) -> Result<Vec<NotificationRow>, StoreError> {
        self.readers.run(move |connection| outbox::page(connection, &query)).await
    }

    async fn outbox_size(&self) -> Result<OutboxSize, StoreError> {
        self.readers.run(outbox::size).await
    }

    async fn receiver_states(&self) -> Result<Vec<DisabledReceiver>, StoreError> {
        self.readers.run(receivers::read).await
    }

    async fn set_receiver_state(
        &self,
        state: ReceiverState,
        audit: Option<AuditRow>,
    ) -> Result<(), StoreError> {
        self.write(JobKind::Delivery, move |writer| receivers::set(writer, &state, audit.as_ref())).await
    }

    async fn commit_decision(&self, commit: DecisionCommit) -> Result<(), StoreError> {
        self.write(JobKind::Control, move |writer| retraining::decide(writer, &commit)).await
    }

    async fn commit_run(&self, commit: RunCommit) -> Result<(), StoreError> {
        self.write(JobKind::Control, move |writer| retraining::move_run(writer, &commit)).await
    }

    async fn plan_since(&self, model: &ModelId, at: Timestamp) -> Result<Timestamp, StoreError> {
        let model = model.clone();
        self.write(JobKind::Control, move |writer| retraining::plan_since(writer, &model, at)).await
    }

    async fn read_decisions(&self, query: DecisionQuery) -> Result<Vec<DecisionRow>, StoreError> {
        self.readers.run(move |connection| retraining::page(connection, &query)).await
    }

    async fn read_run(&self, key: &RunKey) -> Result<Option<StoredRun>, StoreError> {
        let key = key.clone();
        self.readers.run(move |connection| retraining::run(connection, &key)).await
    }

    async fn retraining_state(&self) -> Result<RetrainingState, StoreError> {
        self.readers.run(retraining::current).await
    }

    async fn freeze_reference(&self, freeze: Freeze) -> Result<(), StoreError> {
        self.write(JobKind::Freeze, move |writer| freeze::freeze(writer, &freeze)).await
    }

    async fn commit_control(&self, control: ControlCommit) -> Result<(), StoreError> {
        if control.forget_reference {
            // Overwriting takes time: most of it in steps, before what is one transaction.
            let model = control.model.clone();
            let learnt = move |writer: &mut Writer| expire::learning(writer, &model, Timestamp::MAX);
            self.write_in_steps(JobKind::Control, learnt).await?;
        }
        self.write(JobKind::Control, move |writer| control::commit(writer, &control)).await
    }

    async fn read_audit(&self, model: Option<&ModelId>, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        let model = model.cloned();
        self.readers.run(move |connection| control::read_audit(connection, model.as_ref(), limit)).await
    }

    async fn expire(&self, expiry: Expiry) -> Result<Expired, StoreError> {
        let Expiry { panes_before, learning_before, halves_before, .. } = expiry;
        let Expiry { verdicts_before, keys_before, notifications_before, .. } = expiry;
        let kind = JobKind::Expiry;
        let mut deltas = 0;
        for (model, before) in panes_before {
            let panes = move |writer: &mut Writer| expire::panes(writer, &model, before);
            deltas += self.write_in_steps(kind, panes).await?;
        }
        for (model, before) in learning_before {
            let learning = move |writer: &mut Writer| expire::learning(writer, &model, before);
            deltas += self.write_in_steps(kind, learning).await?;
        }
        let mut halves = 0;
        for (model, before) in halves_before {
            let joined = move |writer: &mut Writer| join::expire(writer, &model, before);
            halves += self.write_in_steps(kind, joined).await?;
        }
        let verdicts = move |writer: &mut Writer| expire::verdicts(writer, verdicts_before);
        let verdicts = self.write_in_steps(kind, verdicts).await?;
        let keys = self.write_in_steps(kind, move |writer| expire::commits(writer, keys_before)).await?;
        let incidents = move |writer: &mut Writer| expire::incidents(writer, verdicts_before);
        let incidents = self.write_in_steps(kind, incidents).await?;
        let decisions = move |writer: &mut Writer| retraining::expire(writer, verdicts_before);
        self.write_in_steps(kind, decisions).await?;
        let silences = move |writer: &mut Writer| expire::silences(writer, verdicts_before);
        self.write_in_steps(kind, silences).await?;
        let notifications = move |writer: &mut Writer| expire::notifications(writer, notifications_before);
        let notifications = self.write_in_steps(kind, notifications).await?;
        Ok(Expired { deltas, halves, verdicts, keys, incidents, notifications })
    }

    async fn size(&self) -> Result<StoreSize, StoreError> {
        let (database, keys_dropped) = (self.database.clone(), self.keys_dropped());
        self.readers.run(move |_| directory::size(&database, keys_dropped)).await
    }

    async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        self.readers.run(move |connection| backup::write(connection, &to)).await
    }
}

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

mod kpi;

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

mod transactions;

pub use directory::OpenError;
pub use options::SqliteOptions;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use self::checkpoint::{Nudge, Signal};
use self::directory::{Directory, Reserve};
use self::guards::Guards;
use self::queue::Queue;
use self::read::Readers;
use self::row_counts::RowCounts;
use self::writer::{Ledger, Writer};
use super::{JobKind, Recovered, StoreError};

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

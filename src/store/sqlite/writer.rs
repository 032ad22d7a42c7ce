//! The one thread that writes.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::checkpoint::Nudge;
use super::directory::Reserve;
use super::error;
use super::guards::Guards;
use super::queue::{Job, Queue};
use super::row_counts::RowCounts;
use crate::domain::{ModelId, Timestamp};
use crate::store::{JobObserver, StoreError};

/// What the writing thread holds. Everything beside the ledger mirrors it, and changes only after COMMIT.
pub(super) struct Writer {
    pub(super) ledger: Ledger,
    /// This writer's id; with its number it names a commit.
    pub(super) id: String,
    pub(super) last_sequence: i64,
    /// The id of the last row of `delta` or `learning`: ids are not used again while the process lives, so that
    /// a list of rows read before never names another row.
    pub(super) last_row: i64,
    pub(super) guards: Guards,
    /// Keys that the index let go before their time.
    pub(super) keys_dropped: Arc<AtomicU64>,
    pub(super) newest: BTreeMap<(ModelId, String), Timestamp>,
    pub(super) row_counts: Arc<Mutex<RowCounts>>,
    pub(super) reserve: Reserve,
    pub(super) nudge: Nudge,
    /// Whether the log still holds what was deleted securely.
    pub(super) log_to_erase: bool,
}

/// The writer's connection, and whether it may still be trusted.
pub(super) struct Ledger {
    connection: Connection,
    /// Why nothing is written any more: a sync failed.
    broken: Option<String>,
}

impl Ledger {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, broken: None }
    }

    /// Runs `work` as one transaction: all of it is on disk when this returns `Ok`, nothing of it otherwise
    /// (unknown with [`StoreError::SyncFailed`], after which every call is refused).
    pub(super) fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(why) = &self.broken {
            return Err(StoreError::SyncFailed(why.clone()));
        }
        let outcome = attempt(&mut self.connection, work);
        self.watch(outcome)
    }

    /// Like [`Ledger::transact`], but every page that is freed is overwritten with zeros.
    pub(super) fn transact_securely<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.secure_delete("ON")?;
        let outcome = self.transact(work);
        // What was committed stands; should this fail, later pages are overwritten too.
        let _ = self.secure_delete("FAST");
        outcome
    }

    fn secure_delete(&self, mode: &str) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update_and_check(None, "secure_delete", mode, |_| Ok(()))?)
    }

    /// Passes an outcome on; after a failed sync nothing is written any more.
    pub(super) fn watch<T>(&mut self, outcome: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &outcome {
            self.distrust(error);
        }
        outcome
    }

    /// Refuses all further writes where `error` is a failed sync.
    pub(super) fn distrust(&mut self, error: &StoreError) {
        if let StoreError::SyncFailed(why) = error {
            self.broken = Some(why.clone());
        }
    }

    /// The connection, for what runs outside a transaction: checkpoints and vacuum.
    pub(super) fn connection(&self) -> Result<&Connection, StoreError> {
        match &self.broken {
            Some(why) => Err(StoreError::SyncFailed(why.clone())),
            None => Ok(&self.connection),
        }
    }
}

fn attempt<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Dropped without COMMIT, or after one that failed, a transaction rolls back.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit().map_err(error::of_commit)?;
    Ok(value)
}

/// Does jobs until the queue is closed and empty, then copies the whole log into the database.
pub(super) fn run(mut writer: Writer, queue: Arc<Queue>, observer: Option<Arc<dyn JobObserver>>) {
    let _abandon = AbandonOnExit(Arc::clone(&queue));
    while let Some(Job { kind, work }) = queue.pop() {
        let begun = Instant::now();
        work(&mut writer);
        if let Some(observer) = &observer {
            observer.done(kind, begun.elapsed());
        }
    }
    if let Err(error) = writer.erase_log() {
        tracing::warn!(%error, "the log stays, to be read when the store is opened again");
    }
}

/// However the writer ends, nobody waits for it in vain.
struct AbandonOnExit(Arc<Queue>);

impl Drop for AbandonOnExit {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

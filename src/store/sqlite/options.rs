//! The store's named limits.

use std::sync::Arc;
use std::time::Duration;

use crate::store::JobObserver;

/// Limits of the store.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// Bytes of the disk that ingest leaves free, for folding and expiry to make room.
    pub reserve_bytes: u64,
    /// Largest size of the database, without its log; `None`: as the disk allows.
    pub database_bytes_max: Option<u64>,
    /// Idempotency keys remembered; past it the oldest leave before their time, and are counted.
    pub keys_max: usize,
    /// How long an idempotency key is remembered.
    pub key_ttl: Duration,
    /// Commits of ingest that may queue; the next one waits.
    pub ingest_jobs_max: usize,
    /// Other transactions that may queue.
    pub other_jobs_max: usize,
    /// Reads at one time.
    pub readers_max: usize,
    /// The log is copied into the database this often.
    pub checkpoint_interval: Duration,
    /// The log is copied once so many bytes of rows were written.
    pub checkpoint_bytes: u64,
    /// Who is told how long the writer's jobs take.
    pub jobs: Option<Arc<dyn JobObserver>>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            reserve_bytes: 256 << 20,
            database_bytes_max: None,
            keys_max: 1_000_000,
            key_ttl: Duration::from_secs(24 * 3600),
            ingest_jobs_max: 64,
            other_jobs_max: 64,
            readers_max: 4,
            checkpoint_interval: Duration::from_secs(2),
            checkpoint_bytes: 8 << 20,
            jobs: None,
        }
    }
}

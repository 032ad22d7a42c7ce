//! Metrics of the daemon as a whole: ingest, store, configuration.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::gauge::Gauge as Level;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

use super::cells::{Counter, CounterMap, Gauge};
use super::names;
use super::store_jobs::StoreJobs;
use crate::domain::Timestamp;

/// Reasons for which requests are refused; they are written in the code, so the limit is never met.
const REASONS_MAX: usize = 64;

/// Numbers that no model owns. Hold a clone of what you count: a count costs one atomic addition.
#[derive(Debug)]
pub struct DaemonMetrics {
    /// Requests refused as a whole (`queue_full`, `body_too_large` …); add 0 at start to each reason you use.
    pub requests_rejected: CounterMap,
    pub commits: Counter,
    commit_duration: Histogram,
    /// Rows waiting for their commit; add when they enter, subtract when they leave.
    pub queue_rows: Level,
    pub queue_bytes: Level,
    pub idempotency_keys_evicted: Gauge,
    pub store_bytes: Gauge,
    pub store_free_bytes: Gauge,
    pub store_wal_bytes: Gauge,
    pub store_jobs: StoreJobs,
    pub folds: Counter,
    evaluation_duration: Histogram,
    config_successful: Gauge,
    config_success_time: Gauge,
    /// Keys that were changed and take effect at the next start.
    pub config_keys_pending: Gauge,
    version: Box<str>,
}

impl DaemonMetrics {
    pub(super) fn new(version: &str) -> Self {
        Self {
            requests_rejected: CounterMap::new(REASONS_MAX),
            commits: Counter::default(),
            // 0.25 ms to 4 s: from a fast disk's sync to one that hangs.
            commit_duration: Histogram::new(exponential_buckets(0.000_25, 2.0, 15)),
            queue_rows: Level::default(),
            queue_bytes: Level::default(),
            idempotency_keys_evicted: Gauge::default(),
            store_bytes: Gauge::default(),
            store_free_bytes: Gauge::default(),
            store_wal_bytes: Gauge::default(),
            store_jobs: StoreJobs::default(),
            folds: Counter::default(),
            // 1 ms to 16 s.
            evaluation_duration: Histogram::new(exponential_buckets(0.001, 2.0, 15)),
            config_successful: Gauge::default(),
            config_success_time: Gauge::default(),
            config_keys_pending: Gauge::default(),
            version: version.into(),
        }
    }

    /// One ingest transaction, committed after so long.
    pub fn committed(&self, took: Duration) {
        self.commits.inc();
        self.commit_duration.observe(took.as_secs_f64());
    }

    /// One model evaluated in so long.
    pub fn evaluated(&self, took: Duration) {
        self.evaluation_duration.observe(took.as_secs_f64());
    }

    /// The configuration was read at `at`, or refused.
    pub fn config_read(&self, at: Timestamp, successful: bool) {
        self.config_successful.set(f64::from(u8::from(successful)));
        if successful {
            self.config_success_time.set_time(at);
        }
    }

    pub(super) fn write(&self, encoder: &mut DescriptorEncoder) -> fmt::Result {
        names::BUILD_INFO.write(encoder, [([&*self.version], 1)])?;
        names::CONFIG_RELOAD_SUCCESSFUL.write_one(encoder, self.config_successful.get())?;
        names::CONFIG_RELOAD_TIME.write_one(encoder, self.config_success_time.get())?;
        names::CONFIG_KEYS_PENDING.write_one(encoder, self.config_keys_pending.get())?;

        let refused = self.requests_rejected.counts();
        names::REQUESTS_REJECTED.write(encoder, refused.iter().map(|(reason, n)| ([&**reason], *n)))?;
        names::COMMITS.write_one(encoder, Some(self.commits.get()))?;
        names::COMMIT_DURATION.write_histogram(encoder, &self.commit_duration)?;
        for (family, level) in
            [(names::QUEUE_ROWS, &self.queue_rows), (names::QUEUE_BYTES, &self.queue_bytes)]
        {
            family.write_one(encoder, Some(level.get() as f64))?;
        }
        names::IDEMPOTENCY_EVICTED.write_one(encoder, self.idempotency_keys_evicted.get())?;

        names::STORE_BYTES.write_one(encoder, self.store_bytes.get())?;
        names::STORE_FREE.write_one(encoder, self.store_free_bytes.get())?;
        names::STORE_WAL.write_one(encoder, self.store_wal_bytes.get())?;
        names::STORE_JOB_DURATION.write_histograms(encoder, self.store_jobs.by_kind())?;
        names::FOLDS.write_one(encoder, Some(self.folds.get()))?;
        names::EVALUATION_DURATION.write_histogram(encoder, &self.evaluation_duration)
    }
}

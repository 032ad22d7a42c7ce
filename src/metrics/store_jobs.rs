//! How long the store's writer is busy with each sort of job.

use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

use crate::store::{JobKind, JobObserver};

/// Seconds: 10 ms is what no job should take.
const BUCKETS: [f64; 9] = [0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.2, 1.0];

/// One histogram a sort; cloning shares them.
#[derive(Debug, Clone)]
pub struct StoreJobs([Histogram; JobKind::ALL.len()]);

impl Default for StoreJobs {
    fn default() -> Self {
        Self(JobKind::ALL.map(|_| Histogram::new(BUCKETS)))
    }
}

impl StoreJobs {
    pub(super) fn by_kind(&self) -> impl Iterator<Item = ([&str; 1], &Histogram)> {
        JobKind::ALL.into_iter().map(|kind| ([kind.as_str()], &self.0[kind as usize]))
    }
}

impl JobObserver for StoreJobs {
    fn done(&self, job: JobKind, took: Duration) {
        self.0[job as usize].observe(took.as_secs_f64());
    }
}

//! After COMMIT: counts go into memory, watermarks move, the tending loop is woken.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::{Notify, watch};

use super::commit::{Applied, CommitObserver, Newest};
use super::join::Grown;
use super::kpi::Sampling;
use super::options::ReferenceOptions;
use super::take_in::Models;
use crate::clock::Clock;
use crate::domain::{ModelId, Segment};
use crate::metrics::Metrics;
use crate::reference::Learnt;
use crate::store::{Delta, StoreError};

/// What commits change in memory.
pub struct Observer {
    /// Where counts of KPIs go.
    pub sampling: Arc<Sampling>,
    pub models: Arc<ArcSwap<Models>>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
    /// Rows came: something may be due.
    pub woken: Arc<Notify>,
    /// Halves came: they are to be joined.
    pub grown: Arc<Grown>,
    /// Why the process has to stop, once it has to.
    pub fatal: watch::Sender<Option<String>>,
    /// Why the last transaction failed, until one succeeds: rows are not taken in, so the daemon is not ready.
    pub trouble: Arc<ArcSwapOption<String>>,
}

impl CommitObserver for Observer {
    fn committed(&mut self, applied: Applied, newest: Newest, halves: BTreeSet<ModelId>) {
        self.trouble.store(None);
        let Applied { counts, kpis } = applied;
        self.sampling.book.add(&self.sampling.options.load().catalogue, &kpis);
        let models = self.models.load();
        for (key, delta) in counts {
            let Some(model) = models.get(&key.model) else { continue };
            let mut live = model.live();
            match delta {
                Delta::Counts(counts) => {
                    if key.segment == Segment::All {
                        live.counted.add(&key.version, key.pane.start, counts.rows());
                    }
                    if let Err(error) = live.book.apply(&key.version, &key.segment, key.pane, counts) {
                        // They are in the store all the same; a window that needs them says why it has none.
                        tracing::warn!(model = %key.model, %error, "counts cannot be booked in memory");
                    }
                }
                Delta::Learning(values) => {
                    let ReferenceOptions::Learn(options) = model.options.reference else { continue };
                    let Ok(header) = Learnt::header_of(&values) else { continue };
                    live.learning.keep(header, options.values_max);
                    if key.segment == Segment::All {
                        live.learning.add(key.pane.start, &key.version, header.rows);
                    }
                }
            }
        }
        let now = self.clock.now();
        for ((model, source), at) in newest {
            if let Some(model) = models.get(&model) {
                model.live().watermark.observe(source, at, now);
            }
        }
        self.woken.notify_one();
        if !halves.is_empty() {
            self.grown.note(halves);
        }
    }

    fn took(&mut self, duration: Duration) {
        self.metrics.daemon().committed(duration);
    }

    fn failed(&mut self, error: &StoreError) {
        self.trouble.store(Some(Arc::new(error.to_string())));
        if let StoreError::SyncFailed(_) = error {
            self.fatal.send_replace(Some(error.to_string()));
        }
    }
}

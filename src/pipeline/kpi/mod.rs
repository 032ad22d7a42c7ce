//! KPIs at work: samples become counts, periods that are over are judged, use cases are assessed.
//!
//! ```text
//! take_samples (decode, count) ─► commit (group commit) ─► book ─► judge (periods over, stale) ─► incidents
//! rows, verdicts ─────────────────────────┘                  └───► publish (metrics), read (answers)
//! ```
//!
//! Invariants: what was answered is durable; the book holds what the store holds; a period of a KPI is judged once, after
//! it is over and was waited for; late samples change what is shown, never an incident.

mod options;

mod take_samples;

mod book;

mod marks;

mod judge;

mod stand;

mod use_cases;

mod use_case_series;

mod remind;

mod words;

mod publish;

mod read;

mod of_verdicts;

mod of_rows;

mod service;

pub use of_rows::{RowFeed, SLICES_MAX, UserStream, kpis_of};
pub use options::KpiOptions;

pub(super) use book::{SharedBook, Stored};
pub(super) use of_verdicts::{of_evaluation, of_outcomes};
pub(super) use take_samples::{Sampling, within_segments_max};

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::desk::IncidentDesk;
use super::take_in::Models;
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::metrics::Metrics;
use crate::store::{Store, StoreError};
use crate::window::ClockMode;
use marks::Marks;
use publish::Published;

/// How often it is looked whether something is due.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What KPIs work with.
pub struct KpiParts<S> {
    pub store: Arc<S>,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
    pub desk: Arc<IncidentDesk<S>>,
    pub models: Arc<ArcSwap<Models>>,
    pub options: Arc<ArcSwap<KpiOptions>>,
    pub book: Arc<SharedBook>,
    /// Told where the store is not to be relied on any more.
    pub fatal: watch::Sender<Option<String>>,
}

/// Judges KPIs, and shows how they and use cases stand.
pub struct Kpis<S> {
    parts: KpiParts<S>,
    /// How far each KPI is judged: one judgement at a time.
    marks: tokio::sync::Mutex<Marks>,
    published: std::sync::Mutex<Published>,
}

impl<S: Store> Kpis<S> {
    /// Goes on from what the store remembers.
    pub async fn open(parts: KpiParts<S>) -> Result<Self, StoreError> {
        parts.book.replace(Stored::read(&*parts.store, &parts.options.load()).await?);
        let marks = tokio::sync::Mutex::new(Marks::read(parts.store.kpi_state().await?)?);
        Ok(Self { parts, marks, published: Default::default() })
    }

    /// Looks until `stopping`.
    pub async fn run(self: Arc<Self>, stopping: impl Future<Output = ()>) {
        let mut stopping = std::pin::pin!(stopping);
        let mut tick = tokio::time::interval(LOOK_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = &mut stopping => return,
                _ = tick.tick() => self.look().await,
            }
        }
    }

    /// Everything that is due now, once.
    pub async fn look(&self) {
        // After a failed sync nothing is written any more.
        if self.parts.fatal.borrow().is_some() {
            return;
        }
        if let Err(error) = self.judge().await {
            tracing::error!(%error, "KPIs could not be judged; they stay due");
            if let StoreError::SyncFailed(_) = error {
                self.parts.fatal.send_replace(Some(error.to_string()));
            }
        }
        self.publish().await;
    }

    pub fn options(&self) -> Arc<KpiOptions> {
        self.parts.options.load_full()
    }

    /// The present of KPIs: the clock, or in a replay the newest sample. `None` before there is one.
    fn present(&self) -> Option<Timestamp> {
        match self.parts.options.load().clock {
            ClockMode::Live => Some(self.parts.clock.now()),
            ClockMode::Replay => self.parts.book.newest(),
        }
    }
}

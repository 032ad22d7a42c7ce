//! One model at run time: what it is compared with, and what is live in memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::frozen::Frozen;
use super::learning::Learning;
use super::naming::Registered;
use super::options::ModelOptions;
use crate::domain::{IdHasher, Segment, Timestamp, Version};
use crate::metrics::ModelMetrics;
use crate::sketch::Tally;
use crate::verdict::{Controls, Evaluation, ModelState, OutcomeEvaluation, SilenceVerdict};
use crate::window::{CountedRows, PaneBook, Watermark};

/// Rejected rows kept for people to look at.
pub const REJECTIONS_KEPT: usize = 200;

/// A model of the config, while the daemon runs.
pub struct Model {
    pub options: ModelOptions,
    pub metrics: Arc<ModelMetrics>,
    pub ids: IdHasher,
    /// `None` while the reference is being learnt.
    frozen: ArcSwapOption<Frozen>,
    /// Ingest holds it shared from counting to commit; a freeze, which changes what rows are counted on, takes it alone.
    pub gate: Arc<tokio::sync::RwLock<()>>,
    /// Who changes the controls holds it from reading them to their commit.
    controls_gate: tokio::sync::Mutex<()>,
    /// Whether a reload put another model in its place; to be read with the gate held.
    retired: AtomicBool,
    live: Mutex<Live>,
}

/// What changes with every commit. Locked for microseconds, never across an await.
pub struct Live {
    pub watermark: Watermark,
    pub book: PaneBook,
    pub registered: Registered,
    pub controls: Arc<Controls>,
    /// The counts of the baseline that people set, by segment.
    pub baseline: Arc<BTreeMap<Segment, Tally>>,
    pub state: Arc<ModelState>,
    /// The stored number of `state`.
    pub state_revision: i64,
    /// The last evaluation of each window plan, by its place.
    pub latest: BTreeMap<usize, Arc<Evaluation>>,
    /// The same of what labels say.
    pub latest_outcomes: BTreeMap<usize, Arc<OutcomeEvaluation>>,
    pub silence: Option<SilenceVerdict>,
    /// When the windows that late rows changed are judged again; `None` before any came.
    pub revise_at: Option<Timestamp>,
    /// The same of late labels.
    pub revise_outcomes_at: Option<Timestamp>,
    /// Whether what was judged before the start was held against the labels that are there.
    pub outcomes_are_checked: bool,
    /// What is within retention, in memory or not.
    pub counted: CountedRows,
    /// How often labels were booked, and how often they had been when a window whose wait was cut short lacked its own.
    pub labels_booked: u64,
    pub labels_lacked_at: Option<u64>,
    /// The newest prediction that is joined: how old the log of halves may be is counted from it.
    pub joined_newest: Option<Timestamp>,
    /// The first pane that the store held at the start.
    pub first_stored: Option<Timestamp>,
    /// When versions were trained: what the config says, and what pipelines reported.
    pub trained_at: Arc<BTreeMap<Version, Timestamp>>,
    pub learning: Learning,
    pub rejections: RecentRejections,
}

/// The last rejected rows, without their values.
#[derive(Debug, Clone, Default)]
pub struct RecentRejections {
    pub total: u64,
    pub by_reason: BTreeMap<&'static str, u64>,
    /// Newest last.
    pub recent: VecDeque<RejectedRow>,
}

#[derive(Debug, Clone)]
pub struct RejectedRow {
    pub at: Timestamp,
    pub source: Box<str>,
    pub line: u64,
    pub reason: String,
}

impl Model {
    pub fn new(
        options: ModelOptions,
        metrics: Arc<ModelMetrics>,
        ids: IdHasher,
        frozen: Option<Frozen>,
        live: Live,
    ) -> Self {
        Self {
            options,
            metrics,
            ids,
            frozen: ArcSwapOption::from(frozen.map(Arc::new)),
            gate: Arc::default(),
            controls_gate: tokio::sync::Mutex::new(()),
            retired: AtomicBool::new(false),
            live: Mutex::new(live),
        }
    }

    /// The allowed lateness of the most patient window.
    pub fn lateness(&self) -> Duration {
        self.options.plan.windows.iter().map(|window| window.lateness).max().unwrap_or_default()
    }

    /// What rows are counted on now; `None` while learning.
    pub fn frozen(&self) -> Option<Arc<Frozen>> {
        self.frozen.load_full()
    }

    /// Waits for its turn to change the controls; `None` where a reload put another model in this one's place.
    pub async fn controlling(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let turn = self.controls_gate.lock().await;
        (!self.is_retired()).then_some(turn)
    }

    /// Another model takes this one's place. The caller holds [`Model::gate`] alone.
    pub fn retire(&self) {
        self.retired.store(true, Ordering::SeqCst);
    }

    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::SeqCst)
    }

    /// Puts a new reference in place. The caller holds [`Model::gate`] alone.
    pub fn freeze(&self, frozen: Option<Frozen>) {
        self.frozen.store(frozen.map(Arc::new));
    }

    pub fn live(&self) -> MutexGuard<'_, Live> {
        // A panic while it was held left at worst one batch half booked in memory; the store is whole.
        self.live.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl RecentRejections {
    pub fn add(&mut self, at: Timestamp, source: &str, rejections: &crate::ingest::decode::Rejections) {
        self.total += rejections.total();
        for (reason, rows) in rejections.by_reason() {
            *self.by_reason.entry(reason).or_default() += rows;
        }
        for rejection in rejections.first() {
            if self.recent.len() == REJECTIONS_KEPT {
                self.recent.pop_front();
            }
            self.recent.push_back(RejectedRow {
                at,
                source: source.into(),
                line: rejection.line,
                reason: rejection.reason.to_string(),
            });
        }
    }
}

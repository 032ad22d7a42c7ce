//! Metrics of one model: what came in, how far it is, what its last verdicts say.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use prometheus_client::encoding::DescriptorEncoder;

use super::cells::{Counter, CounterMap, Gauge};
use super::names;
use super::provisional::OpenWindow;
use super::series::ModelSeries;
use crate::domain::{ModelId, Task};
use crate::join::JoinCounts;

/// Sources of one model told apart; rows of further ones are counted under `other`.
const SOURCES_MAX: usize = 32;

/// Reasons of rejection are written in the code, so the limit is never met.
const REASONS_MAX: usize = 64;

/// Outcomes of labels are written in the code, so the limit is never met.
const LABEL_OUTCOMES_MAX: usize = 32;

/// Features of one model told apart in its schema violations.
const FEATURES_MAX: usize = 2_000;

/// Unknown names told apart: they come from the sender and could be anything.
const UNKNOWN_MAX: usize = 50;

/// How a value breaks the schema of its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    WrongType,
    Missing,
    /// The sender gives a feature that the model does not have.
    UnknownFeature,
    /// A key of a row that means nothing.
    UnknownKey,
    /// A segment attribute that the model is not sliced by.
    UnknownSegment,
    /// A class in `scores` that the model does not have.
    UnknownClass,
    /// An `id` that no label could find.
    BadId,
}

/// Rows of one source, each under one outcome, so that their sum is what was received.
#[derive(Debug, Default)]
pub struct SourceRows {
    pub accepted: Counter,
    /// Counted like accepted ones, but after their pane had closed.
    pub late: Counter,
    pub rejected: Counter,
    /// Of a batch that had been counted before.
    pub duplicate: Counter,
}

/// One model's numbers. Created with the model, gone from the next scrape once the model is removed.
#[derive(Debug)]
pub struct ModelMetrics {
    pub(super) id: ModelId,
    pub(super) task: Task,
    sources: ArcSwap<BTreeMap<Box<str>, Arc<SourceRows>>>,
    /// Rows rejected, by reason.
    pub rows_rejected: CounterMap,
    violations: [CounterMap; Violation::ALL.len()],
    /// Length of its shortest pane, seconds.
    pub pane: Gauge,
    /// The clock, or of a replay the newest event time.
    pub present: Gauge,
    window_age_limits: ArcSwap<Vec<(Arc<str>, Duration)>>,
    pub watermark: Gauge,
    /// When it was last evaluated with success.
    pub evaluated: Gauge,
    /// How much of the learning period has passed, 0 to 1; 1 once the reference is frozen.
    pub learning_ratio: Gauge,
    /// Rows taken while the reference was learnt that lie outside of its period.
    pub rows_outside: Counter,
    /// 1 where significance rests on a measured null, 0 where rows are taken as independent.
    pub null_profiled: Gauge,
    /// What became of labels and of the predictions that wait for them, by outcome.
    pub labels: CounterMap,
    /// Predictions that wait for their label.
    pub waiting_predictions: Gauge,
    /// Of all ids those that are joined, 0 to 1.
    pub label_sample_ratio: Gauge,
    pub(super) series: ArcSwapOption<ModelSeries>,
    pub(super) open_windows: ArcSwap<Vec<OpenWindow>>,
}

impl Violation {
    const ALL: [Self; 7] = [
        Self::WrongType,
        Self::Missing,
        Self::UnknownFeature,
        Self::UnknownKey,
        Self::UnknownSegment,
        Self::UnknownClass,
        Self::BadId,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "wrong_type",
            Self::Missing => "missing",
            Self::UnknownFeature => "unknown_feature",
            Self::UnknownKey => "unknown_key",
            Self::UnknownSegment => "unknown_segment",
            Self::UnknownClass => "unknown_class",
            Self::BadId => "bad_id",
        }
    }
}

impl SourceRows {
    fn by_outcome(&self) -> [(&'static str, &Counter); 4] {
        [
            ("accepted", &self.accepted),
            ("late", &self.late),
            ("rejected", &self.rejected),
            ("duplicate", &self.duplicate),
        ]
    }
}

impl ModelMetrics {
    pub(super) fn new(id: ModelId, task: Task) -> Self {
        Self {
            id,
            task,
            sources: ArcSwap::default(),
            rows_rejected: CounterMap::new(REASONS_MAX),
            violations: Violation::ALL.map(|kind| {
                CounterMap::new(match kind {
                    Violation::WrongType | Violation::Missing => FEATURES_MAX,
                    _ => UNKNOWN_MAX,
                })
            }),
            pane: Gauge::default(),
            present: Gauge::default(),
            window_age_limits: ArcSwap::default(),
            watermark: Gauge::default(),
            evaluated: Gauge::default(),
            learning_ratio: Gauge::default(),
            rows_outside: Counter::default(),
            null_profiled: Gauge::default(),
            labels: CounterMap::new(LABEL_OUTCOMES_MAX),
            waiting_predictions: Gauge::default(),
            label_sample_ratio: Gauge::default(),
            series: ArcSwapOption::empty(),
            open_windows: ArcSwap::default(),
        }
    }

    /// The counters of a source (`http`, the name of a topic …), at 0 if new. Keep the handle; this looks it up.
    pub fn source(&self, name: &str) -> Arc<SourceRows> {
        if let Some(rows) = self.sources.load().get(name) {
            return Arc::clone(rows);
        }
        let new = Arc::<SourceRows>::default();
        self.sources.rcu(|sources| {
            let mut sources = BTreeMap::clone(sources);
            let room = sources.contains_key(name) || sources.len() < SOURCES_MAX;
            let name = if room { name } else { CounterMap::OTHER };
            sources.entry(name.into()).or_insert_with(|| Arc::clone(&new));
            sources
        });
        let sources = self.sources.load();
        sources.get(name).or_else(|| sources.get(CounterMap::OTHER)).map_or(new, Arc::clone)
    }

    /// Rows that break the schema in a feature, or in what else carries this name.
    pub fn violated(&self, feature: &str, kind: Violation, n: u64) {
        self.violations[kind as usize].add(feature, n);
    }

    /// What became of halves that were joined.
    pub fn joined(&self, counts: &JoinCounts) {
        let by_outcome = [
            ("matched", counts.matched),
            ("correction", counts.corrections),
            ("duplicate", counts.duplicate_labels),
            ("late", counts.late_labels),
            ("orphan", counts.orphans),
            ("expired", counts.expired_predictions),
            ("duplicate_prediction", counts.duplicate_predictions),
            ("late_prediction", counts.late_predictions),
            ("sampled_out", counts.sampled_out),
        ];
        by_outcome.into_iter().for_each(|(outcome, halves)| self.labels.add(outcome, halves));
    }

    /// What the model's last verdicts say; replaces all that was said before.
    pub fn set_series(&self, series: ModelSeries) {
        self.series.store(Some(Arc::new(series.in_order())));
    }

    /// By window, as `24h`: how far the end of the one last evaluated may lie before the present.
    pub fn set_window_age_limits(&self, limits: Vec<(Arc<str>, Duration)>) {
        self.window_age_limits.store(Arc::new(limits));
    }

    /// What the windows that are still open hold so far; replaces all that was said before.
    pub fn set_open_windows(&self, windows: Vec<OpenWindow>) {
        self.open_windows.store(Arc::new(windows));
    }
}

fn id(model: &Arc<ModelMetrics>) -> &str {
    model.id.as_str()
}

/// Writes what is counted of all models, one family after the other.
pub(super) fn write(models: &[Arc<ModelMetrics>], encoder: &mut DescriptorEncoder) -> fmt::Result {
    let info = models.iter().map(|model| ([id(model), task_name(model.task)], 1));
    names::MODEL_INFO.write(encoder, info)?;

    let sources: Vec<_> = models.iter().map(|model| (id(model), model.sources.load_full())).collect();
    let rows = sources.iter().flat_map(|(model, sources)| {
        sources.iter().flat_map(move |(source, rows)| {
            rows.by_outcome().map(|(outcome, counter)| ([model, &**source, outcome], counter.get()))
        })
    });
    names::INGEST_ROWS.write(encoder, rows)?;
    let late = sources
        .iter()
        .map(|(model, sources)| ([*model], sources.values().map(|rows| rows.late.get()).sum::<u64>()));
    names::LATE_ROWS.write(encoder, late)?;

    let outside = models.iter().map(|model| ([id(model)], model.rows_outside.get()));
    names::ROWS_OUTSIDE.write(encoder, outside)?;

    let rejected: Vec<_> = models.iter().map(|model| (id(model), model.rows_rejected.counts())).collect();
    let rejected = rejected
        .iter()
        .flat_map(|(model, counts)| counts.iter().map(move |(reason, n)| ([model, &**reason], *n)));
    names::ROWS_REJECTED.write(encoder, rejected)?;
    let violations: Vec<_> = models
        .iter()
        .flat_map(|model| {
            Violation::ALL.map(|kind| (id(model), kind.as_str(), model.violations[kind as usize].counts()))
        })
        .collect();
    let violations = violations.iter().flat_map(|(model, kind, counts)| {
        counts.iter().map(move |(feature, n)| ([model, &**feature, kind], *n))
    });
    names::SCHEMA_VIOLATIONS.write(encoder, violations)?;

    let labels: Vec<_> = models.iter().map(|model| (id(model), model.labels.counts())).collect();
    let labels = labels
        .iter()
        .flat_map(|(model, counts)| counts.iter().map(move |(outcome, n)| ([model, &**outcome], *n)));
    names::LABELS.write(encoder, labels)?;

    type GaugeOf = fn(&ModelMetrics) -> &Gauge;
    let gauges: [(names::Family, GaugeOf); 8] = [
        (names::MODEL_PANE, |model| &model.pane),
        (names::MODEL_PRESENT, |model| &model.present),
        (names::WATERMARK, |model| &model.watermark),
        (names::EVALUATION_SUCCESS, |model| &model.evaluated),
        (names::LEARNING, |model| &model.learning_ratio),
        (names::NULL_PROFILED, |model| &model.null_profiled),
        (names::WAITING_PREDICTIONS, |model| &model.waiting_predictions),
        (names::LABEL_SAMPLE, |model| &model.label_sample_ratio),
    ];
    for (family, gauge) in gauges {
        let known = models.iter().filter_map(|model| Some(([id(model)], gauge(model).get()?)));
        family.write(encoder, known)?;
    }

    let limits: Vec<_> =
        models.iter().map(|model| (id(model), model.window_age_limits.load_full())).collect();
    let limits = limits.iter().flat_map(|(model, limits)| {
        limits.iter().map(move |(window, limit)| ([*model, &**window], limit.as_secs_f64()))
    });
    names::WINDOW_AGE_LIMIT.write(encoder, limits)
}

const fn task_name(task: Task) -> &'static str {
    match task {
        Task::Binary => "binary",
        Task::Multiclass => "multiclass",
        Task::Regression => "regression",
    }
}

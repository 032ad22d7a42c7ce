//! What the last verdicts of a model say, as plain data: the pipeline leaves it, the scrape shows it.

use std::sync::Arc;

use super::outcomes::{EstimateSeries, OutcomeSeries};
use crate::domain::{Timestamp, Version};
use crate::statistic::{Statistic, Thresholds};

/// A verdict as a number that alerts can compare: never NaN. Ordered by gravity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    InsufficientData,
    Ok,
    Warning,
    Critical,
}

/// All that is shown of one model's drift.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelSeries {
    /// By kind of drift; without a sample where nothing looks for it.
    pub data: Option<Status>,
    pub concept: Option<Status>,
    pub model: Option<Status>,
    pub traffic: Option<Status>,
    pub silence: Option<Status>,
    pub schema: Option<Status>,
    /// Where groups are watched.
    pub bias: Option<Status>,
    /// When versions were trained.
    pub trained: Vec<(Version, Timestamp)>,
    pub outcomes: Vec<OutcomeSeries>,
    pub estimates: Vec<EstimateSeries>,
    pub windows: Vec<WindowSeries>,
    pub features: Vec<FeatureSeries>,
}

/// The last window of one length over one version; one of each.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowSeries {
    pub version: Version,
    /// Its length as configured: `24h`.
    pub window: Arc<str>,
    pub samples: u64,
    pub end: Timestamp,
    /// Features at warning or critical, by reference (`static`, `previous`, `last_week`).
    pub drifted_features: Vec<(Arc<str>, u64)>,
}

/// One column of one segment in one window against one reference; one of each.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureSeries {
    pub version: Version,
    /// `all`, or `attribute=value`.
    pub segment: Arc<str>,
    /// The column's text: a feature's name, `@score` …
    pub feature: Arc<str>,
    pub window: Arc<str>,
    pub reference: Arc<str>,
    pub status: Status,
    /// Those that could be computed; the status tells of the others.
    pub statistics: Vec<StatisticSeries>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatisticSeries {
    pub statistic: Statistic,
    pub value: f64,
    pub p_value: Option<f64>,
    pub thresholds: Option<Thresholds>,
}

impl Status {
    /// 0 ok, 1 warning, 2 critical, -1 insufficient data.
    pub const fn gauge(self) -> f64 {
        match self {
            Self::InsufficientData => -1.0,
            Self::Ok => 0.0,
            Self::Warning => 1.0,
            Self::Critical => 2.0,
        }
    }

    pub const fn fires(self) -> bool {
        matches!(self, Self::Warning | Self::Critical)
    }
}

impl ModelSeries {
    /// Sorted, and each label set once: a series given twice would spoil the scrape.
    pub(super) fn in_order(mut self) -> Self {
        self.windows.sort_by(|a, b| a.labels().cmp(&b.labels()));
        self.windows.dedup_by(|a, b| a.labels() == b.labels());
        self.windows.iter_mut().for_each(|window| {
            window.drifted_features.sort();
            window.drifted_features.dedup_by(|a, b| a.0 == b.0);
        });
        // The gravest first, so that it is the one that stays.
        self.features.sort_by(|a, b| a.labels().cmp(&b.labels()).then(b.status.cmp(&a.status)));
        self.features.dedup_by(|a, b| a.labels() == b.labels());
        self.features.iter_mut().for_each(|feature| {
            feature.statistics.retain(|statistic| statistic.value.is_finite());
            for each in &mut feature.statistics {
                each.p_value = each.p_value.filter(|p| p.is_finite());
            }
            feature.statistics.sort_by_key(|statistic| statistic.statistic);
            feature.statistics.dedup_by_key(|statistic| statistic.statistic);
        });
        self
    }
}

impl WindowSeries {
    fn labels(&self) -> [&str; 2] {
        [self.version.as_str(), &self.window]
    }
}

impl FeatureSeries {
    /// Version, segment, feature, window and reference: what tells it from the model's others.
    pub(super) fn labels(&self) -> [&str; 5] {
        [self.version.as_str(), &self.segment, &self.feature, &self.window, &self.reference]
    }

    pub(super) fn is_slice(&self) -> bool {
        &*self.segment != "all"
    }
}

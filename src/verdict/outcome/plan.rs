//! How a model's outcomes are judged: which metric counts, what loss matters, how long labels are waited for.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::Task;
use crate::fairness::FairnessMeasure;
use crate::performance::Metric;

/// Everything that judging outcomes needs to know beyond the counts.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomePlan {
    /// What concept and model drift are judged on: accuracy, ROC AUC or MAE, mostly.
    pub primary: Metric,
    /// How long after its end a window waits for labels. Later ones revise values, never alarms.
    pub label_wait: Duration,
    /// Fewer labelled rows: `insufficient_data`.
    pub min_samples: u64,
    /// Labelled by predicted rows; below it what is said of a window is provisional.
    pub min_coverage: f64,
    /// The loss against the baseline that matters, by metric; those of others are shown.
    pub losses: BTreeMap<Metric, LossThresholds>,
    /// Baselines that are set; they go before the reference's own.
    pub baselines: BTreeMap<Metric, f64>,
    /// Windows in a row, none over the other, that a loss must last to be model drift.
    pub sustained_windows: u32,
    /// From this age on a model is old.
    pub max_age: Option<Duration>,
    pub fairness: Vec<FairnessPlan>,
}

/// How much worse than the baseline a metric may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LossThresholds {
    pub warning: Loss,
    pub critical: Loss,
}

/// A loss against a baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Loss {
    /// In the metric's unit.
    Absolute(f64),
    /// As a share of the baseline.
    Relative(f64),
}

/// Groups that are to be treated alike.
#[derive(Debug, Clone, PartialEq)]
pub struct FairnessPlan {
    /// An attribute that the model is sliced by.
    pub attribute: Box<str>,
    /// The measures watched, each with its limit: the smallest ratio, or the largest difference, that is no breach.
    pub measures: BTreeMap<FairnessMeasure, f64>,
    /// Fewer rows behind a group's rate: it is left out, and named.
    pub min_samples: u64,
}

impl FairnessPlan {
    /// Watched where no measure is named.
    pub const MEASURES: [FairnessMeasure; 2] =
        [FairnessMeasure::DemographicParityRatio, FairnessMeasure::EqualOpportunityDifference];
    pub const MIN_SAMPLES: u64 = 100;
}

impl OutcomePlan {
    /// How long the labels of a window are waited for by default.
    pub const LABEL_WAIT: Duration = Duration::from_secs(24 * 3_600);
    pub const MIN_SAMPLES: u64 = 100;
    pub const MIN_COVERAGE: f64 = 0.8;
    pub const SUSTAINED_WINDOWS: u32 = 2;

    /// What a task is judged by where nothing is said: its first metric.
    pub fn of(task: Task) -> Self {
        let primary = Metric::of(task)[0];
        Self {
            primary,
            label_wait: Self::LABEL_WAIT,
            min_samples: Self::MIN_SAMPLES,
            min_coverage: Self::MIN_COVERAGE,
            losses: [(primary, LossThresholds::of(primary))].into(),
            baselines: BTreeMap::new(),
            sustained_windows: Self::SUSTAINED_WINDOWS,
            max_age: None,
            fairness: Vec::new(),
        }
    }
}

impl LossThresholds {
    /// Of shares and areas 0.02 and 0.05; of errors and losses a tenth and a quarter more than before.
    pub fn of(metric: Metric) -> Self {
        match metric.harm() {
            crate::performance::Harm::Falling => {
                Self { warning: Loss::Absolute(0.02), critical: Loss::Absolute(0.05) }
            }
            _ => Self { warning: Loss::Relative(0.1), critical: Loss::Relative(0.25) },
        }
    }
}

impl Loss {
    /// In the metric's unit.
    pub fn against(self, baseline: f64) -> f64 {
        match self {
            Self::Absolute(loss) => loss,
            Self::Relative(share) => share * baseline.abs(),
        }
    }
}

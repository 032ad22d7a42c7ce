//! The metrics of outcomes by name: performance by metric, fairness by measure.

use super::names::{Family, Kind};
use crate::domain::Task;
use crate::fairness::FairnessMeasure;
use crate::performance::Metric;

/// The metrics of one measure of performance.
#[derive(Debug, Clone, Copy)]
pub(super) struct MetricFamilies {
    /// What labels show.
    pub realised: Family,
    pub estimated: Family,
    pub baseline: Family,
    /// Realised less estimated over the same rows, and its standard error.
    pub gap: Family,
    pub gap_error: Family,
}

/// Every metric of outcomes that is one of several alike.
pub(super) fn families() -> impl Iterator<Item = Family> {
    let performance = all_metrics().into_iter().map(of_metric);
    let performance =
        performance.flat_map(|of| [of.realised, of.estimated, of.baseline, of.gap, of.gap_error]);
    performance.chain(FairnessMeasure::ALL.map(of_measure))
}

/// The metrics of all tasks, each once.
pub(super) fn all_metrics() -> Vec<Metric> {
    let tasks = [Task::Binary, Task::Multiclass, Task::Regression];
    let mut metrics: Vec<Metric> = tasks.into_iter().flat_map(Metric::of).copied().collect();
    metrics.sort_unstable();
    metrics.dedup();
    metrics
}

macro_rules! metric_families {
    ($name:literal, $help:literal) => {
        MetricFamilies {
            realised: Family {
                name: concat!("driftd_performance_", $name),
                kind: Kind::Gauge,
                labels: &["model", "version", "segment", "window"],
                help: concat!($help, ", as labels show it in the window last judged by them."),
            },
            estimated: Family {
                name: concat!("driftd_performance_estimated_", $name),
                kind: Kind::Gauge,
                labels: &["model", "version", "window"],
                help: concat!(
                    $help,
                    ", as scores lead to expect it in the window last evaluated; assumes no concept drift."
                ),
            },
            baseline: Family {
                name: concat!("driftd_performance_baseline_", $name),
                kind: Kind::Gauge,
                labels: &["model", "version", "window"],
                help: concat!($help, ": of the reference, or set."),
            },
            gap: Family {
                name: concat!("driftd_performance_gap_", $name),
                kind: Kind::Gauge,
                labels: &["model", "version", "window"],
                help: concat!($help, ": realised less estimated over the same labelled rows."),
            },
            gap_error: Family {
                name: concat!("driftd_performance_gap_error_", $name),
                kind: Kind::Gauge,
                labels: &["model", "version", "window"],
                help: concat!($help, ": standard error of the gap."),
            },
        }
    };
}

pub(super) fn of_metric(metric: Metric) -> MetricFamilies {
    match metric {
        Metric::Accuracy => metric_families!("accuracy", "Share of rows predicted right"),
        Metric::Precision => metric_families!("precision", "Share of predicted positives that are positive"),
        Metric::Recall => metric_families!("recall", "Share of positives that were found"),
        Metric::F1 => metric_families!("f1", "Harmonic mean of precision and recall"),
        Metric::Specificity => metric_families!("specificity", "Share of negatives that were left alone"),
        Metric::RocAuc => metric_families!("roc_auc", "Area under the ROC curve"),
        Metric::PrAuc => metric_families!("pr_auc", "Area under the precision-recall curve"),
        Metric::LogLoss => metric_families!("log_loss", "Log loss of the scores"),
        Metric::Brier => metric_families!("brier", "Mean squared error of the scores"),
        Metric::Ece => metric_families!("ece", "Expected calibration error"),
        Metric::PrecisionMacro => metric_families!("precision_macro", "Precision, mean over classes"),
        Metric::PrecisionMicro => metric_families!("precision_micro", "Precision over all rows"),
        Metric::PrecisionWeighted => {
            metric_families!("precision_weighted", "Precision, mean over classes by their rows")
        }
        Metric::RecallMacro => metric_families!("recall_macro", "Recall, mean over classes"),
        Metric::RecallMicro => metric_families!("recall_micro", "Recall over all rows"),
        Metric::RecallWeighted => {
            metric_families!("recall_weighted", "Recall, mean over classes by their rows")
        }
        Metric::F1Macro => metric_families!("f1_macro", "F1, mean over classes"),
        Metric::F1Micro => metric_families!("f1_micro", "F1 over all rows"),
        Metric::F1Weighted => metric_families!("f1_weighted", "F1, mean over classes by their rows"),
        Metric::Mae => metric_families!("mae", "Mean absolute error"),
        Metric::Rmse => metric_families!("rmse", "Root of the mean squared error"),
        Metric::Mape => metric_families!("mape", "Mean absolute error as a share of the actual value"),
        Metric::Bias => metric_families!("bias", "Mean of predicted less actual"),
        Metric::R2 => metric_families!("r2", "Share of the variance explained"),
    }
}

macro_rules! fairness_family {
    ($name:literal, $help:literal) => {
        Family {
            name: concat!("driftd_fairness_", $name),
            kind: Kind::Gauge,
            labels: &["model", "version", "window", "attribute"],
            help: concat!($help, " between groups, in the window last judged by labels."),
        }
    };
}

pub(super) fn of_measure(measure: FairnessMeasure) -> Family {
    match measure {
        FairnessMeasure::DemographicParityDifference => {
            fairness_family!("demographic_parity_difference", "Difference of the share predicted positive")
        }
        FairnessMeasure::DemographicParityRatio => {
            fairness_family!("demographic_parity_ratio", "Ratio of the share predicted positive")
        }
        FairnessMeasure::EqualOpportunityDifference => {
            fairness_family!("equal_opportunity_difference", "Difference of recall")
        }
        FairnessMeasure::EqualisedOddsDifference => fairness_family!(
            "equalised_odds_difference",
            "Larger difference of true and of false positive rates"
        ),
        FairnessMeasure::AccuracyDifference => {
            fairness_family!("accuracy_difference", "Difference of accuracy")
        }
    }
}

//! The gauges of outcomes, made at each scrape: what labels show beside what was to be expected.

use std::fmt;
use std::sync::Arc;

use prometheus_client::encoding::DescriptorEncoder;

use super::names;
use super::outcome_names::{all_metrics, of_measure, of_metric};
use super::series::ModelSeries;
use crate::domain::{Timestamp, Version};
use crate::fairness::FairnessMeasure;
use crate::performance::Metric;

/// The last window of one length over one version that was judged by its labels; one of each.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeSeries {
    pub version: Version,
    /// Its length as configured: `24h`.
    pub window: Arc<str>,
    pub end: Timestamp,
    pub predicted: u64,
    pub labelled: u64,
    pub coverage: Option<f64>,
    pub provisional: bool,
    /// Median and 0.9 quantile of the time to the label, in seconds.
    pub lags: Option<[u64; 2]>,
    pub metrics: Vec<MetricSeries>,
    /// Segment (`attribute=value`), metric, value.
    pub segments: Vec<(Arc<str>, Metric, f64)>,
    /// Attribute, measure, value.
    pub fairness: Vec<(Arc<str>, FairnessMeasure, f64)>,
}

/// One metric; what could not be computed is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricSeries {
    pub metric: Metric,
    pub realised: Option<f64>,
    pub baseline: Option<f64>,
    pub gap: Option<f64>,
    pub gap_error: Option<f64>,
}

/// What is to be expected of the last window of one length over one version that was evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimateSeries {
    pub version: Version,
    pub window: Arc<str>,
    pub metrics: Vec<(Metric, f64)>,
}

type Models<'a> = &'a [(&'a str, Arc<ModelSeries>)];

/// How many series were written.
pub(super) fn write(models: Models<'_>, encoder: &mut DescriptorEncoder) -> Result<usize, fmt::Error> {
    let mut written = 0;
    let bias: Vec<_> =
        models.iter().filter_map(|(model, series)| Some(([*model], series.bias?.gauge()))).collect();
    written += bias.len();
    names::BIAS_STATUS.write(encoder, bias)?;
    let outcomes: Vec<([&str; 3], &OutcomeSeries)> = models
        .iter()
        .flat_map(|(model, series)| series.outcomes.iter().map(move |each| (*model, each)))
        .map(|(model, each)| ([model, each.version.as_str(), &each.window], each))
        .collect();
    written += write_labels(&outcomes, encoder)?;
    let estimates: Vec<([&str; 3], &EstimateSeries)> = models
        .iter()
        .flat_map(|(model, series)| series.estimates.iter().map(move |each| (*model, each)))
        .map(|(model, each)| ([model, each.version.as_str(), &each.window], each))
        .collect();
    for metric in all_metrics() {
        let families = of_metric(metric);
        let each = || {
            outcomes.iter().filter_map(|(labels, each)| {
                Some((*labels, each.metrics.iter().find(|of| of.metric == metric)?))
            })
        };
        let whole = each().filter_map(|([model, version, window], of)| {
            Some(([model, version, "all", window], of.realised?))
        });
        let sliced = outcomes.iter().flat_map(|([model, version, window], each)| {
            let of_metric = each.segments.iter().filter(move |(_, of, _)| *of == metric);
            of_metric.map(move |(segment, _, value)| ([*model, *version, &**segment, *window], *value))
        });
        let realised: Vec<_> = whole.chain(sliced).collect();
        let estimated: Vec<_> = estimates
            .iter()
            .filter_map(|(labels, each)| {
                Some((*labels, each.metrics.iter().find(|(of, _)| *of == metric)?.1))
            })
            .collect();
        written += realised.len() + estimated.len();
        families.realised.write(encoder, realised)?;
        families.estimated.write(encoder, estimated)?;
        for (family, of) in [
            (families.baseline, (|of: &MetricSeries| of.baseline) as fn(&MetricSeries) -> Option<f64>),
            (families.gap, |of| of.gap),
            (families.gap_error, |of| of.gap_error),
        ] {
            let known: Vec<_> = each().filter_map(|(labels, metric)| Some((labels, of(metric)?))).collect();
            written += known.len();
            family.write(encoder, known)?;
        }
    }
    for measure in FairnessMeasure::ALL {
        let known: Vec<_> = outcomes
            .iter()
            .flat_map(|([model, version, window], each)| {
                let of_measure = each.fairness.iter().filter(move |(_, of, _)| *of == measure);
                of_measure
                    .map(move |(attribute, _, value)| ([*model, *version, *window, &**attribute], *value))
            })
            .collect();
        written += known.len();
        of_measure(measure).write(encoder, known)?;
    }
    Ok(written)
}

fn write_labels(
    outcomes: &[([&str; 3], &OutcomeSeries)],
    encoder: &mut DescriptorEncoder,
) -> Result<usize, fmt::Error> {
    let coverage: Vec<_> =
        outcomes.iter().filter_map(|(labels, each)| Some((*labels, each.coverage?))).collect();
    let lags = |at: usize| -> Vec<_> {
        let known = outcomes.iter().filter_map(|(labels, each)| Some((*labels, each.lags?[at] as f64)));
        known.collect()
    };
    let (median, p90) = (lags(0), lags(1));
    let written = 4 * outcomes.len() + coverage.len() + median.len() + p90.len();
    names::LABEL_COVERAGE.write(encoder, coverage)?;
    names::LABEL_LAG_MEDIAN.write(encoder, median)?;
    names::LABEL_LAG_P90.write(encoder, p90)?;
    names::OUTCOME_PREDICTED
        .write(encoder, outcomes.iter().map(|(labels, each)| (*labels, each.predicted)))?;
    names::OUTCOME_LABELLED.write(encoder, outcomes.iter().map(|(labels, each)| (*labels, each.labelled)))?;
    let ends = outcomes.iter().map(|(labels, each)| (*labels, each.end.as_seconds_f64()));
    names::OUTCOME_END.write(encoder, ends)?;
    let provisional = outcomes.iter().map(|(labels, each)| (*labels, u64::from(each.provisional)));
    names::OUTCOME_PROVISIONAL.write(encoder, provisional)?;
    Ok(written)
}

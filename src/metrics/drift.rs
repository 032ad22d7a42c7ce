//! The gauges of drift, made at each scrape from what the models' last verdicts say.
//!
//! Of segments: the statistics are those of the rows of all segments (`segment="all"`); slices are rolled up to two
//! statuses, the worst segment of each feature and the worst feature of each segment, and are written in full only
//! where [`SeriesOptions::segments`] asks for it. Statuses are always written; statistics as [`membership`] chooses.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::encoding::DescriptorEncoder;

use super::membership::{self, Candidate, Membership};
use super::model::ModelMetrics;
use super::provisional::{self, OpenWindow};
use super::series::{FeatureSeries, ModelSeries, StatisticSeries, Status, WindowSeries};
use super::{names, outcomes};
use crate::domain::Timestamp;
use crate::statistic::{Statistic, Thresholds};

/// How many series, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesOptions {
    /// Series of drift in one scrape. Statuses, and statistics of features that fire, are written past it.
    pub series_max: usize,
    pub p_values: bool,
    pub thresholds: bool,
    /// Every segment's features, not only their worst.
    pub segments: bool,
}

impl Default for SeriesOptions {
    fn default() -> Self {
        Self { series_max: 50_000, p_values: false, thresholds: false, segments: false }
    }
}

/// Writes the drift of all models; remembers which features it showed.
#[derive(Debug, Default)]
pub(super) struct DriftWriter {
    options: SeriesOptions,
    /// Held only for the choice, by one scrape at a time.
    membership: Mutex<Membership>,
}

/// A model's feature, as it is about to be written.
type Shown<'a> = (&'a str, &'a FeatureSeries);

impl DriftWriter {
    pub(super) fn new(options: SeriesOptions) -> Self {
        Self { options, membership: Mutex::default() }
    }

    pub(super) fn write(
        &self,
        models: &[Arc<ModelMetrics>],
        now: Timestamp,
        encoder: &mut DescriptorEncoder,
    ) -> fmt::Result {
        let open: Vec<(&str, Arc<Vec<OpenWindow>>)> =
            models.iter().map(|model| (model.id.as_str(), model.open_windows.load_full())).collect();
        let models: Vec<(&str, Arc<ModelSeries>)> =
            models.iter().filter_map(|model| Some((model.id.as_str(), model.series.load_full()?))).collect();
        let statuses = write_model_statuses(&models, encoder)?
            + write_windows(&models, encoder)?
            + outcomes::write(&models, encoder)?
            + write_trained(&models, encoder)?;
        let features: Vec<Shown> = models
            .iter()
            .flat_map(|(model, series)| series.features.iter().map(move |feature| (*model, feature)))
            .collect();
        let statuses = statuses + write_rollups(&features, encoder)?;
        let wanted: Vec<Shown> = features
            .into_iter()
            .filter(|(_, feature)| self.options.segments || !feature.is_slice())
            .collect();
        names::FEATURE_STATUS
            .write(encoder, wanted.iter().map(|shown| (six_labels(shown), shown.1.status.gauge())))?;

        let candidates: Vec<_> = wanted.iter().map(|shown| candidate(shown, self.options)).collect();
        // One series a model says what is left out.
        let always = statuses + wanted.len() + models.len();
        let room = self.options.series_max.saturating_sub(always);
        let chosen = {
            let mut membership = self.membership.lock().unwrap_or_else(PoisonError::into_inner);
            let (chosen, next) = membership::choose(&candidates, &membership, now, room);
            *membership = next;
            chosen
        };
        let mut left_out: BTreeMap<&str, u64> = models.iter().map(|(model, _)| (*model, 0)).collect();
        let mut shown = Vec::with_capacity(wanted.len());
        for ((feature, candidate), chosen) in wanted.iter().zip(&candidates).zip(chosen) {
            match chosen {
                true => shown.push(*feature),
                false => *left_out.entry(feature.0).or_default() += candidate.series as u64,
            }
        }
        self.write_statistics(&shown, encoder)?;
        let taken = shown.iter().map(|shown| candidate(shown, self.options).series).sum();
        write_open_windows(&open, room.saturating_sub(taken), &mut left_out, encoder)?;
        names::SERIES_LEFT_OUT.write(encoder, left_out.into_iter().map(|(model, n)| ([model], n)))
    }

    fn write_statistics(&self, shown: &[Shown], encoder: &mut DescriptorEncoder) -> fmt::Result {
        for statistic in Statistic::ALL {
            let families = names::of_statistic(statistic);
            let each: Vec<(&Shown, &StatisticSeries)> = shown
                .iter()
                .filter_map(|shown| {
                    Some((shown, shown.1.statistics.iter().find(|each| each.statistic == statistic)?))
                })
                .collect();
            families
                .value
                .write(encoder, each.iter().map(|(shown, statistic)| (six_labels(shown), statistic.value)))?;
            if self.options.p_values {
                let p_values =
                    each.iter().filter_map(|(shown, each)| Some((six_labels(shown), each.p_value?)));
                families.p_value.write(encoder, p_values)?;
            }
            if self.options.thresholds {
                let thresholds = each.iter().filter_map(|(shown, each)| Some((shown, each.thresholds?)));
                let both = thresholds.flat_map(|(shown, Thresholds { warning, critical })| {
                    let [model, version, segment, feature, window, reference] = six_labels(shown);
                    [("warning", warning), ("critical", critical)].map(|(severity, value)| {
                        ([model, version, segment, feature, window, reference, severity], value)
                    })
                });
                families.threshold.write(encoder, both)?;
            }
        }
        Ok(())
    }
}

/// Of the open windows as many as there is room for.
fn write_open_windows<'m>(
    models: &[(&'m str, Arc<Vec<OpenWindow>>)],
    mut room: usize,
    left_out: &mut BTreeMap<&'m str, u64>,
    encoder: &mut DescriptorEncoder,
) -> fmt::Result {
    let mut shown = Vec::new();
    for (model, window) in models.iter().flat_map(|(model, all)| all.iter().map(move |each| (*model, each))) {
        match room.checked_sub(window.series()) {
            Some(left) => {
                room = left;
                shown.push((model, window));
            }
            None => *left_out.entry(model).or_default() += window.series() as u64,
        }
    }
    provisional::write(&shown, encoder)
}

fn candidate((model, feature): &Shown, options: SeriesOptions) -> Candidate {
    let series = feature.statistics.iter().map(|each| {
        1 + usize::from(options.p_values && each.p_value.is_some())
            + if options.thresholds && each.thresholds.is_some() { 2 } else { 0 }
    });
    let ratios = feature.statistics.iter().filter_map(|each| {
        let ratio = each.statistic.effect(each.value) / each.thresholds?.warning;
        (!ratio.is_nan()).then_some(ratio)
    });
    let mut name = String::with_capacity(128);
    for label in [*model].into_iter().chain(feature.labels()) {
        name.push_str(label);
        name.push('\0');
    }
    Candidate {
        name: name.into(),
        series: series.sum(),
        status: feature.status,
        ratio: ratios.fold(0.0, f64::max),
    }
}

fn six_labels<'a>((model, feature): &Shown<'a>) -> [&'a str; 6] {
    let [version, segment, name, window, reference] = feature.labels();
    [model, version, segment, name, window, reference]
}

/// How many series were written.
fn write_model_statuses(
    models: &[(&str, Arc<ModelSeries>)],
    encoder: &mut DescriptorEncoder,
) -> Result<usize, fmt::Error> {
    let kinds: Vec<_> = models
        .iter()
        .flat_map(|(model, series)| {
            [("data", series.data), ("concept", series.concept), ("model", series.model)]
                .map(|(kind, status)| Some(([*model, kind], status?.gauge())))
        })
        .flatten()
        .collect();
    let mut written = kinds.len();
    names::DRIFT_STATUS.write(encoder, kinds)?;
    type StatusOf = fn(&ModelSeries) -> Option<Status>;
    let others: [(names::Family, StatusOf); 3] = [
        (names::TRAFFIC_STATUS, |series| series.traffic),
        (names::SILENCE_STATUS, |series| series.silence),
        (names::SCHEMA_STATUS, |series| series.schema),
    ];
    for (family, status) in others {
        let known: Vec<_> =
            models.iter().filter_map(|(model, series)| Some(([*model], status(series)?.gauge()))).collect();
        written += known.len();
        family.write(encoder, known)?;
    }
    Ok(written)
}

fn write_trained(
    models: &[(&str, Arc<ModelSeries>)],
    encoder: &mut DescriptorEncoder,
) -> Result<usize, fmt::Error> {
    let trained: Vec<_> = models
        .iter()
        .flat_map(|(model, series)| series.trained.iter().map(move |(version, at)| (*model, version, at)))
        .map(|(model, version, at)| ([model, version.as_str()], at.as_seconds_f64()))
        .collect();
    let written = trained.len();
    names::MODEL_TRAINED.write(encoder, trained)?;
    Ok(written)
}

fn write_windows(
    models: &[(&str, Arc<ModelSeries>)],
    encoder: &mut DescriptorEncoder,
) -> Result<usize, fmt::Error> {
    let windows: Vec<([&str; 3], &WindowSeries)> = models
        .iter()
        .flat_map(|(model, series)| series.windows.iter().map(|each| (*model, each)))
        .map(|(model, each)| ([model, each.version.as_str(), &each.window], each))
        .collect();
    let drifted: Vec<([&str; 4], u64)> = windows
        .iter()
        .flat_map(|([model, version, window], each)| {
            each.drifted_features
                .iter()
                .map(move |(reference, n)| ([*model, *version, *window, &**reference], *n))
        })
        .collect();
    let written = drifted.len() + 2 * windows.len();
    names::DRIFTED_FEATURES.write(encoder, drifted)?;
    names::WINDOW_SAMPLES.write(encoder, windows.iter().map(|(labels, each)| (*labels, each.samples)))?;
    let ends = windows.iter().map(|(labels, each)| (*labels, each.end.as_seconds_f64()));
    names::WINDOW_END.write(encoder, ends)?;
    Ok(written)
}

/// The worst segment of each feature, the worst feature of each segment.
fn write_rollups(features: &[Shown], encoder: &mut DescriptorEncoder) -> Result<usize, fmt::Error> {
    let mut by_feature: BTreeMap<[&str; 5], Status> = BTreeMap::new();
    let mut by_segment: BTreeMap<[&str; 5], Status> = BTreeMap::new();
    for shown in features.iter().filter(|(_, feature)| feature.is_slice()) {
        let [model, version, segment, feature, window, reference] = six_labels(shown);
        for (worst, labels) in [
            (&mut by_feature, [model, version, feature, window, reference]),
            (&mut by_segment, [model, version, segment, window, reference]),
        ] {
            let worst = worst.entry(labels).or_insert(shown.1.status);
            *worst = shown.1.status.max(*worst);
        }
    }
    let written = by_feature.len() + by_segment.len();
    names::FEATURE_SEGMENTS.write(encoder, by_feature.into_iter().map(|(labels, s)| (labels, s.gauge())))?;
    names::SEGMENT_STATUS.write(encoder, by_segment.into_iter().map(|(labels, s)| (labels, s.gauge())))?;
    Ok(written)
}

//! KPIs, use cases and the portfolio for `/metrics`: a whole picture, made again when something changed.

use std::time::{Duration, Instant};

use super::Kpis;
use super::marks::Marks;
use super::options::KpiOptions;
use super::use_cases::Assessed;
use crate::domain::{ModelId, Segment};
use crate::kpi::{Definition, Kind, Status, UseCaseId};
use crate::metrics::{KpiPicture, KpiSeries, WholeKpi};
use crate::store::Store;
use crate::use_case::Portfolio;

/// A picture is made so often at most.
const CALM: Duration = Duration::from_secs(2);
/// Time alone closes periods and makes KPIs stale.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// What the last picture was made of.
#[derive(Debug, Default)]
pub struct Published {
    edition: u64,
    at: Option<Instant>,
}

impl<S: Store> Kpis<S> {
    pub(super) async fn publish(&self) {
        let edition = self.parts.book.edition();
        {
            let mut published = self.published.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let age = published.at.map(|at| at.elapsed());
            let is_due =
                age.is_none_or(|age| age >= AGAIN_AFTER || (age >= CALM && edition != published.edition));
            if !is_due {
                return;
            }
            *published = Published { edition, at: Some(Instant::now()) };
        }
        let options = self.parts.options.load_full();
        let marks = self.marks.lock().await.clone();
        let mut kpis = Vec::new();
        for definition in options.catalogue.definitions() {
            kpis.extend(self.series(&options, definition, &marks));
            tokio::task::yield_now().await;
        }
        let left_out = keep_the_worst(&mut kpis, options.series_max);
        let assessed = self.assessed(&options).await;
        let sum = match assessed.is_empty() && marks.reminded.is_empty() {
            true => None,
            false => self.sum_and_remind(&options, &assessed).await,
        };
        let use_cases = self.use_case_series(&options, &assessed, sum.as_ref());
        self.parts.metrics.kpis().set(KpiPicture { kpis, left_out, use_cases });
    }

    async fn sum_and_remind(&self, options: &KpiOptions, assessed: &[Assessed]) -> Option<Portfolio> {
        let sum = match self.in_sum(options, assessed).await {
            Ok(sum) => sum,
            Err(error) => {
                tracing::warn!(%error, "the portfolio could not be put together");
                return None;
            }
        };
        if let Err(error) = self.remind(&sum).await {
            tracing::warn!(%error, "owners could not be told of decisions; it is tried again");
        }
        Some(sum)
    }

    /// A KPI over all samples, and in each segment.
    fn series(&self, options: &KpiOptions, definition: &Definition, marks: &Marks) -> Vec<KpiSeries> {
        let over = self.newest_closed(options, definition);
        let last = self.parts.book.last_sample(&options.catalogue, &definition.id);
        let bounds = definition.bounds;
        let whole = WholeKpi {
            is_stale: self.is_stale(definition, last, marks),
            last_sample_seconds: last.map(|at| at.as_seconds_f64()),
            target: bounds.target,
            warning: bounds.warning,
            critical: bounds.critical,
        };
        let segments = match &definition.kind {
            Kind::Counted { stream, .. } => self.parts.book.segments(stream),
            Kind::Formula(_) => Default::default(),
        };
        let all = std::iter::once((Segment::All, Some(whole)));
        let each = all.chain(segments.into_iter().map(|segment| (segment, None)));
        each.map(|(segment, whole)| {
            let stand = self.stand(options, definition, &segment, over);
            KpiSeries {
                labels: labels(definition, &segment),
                value: stand.value.as_ref().ok().map(|value| value.value),
                status: status_number(&stand.status(definition)),
                samples: stand.value.as_ref().ok().map(|value| value.n.max(0).cast_unsigned()),
                window_end_seconds: over.end.as_seconds_f64(),
                whole,
            }
        })
        .collect()
    }
}

fn labels(definition: &Definition, segment: &Segment) -> [Box<str>; 5] {
    let id = &definition.id;
    [
        id.name.as_str().into(),
        definition.family.as_str().into(),
        id.use_case.as_ref().map_or("", UseCaseId::as_str).into(),
        id.model.as_ref().map_or("", ModelId::as_str).into(),
        segment.to_string().into(),
    ]
}

fn status_number(status: &Status) -> f64 {
    match status {
        Status::Ok => 0.0,
        Status::Warning => 1.0,
        Status::Critical => 2.0,
        Status::NotComputable(_) => -1.0,
    }
}

/// Leaves out what is beyond the limit, segments that are well first; returns how many that were.
fn keep_the_worst(kpis: &mut Vec<KpiSeries>, series_max: usize) -> u64 {
    let all: usize = kpis.iter().map(KpiSeries::samples_shown).sum();
    if all <= series_max {
        return 0;
    }
    // KPIs out of their bounds stay whatever the limit, then whole KPIs; in order of the config among equals.
    kpis.sort_by_key(|kpi| std::cmp::Reverse((kpi.status >= 1.0, kpi.whole.is_some())));
    let mut shown = 0;
    kpis.retain(|kpi| {
        let stays = kpi.status >= 1.0 || shown + kpi.samples_shown() <= series_max;
        shown += if stays { kpi.samples_shown() } else { 0 };
        stays
    });
    kpis.sort_by(|a, b| a.labels.cmp(&b.labels));
    (all - shown) as u64
}

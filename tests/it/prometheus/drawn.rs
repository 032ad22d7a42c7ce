//! States that a test cannot bring a daemon into within seconds: a full disk, a slow one, an outbox that nobody empties,
//! weeks of labels that show a loss. Made with the daemon's own registry and its own exposition, served by the test: the
//! names, labels and the text are what driftd serves, the values are drawn.

use std::sync::Arc;
use std::time::Duration;

use driftd::clock::{Clock, SystemClock};
use driftd::domain::{Task, Version};
use driftd::metrics::{
    FeatureSeries, Format, KpiPicture, KpiSeries, MetricSeries, Metrics, ModelMetrics, ModelSeries,
    OutcomeSeries, SeriesOptions, StatisticSeries, Status, UseCaseMetric, WholeKpi,
};
use driftd::performance::Metric;
use driftd::statistic::Statistic;

use super::scene::Scene;
use crate::support::prometheus::Stack;
use crate::support::sink::{Reply, Sink};

const HOUR: Duration = Duration::from_secs(3_600);

fn drawn() -> Arc<Metrics> {
    drawn_with(SeriesOptions::default())
}

fn drawn_with(options: SeriesOptions) -> Arc<Metrics> {
    let metrics = Arc::new(Metrics::new("test", options));
    metrics.daemon().config_read(SystemClock.now(), true);
    metrics.daemon().store_free_bytes.set(1e12);
    metrics
}

/// Under watch; each scrape comes after `meanwhile`.
async fn watched(metrics: Arc<Metrics>, meanwhile: impl Fn(&Metrics) + Send + Sync + 'static) -> Scene {
    let sink = Sink::answering(move |_| {
        meanwhile(&metrics);
        let headers = vec![("Content-Type", "text/plain; version=0.0.4; charset=utf-8".to_owned())];
        Reply::Answer { status: 200, headers, body: metrics.encode(Format::Text, SystemClock.now()) }
    });
    let sink = sink.await;
    Scene::new(Stack::start(&[sink.address.to_string()], None).await, sink)
}

/// A model that is evaluated now, with these statuses where outcomes are judged.
fn model(metrics: &Metrics, id: &str, task: Task, series: ModelSeries) -> Arc<ModelMetrics> {
    let model = metrics.model(&id.parse().unwrap(), task);
    model.evaluated.set_time(SystemClock.now());
    model.learning_ratio.set(1.0);
    model.set_series(series);
    model
}

/// A window whose labels are all there.
fn outcome(metric: Metric, realised: f64, baseline: f64) -> OutcomeSeries {
    OutcomeSeries {
        version: Version::unnamed(),
        window: "24h".into(),
        end: SystemClock.now(),
        predicted: 5_000,
        labelled: 5_000,
        coverage: Some(1.0),
        provisional: false,
        lags: None,
        metrics: vec![MetricSeries {
            metric,
            realised: Some(realised),
            baseline: Some(baseline),
            gap: None,
            gap_error: None,
        }],
        segments: Vec::new(),
        fairness: Vec::new(),
    }
}

/// Of what labels show: concept, model and bias at `status`; accuracy and mean absolute error where they lie.
async fn labelled(status: Status, accuracy: f64, mae: f64) -> Scene {
    let metrics = drawn();
    let series = ModelSeries {
        data: Some(Status::Ok),
        concept: Some(status),
        model: Some(status),
        bias: Some(status),
        outcomes: vec![outcome(Metric::Accuracy, accuracy, 0.95)],
        ..ModelSeries::default()
    };
    model(&metrics, "loans", Task::Binary, series);
    let series = ModelSeries {
        data: Some(Status::Ok),
        outcomes: vec![outcome(Metric::Mae, mae, 10.0)],
        ..ModelSeries::default()
    };
    model(&metrics, "price", Task::Regression, series);
    watched(metrics, |_| {}).await
}

/// A point of accuracy and a half per cent of error lost: nothing.
pub async fn holds_up() -> Scene {
    labelled(Status::Ok, 0.94, 10.05).await
}

pub async fn wears() -> Scene {
    labelled(Status::Warning, 0.92, 12.0).await
}

pub async fn worn_out() -> Scene {
    labelled(Status::Critical, 0.89, 13.0).await
}

/// The disk is nearly full, the outbox stuck for half an hour, and a commit takes two seconds.
pub async fn crowded() -> Scene {
    let metrics = drawn();
    metrics.daemon().store_free_bytes.set(1e9);
    metrics.incidents().outbox_oldest_due.set_time(SystemClock.now().saturating_sub(HOUR / 2));
    watched(metrics, |metrics| metrics.daemon().committed(Duration::from_secs(2))).await
}

/// One KPI has reached its warning bound, one its critical one, one comes no more; a decision passed two days ago.
pub async fn kpis_fail() -> Scene {
    let metrics = drawn();
    let kpi = |name: &str, status: f64, is_stale: bool| KpiSeries {
        labels: [name, "strategic", "claims", "", "all"].map(Box::from),
        value: Some(1.0),
        status,
        samples: Some(3),
        window_end_seconds: SystemClock.now().as_seconds_f64(),
        whole: Some(WholeKpi { is_stale, ..WholeKpi::default() }),
    };
    let passed = SystemClock.now().saturating_sub(HOUR * 48).as_seconds_f64();
    metrics.kpis().set(KpiPicture {
        kpis: vec![kpi("gains", 1.0, false), kpi("complaints", 2.0, false), kpi("nps", 0.0, true)],
        left_out: 0,
        use_cases: vec![(UseCaseMetric::Decision, (vec!["claims".into()], passed))],
    });
    watched(metrics, |_| {}).await
}

/// The disk is all but full, the outbox stuck for two hours.
pub async fn full() -> Scene {
    let metrics = drawn();
    metrics.daemon().store_free_bytes.set(1e8);
    metrics.incidents().outbox_oldest_due.set_time(SystemClock.now().saturating_sub(HOUR * 2));
    watched(metrics, |_| {}).await
}

/// Statuses of twenty features, and room for half of their statistics; of KPIs some are left out.
pub async fn too_many_series() -> Scene {
    let metrics = drawn_with(SeriesOptions { series_max: 32, ..SeriesOptions::default() });
    let feature = |number: u32| FeatureSeries {
        version: Version::unnamed(),
        segment: "all".into(),
        feature: format!("f{number}").into(),
        window: "24h".into(),
        reference: "static".into(),
        status: Status::Ok,
        statistics: vec![StatisticSeries {
            statistic: Statistic::Psi,
            value: 0.01,
            p_value: None,
            thresholds: None,
        }],
    };
    let features = (0..20).map(feature).collect();
    let series = ModelSeries { data: Some(Status::Ok), features, ..ModelSeries::default() };
    model(&metrics, "wide", Task::Binary, series);
    metrics.kpis().set(KpiPicture { kpis: Vec::new(), left_out: 3, use_cases: Vec::new() });
    watched(metrics, |_| {}).await
}

//! A scrape of 100,100 series: 100 models of 143 features, 6 statistics and a status each. Wanted: under 500 ms.

use criterion::{Criterion, criterion_group, criterion_main};
use driftd::domain::{ColumnKind, Task, Timestamp, Version};
use driftd::metrics::{FeatureSeries, Format, Metrics, ModelSeries, SeriesOptions, StatisticSeries, Status};
use driftd::statistic::Statistic;

fn feature(index: u32) -> FeatureSeries {
    let statistics = Statistic::defaults_for(ColumnKind::Numeric).iter().map(|&statistic| StatisticSeries {
        statistic,
        value: 0.1 / f64::from(index + 3),
        p_value: Some(0.5),
        thresholds: statistic.default_thresholds(),
    });
    FeatureSeries {
        version: Version::unnamed(),
        segment: "all".into(),
        feature: format!("a_feature_of_ordinary_length_{index}").into(),
        window: "24h".into(),
        reference: "static".into(),
        status: Status::Ok,
        statistics: statistics.collect(),
    }
}

fn metrics(series_max: usize) -> Metrics {
    let metrics = Metrics::new("0.0.0", SeriesOptions { series_max, ..SeriesOptions::default() });
    for model in 0..100 {
        let id = format!("credit-risk-{model}").parse().expect("an id");
        let features = (0..143).map(feature).collect();
        metrics.model(&id, Task::Binary).set_series(ModelSeries { features, ..ModelSeries::default() });
    }
    metrics
}

fn scrape(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scrape");
    group.sample_size(20);
    let now = Timestamp::from_seconds(1_800_000_000);
    for (name, format, series_max) in [
        ("100k series, OpenMetrics", Format::OpenMetrics, 200_000),
        ("100k series, 0.0.4", Format::Text, 200_000),
        ("100k series cut to 50k, 0.0.4", Format::Text, 50_000),
    ] {
        let metrics = metrics(series_max);
        group.bench_function(name, |bencher| bencher.iter(|| metrics.encode(format, now)));
    }
}

criterion_group!(benches, scrape);
criterion_main!(benches);

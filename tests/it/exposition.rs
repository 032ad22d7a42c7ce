//! What `/metrics` says: judged by Prometheus' own promtool, by a golden list of names, and by a parser of its own.
// So that clippy's `allow-unwrap-in-tests` reaches what the tests share.
#![cfg(test)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use driftd::domain::{ModelId, Task, Timestamp, Version};
use driftd::fairness::FairnessMeasure;
use driftd::incident::{IncidentId, IncidentKind};
use driftd::join::JoinCounts;
use driftd::metrics::names::families;
use driftd::metrics::{
    Deadline, EstimateSeries, FeatureSeries, Format, IncidentLabels, KpiMetrics, KpiPicture, KpiSeries,
    MetricSeries, Metrics, ModelSeries, Occurrence, OpenReference, OpenWindow, OutcomeSeries,
    RetrainingStanding, SeriesOptions, Standing, StatisticSeries, Status, UseCaseMetric, Violation, WholeKpi,
    WindowSeries,
};
use driftd::performance::Metric;
use driftd::retraining::{Cause, Decision, MaintenancePlan, MaintenanceTask, Period, calendar};
use driftd::statistic::{Statistic, Thresholds};
use driftd::store::{JobKind, JobObserver};
use driftd::verdict::Severity;

use crate::support::promtool;

/// What a sender may call a feature.
const HOSTILE: &str = "a\"b\\c\nd{e=\"f\"} 1 # {x=\"y\"} é 漢字 \u{1F600}\t\r\\n";

const EVERYTHING: SeriesOptions =
    SeriesOptions { series_max: 50_000, p_values: true, thresholds: true, segments: true };

fn at(hours: i64) -> Timestamp {
    Timestamp::from_seconds(1_800_000_000 + hours * 3_600)
}

fn id(text: &str) -> ModelId {
    text.parse().unwrap()
}

fn psi(value: f64) -> StatisticSeries {
    let thresholds = Some(Thresholds { warning: 0.1, critical: 0.25 });
    StatisticSeries { statistic: Statistic::Psi, value, p_value: Some(0.5), thresholds }
}

fn feature(name: &str, status: Status, statistics: Vec<StatisticSeries>) -> FeatureSeries {
    FeatureSeries {
        version: Version::unnamed(),
        segment: "all".into(),
        feature: name.into(),
        window: "24h".into(),
        reference: "static".into(),
        status,
        statistics,
    }
}

/// Metrics with at least one sample in every family.
fn populate_kpis(kpis: &KpiMetrics) {
    kpis.accepted.inc_by(9);
    let whole = WholeKpi {
        is_stale: false,
        last_sample_seconds: Some(1.0),
        target: Some(3.0),
        warning: Some(2.0),
        critical: Some(1.0),
    };
    let kpi = KpiSeries {
        labels: ["gains", "strategic", "claims", "", "all"].map(Box::from),
        value: Some(2.5),
        status: 1.0,
        samples: Some(4),
        window_end_seconds: 0.0,
        whole: Some(whole),
    };
    let labelled = |metric: UseCaseMetric| {
        let labels = metric.family().labels.iter().map(|label| format!("some {label}").into()).collect();
        (metric, (labels, 1.0))
    };
    let use_cases = UseCaseMetric::ALL.into_iter().map(labelled).collect();
    kpis.set(KpiPicture { kpis: vec![kpi], left_out: 0, use_cases });
}

fn populated() -> Metrics {
    let metrics = Metrics::new("1.2.3", EVERYTHING);
    let daemon = metrics.daemon();
    daemon.requests_rejected.add("queue_full", 3);
    daemon.committed(Duration::from_millis(3));
    daemon.evaluated(Duration::from_millis(30));
    daemon.queue_rows.inc_by(7);
    daemon.queue_bytes.inc_by(700);
    daemon.idempotency_keys_evicted.set(1.0);
    daemon.store_bytes.set(4096.0);
    daemon.store_free_bytes.set(1e12);
    daemon.store_wal_bytes.set(0.0);
    daemon.store_jobs.done(JobKind::Fold, Duration::from_millis(2));
    daemon.folds.inc();
    daemon.config_read(at(0), true);
    daemon.config_keys_pending.set(0.0);

    let incidents = metrics.incidents();
    let (kind, severity) = (IncidentKind::DataDrift, Severity::Critical);
    // Incidents outlive the config of their model.
    let labels = IncidentLabels { model: "loans".into(), kind, severity };
    for occurrence in [Occurrence::Opened, Occurrence::SlaBreached, Occurrence::FalseAlarm] {
        incidents.count(labels.clone(), occurrence);
    }
    let deadline = Deadline { incident: IncidentId(7), labels: labels.clone(), at: at(86_400) };
    incidents.set_standing(Standing { open: [(labels, 1)].into(), deadlines: vec![deadline] });
    incidents.outbox_pending.set(2.0);
    incidents.outbox_dead.set(1.0);
    incidents.outbox_oldest_due.set_time(at(-5));

    let retraining = metrics.retraining();
    let decided = |ruling: serde_json::Value| -> Decision {
        let window = serde_json::json!({"start": at(-9), "end": at(-1)});
        let decision = serde_json::json!({
            "id": "dec-1", "model": "churn", "at": at(0), "cause": "scheduled", "occasion_at": at(0),
            "category": "preventive", "reason": "", "ruling": ruling, "inputs": {"window": window},
        });
        serde_json::from_value(decision).unwrap()
    };
    let order = serde_json::json!({
        "run_key": "retrain-churn-2027-W02-scheduled", "model": "churn", "cause": "scheduled",
        "category": "preventive", "reason": "", "update": "minor",
        "window": {"start": at(-9), "end": at(-1)}, "drifted": [], "validators": [],
    });
    retraining.decided(&decided(serde_json::json!({"outcome": "trigger", "order": order})));
    let too_few = serde_json::json!({"why": "too_few_new_labels", "labels": 1, "needed": 2});
    retraining.decided(&decided(serde_json::json!({"outcome": "withhold", "reasons": [too_few]})));
    let plan = MaintenancePlan {
        tasks: [(MaintenanceTask::DataRefresh, Period::Monthly)].into(),
        ..MaintenancePlan::default()
    };
    let standing = RetrainingStanding {
        runs: [("accepted", 1)].into(),
        in_trouble: 0,
        next: vec![(Cause::Scheduled, at(24))],
        items: calendar(&plan, at(-9_000), &BTreeMap::new(), None, at(0)),
    };
    retraining.set(&id("churn"), standing);

    populate_kpis(metrics.kpis());

    let delivery = metrics.delivery();
    let receiver = delivery.receiver(&"pager".parse().unwrap());
    receiver.delivered.inc();
    receiver.enabled.set(1.0);
    receiver.last_success.set_time(at(0));
    delivery.took(Duration::from_millis(80));

    let model = metrics.model(&id("churn"), Task::Binary);
    let http = model.source("http");
    http.accepted.inc_by(998);
    http.late.inc_by(4);
    http.rejected.inc_by(2);
    model.source(HOSTILE).late.inc_by(1);
    model.rows_rejected.add("bad_timestamp", 2);
    model.violated("age", Violation::WrongType, 1);
    model.violated("age", Violation::Missing, 1);
    model.violated(HOSTILE, Violation::UnknownFeature, 1);
    model.pane.set(3_600.0);
    model.present.set_time(at(0));
    model.set_window_age_limits(vec![("24h".into(), Duration::from_secs(9_000))]);
    model.watermark.set_time(at(-1));
    model.evaluated.set_time(at(0));
    model.learning_ratio.set(0.25);
    model.null_profiled.set(1.0);
    model.joined(&JoinCounts { matched: 3, ..JoinCounts::default() });
    model.waiting_predictions.set(7.0);
    model.label_sample_ratio.set(1.0);

    model.set_open_windows(vec![OpenWindow {
        version: Version::unnamed(),
        window: "24h".into(),
        samples: 300,
        end: at(1),
        references: vec![OpenReference {
            reference: "static".into(),
            beyond_warning: 3,
            beyond_critical: 1,
            largest: Statistic::ALL.map(|statistic| (statistic, 0.4)).to_vec(),
        }],
    }]);

    let every = Statistic::ALL.map(|statistic| StatisticSeries { statistic, ..psi(0.3) });
    let mut slice = feature("age", Status::Critical, vec![psi(0.9)]);
    slice.segment = format!("region={HOSTILE}").into();
    let mut hostile_version = feature("age", Status::Ok, vec![psi(0.01)]);
    hostile_version.version = "v\"1\"\\".parse().unwrap();
    model.set_series(ModelSeries {
        bias: Some(Status::Ok),
        trained: vec![("3".parse().unwrap(), at(-100))],
        outcomes: vec![outcome_series()],
        estimates: vec![EstimateSeries {
            version: Version::unnamed(),
            window: "24h".into(),
            metrics: all_metrics().map(|metric| (metric, 0.9)).collect(),
        }],
        data: Some(Status::Critical),
        concept: Some(Status::InsufficientData),
        model: Some(Status::Ok),
        traffic: Some(Status::Warning),
        silence: Some(Status::Ok),
        schema: Some(Status::Ok),
        windows: vec![WindowSeries {
            version: Version::unnamed(),
            window: "24h".into(),
            samples: 1_000,
            end: at(-2),
            drifted_features: vec![("static".into(), 2)],
        }],
        features: vec![
            feature(HOSTILE, Status::Critical, every.to_vec()),
            feature("@score", Status::InsufficientData, vec![]),
            hostile_version,
            slice,
        ],
    });
    metrics
}

/// The metrics of every task, each once.
fn all_metrics() -> impl Iterator<Item = Metric> {
    let tasks = [Task::Binary, Task::Multiclass, Task::Regression];
    tasks.into_iter().flat_map(Metric::of).copied().collect::<BTreeSet<_>>().into_iter()
}

fn outcome_series() -> OutcomeSeries {
    let metrics = all_metrics().map(|metric| MetricSeries {
        metric,
        realised: Some(0.9),
        baseline: Some(0.92),
        gap: Some(-0.01),
        gap_error: Some(0.004),
    });
    OutcomeSeries {
        version: Version::unnamed(),
        window: "24h".into(),
        end: at(-2),
        predicted: 1_000,
        labelled: 900,
        coverage: Some(0.9),
        provisional: false,
        lags: Some([60, 3_600]),
        metrics: metrics.collect(),
        segments: vec![(format!("region={HOSTILE}").into(), Metric::Accuracy, 0.8)],
        fairness: FairnessMeasure::ALL.map(|measure| ("region".into(), measure, 0.9)).to_vec(),
    }
}

/// Samples by name and labels, and the type of each family by the name it is declared under.
#[derive(Debug, Default)]
struct Parsed {
    samples: BTreeMap<(String, BTreeMap<String, String>), f64>,
    types: BTreeMap<String, String>,
    helps: BTreeSet<String>,
}

fn parse(text: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for line in text.strip_suffix('\n').expect("ends with a line feed").split('\n') {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(parsed.types.insert(name.into(), kind.into()).is_none(), "{name} is declared twice");
        } else if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(help.ends_with('.') && help.len() > 10, "{line}");
            parsed.helps.insert(name.into());
        } else if !line.starts_with('#') {
            let (key, value) = parse_sample(line);
            assert!(parsed.samples.insert(key, value).is_none(), "twice: {line}");
        }
    }
    parsed
}

fn parse_sample(line: &str) -> ((String, BTreeMap<String, String>), f64) {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"").unwrap();
            let mut value = String::new();
            let mut characters = after.chars();
            loop {
                match characters.next().expect("a closing quote") {
                    '"' => break,
                    '\\' => value.push(match characters.next().unwrap() {
                        'n' => '\n',
                        escaped @ ('\\' | '"') => escaped,
                        other => panic!("\\{other} is no escape: {line}"),
                    }),
                    plain => value.push(plain),
                }
            }
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}");
            rest = characters.as_str();
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').unwrap();
    }
    ((name.into(), labels), rest.strip_prefix(' ').unwrap().parse().unwrap())
}

/// Values of a metric of the features of segment `all`, by feature.
fn by_feature(text: &str, metric: &str) -> BTreeMap<String, f64> {
    let samples = parse(text).samples.into_iter();
    let of_metric = samples.filter(|((name, labels), _)| name == metric && labels["segment"] == "all");
    of_metric.map(|((_, mut labels), value)| (labels.remove("feature").unwrap(), value)).collect()
}

fn value(text: &str, metric: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let labels = labels.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    parse(text).samples.get(&(metric.to_owned(), labels)).copied()
}

#[test]
fn promtool_finds_nothing_to_say() {
    promtool::has_nothing_to_say(&populated().encode(Format::Text, at(0)));
    let folder = tempfile::tempdir().unwrap();
    promtool::reads_open_metrics(&populated().encode(Format::OpenMetrics, at(0)), folder.path());
}

#[test]
fn every_name_is_in_the_golden_list() {
    let declared: BTreeMap<_, _> = families().into_iter().map(|family| (family.name, family)).collect();
    assert_eq!(declared.len(), families().len(), "no name twice");
    let golden: String = declared
        .values()
        .map(|family| format!("{} {} {}", family.name, family.kind.as_str(), family.labels.join(",")))
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    assert!(
        golden == include_str!("../golden/metrics.txt"),
        "tests/golden/metrics.txt should read (names are an interface: dashboards and alerts break):\n{golden}"
    );

    let parsed = parse(&populated().encode(Format::Text, at(0)));
    let served: BTreeSet<&str> = parsed.types.keys().map(String::as_str).collect();
    assert_eq!(served, declared.keys().copied().collect(), "populated() has every family");
    assert_eq!(parsed.helps, parsed.types.keys().cloned().collect());
    for (sample, labels) in parsed.samples.keys() {
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| sample.strip_suffix(suffix));
        let family = declared.get(sample.as_str()).or_else(|| declared.get(histogram?)).unwrap();
        assert_eq!(parsed.types[family.name], family.kind.as_str());
        let names: BTreeSet<&str> = labels.keys().map(String::as_str).filter(|name| *name != "le").collect();
        assert_eq!(names, family.labels.iter().copied().collect(), "{sample}");
    }
}

#[test]
fn both_formats_carry_the_same_samples() {
    let metrics = populated();
    let open_metrics = metrics.encode(Format::OpenMetrics, at(0));
    let text = metrics.encode(Format::Text, at(0));
    assert!(open_metrics.ends_with("\n# EOF\n") && open_metrics.matches("# EOF").count() == 1);
    assert!(open_metrics.contains("# TYPE driftd_folds counter\n"));
    assert!(text.contains("# TYPE driftd_folds_total counter\n"));
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"));
    let without_process = |text: &str| {
        let mut samples = parse(text).samples;
        samples.retain(|(name, _), _| !name.starts_with("process_"));
        samples
    };
    assert!(without_process(&text).len() > 100);
    assert_eq!(without_process(&open_metrics), without_process(&text));
}

#[test]
fn label_values_come_back_as_they_went_in() {
    let text = populated().encode(Format::Text, at(0));
    assert_eq!(by_feature(&text, "driftd_feature_psi")[HOSTILE], 0.3);
    let labels = [("model", "churn"), ("source", HOSTILE), ("outcome", "late")];
    assert_eq!(value(&text, "driftd_ingest_rows_total", &labels), Some(1.0));
    assert_eq!(value(&text, "driftd_late_rows_total", &[("model", "churn")]), Some(5.0));
}

#[test]
fn nothing_is_ever_nan_or_infinite() {
    let metrics = Metrics::new("1", EVERYTHING);
    let model = metrics.model(&id("m"), Task::Regression);
    let fresh = metrics.encode(Format::Text, at(0));
    assert!(!fresh.contains("watermark"), "what is not known has no sample");
    for broken in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        model.watermark.set(broken);
        metrics.daemon().store_bytes.set(broken);
        let mut statistic = psi(0.5);
        statistic.p_value = Some(broken);
        statistic.thresholds = Some(Thresholds { warning: broken, critical: broken });
        model.set_series(ModelSeries {
            features: vec![
                feature("value", Status::InsufficientData, vec![psi(broken)]),
                feature("p_value", Status::Ok, vec![statistic]),
            ],
            ..ModelSeries::default()
        });
        for format in [Format::Text, Format::OpenMetrics] {
            let text = metrics.encode(format, at(0));
            assert!(parse(&text).samples.values().all(|value| value.is_finite()), "{text}");
            assert!(!text.contains("driftd_store_bytes") && !text.contains("watermark"));
            assert_eq!(by_feature(&text, "driftd_feature_status")["value"], -1.0);
            assert_eq!(by_feature(&text, "driftd_feature_psi"), [("p_value".to_owned(), 0.5)].into());
            assert_eq!(by_feature(&text, "driftd_feature_psi_p_value").len(), 0);
        }
    }
}

#[test]
fn p_values_thresholds_and_segments_are_opted_into() {
    let slice = |segment: &str, name: &str, status| FeatureSeries {
        segment: segment.into(),
        ..feature(name, status, vec![psi(0.4)])
    };
    let series = ModelSeries {
        features: vec![
            feature("a", Status::Ok, vec![psi(0.05)]),
            slice("city=Lyon", "a", Status::Critical),
            slice("city=Nice", "a", Status::InsufficientData),
            slice("city=Nice", "b", Status::Ok),
        ],
        ..ModelSeries::default()
    };
    let scrape = |options| {
        let metrics = Metrics::new("1", options);
        metrics.model(&id("m"), Task::Binary).set_series(series.clone());
        metrics.encode(Format::Text, at(0))
    };
    let common = [("model", "m"), ("version", "default"), ("window", "24h"), ("reference", "static")];
    let plain = scrape(SeriesOptions::default());
    assert!(!plain.contains("_p_value") && !plain.contains("_threshold"));
    assert!(!plain.contains("driftd_feature_psi{model=\"m\",version=\"default\",segment=\"city"));
    let worst = |metric, label| value(&plain, metric, &[&common[..], &[label]].concat());
    assert_eq!(worst("driftd_feature_worst_segment_status", ("feature", "a")), Some(2.0));
    assert_eq!(worst("driftd_feature_worst_segment_status", ("feature", "b")), Some(0.0));
    assert_eq!(worst("driftd_segment_status", ("segment", "city=Lyon")), Some(2.0));
    assert_eq!(worst("driftd_segment_status", ("segment", "city=Nice")), Some(0.0));

    let full = scrape(EVERYTHING);
    let lyon = [&common[..], &[("segment", "city=Lyon"), ("feature", "a")]].concat();
    assert_eq!(value(&full, "driftd_feature_psi", &lyon), Some(0.4));
    assert_eq!(value(&full, "driftd_feature_psi_p_value", &lyon), Some(0.5));
    let critical = [&lyon[..], &[("severity", "critical")]].concat();
    assert_eq!(value(&full, "driftd_feature_psi_threshold", &critical), Some(0.25));
}

#[test]
fn past_the_limit_statuses_and_firing_features_stay_and_places_are_kept() {
    // Ten statuses, one count of what is left out, and room for four statistics.
    let metrics = Metrics::new("1", SeriesOptions { series_max: 15, ..SeriesOptions::default() });
    let model = metrics.model(&id("m"), Task::Binary);
    let scrape = |nearest: &[usize], firing: &[usize], hours| {
        let features = (0..10).map(|index| {
            let near = nearest.contains(&index);
            let status = if firing.contains(&index) { Status::Critical } else { Status::Ok };
            let value = if near { 0.09 } else { 0.01 };
            feature(&format!("f{index}"), status, vec![psi(value)])
        });
        model.set_series(ModelSeries { features: features.collect(), ..ModelSeries::default() });
        let text = metrics.encode(Format::Text, at(hours));
        assert_eq!(by_feature(&text, "driftd_feature_status").len(), 10);
        let shown: Vec<String> = by_feature(&text, "driftd_feature_psi").into_keys().collect();
        let left_out = value(&text, "driftd_series_left_out", &[("model", "m")]).unwrap();
        assert_eq!(shown.len() as f64 + left_out, 10.0);
        shown.join(" ")
    };
    assert_eq!(scrape(&[6, 7, 8, 9], &[], 0), "f6 f7 f8 f9");
    assert_eq!(scrape(&[0, 1, 2, 3], &[], 23), "f6 f7 f8 f9", "24 h have not passed");
    assert_eq!(scrape(&[0, 1, 2, 3], &[5], 23), "f5 f6 f7 f8", "one that fires takes the last place");
    assert_eq!(scrape(&[0, 1, 2, 3], &[], 25), "f0 f1 f2 f5", "its own day began when it fired");
    assert_eq!(scrape(&[], &[4, 5, 6, 7, 8, 9], 26), "f4 f5 f6 f7 f8 f9", "past the limit");
}

#[test]
fn a_removed_model_leaves_nothing() {
    let metrics = populated();
    let model = metrics.model(&id("churn"), Task::Binary);
    assert!(Arc::ptr_eq(&model, &metrics.model(&id("churn"), Task::Binary)));
    metrics.remove_model(&id("churn"));
    model.source("http").accepted.inc();
    assert!(!metrics.encode(Format::Text, at(0)).contains("churn"));
    assert!(metrics.encode(Format::Text, at(0)).contains("driftd_folds_total 1\n"));
    let again = metrics.model(&id("churn"), Task::Regression);
    again.source("http");
    let text = metrics.encode(Format::Text, at(0));
    let labels = [("model", "churn"), ("source", "http"), ("outcome", "accepted")];
    assert_eq!(value(&text, "driftd_ingest_rows_total", &labels), Some(0.0), "known series begin at 0");
    assert_eq!(value(&text, "driftd_model_info", &[("model", "churn"), ("task", "regression")]), Some(1.0));
}

#[test]
fn a_series_given_twice_is_served_once() {
    let metrics = Metrics::new("1", EVERYTHING);
    let twice = |status| feature("age", status, vec![psi(0.1), psi(0.2)]);
    let window = WindowSeries {
        version: Version::unnamed(),
        window: "24h".into(),
        samples: 1,
        end: at(0),
        drifted_features: vec![("static".into(), 1), ("static".into(), 2)],
    };
    metrics.model(&id("m"), Task::Binary).set_series(ModelSeries {
        windows: vec![window.clone(), window],
        features: vec![twice(Status::Ok), twice(Status::Critical), twice(Status::Ok)],
        ..ModelSeries::default()
    });
    // parse() refuses a sample that comes twice.
    let text = metrics.encode(Format::Text, at(0));
    assert_eq!(by_feature(&text, "driftd_feature_status")["age"], 2.0, "the gravest");
}

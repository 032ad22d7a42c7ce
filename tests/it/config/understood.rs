//! What is understood: defaults, everything said, variables over files, the forecast.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use driftd::config::{Auth, LogFormat, ModelClock, ReferenceSource, forecast};
use driftd::domain::{ColumnId, ColumnKind, PaneLength, Task};
use driftd::fairness::FairnessMeasure;
use driftd::incident::IncidentKind;
use driftd::notification::GroupLabel;
use driftd::performance::Metric;
use driftd::statistic::{Statistic, Thresholds};
use driftd::verdict::{Against, FairnessPlan, Loss, LossThresholds, OutcomePlan, SilenceAfter, WindowPlan};

use super::{MODEL, directory, errors_of, fixtures, read};

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn an_id_a_task_and_a_reference_are_enough() {
    let settings = read(&fixtures().join("good/minimal"), &[]).unwrap();
    let model = &settings.models[0];
    assert_eq!((model.id.as_str(), model.task, model.clock), ("churn", Task::Binary, ModelClock::Live));
    assert_eq!(
        model.reference,
        ReferenceSource::Learn { from: None, length: Duration::from_secs(7 * 86_400) }
    );
    assert_eq!(model.plan.windows, [WindowPlan::default()]);
    assert_eq!(model.plan.references, [Against::Static]);
    assert_eq!(model.plan.budget.incidents, 1.0);
    assert_eq!(model.plan.silence_after, SilenceAfter::Auto);
    assert_eq!(model.columns.timestamp.as_deref(), Some("ts"));
    let psi = model.plan.statistics.of(&ColumnId::Score, ColumnKind::Numeric)[0];
    assert_eq!(psi, (Statistic::Psi, Some(Thresholds { warning: 0.1, critical: 0.25 })));
    assert_eq!(
        (settings.server.listen.to_string().as_str(), settings.server.auth),
        ("127.0.0.1:8440", Auth::None)
    );
}

#[test]
fn everything_that_is_said_arrives() {
    let directory = fixtures().join("good/full");
    let settings = read(&directory, &[]).unwrap();
    assert_eq!(settings.server.auth, Auth::Tokens);
    assert_eq!(settings.server.tokens_file, Some(directory.join("tokens")));
    assert_eq!(settings.server.allowed_hosts, ["drift.example.com"]);
    assert_eq!(settings.storage.path, Path::new("/var/lib/driftd"));
    assert_eq!(settings.storage.retention.daily, Duration::from_secs(800 * 86_400));
    assert_eq!(settings.ingest.body_bytes_max, 8 << 20);
    assert_eq!(settings.telemetry.log_format, LogFormat::Json);
    assert!(!settings.telemetry.feature_p_values && settings.telemetry.feature_thresholds);

    let [_, kinds, prices] = &settings.models[..] else { panic!("three models") };
    assert_eq!(kinds.classes, ["cat", "dog", "3"]);
    assert!(kinds.ignored.contains(&ColumnId::ClassScore("cat".into())));
    assert_eq!(prices.file, directory.join("models/prices.toml"));
    assert_eq!(prices.reference, ReferenceSource::Data(directory.join("models/prices.csv")));
    assert_eq!(prices.plan.references, [Against::Static, Against::Previous, Against::LastWeek]);
    assert_eq!(prices.plan.windows[0].pane, PaneLength::QuarterHour);
    assert_eq!(prices.plan.windows[0].lateness, Duration::ZERO);
    assert_eq!(prices.plan.windows[0].consecutive, 3);
    assert_eq!(prices.plan.pane(), PaneLength::QuarterHour);
    assert_eq!(prices.plan.silence_after, SilenceAfter::After(Duration::from_secs(6 * 3_600)));
    assert_eq!(prices.plan.budget.shares.data, 0.6);
    assert_eq!(prices.versions.len(), 1);
    assert!(prices.segments.full_grid);
    // A feature called `score` takes that column of a file; the model's score is then not in it.
    assert_eq!((prices.columns.score.as_deref(), prices.columns.actual.as_deref()), (None, Some("price")));
    assert!(prices.features["score"].sensitive);
}

#[test]
fn how_outcomes_are_judged_arrives() {
    let settings = read(&fixtures().join("good/full"), &[]).unwrap();
    let [churn, kinds, prices] = &settings.models[..] else { panic!("three models") };
    assert_eq!(kinds.plan.outcomes, OutcomePlan::of(Task::Multiclass));
    assert_eq!((prices.label_ttl, kinds.label_ttl), (60 * DAY, 30 * DAY));

    let both = |warning, critical| LossThresholds { warning, critical };
    let (ten, quarter) = (Loss::Relative(0.1), Loss::Relative(0.25));
    let expected = OutcomePlan {
        primary: Metric::Rmse,
        label_wait: 14 * DAY,
        min_samples: 30,
        min_coverage: 0.0,
        losses: [
            (Metric::Mae, both(Loss::Relative(0.07), Loss::Absolute(1_000.0))),
            (Metric::Rmse, both(ten, quarter)),
        ]
        .into(),
        baselines: [(Metric::Bias, -5.0)].into(),
        sustained_windows: 4,
        max_age: Some(365 * DAY),
        fairness: Vec::new(),
    };
    assert_eq!(prices.plan.outcomes, expected);

    let points = |warning| both(Loss::Absolute(warning), Loss::Absolute(0.05));
    let expected = OutcomePlan {
        losses: [(Metric::Accuracy, points(0.02)), (Metric::RocAuc, points(0.01))].into(),
        fairness: vec![
            FairnessPlan {
                attribute: "age".into(),
                measures: [
                    (FairnessMeasure::DemographicParityRatio, 0.8),
                    (FairnessMeasure::EqualOpportunityDifference, 0.1),
                ]
                .into(),
                min_samples: 100,
            },
            FairnessPlan {
                attribute: "sex".into(),
                measures: [
                    (FairnessMeasure::DemographicParityRatio, 0.9),
                    (FairnessMeasure::AccuracyDifference, 0.1),
                ]
                .into(),
                min_samples: 50,
            },
        ],
        ..OutcomePlan::of(Task::Binary)
    };
    assert_eq!(churn.plan.outcomes, expected);
}

#[test]
fn a_window_that_is_too_long_is_not_said_to_wait_too_long() {
    let model = format!("{MODEL}[[windows]]\nlength = \"36d\"\npane = \"6h\"\n");
    let errors = errors_of(directory("", &[("m.toml", &model)]).path(), &[]);
    assert!(errors.len() == 1 && errors[0].starts_with("m.toml:5: windows[0].length"), "{errors:#?}");

    let model = format!("{MODEL}[labels]\nwait = \"0s\"\n[[windows]]\nlength = \"35d\"\npane = \"6h\"\n");
    assert!(read(directory("", &[("m.toml", &model)]).path(), &[]).is_ok());
    let waiting = model.replace("0s", "1h");
    assert_eq!(errors_of(directory("", &[("m.toml", &waiting)]).path(), &[]).len(), 1);
}

#[test]
fn incidents_receivers_and_routes_arrive() {
    let settings = read(&fixtures().join("good/full"), &[]).unwrap();
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    assert_eq!(settings.server.external_url.as_deref(), Some("https://drift.example.com/driftd"));
    let policy = &settings.incidents;
    assert_eq!(policy.quiet_period, Duration::from_secs(1_800));
    assert_eq!(
        (policy.reminders.as_slice(), policy.flapping.quiet_period),
        (&[0.25, 0.5, 0.9][..], hours(6))
    );
    let targets = |kind| policy.targets(kind).map(|t| (t.resolve_within, t.acknowledge_within));
    assert_eq!(targets(IncidentKind::DataDrift), Some((hours(24), Some(hours(2)))));
    assert_eq!(targets(IncidentKind::Security), Some((hours(4), Some(hours(1) / 2))));
    assert_eq!(targets(IncidentKind::Kpi), Some((hours(168), Some(hours(2)))));
    assert_eq!(targets(IncidentKind::SlaBreach), None);
    assert_eq!(settings.egress.timeout, Duration::from_secs(5));

    let unrouted: Vec<String> = settings.unrouted().iter().map(ToString::to_string).collect();
    assert_eq!((settings.receivers.len(), unrouted), (4, vec!["chat".to_owned()]));
    let [first, second] = &settings.routing.routes[..] else { panic!("two routes") };
    assert!(first.go_on && first.quiet_hours.is_none() && first.matcher.tags["team"] == "risk");
    assert_eq!(first.matcher.kind, [IncidentKind::Bias, IncidentKind::Security].into());
    assert!(second.matcher.is_empty());
    assert_eq!(second.grouping.by, [GroupLabel::Kind, GroupLabel::Tag("team".into())]);
    let weekend = second.quiet_hours.as_ref().unwrap().until("2026-11-28T12:00:00Z".parse().unwrap());
    assert_eq!(weekend.map(|at| at.to_string()).as_deref(), Some("2026-11-29T23:00:00Z"));
    assert_eq!(settings.models[2].tags["country"], "FR");
}

#[test]
fn secrets_of_receivers_come_from_variables_too() {
    let directory = directory("[receivers.chat]\ntype = \"slack\"\n", &[]);
    let url = "https://hooks.slack.com/services/T0/B0/x";
    let settings = read(directory.path(), &[("DRIFTD_RECEIVERS__CHAT__URL", url)]).unwrap();
    assert!(settings.receivers.contains_key("chat"));
    assert!(!format!("{settings:?}").contains("services"));
    assert_eq!(
        errors_of(directory.path(), &[("DRIFTD_RECEIVERS__CHAT__URL", "hooks.slack.com/services")]),
        ["DRIFTD_RECEIVERS__CHAT__URL: receivers.chat.url: is no URL, as in https://example.org/hook"]
    );
}

#[test]
fn targets_arrive_and_their_tokens_come_from_files_or_variables() {
    let settings = read(&fixtures().join("good/full"), &[]).unwrap();
    let targets: Vec<(&str, &str)> =
        settings.targets.iter().map(|(name, target)| (name.as_str(), target.kind())).collect();
    let expected =
        [("actions", "github_workflow_dispatch"), ("airflow", "airflow3"), ("databricks", "databricks")];
    assert_eq!(targets, expected);
    let shown = &settings.effective.files[0].1;
    assert!(
        shown.contains("url = \"https://api.github.com\"\n") && shown.contains("order = \"{{ order }}\"")
    );

    let directory = directory("[targets.a]\ntype = \"argo_events\"\nurl = \"http://a\"\n", &[]);
    let of = |pairs: &[(&str, &str)]| match read(directory.path(), pairs) {
        Ok(settings) => format!("{settings:?}"),
        Err(errors) => panic!("{errors}"),
    };
    assert!(!of(&[("DRIFTD_TARGETS__A__TOKEN", "t0ken")]).contains("t0ken"));
    let both =
        [("DRIFTD_TARGETS__A__TOKEN", "t0ken"), ("DRIFTD_TARGETS__A__HEADERS", "Authorization: Basic x")];
    assert_eq!(
        errors_of(directory.path(), &both),
        [
            "DRIFTD_TARGETS__A__HEADERS: targets.a.headers: has a header Authorization, and the token makes one too; \
          drop one of them"
        ]
    );
    assert_eq!(
        errors_of(directory.path(), &[("DRIFTD_TARGETS__A__TOKEN", "two words")]),
        ["DRIFTD_TARGETS__A__TOKEN: targets.a.token: is no token, which is one word"]
    );
}

#[test]
fn thresholds_are_completed_from_the_model_then_from_the_catalogue() {
    let settings = read(&fixtures().join("good/full"), &[]).unwrap();
    let statistics = &settings.models[2].plan.statistics;
    let of = |column: &str| statistics.of(&column.parse().unwrap(), ColumnKind::Numeric);
    let area = of("floor area");
    assert_eq!(area[0], (Statistic::Psi, Some(Thresholds { warning: 0.2, critical: 0.5 })));
    assert!(area.iter().all(|(statistic, _)| *statistic != Statistic::Ks), "ks is off");
    assert!(area.contains(&(Statistic::MeanShift, None)));
    assert!(area.contains(&(Statistic::Hellinger, Statistic::Hellinger.default_thresholds())));
    assert_eq!(of("other")[0], (Statistic::Psi, Some(Thresholds { warning: 0.2, critical: 0.25 })));
    assert_eq!(of("@prediction")[1], (Statistic::Ks, Some(Thresholds { warning: 0.3, critical: 0.4 })));
    assert_eq!(settings.models[2].ignored, BTreeSet::from([ColumnId::Cost]));
}

#[test]
fn variables_override_the_file_and_are_named_in_errors() {
    let directory = directory("[server]\nlisten = \"127.0.0.1:1\"\nrequest_timeout = \"5s\"\n", &[]);
    let settings = read(
        directory.path(),
        &[
            ("DRIFTD_SERVER__LISTEN", "127.0.0.1:2"),
            ("DRIFTD_SERVER__ALLOWED_HOSTS", "[\"a.example.com\", b]"),
            ("DRIFTD_SERVER__CONNECTIONS_MAX", "7"),
            ("DRIFTD_STORAGE__RETENTION__HOURLY", "14d"),
            ("DRIFTD_STORAGE__PATH", "007"),
            ("DRIFTD_PORT", "tcp://10.0.0.1:8440"),
            ("OTHER__LISTEN", "x"),
        ],
    )
    .unwrap();
    assert_eq!(settings.server.listen.port(), 2);
    assert_eq!(settings.server.request_timeout, Duration::from_secs(5));
    assert_eq!(settings.server.allowed_hosts, ["a.example.com", "b"]);
    assert_eq!(settings.server.connections_max, 7);
    assert_eq!(settings.storage.retention.hourly, Duration::from_secs(14 * 86_400));
    assert_eq!(settings.storage.path, Path::new("007"));

    let wrong = [
        ("DRIFTD_LIMITS__MODELS_MAX", "lots"),
        ("DRIFTD_SERVER__LISTEN", "0.0.0.0:1"),
        ("DRIFTD_SERVR__LISTEN", "127.0.0.1:2"),
    ];
    assert_eq!(
        errors_of(directory.path(), &wrong),
        [
            "DRIFTD_SERVER__LISTEN: server.listen = \"0.0.0.0:1\": is open to other machines without tokens; set tokens_file, or auth = \"none\" if that is meant",
            "DRIFTD_LIMITS__MODELS_MAX: limits.models_max = \"lots\": is no whole number from 0 up; write digits without quotes, as 500",
            "DRIFTD_SERVR__LISTEN: servr: is no key here; did you mean `server`?",
        ]
    );
    let both = [("DRIFTD_SERVER__LISTEN", "127.0.0.1:2"), ("DRIFTD_SERVER__LISTEN__PORT", "2")];
    assert_eq!(
        errors_of(directory.path(), &both),
        [
            "DRIFTD_SERVER__LISTEN__PORT: goes into `listen`, which another variable gives a value; set one of them"
        ]
    );
}

#[test]
fn beyond_loopback_tokens_or_an_explicit_none_will_do() {
    let open = ("DRIFTD_SERVER__LISTEN", "[::]:8440");
    let directory = directory("", &[]);
    assert!(read(directory.path(), &[open]).is_err());
    let auth = |pairs: &[(&str, &str)]| read(directory.path(), pairs).unwrap().server.auth;
    assert_eq!(auth(&[open, ("DRIFTD_SERVER__AUTH", "none")]), Auth::None);
    assert_eq!(auth(&[open, ("DRIFTD_SERVER__ADMIN_TOKEN", "correct horse battery staple")]), Auth::Tokens);
}

#[test]
fn the_forecast_grows_with_panes_columns_and_slices() {
    let bytes = |main: &str, more: &str| {
        let directory = directory(main, &[("m.toml", &format!("{MODEL}{more}"))]);
        let settings = read(directory.path(), &[]).unwrap();
        forecast(&settings, &settings.models[0])
    };
    let plain = bytes("", "");
    assert_eq!((plain.panes, plain.days, plain.columns, plain.columns_assumed), (35 * 24, 365, 25, true));
    assert_eq!(plain.bytes, (35 * 24 + 365) * 16_000);
    assert_eq!(bytes("", "[[windows]]\npane = \"1d\"\n").bytes, 400 * 16_000);
    assert_eq!(bytes("", "[segments]\nby = [\"region\"]\n").bytes, plain.bytes * 6);
    assert_eq!(bytes("", "[segments]\nby = [\"region\"]\nfull_grid = true\n").bytes, plain.bytes * 51);
    let many: String = (0..46).map(|n| format!("[features.f{n}]\n")).collect();
    assert_eq!(bytes("", &many).bytes, plain.bytes * 2);
}

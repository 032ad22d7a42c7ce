//! A real Alertmanager, started by the test: it takes, groups and resolves.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use driftd::clock::{Clock, SystemClock};
use driftd::domain::Timestamp;
use driftd::incident::{Happening, IncidentKind};
use driftd::notification::{Announcement, ReceiverName};
use driftd::notify::*;
use driftd::verdict::Severity;
use serde_json::Value;

use super::{installation, message, name, news, receiver, resolved, sender, url};
use crate::support::process::poll;
use crate::support::sink::{Reply, Sink, until};

const LONG: Duration = Duration::from_secs(30);

/// A process that ends with the test.
struct Running {
    child: Child,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Starts one that tells `hook` of alerts, in groups by model.
fn alertmanager(hook: &Sink) -> Running {
    let dir = tempfile::tempdir().unwrap();
    let config = format!(
        "route:\n  receiver: hook\n  group_by: [model]\n  group_wait: 1s\n  group_interval: 1s\n\
         receivers:\n  - name: hook\n    webhook_configs:\n      - url: {}\n",
        hook.url()
    );
    std::fs::write(dir.path().join("am.yml"), config).unwrap();
    let port = free_port();
    let child = Command::new("prometheus-alertmanager")
        .arg(format!("--config.file={}/am.yml", dir.path().display()))
        .arg(format!("--storage.path={}/data", dir.path().display()))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .arg("--cluster.listen-address=")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|e| panic!("prometheus-alertmanager: {e}; apt-get install prometheus-alertmanager"));
    poll(|| std::net::TcpStream::connect(("127.0.0.1", port)).ok()).expect("it listens");
    Running { child, port, _dir: dir }
}

fn channel(running: &Running) -> Channel {
    let replicas = vec![url(&format!("http://127.0.0.1:{}", running.port))];
    Channel::Alertmanager(Alertmanager { replicas, headers: Vec::new() })
}

fn now_is(mut news: Announcement, at: Timestamp) -> Announcement {
    (news.detected_at, news.entry.at) = (at.saturating_sub(Duration::from_secs(60)), at);
    news
}

fn bodies(hook: &Sink) -> Vec<Value> {
    hook.taken().iter().map(|taken| serde_json::from_slice(&taken.body).unwrap()).collect()
}

/// The alerts of the newest body that has all these statuses, by incident.
async fn told(hook: &Sink, wanted: &[(&str, &str)]) -> Value {
    until(|| {
        let found = |body: &Value| {
            let alerts = body["alerts"].as_array().unwrap();
            wanted.iter().all(|(alert, status)| {
                alerts.iter().any(|each| each["labels"]["alertname"] == *alert && each["status"] == *status)
            })
        };
        bodies(hook).into_iter().rev().find(found)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn alertmanager_takes_groups_escalates_and_resolves() {
    let hook = Sink::start(vec![Reply::status(200)]).await;
    let running = alertmanager(&hook);
    let receiver = receiver("am", channel(&running));
    let tell = async |news: Vec<Announcement>| {
        let dispatch = receiver.dispatch(&message(news), SystemClock.now()).unwrap();
        sender(LONG).send(dispatch).await.unwrap();
    };
    let opened = |incident, kind| {
        now_is(
            news(incident, kind, Happening::Opened { severity: Severity::Warning }, LONG),
            SystemClock.now(),
        )
    };
    let mut drift = opened(7, IncidentKind::DataDrift);
    drift.severity = Severity::Warning;
    tell(vec![drift.clone(), opened(8, IncidentKind::DataQuality)]).await;
    let group = told(&hook, &[("DriftdDataDrift", "firing"), ("DriftdDataQuality", "firing")]).await;
    assert_eq!(group["groupLabels"]["model"], "car_loan", "one message for both");
    assert_eq!(group["commonLabels"]["installation"], "prod-1");

    // Escalated: the warning ends, the critical alert fires, one incident.
    let escalated = Happening::Escalated { from: Severity::Warning, to: Severity::Critical };
    (drift.severity, drift.entry.happening) = (Severity::Critical, escalated);
    tell(vec![now_is(drift, SystemClock.now())]).await;
    let both = told(&hook, &[("DriftdDataDrift", "resolved"), ("DriftdDataDrift", "firing")]).await;
    let severity = |status: &str| {
        let mut alerts = both["alerts"].as_array().unwrap().iter();
        alerts.find(|each| each["labels"]["kind"] == "data_drift" && each["status"] == status).unwrap()["labels"]["severity"].clone()
    };
    assert_eq!((severity("resolved"), severity("firing")), ("warning".into(), "critical".into()));

    tell(vec![now_is(resolved(7), SystemClock.now())]).await;
    let end = until(|| {
        let alerts = bodies(&hook).pop()?["alerts"].as_array()?.clone();
        alerts
            .into_iter()
            .find(|each| each["labels"]["severity"] == "critical" && each["status"] == "resolved")
    })
    .await;
    assert!(end["annotations"]["summary"].as_str().unwrap().contains("Resolved by ada"), "{end}");
}

/// How things stand, as a test says.
struct Standing(Mutex<Vec<Announcement>>);

impl CurrentNews for Standing {
    async fn told(&self, receiver: &ReceiverName, _resolved_since: Timestamp) -> Vec<Announcement> {
        assert_eq!(receiver.as_str(), "am", "only an Alertmanager is told again");
        self.0.lock().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alertmanager_that_lost_everything_is_told_again() {
    let hook = Sink::start(vec![Reply::status(200)]).await;
    let running = alertmanager(&hook);
    let receivers = [
        (name("am"), receiver("am", channel(&running))),
        (name("hook"), receiver("hook", super::webhook("http://127.0.0.1:9/"))),
    ];
    let directory =
        Directory { receivers: receivers.into(), sender: sender(LONG), installation: installation() };
    let current = Arc::new(Standing(Mutex::default()));
    let repeater = Repeater {
        directory: Arc::new(ArcSwap::from_pointee(directory)),
        current: current.clone(),
        clock: Arc::new(SystemClock),
    };
    let many = (0..450).map(|incident| {
        let mut opened = now_is(super::opened(incident), SystemClock.now());
        opened.subject = format!("group {incident}").parse().unwrap();
        opened
    });
    *current.0.lock().unwrap() = many.collect();
    repeater.tell_all().await;
    let told = until(|| {
        let body = bodies(&hook).pop()?;
        (body["alerts"].as_array()?.len() == 450).then_some(body)
    })
    .await;
    assert_eq!(told["status"], "firing");
}

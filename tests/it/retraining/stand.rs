//! A daemon with one model that is retrained, and the target that is asked.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use driftd::domain::{PaneLength, Timestamp};
use driftd::incident::IncidentKind;
use driftd::notify::{Directory, Egress, EgressOptions, Receivers, Sender};
use driftd::pipeline::ModelOptions;
use driftd::retraining::{MaintenancePlan, RetrainingPlan, Sending, TargetName};
use driftd::store::StoreError;
use driftd::trigger::{Target, TargetKind, Targets, Webhook};
use driftd::verdict::{Severity, WindowPlan};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::pipeline::join::loan;
use crate::support::daemon::Daemon;
use crate::support::faulty::Call;
use crate::support::sink::{Reply, Sink, until};

pub const DAY: Duration = Duration::from_secs(86_400);
/// How long a target has for its answer.
const TIMEOUT: Duration = Duration::from_millis(700);
/// The model's id.
pub const MODEL: &str = "price";

pub fn plan() -> RetrainingPlan {
    RetrainingPlan {
        target: "trainer".parse().unwrap(),
        zone: TimeZone::UTC,
        weekly: None,
        monthly: None,
        quarterly: None,
        on: BTreeSet::from([IncidentKind::DataDrift, IncidentKind::ConceptDrift, IncidentKind::ModelDrift]),
        on_severity: Severity::Critical,
        cooldown: 3 * DAY,
        min_new_labels: 0,
        min_label_coverage: 0.0,
        young: Duration::ZERO,
        window: 30 * DAY,
        report_within: DAY,
    }
}

/// The model, with panes of an hour and labels that are waited for an hour.
pub fn model(plan: RetrainingPlan, maintenance: MaintenancePlan) -> ModelOptions {
    let mut model = loan(0.5);
    model.plan.windows = vec![WindowPlan {
        length: DAY,
        pane: PaneLength::Hour,
        min_samples: 1_000_000,
        ..model.plan.windows[0]
    }];
    model.plan.outcomes.label_wait = Duration::from_secs(3_600);
    model.label_ttl = 30 * DAY;
    ModelOptions { retraining: Some(plan), maintenance, trained_at: Default::default(), ..model }
}

/// The daemon, its target, and how it would be started again.
pub struct Stand {
    daemon: Option<Daemon>,
    pub sink: Sink,
    models: Vec<ModelOptions>,
    targets: Targets,
}

fn directory() -> Directory {
    let egress = Egress::new(EgressOptions { allow: vec!["127.0.0.0/8".parse().unwrap()] });
    Directory {
        receivers: Receivers::default(),
        sender: Sender::new(egress, TIMEOUT).unwrap(),
        installation: "test".parse().unwrap(),
    }
}

/// The target `trainer` at an address.
fn target(url: &str, sending: Sending) -> Targets {
    let kind = match sending {
        Sending::Idempotent => TargetKind::Webhook(Webhook { keys: Vec::new() }),
        Sending::Once => TargetKind::ArgoEvents,
    };
    let name: TargetName = "trainer".parse().unwrap();
    let target = Target::new(name.clone(), url.parse().unwrap(), Vec::new(), kind).unwrap();
    Targets::from([(name, Arc::new(target))])
}

impl Stand {
    pub async fn start(at: Timestamp, model: ModelOptions, sending: Sending) -> Self {
        let sink = Sink::start(vec![Reply::status(200)]).await;
        let targets = target(&sink.url(), sending);
        let models = vec![model];
        let daemon = Daemon::asking(at, models.clone(), directory(), targets.clone()).await;
        Self { daemon: Some(daemon), sink, models, targets }
    }

    pub fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("it runs")
    }

    /// The config has no target any more, from the next start on.
    pub fn lose_target(&mut self) {
        self.targets.clear();
    }

    pub async fn restart(&mut self) {
        let daemon = self.daemon.take().expect("it runs");
        daemon.faults.clear();
        let (models, targets) = (self.models.clone(), self.targets.clone());
        self.daemon = Some(daemon.restart_asking(models, directory(), targets).await);
    }

    /// The next change of a run is not stored, after `spared` that are: the process would end there.
    pub fn break_off_after(&self, spared: usize) {
        self.daemon().faults.spare(Call::CommitRun, spared);
        self.daemon().faults.order(Call::CommitRun, 1, || StoreError::SyncFailed("a test".into()));
    }

    /// Moves the clock, and lets everything happen that is due.
    pub async fn at(&self, now: Timestamp) {
        self.daemon().clock.set(now);
        self.look().await;
    }

    /// Lets everything happen that is due now.
    pub async fn look(&self) {
        // What was asked for may follow from what was decided, and what is wrong from what was answered.
        for _ in 0..3 {
            self.daemon().look_at_retraining().await;
            until(|| (!self.daemon().retraining_is_sending()).then_some(())).await;
        }
    }

    /// The log, oldest first, with the runs as they stand.
    pub async fn decisions(&self) -> Vec<Value> {
        let answer = self.daemon().read("/v1/decisions?limit=100").await;
        let mut decisions = answer["decisions"].as_array().expect("decisions").clone();
        decisions.reverse();
        decisions
    }

    /// Keys that the target was asked for, in order, once for each request.
    pub fn asked(&self) -> Vec<String> {
        let key = |body: &[u8]| {
            let body: Value = serde_json::from_slice(body).unwrap();
            let key = body["data"]["run_key"].as_str().or(body["run_key"].as_str());
            key.expect("a run key").to_owned()
        };
        self.sink.taken().iter().map(|taken| key(&taken.body)).collect()
    }

    /// Opens or ends an incident of the model, as somebody reports it.
    pub async fn incident(&self, kind: &str, severity: Option<&str>) {
        let body = match severity {
            Some(severity) => {
                json!({"model": MODEL, "kind": kind, "severity": severity, "summary": "a test"})
            }
            None => json!({"model": MODEL, "kind": kind, "state": "resolved"}),
        };
        let answer = self.daemon().post("/v1/incidents", &body).await;
        // There may be nothing to end.
        assert!(answer.status == 200 || (answer.status == 409 && severity.is_none()), "{}", answer.text());
        self.look().await;
    }

    /// Predictions of a day, one after the other, with labels for the first of them.
    pub async fn predict(&self, day: Timestamp, predictions: usize, labelled: usize) {
        let ts = |row: usize| day.saturating_add(Duration::from_secs(row as u64)).to_string();
        let id = |row: usize| format!("{day}-{row}");
        let rows: Vec<Value> = (0..predictions)
            .map(|row| json!({"id": id(row), "ts": ts(row), "version": "1", "prediction": "yes", "score": 0.5}))
            .collect();
        self.daemon().predict(MODEL, &rows).await;
        if labelled > 0 {
            self.label(day, 0..labelled).await;
        }
    }

    /// Labels of some of a day's predictions; returns once they are joined.
    pub async fn label(&self, day: Timestamp, rows: Range<usize>) {
        let matched = format!("driftd_labels_total{{model=\"{MODEL}\",outcome=\"matched\"}}");
        let before = self.daemon().sample(&matched).await.unwrap_or(0.0);
        let count = rows.len() as f64;
        let label = |row| json!({"id": format!("{day}-{row}"), "ts": day.to_string(), "actual": "yes"});
        let labels: Vec<Value> = rows.map(label).collect();
        let answer = self.daemon().post(&format!("/v1/models/{MODEL}/labels"), &json!(labels)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.daemon().until_sample(&matched, before + count).await;
    }
}

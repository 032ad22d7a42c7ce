//! A scenario under watch: exactly what it should fire fires, and reaches Alertmanager as the rules label it.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use driftd::incident::IncidentKind;
use serde_json::Value;

use super::rule_file::{alerting_rules, team};
use crate::support::process::DEADLINE;
use crate::support::prometheus::{Stack, look_again};

/// Rules that build on others see them at their next evaluation, rates need two scrapes: what stands for so long stays.
const STANDS_FOR: Duration = Duration::from_secs(3);

pub struct Scene {
    pub stack: Stack,
    /// What is watched; ends with the scene.
    _watched: Box<dyn Any + Send + Sync>,
}

impl Scene {
    pub fn new(stack: Stack, watched: impl Any + Send + Sync) -> Self {
        Self { stack, _watched: Box::new(watched) }
    }

    /// These alerts fire and no other: in Prometheus over some evaluations, then in Alertmanager.
    pub async fn fires(&self, scenario: &str, wanted: &[&str]) {
        let mut wanted: BTreeSet<String> = wanted.iter().map(|&alert| alert.to_owned()).collect();
        wanted.insert("DriftdWatchdog info".to_owned());
        let started = Instant::now();
        let mut since = None;
        loop {
            let firing = self.stack.firing().await.map(|alerts| names(&alerts));
            let evaluated = self.stack.evaluated_to().await;
            since = match firing == Some(wanted.clone()) {
                true => since.or(evaluated),
                false => None,
            };
            if since
                .zip(evaluated)
                .is_some_and(|(since, to)| to.duration_since(since).unsigned_abs() > STANDS_FOR)
            {
                break;
            }
            assert!(started.elapsed() < DEADLINE, "{scenario}: {}", difference(firing, &wanted));
            look_again().await;
        }
        loop {
            let taken = self.stack.taken().await.unwrap_or_default();
            if names(&taken) == wanted {
                taken.iter().for_each(is_labelled_and_routed);
                break;
            }
            assert!(
                started.elapsed() < DEADLINE,
                "{scenario}, Alertmanager: {}",
                difference(Some(names(&taken)), &wanted)
            );
            look_again().await;
        }
        let told = self.stack.told_dead_man().await;
        assert_eq!(told["groupLabels"]["alertname"], "DriftdWatchdog", "{told:#}");
    }
}

fn difference(found: Option<BTreeSet<String>>, wanted: &BTreeSet<String>) -> String {
    let found = found.unwrap_or_default();
    let (missing, unwanted): (Vec<_>, Vec<_>) =
        (wanted.difference(&found).collect(), found.difference(wanted).collect());
    format!("missing: {missing:#?}\nunwanted: {unwanted:#?}")
}

fn labels(alert: &Value) -> BTreeMap<String, String> {
    serde_json::from_value(alert["labels"].clone()).unwrap()
}

/// `alertname severity`, and of which model or receiver it is where it is of one.
fn names(alerts: &[Value]) -> BTreeSet<String> {
    let name = |alert: &Value| {
        let labels = labels(alert);
        let words =
            ["alertname", "severity", "model", "receiver"].into_iter().filter_map(|name| labels.get(name));
        words.map(String::as_str).collect::<Vec<_>>().join(" ")
    };
    alerts.iter().map(name).collect()
}

/// What Alertmanager was given of an alert, and whom it gives it to.
fn is_labelled_and_routed(alert: &Value) {
    let labels = labels(alert);
    assert!(alerting_rules().iter().any(|rule| rule.may_give(&labels)), "no rule gives {alert:#}");
    let annotations: BTreeMap<String, String> = serde_json::from_value(alert["annotations"].clone()).unwrap();
    for value in labels.values().chain(annotations.values()) {
        assert!(!["{{", "<no value>", "<error"].iter().any(|trouble| value.contains(trouble)), "{alert:#}");
    }
    let runbook = annotations["runbook_url"].strip_prefix("https://driftd.example.com/runbooks/");
    assert!(runbook.is_some_and(|kind| kind.parse::<IncidentKind>().is_ok()), "{alert:#}");
    let receivers = alert["receivers"].as_array().unwrap();
    let told: BTreeSet<&str> = receivers.iter().map(|receiver| receiver["name"].as_str().unwrap()).collect();
    assert!(told.contains(team(&labels)), "{alert:#}");
    // Someone is woken by what is down, and by those who did not act.
    let kinds = ["availability", "sla_breach", "notification_failure"];
    let wakes = labels["severity"] == "critical"
        && labels.get("kind").is_some_and(|kind| kinds.contains(&kind.as_str()));
    assert_eq!(told.contains("on-call"), wakes, "{alert:#}");
}

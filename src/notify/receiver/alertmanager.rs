//! Alertmanager, API v2.
//!
//! Labels identify an alert, so they hold what does not change while an incident is there; what changes stands in
//! annotations. An incident that escalates changes its `severity` and thereby its alert: the old one is ended. Since
//! an alert has no timeline, a reminder is an alert of its own that ends by itself. Every replica is told.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::{Segment, Timestamp};
use crate::incident::{Happening, IncidentKind};
use crate::notification::Announcement;
use crate::notify::message::{Installation, Message};
use crate::notify::request::{Accepted, Dispatch, Header, Need, Request};
use crate::notify::target::TargetUrl;
use crate::notify::text::line;
use crate::notify::words::headline;
use crate::verdict::Severity;

/// An alert that is not repeated ends after this, should driftd be gone: four times the interval of repetition.
const FIRING_FOR: Duration = Duration::from_secs(4 * 60);
/// How long a reminder fires.
const REMINDS_FOR: Duration = Duration::from_secs(3_600);
/// Alerts in one request.
const ALERTS_MAX: usize = 200;
const ANNOTATION_CHARACTERS_MAX: usize = 1_000;

#[derive(Debug)]
pub struct Alertmanager {
    /// All replicas of the cluster, each at its own address; without `/api/v2/alerts`.
    pub replicas: Vec<TargetUrl>,
    pub headers: Vec<Header>,
}

impl Alertmanager {
    pub(super) fn dispatch(&self, message: &Message, now: Timestamp) -> Dispatch {
        let mut alerts: Vec<Value> = Vec::new();
        for news in &message.news {
            alerts.extend(moment(news, &message.installation));
        }
        alerts.extend(message.newest().into_iter().map(|news| alert(news, &message.installation, now)));
        Dispatch::Http { requests: self.requests(&alerts), need: Need::Any, accepted: Accepted::Success }
    }

    /// How things stand, told again: what fires goes on firing. Requests for each replica, in as many parts as it takes.
    pub(in crate::notify) fn repeat(
        &self,
        news: &[Announcement],
        installation: &Installation,
        now: Timestamp,
    ) -> Vec<Vec<Request>> {
        let alerts: Vec<Value> = news.iter().map(|news| alert(news, installation, now)).collect();
        alerts.chunks(ALERTS_MAX).map(|part| self.requests(part)).collect()
    }

    fn requests(&self, alerts: &[Value]) -> Vec<Request> {
        let body = Value::from(alerts);
        let request = |replica: &TargetUrl| {
            Request::json(replica.with_path_after("/api/v2/alerts"), &body).with(&self.headers)
        };
        self.replicas.iter().map(request).collect()
    }
}

/// The alert of an incident as an announcement tells of it.
fn alert(news: &Announcement, installation: &Installation, now: Timestamp) -> Value {
    let ends_at = match (news.state.as_str(), &news.entry.happening) {
        (_, Happening::Resolved { .. }) => news.entry.at,
        // News about what was over before.
        ("resolved", _) => news.entry.at.min(now),
        _ => now.saturating_add(FIRING_FOR),
    };
    let labels = labels(news, installation, news.severity);
    written(labels, news, news.detected_at, ends_at.max(news.detected_at))
}

/// What happened besides: the end of the alert of a lower severity, a reminder.
fn moment(news: &Announcement, installation: &Installation) -> Option<Value> {
    match news.entry.happening {
        Happening::Escalated { from, .. } => {
            Some(written(labels(news, installation, from), news, news.detected_at, news.entry.at))
        }
        Happening::Reminder { share, .. } | Happening::DeadlineReminder { share, .. } => {
            let mut labels = labels(news, installation, news.severity);
            labels.insert("alertname".to_owned(), "DriftdReminder".to_owned());
            labels.insert("incident".to_owned(), news.incident.to_string());
            labels.insert("share".to_owned(), format!("{share}"));
            if let Happening::DeadlineReminder { basis, .. } = news.entry.happening {
                labels.insert("deadline".to_owned(), basis.as_str().to_owned());
            }
            let until = news.entry.at.saturating_add(REMINDS_FOR);
            Some(written(labels, news, news.entry.at, until))
        }
        _ => None,
    }
}

fn labels(news: &Announcement, installation: &Installation, severity: Severity) -> BTreeMap<String, String> {
    let segment = (news.segment != Segment::All).then(|| news.segment.to_string());
    let named = [
        ("alertname", Some(alert_name(news.kind))),
        ("installation", Some(installation.to_string())),
        ("kind", Some(news.kind.to_string())),
        ("severity", Some(severity.to_string())),
        ("role", Some(news.role.to_string())),
        ("model", news.model.as_ref().map(ToString::to_string)),
        ("version", news.version.as_ref().map(ToString::to_string)),
        ("segment", segment),
        ("subject", Some(news.subject.to_string()).filter(|subject| !subject.is_empty())),
    ];
    let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let tags = news.tags.iter().map(|(name, value)| (format!("tag_{}", label_name(name)), value.clone()));
    tags.chain(named).map(|(name, value)| (name, line(&value, ANNOTATION_CHARACTERS_MAX))).collect()
}

/// `DriftdDataDrift`.
fn alert_name(kind: IncidentKind) -> String {
    let capital = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    format!("Driftd{}", kind.as_str().split('_').map(capital).collect::<String>())
}

/// Characters that a label's name cannot have become `_`.
fn label_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn written(
    labels: BTreeMap<String, String>,
    news: &Announcement,
    starts_at: Timestamp,
    ends_at: Timestamp,
) -> Value {
    let seen = &news.observation;
    let annotations = [
        ("summary", Some(headline(news))),
        ("description", Some(seen.summary.clone())),
        ("moved", Some(seen.moved.join("; "))),
        ("value", seen.value.map(|value| value.to_string())),
        ("threshold", seen.threshold.map(|threshold| threshold.to_string())),
        ("corrective_action", Some(news.corrective_action.clone())),
        ("incident", Some(news.incident.to_string())),
        ("state", Some(news.state.clone())),
        ("resolve_by", news.sla.map(|sla| sla.resolve_by.to_string())),
        ("runbook_url", Some(news.runbook_url.clone())),
    ];
    let given = annotations.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let annotations: BTreeMap<&str, String> = given
        .map(|(name, value)| (name, line(&value, ANNOTATION_CHARACTERS_MAX)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    json!({
        "labels": labels,
        "annotations": annotations,
        "startsAt": starts_at,
        "endsAt": ends_at,
        "generatorURL": news.url,
    })
}

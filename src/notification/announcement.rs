//! What a receiver is told: the incident as it stood when something happened, and links.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::{ModelId, Segment, Timestamp, Version};
use crate::incident::{Entry, Incident, IncidentId, IncidentKind, Observation, Role, SlaClock, Subject};
use crate::verdict::Severity;

/// One line of a timeline for the world: the `data` of a webhook, and what every other body is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Announcement {
    pub incident: IncidentId,
    /// What happened, and its number in the incident's timeline.
    #[serde(flatten)]
    pub entry: Entry,
    /// In one line, for people.
    pub title: String,
    pub kind: IncidentKind,
    pub severity: Severity,
    /// `open`, `acknowledged` or `resolved`.
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<ModelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    pub segment: Segment,
    #[serde(default)]
    pub subject: Subject,
    /// Who must act.
    pub role: Role,
    pub corrective_action: String,
    pub detected_at: Timestamp,
    pub observation: Observation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sla: Option<SlaClock>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// The incident itself.
    pub url: String,
    pub runbook_url: String,
}

/// Where driftd is reached by people: addresses in notifications begin with it. Without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    pub external_url: String,
}

impl Links {
    pub fn incident(&self, id: IncidentId) -> String {
        format!("{}/v1/incidents/{id}", self.external_url)
    }

    pub fn runbook(&self, kind: IncidentKind) -> String {
        format!("{}/runbooks/{kind}", self.external_url)
    }
}

impl Announcement {
    pub fn of(incident: &Incident, entry: &Entry, links: &Links) -> Self {
        let key = &incident.key;
        Self {
            incident: incident.id,
            entry: entry.clone(),
            title: title_of(incident),
            kind: key.kind,
            severity: incident.severity,
            state: incident.state.as_str().to_owned(),
            model: key.model.clone(),
            version: key.version.clone(),
            segment: key.segment.clone(),
            subject: key.subject.clone(),
            role: key.role(),
            corrective_action: key.kind.corrective_action().to_owned(),
            detected_at: incident.detected_at,
            observation: incident.observation.clone(),
            sla: incident.sla,
            tags: incident.tags.clone(),
            url: links.incident(incident.id),
            runbook_url: links.runbook(key.kind),
        }
    }

    /// The `type` of its webhook: `driftd.incident.opened`.
    pub fn event_type(&self) -> String {
        format!("driftd.incident.{}", self.entry.happening.as_str())
    }
}

/// An incident in one line: `critical data drift of car_loan, version 3, region=ARA`.
pub fn title_of(incident: &Incident) -> String {
    let key = &incident.key;
    let mut title = format!("{} {}", incident.severity, key.kind.title());
    if !key.subject.as_str().is_empty() {
        title += &format!(" ({})", key.subject);
    }
    if let Some(model) = &key.model {
        title += &format!(" of {model}");
    }
    if let Some(version) = &key.version {
        title += &format!(", version {version}");
    }
    if key.segment != Segment::All {
        title += &format!(", {}", key.segment);
    }
    title
}

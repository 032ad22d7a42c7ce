//! Incidents, as lists and pages show them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NotificationAnswer;
use crate::domain::{ModelId, Segment, Timestamp, Version};
use crate::incident::{
    Basis, Entry, Incident, IncidentId, IncidentKind, Observation, Origin, RegulatoryDeadline, Resolution,
    Role, SlaClock, State, Subject,
};
use crate::notification::{Links, title_of};
use crate::verdict::Severity;

/// A page of incidents, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentsAnswer {
    pub incidents: Vec<IncidentSummary>,
    /// Where the next page begins: to be given as `before`; `null` on the last page.
    #[schema(value_type = Option<String>)]
    pub next: Option<IncidentId>,
}

/// An incident as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentSummary {
    #[schema(value_type = String)]
    pub id: IncidentId,
    /// In one line.
    pub title: String,
    /// `open`, `acknowledged` or `resolved`.
    pub state: String,
    /// `warning` or `critical`.
    #[schema(value_type = String)]
    pub severity: Severity,
    #[schema(value_type = String)]
    pub kind: IncidentKind,
    #[schema(value_type = Option<String>)]
    pub model: Option<ModelId>,
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
    /// `all`, or `attribute=value`.
    #[schema(value_type = String)]
    pub segment: Segment,
    #[schema(value_type = String)]
    pub subject: Subject,
    /// Who must act: `data_engineer`, `model_owner`, `business_owner` or `security_officer`.
    #[schema(value_type = String)]
    pub role: Role,
    pub corrective_action: String,
    /// Who found it: `verdict`, `driftd`, or who reported it.
    pub found_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub detected_at: Timestamp,
    /// The last time that it was seen.
    #[schema(value_type = String, format = DateTime)]
    pub seen_at: Timestamp,
    pub times_seen: u64,
    /// Since when its cause is gone: it resolves itself after the quiet period; `null` while the cause is there.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub quiet_since: Option<Timestamp>,
    pub acknowledged: Option<Acknowledgement>,
    pub resolved: Option<ResolutionAnswer>,
    /// What was seen last: `summary`, and where there are any `statistic`, `value`, `threshold`, `p_value`, `n`,
    /// `window` and what `moved`.
    #[schema(value_type = Object)]
    pub observation: Observation,
    /// Of a critical one.
    pub sla: Option<SlaAnswer>,
    pub deadlines: Vec<DeadlineAnswer>,
    /// It comes and goes: it stays open for a longer quiet period.
    pub flapping: bool,
    /// Until when a silence or quiet hours hold its news back.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub held_until: Option<Timestamp>,
    pub tags: BTreeMap<String, String>,
    pub url: String,
    pub runbook_url: String,
}

/// One incident with everything that happened to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IncidentAnswer {
    #[serde(flatten)]
    pub incident: IncidentSummary,
    /// In order: `number`, `at`, what `happened` with its particulars, a `note`.
    #[schema(value_type = Vec<Object>)]
    pub timeline: Vec<Entry>,
    /// Who was told what, newest first; the most recent 100.
    pub notifications: Vec<NotificationAnswer>,
}

/// Which incident a report came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportAnswer {
    pub outcome: ReportOutcome,
    pub incident: IncidentSummary,
}

/// What a report did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportOutcome {
    Opened,
    /// It was over a short while ago: the same incident again.
    Reopened,
    /// It is open already, and was brought up to date.
    Updated,
    Resolved,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Acknowledgement {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub by: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResolutionAnswer {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `quiet` (its cause was gone), `by` (someone said so) or `false_alarm`.
    pub how: String,
    /// `null` where its cause was gone by itself.
    pub by: Option<String>,
}

/// The clock of a critical incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlaAnswer {
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub resolve_by: Timestamp,
    /// `null`: nobody needs to say that they saw it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledge_by: Option<Timestamp>,
    /// To resolution; `null` past the deadline and once it is resolved.
    pub seconds_left: Option<u64>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub breached_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledgement_breached_at: Option<Timestamp>,
}

/// A regulatory deadline that people set: a reminder, not legal advice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeadlineAnswer {
    #[schema(value_type = String)]
    pub basis: Basis,
    #[schema(value_type = String, format = DateTime)]
    pub aware_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub met_at: Option<Timestamp>,
}

impl IncidentsAnswer {
    /// A page of at most `limit` of these, of which there is one more where another page follows.
    pub fn page(incidents: &[Incident], limit: usize, now: Timestamp, links: &Links) -> Self {
        let page = &incidents[..incidents.len().min(limit)];
        let next = page.last().filter(|_| incidents.len() > limit).map(|last| last.id);
        Self { incidents: page.iter().map(|each| IncidentSummary::of(each, now, links)).collect(), next }
    }
}

impl IncidentSummary {
    pub fn of(incident: &Incident, now: Timestamp, links: &Links) -> Self {
        let (key, role) = (incident.key.clone(), incident.key.role());
        let clock = incident.sla.as_ref();
        Self {
            id: incident.id,
            title: title_of(incident),
            state: incident.state.as_str().to_owned(),
            severity: incident.severity,
            kind: key.kind,
            model: key.model,
            version: key.version,
            segment: key.segment,
            subject: key.subject,
            role,
            corrective_action: key.kind.corrective_action().to_owned(),
            found_by: match &incident.origin {
                Origin::Verdict => "verdict".to_owned(),
                Origin::Driftd => "driftd".to_owned(),
                Origin::Report { reporter } => reporter.clone(),
            },
            detected_at: incident.detected_at,
            seen_at: incident.seen_at,
            quiet_since: incident.quiet_since,
            times_seen: incident.times_seen,
            acknowledged: match &incident.state {
                State::Acknowledged { at, by } => Some(Acknowledgement { at: *at, by: by.clone() }),
                State::Open | State::Resolved { .. } => None,
            },
            resolved: match &incident.state {
                State::Resolved { at, resolution } => Some(ResolutionAnswer::of(*at, resolution)),
                State::Open | State::Acknowledged { .. } => None,
            },
            observation: incident.observation.clone(),
            sla: clock.map(|clock| SlaAnswer::of(clock, now, incident.is_resolved())),
            deadlines: incident.regulatory.iter().map(DeadlineAnswer::from).collect(),
            flapping: incident.flapping,
            held_until: incident.held_until,
            tags: incident.tags.clone(),
            url: links.incident(incident.id),
            runbook_url: links.runbook(key.kind),
        }
    }
}

impl ResolutionAnswer {
    fn of(at: Timestamp, resolution: &Resolution) -> Self {
        let (how, by) = match resolution {
            Resolution::Quiet => ("quiet", None),
            Resolution::By { by } => ("by", Some(by.clone())),
            Resolution::FalseAlarm { by } => ("false_alarm", Some(by.clone())),
        };
        Self { at, how: how.to_owned(), by }
    }
}

impl SlaAnswer {
    fn of(clock: &SlaClock, now: Timestamp, over: bool) -> Self {
        Self {
            started_at: clock.started_at,
            resolve_by: clock.resolve_by,
            acknowledge_by: clock.acknowledge_by,
            seconds_left: clock.left(now).filter(|_| !over).map(|left| left.as_secs()),
            breached_at: clock.breached_at,
            acknowledgement_breached_at: clock.acknowledgement_breached_at,
        }
    }
}

impl From<&RegulatoryDeadline> for DeadlineAnswer {
    fn from(deadline: &RegulatoryDeadline) -> Self {
        let RegulatoryDeadline { basis, aware_at, due_at, met_at, .. } = *deadline;
        Self { basis, aware_at, due_at, met_at }
    }
}

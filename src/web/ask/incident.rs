//! What may be asked of incidents: as JSON says it, and as it is once checked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{ModelId, Segment, Timestamp, Version};
use crate::incident::{
    Basis, IncidentKey, IncidentKind, Observation, SUMMARY_BYTES_MAX, Subject, check_tags,
};
use crate::verdict::Severity;

/// Longest note, in characters.
const NOTE_CHARACTERS_MAX: usize = 500;

/// Something that driftd cannot see is there, or is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// Any kind but `notification_failure`, `sla_breach`, `retraining` and `maintenance`, which driftd opens itself.
    #[schema(value_type = String)]
    pub kind: IncidentKind,
    #[serde(default)]
    pub state: ReportedState,
    /// `warning` or `critical`; needed while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub severity: Option<Severity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub model: Option<ModelId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub version: Option<Version>,
    /// `all`, or `attribute=value`.
    #[serde(default = "whole")]
    #[schema(value_type = Option<String>)]
    pub segment: Segment,
    /// What is wrong, more closely: with kind, model, version and segment it tells incidents apart.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub subject: Subject,
    /// In one line of at most 500 bytes; needed while it is open.
    #[serde(default)]
    pub summary: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How many cases it was seen in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// At most 16; routes may match them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<AwareRequest>,
}

/// Whether what is reported is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportedState {
    #[default]
    Open,
    Resolved,
}

/// Since when someone has known of what a law sets a deadline for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AwareRequest {
    /// `serious_incident` (15 days), `widespread_infringement` (2 days) or `death` (10 days).
    #[schema(value_type = String)]
    pub basis: Basis,
    #[schema(value_type = String, format = DateTime)]
    pub aware_at: Timestamp,
}

/// A report that says all that it must.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub key: IncidentKey,
    pub says: Reported,
}

/// What a report says of its key.
#[derive(Debug, Clone, PartialEq)]
pub enum Reported {
    /// It is there now.
    Open {
        severity: Severity,
        seen: Observation,
        tags: BTreeMap<String, String>,
        deadline: Option<AwareRequest>,
    },
    /// It is over. `note`: in words.
    Resolved { note: Option<String> },
}

/// Someone takes an incident on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcknowledgeRequest {
    /// 1 to 500 characters: kept in the timeline and the audit trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Someone says that an incident is over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveRequest {
    #[serde(default, rename = "as")]
    pub outcome: ResolvedAs,
    /// 1 to 500 characters: kept in the timeline and the audit trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResolvedAs {
    #[default]
    Resolved,
    /// Nothing was wrong; it is counted. A resolved incident may be marked so too.
    FalseAlarm,
}

/// Sets a regulatory deadline (`aware_at`), or says that it is met (`met`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineRequest {
    /// `serious_incident` (15 days), `widespread_infringement` (2 days) or `death` (10 days).
    #[schema(value_type = String)]
    pub basis: Basis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub aware_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
}

/// What becomes of a regulatory deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineChange {
    Set { basis: Basis, aware_at: Timestamp },
    Met { basis: Basis },
}

fn whole() -> Segment {
    Segment::All
}

impl ReportRequest {
    /// The report, or what is wrong with it.
    pub(in crate::web) fn checked(self) -> Result<Report, String> {
        if self.kind.is_own() {
            return Err(format!("`kind` {} is driftd's own: it opens and ends these itself", self.kind));
        }
        if self.version.is_some() && self.model.is_none() {
            return Err("`version` is given without `model`".to_owned());
        }
        let summary = Some(self.summary).filter(|summary| !summary.is_empty());
        if summary.as_ref().is_some_and(|text| text.len() > SUMMARY_BYTES_MAX || !is_line(text)) {
            return Err(format!(
                "`summary` is blank, longer than {SUMMARY_BYTES_MAX} bytes, or holds control characters"
            ));
        }
        let (model, version) = (self.model, self.version);
        let key =
            IncidentKey { model, version, segment: self.segment, kind: self.kind, subject: self.subject };
        let says = match self.state {
            ReportedState::Open => {
                let summary = summary.ok_or("`summary` is missing: say in one line what is wrong")?;
                let severity = self.severity.ok_or("`severity` is missing: warning or critical")?;
                check_tags(&self.tags).map_err(|error| format!("`tags` {error}"))?;
                let (value, threshold, n) = (self.value, self.threshold, self.n.map(i64::from));
                let seen = Observation { value, threshold, n, ..Observation::words(summary) };
                Reported::Open { severity, seen, tags: self.tags, deadline: self.deadline }
            }
            ReportedState::Resolved if self.deadline.is_some() => {
                return Err(
                    "`deadline` goes with an open report; use POST /v1/incidents/{id}/deadline".to_owned()
                );
            }
            ReportedState::Resolved => Reported::Resolved { note: summary },
        };
        Ok(Report { key, says })
    }
}

impl DeadlineRequest {
    /// What becomes of it, or what is wrong with it.
    pub(in crate::web) fn checked(self) -> Result<DeadlineChange, String> {
        match (self.aware_at, self.met) {
            (Some(aware_at), None) => Ok(DeadlineChange::Set { basis: self.basis, aware_at }),
            (None, Some(true)) => Ok(DeadlineChange::Met { basis: self.basis }),
            _ => Err("give either `aware_at`, to set the deadline, or `met`: true".to_owned()),
        }
    }
}

/// A note, or what is wrong with it.
pub(in crate::web) fn check_note(note: Option<&str>) -> Result<(), String> {
    match note.is_none_or(|note| note.chars().count() <= NOTE_CHARACTERS_MAX && is_line(note)) {
        true => Ok(()),
        false => Err(format!(
            "`note` has 1 to {NOTE_CHARACTERS_MAX} characters, no control characters, and is not blank"
        )),
    }
}

/// Whether it goes to logs and pages as it is.
fn is_line(text: &str) -> bool {
    !text.trim().is_empty() && !text.chars().any(char::is_control)
}

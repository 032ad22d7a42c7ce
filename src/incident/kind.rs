//! What an incident is about, and what follows from that: who must act, and what there is to do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an incident is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// Inputs or predictions are spread otherwise than in the reference.
    DataDrift,
    /// The relation of inputs to target changed.
    ConceptDrift,
    /// The model wears out as a whole.
    ModelDrift,
    /// Traffic far from its habit, values that break the schema.
    DataQuality,
    /// No rows come.
    Silence,
    /// A measure of performance is out of its bounds.
    Performance,
    /// A KPI is out of its bounds.
    Kpi,
    /// Groups are treated unequally.
    Bias,
    /// A generative model states what is not so.
    Hallucination,
    /// A vulnerability or an attack.
    Security,
    /// A model or service does not answer.
    Availability,
    /// A receiver does not take notifications.
    NotificationFailure,
    /// Another incident was not acknowledged or resolved in time.
    SlaBreach,
    /// A run was refused, failed, or did not report.
    Retraining,
    /// Something of the calendar is due soon, or overdue.
    Maintenance,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    DataEngineer,
    /// The MLOps engineer or data scientist who owns the model.
    ModelOwner,
    BusinessOwner,
    /// Security and data protection.
    SecurityOfficer,
}

/// A word that is no kind of incident or no role.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("is no {what}; one of {known}")]
pub struct UnknownWord {
    what: &'static str,
    known: String,
}

impl IncidentKind {
    pub const ALL: [Self; 15] = [
        Self::DataDrift,
        Self::ConceptDrift,
        Self::ModelDrift,
        Self::DataQuality,
        Self::Silence,
        Self::Performance,
        Self::Kpi,
        Self::Bias,
        Self::Hallucination,
        Self::Security,
        Self::Availability,
        Self::NotificationFailure,
        Self::SlaBreach,
        Self::Retraining,
        Self::Maintenance,
    ];

    /// As it stands in JSON, labels, configs and addresses of runbooks.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DataDrift => "data_drift",
            Self::ConceptDrift => "concept_drift",
            Self::ModelDrift => "model_drift",
            Self::DataQuality => "data_quality",
            Self::Silence => "silence",
            Self::Performance => "performance",
            Self::Kpi => "kpi",
            Self::Bias => "bias",
            Self::Hallucination => "hallucination",
            Self::Security => "security",
            Self::Availability => "availability",
            Self::NotificationFailure => "notification_failure",
            Self::SlaBreach => "sla_breach",
            Self::Retraining => "retraining",
            Self::Maintenance => "maintenance",
        }
    }

    /// As people say it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::DataDrift => "data drift",
            Self::ConceptDrift => "concept drift",
            Self::ModelDrift => "model drift",
            Self::DataQuality => "data quality",
            Self::Silence => "silence",
            Self::Performance => "performance",
            Self::Kpi => "KPI",
            Self::Bias => "bias",
            Self::Hallucination => "hallucination",
            Self::Security => "security",
            Self::Availability => "availability",
            Self::NotificationFailure => "notification failure",
            Self::SlaBreach => "SLA breach",
            Self::Retraining => "retraining",
            Self::Maintenance => "maintenance",
        }
    }

    /// What sets it right, in a few words.
    pub const fn corrective_action(self) -> &'static str {
        match self {
            Self::DataDrift => "retrain on recent data",
            Self::ConceptDrift => "recalibrate, review features",
            Self::ModelDrift => "replace or redesign the model",
            Self::DataQuality => "repair the pipeline that feeds the model; exclude the bad batch",
            Self::Silence => "find out why no predictions come, and restore the feed",
            Self::Performance => "review the model against recent outcomes; retrain or roll back",
            Self::Kpi => "review the use case with its owner",
            Self::Bias => "stop or limit automatic decisions, review groups and features",
            Self::Hallucination => "limit the model's use, review prompts, sources and guard-rails",
            Self::Security => "contain, then patch; tell those concerned",
            Self::Availability => "restore the service or roll back",
            Self::NotificationFailure => "repair the receiver, then send again what is dead",
            Self::SlaBreach => "take the breached incident over and resolve it",
            Self::Retraining => "look at the training pipeline; report the version, or ask for the run again",
            Self::Maintenance => "do what the calendar asks for, and say that it was done",
        }
    }

    /// Whether driftd alone opens and ends incidents of this kind: nobody reports them.
    pub const fn is_own(self) -> bool {
        matches!(self, Self::NotificationFailure | Self::SlaBreach | Self::Retraining | Self::Maintenance)
    }

    /// Who must act, as far as the kind says it: see [`IncidentKey::role`](super::IncidentKey::role).
    pub const fn role(self) -> Role {
        match self {
            Self::DataQuality | Self::Silence => Role::DataEngineer,
            Self::DataDrift | Self::ConceptDrift | Self::ModelDrift => Role::ModelOwner,
            Self::Performance | Self::Hallucination | Self::Availability => Role::ModelOwner,
            Self::NotificationFailure | Self::Retraining | Self::Maintenance => Role::ModelOwner,
            Self::Kpi | Self::SlaBreach => Role::BusinessOwner,
            Self::Bias | Self::Security => Role::SecurityOfficer,
        }
    }
}

impl Role {
    pub const ALL: [Self; 4] =
        [Self::DataEngineer, Self::ModelOwner, Self::BusinessOwner, Self::SecurityOfficer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DataEngineer => "data_engineer",
            Self::ModelOwner => "model_owner",
            Self::BusinessOwner => "business_owner",
            Self::SecurityOfficer => "security_officer",
        }
    }
}

macro_rules! word {
    ($word:ident, $what:literal) => {
        impl fmt::Display for $word {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $word {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL
                    .into_iter()
                    .find(|word| word.as_str() == text)
                    .ok_or_else(|| UnknownWord { what: $what, known: Self::ALL.map(Self::as_str).join(", ") })
            }
        }
    };
}

word!(IncidentKind, "kind of incident");
word!(Role, "role");

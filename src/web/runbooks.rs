//! The runbooks, within the binary: there when they are needed.

use crate::incident::IncidentKind;

macro_rules! runbooks {
    ($($kind:ident $name:literal),+ $(,)?) => {
        /// What an incident of a kind means, what to look at, what to do: Markdown.
        pub const fn runbook_of(kind: IncidentKind) -> &'static str {
            match kind {
                $(IncidentKind::$kind => include_str!(concat!("../../deploy/runbooks/", $name, ".md")),)+
            }
        }
    };
}

runbooks! {
    DataDrift "data_drift",
    ConceptDrift "concept_drift",
    ModelDrift "model_drift",
    DataQuality "data_quality",
    Silence "silence",
    Performance "performance",
    Kpi "kpi",
    Bias "bias",
    Hallucination "hallucination",
    Security "security",
    Availability "availability",
    NotificationFailure "notification_failure",
    SlaBreach "sla_breach",
    Retraining "retraining",
    Maintenance "maintenance",
}

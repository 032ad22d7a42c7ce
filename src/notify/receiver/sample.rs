//! A message in which every field is given, with names that try what templates do to them.

use crate::domain::{Segment, TimeRange, Timestamp};
use crate::incident::{
    Entry, Happening, IncidentId, IncidentKind, Observation, SlaClock, SlaTargets, Subject,
};
use crate::notification::Announcement;
use crate::notify::message::Message;
use crate::verdict::Severity;

const HOSTILE: &str = "quote \" backslash \\ brace { ampersand & slash / é";

pub(super) fn sample() -> Message {
    let at = Timestamp::from_seconds(1_795_600_800);
    let hour = std::time::Duration::from_secs(3_600);
    let targets = SlaTargets { resolve_within: 24 * hour, acknowledge_within: Some(hour) };
    let kind = IncidentKind::DataDrift;
    let news = Announcement {
        incident: IncidentId(1),
        entry: Entry {
            number: 1,
            at,
            happening: Happening::Opened { severity: Severity::Critical },
            note: Some(HOSTILE.to_owned()),
        },
        title: format!("critical data drift ({HOSTILE})"),
        kind,
        severity: Severity::Critical,
        state: "open".to_owned(),
        model: "sample".parse().ok(),
        version: "1".parse().ok(),
        segment: Segment::All,
        subject: Subject::cut(HOSTILE),
        role: kind.role(),
        corrective_action: kind.corrective_action().to_owned(),
        detected_at: at,
        observation: Observation {
            summary: HOSTILE.to_owned(),
            statistic: Some("psi".to_owned()),
            value: Some(0.31),
            threshold: Some(0.25),
            p_value: Some(1e-9),
            n: Some(1_000),
            window: Some(TimeRange { start: at, end: at.saturating_add(hour) }),
            moved: vec![HOSTILE.to_owned()],
        },
        sla: Some(SlaClock::start(at, targets)),
        tags: [("team".to_owned(), HOSTILE.to_owned())].into(),
        url: "https://driftd.example.org/v1/incidents/inc-1".to_owned(),
        runbook_url: "https://driftd.example.org/runbooks/data_drift".to_owned(),
    };
    Message {
        installation: "sample".parse().expect("a word is an installation's name"),
        id: "sample-ntf-1".to_owned(),
        group: "inc-1".to_owned(),
        severity: Severity::Critical,
        news: vec![news],
    }
}

//! Receivers and delivery: payloads against golden files, answers of every kind, a mail server, a real Alertmanager,
//! the loop on an outbox in memory.

mod alertmanager;

mod answers;

mod durable;

mod egress_table;

mod loops;

mod mail;

mod outbox;

mod payloads;

mod templates;

use std::sync::Arc;
use std::time::Duration;

use driftd::domain::{Segment, TimeRange, Timestamp};
use driftd::incident::{
    Entry, Happening, IncidentId, IncidentKind, Observation, Resolution, SlaClock, SlaTargets, Subject,
};
use driftd::notification::{Announcement, Notification, NotificationId, ReceiverName};
use driftd::notify::*;
use driftd::store::ClaimedMessage;
use driftd::verdict::Severity;

const HOUR: Duration = Duration::from_secs(3_600);

fn start() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

fn name(text: &str) -> ReceiverName {
    text.parse().unwrap()
}

fn url(text: &str) -> TargetUrl {
    text.parse().unwrap()
}

fn news(incident: u64, kind: IncidentKind, happening: Happening, after: Duration) -> Announcement {
    let state = match happening {
        Happening::Resolved { .. } => "resolved",
        Happening::Acknowledged { .. } => "acknowledged",
        _ => "open",
    };
    let targets = SlaTargets { resolve_within: 24 * HOUR, acknowledge_within: None };
    Announcement {
        incident: IncidentId(incident),
        entry: Entry { number: 1, at: start().saturating_add(after), happening, note: None },
        title: format!("critical {} of car_loan, version 3", kind.title()),
        kind,
        severity: Severity::Critical,
        state: state.to_owned(),
        model: Some("car_loan".parse().unwrap()),
        version: Some("3".parse().unwrap()),
        segment: Segment::All,
        subject: Subject::default(),
        role: kind.role(),
        corrective_action: kind.corrective_action().to_owned(),
        detected_at: start(),
        observation: Observation {
            summary: "2 columns drifted, most of all `income`, `age`".to_owned(),
            statistic: Some("psi".to_owned()),
            value: Some(0.3125),
            threshold: Some(0.25),
            p_value: Some(1.5e-9),
            n: Some(12_000),
            window: Some(TimeRange { start: start().saturating_sub(24 * HOUR), end: start() }),
            moved: vec!["`income` rose by 12 %".to_owned(), "`age` fell by 3 years".to_owned()],
        },
        sla: Some(SlaClock::start(start(), targets)),
        tags: [("team".to_owned(), "credit".to_owned())].into(),
        url: format!("https://driftd.example.org/v1/incidents/inc-{incident}"),
        runbook_url: format!("https://driftd.example.org/runbooks/{kind}"),
    }
}

fn opened(incident: u64) -> Announcement {
    news(
        incident,
        IncidentKind::DataDrift,
        Happening::Opened { severity: Severity::Critical },
        Duration::ZERO,
    )
}

fn reminder(incident: u64) -> Announcement {
    let happening = Happening::Reminder { share: 0.5, due_at: start().saturating_add(24 * HOUR) };
    news(incident, IncidentKind::DataDrift, happening, 12 * HOUR)
}

fn resolved(incident: u64) -> Announcement {
    let by = "ada <!channel> *b*\u{202e}\r\nBcc: x".to_owned();
    let happening = Happening::Resolved { resolution: Resolution::By { by } };
    let mut news = news(incident, IncidentKind::DataDrift, happening, 13 * HOUR);
    news.entry.note = Some("retrained; see <https://wiki|wiki> & \"notes\"".to_owned());
    news
}

/// Three news of three incidents, one of them about hostile names.
fn three() -> Vec<Announcement> {
    let mut hostile = news(
        8,
        IncidentKind::Security,
        Happening::Escalated { from: Severity::Warning, to: Severity::Critical },
        HOUR,
    );
    hostile.subject = "<!here> [x](http://evil) `\"\\ é".parse().unwrap();
    hostile.title = format!("critical security ({}) of car_loan", hostile.subject);
    (hostile.version, hostile.sla, hostile.observation) = (None, None, Observation::words("reported"));
    let acknowledged =
        news(9, IncidentKind::Kpi, Happening::Acknowledged { by: "grace".to_owned() }, 2 * HOUR);
    vec![opened(7), hostile, acknowledged]
}

fn claimed(id: u64, receiver: &str, news: Vec<Announcement>) -> ClaimedMessage {
    let notification = |(index, announcement): (usize, Announcement)| Notification {
        id: NotificationId(id + index as u64),
        receiver: name(receiver),
        incident: announcement.incident,
        severity: announcement.severity,
        group: "model=\"car_loan\"".to_owned(),
        created_at: start(),
        due_at: start(),
        announcement,
    };
    let notifications: Vec<Notification> = news.into_iter().enumerate().map(notification).collect();
    ClaimedMessage {
        id: NotificationId(id),
        receiver: name(receiver),
        severity: notifications.iter().map(|each| each.severity).max().unwrap(),
        attempts: 0,
        notifications,
        unreadable: Vec::new(),
    }
}

fn message(news: Vec<Announcement>) -> Message {
    Message::of(&claimed(17, "any", news), &installation())
}

fn installation() -> Installation {
    "prod-1".parse().unwrap()
}

fn receiver(receiver: &str, channel: Channel) -> Arc<Receiver> {
    Arc::new(Receiver { name: name(receiver), channel })
}

fn webhook(to: &str) -> Channel {
    Channel::Webhook(Webhook { url: url(to), keys: Vec::new(), headers: Vec::new() })
}

/// A sender that gives up soon.
fn sender(timeout: Duration) -> Sender {
    Sender::new(Egress::new(EgressOptions::default()), timeout).unwrap()
}

async fn send(sender: &Sender, channel: Channel) -> Result<(), Failure> {
    let dispatch = receiver("any", channel).dispatch(&message(vec![opened(7)]), start())?;
    sender.send(dispatch).await
}

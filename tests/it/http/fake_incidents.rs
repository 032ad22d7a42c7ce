//! The part of the fake service that people on call ask of: what it does depends on the id.

use std::collections::BTreeMap;

use driftd::domain::{Segment, Timestamp};
use driftd::incident::*;
use driftd::notification::*;
use driftd::store::{IncidentQuery, NotificationQuery};
use driftd::verdict::Severity;
use driftd::web::answer::*;
use driftd::web::*;

use super::fake::Fake;

const AT: Timestamp = Timestamp::from_seconds(1_763_805_600);

fn links() -> Links {
    Links { external_url: "https://drift.example.com".into() }
}

/// Critical since an hour.
fn incident(id: IncidentId) -> Incident {
    let targets = IncidentPolicy::default().sla;
    Incident {
        id,
        key: IncidentKey {
            model: Some("fraud".parse().unwrap()),
            version: None,
            segment: Segment::All,
            kind: IncidentKind::Bias,
            subject: Subject::default(),
        },
        origin: Origin::Report { reporter: "auditor".into() },
        state: State::Open,
        severity: Severity::Critical,
        detected_at: AT,
        seen_at: AT,
        times_seen: 1,
        observation: Observation::words("unequal"),
        sla: Some(SlaClock::start(AT, targets)),
        quiet_since: None,
        reopenings: vec![],
        flapping: false,
        regulatory: vec![RegulatoryDeadline::new(Basis::Death, AT)],
        tags: BTreeMap::new(),
        told: Default::default(),
        owed: Default::default(),
        held_until: None,
        entries: 1,
    }
}

fn summary(id: IncidentId) -> IncidentSummary {
    let hour = std::time::Duration::from_secs(3_600);
    IncidentSummary::of(&incident(id), AT.saturating_add(hour), &links())
}

impl Fake {
    fn on_call(&self, actor: &Actor, action: impl std::fmt::Debug) {
        self.done.lock().unwrap().push(format!("{actor} {action:?}"));
    }

    /// `inc-1` is there; `inc-2` is acknowledged and resolved already.
    fn known_incident(&self, id: IncidentId) -> Result<IncidentSummary, ServiceError> {
        match id.0 {
            1 => Ok(summary(id)),
            2 => Err(Refused::Resolved.into()),
            _ => Err(Refused::Unknown.into()),
        }
    }
}

fn silence() -> SilenceAnswer {
    let matcher = Matcher { kind: [IncidentKind::Bias].into(), ..Matcher::default() };
    let until = AT.saturating_add(std::time::Duration::from_secs(60));
    let silence =
        Silence { id: SilenceId(1), matcher, from: AT, until, by: "ann".into(), reason: "test".into() };
    SilenceAnswer::of(&silence, AT)
}

fn notification() -> NotificationAnswer {
    NotificationAnswer {
        id: NotificationId(1),
        state: "dead".into(),
        receiver: "hook".parse().unwrap(),
        incident: IncidentId(1),
        severity: Some(Severity::Critical),
        happened: Some("opened".into()),
        title: Some("critical bias of fraud".into()),
        created_at: Some(AT),
        due_at: AT,
        message: None,
        attempts: 3,
        last_error: Some("status 500".into()),
        next_attempt_at: None,
        settled_at: None,
    }
}

fn receiver(name: &str) -> ReceiverAnswer {
    ReceiverAnswer { name: name.parse().unwrap(), kind: "webhook".into(), disabled: None }
}

impl IncidentService for Fake {
    async fn incidents(&self, query: IncidentQuery) -> Result<IncidentsAnswer, ServiceError> {
        self.pages.lock().unwrap().push(format!("{query:?}"));
        let incidents = [3, 2, 1].map(|id| incident(IncidentId(id)));
        Ok(IncidentsAnswer::page(&incidents, query.limit, AT, &links()))
    }

    async fn incident(&self, id: IncidentId) -> Result<IncidentAnswer, ServiceError> {
        let incident = self.known_incident(id)?;
        let happening = Happening::Opened { severity: Severity::Critical };
        let timeline = vec![Entry { number: 1, at: AT, happening, note: None }];
        Ok(IncidentAnswer { incident, timeline, notifications: vec![notification()] })
    }

    async fn report(&self, report: Report, actor: &Actor) -> Result<ReportAnswer, ServiceError> {
        let outcome = match report.says {
            Reported::Open { .. } => ReportOutcome::Opened,
            Reported::Resolved { .. } => ReportOutcome::Resolved,
        };
        self.on_call(actor, report);
        Ok(ReportAnswer { outcome, incident: summary(IncidentId(1)) })
    }

    async fn acknowledge(
        &self,
        id: IncidentId,
        request: AcknowledgeRequest,
        actor: &Actor,
    ) -> Result<IncidentSummary, ServiceError> {
        let incident = self.known_incident(id)?;
        self.on_call(actor, request);
        Ok(incident)
    }

    async fn resolve(
        &self,
        id: IncidentId,
        request: ResolveRequest,
        actor: &Actor,
    ) -> Result<IncidentSummary, ServiceError> {
        let incident = self.known_incident(id)?;
        self.on_call(actor, request);
        Ok(incident)
    }

    async fn deadline(
        &self,
        id: IncidentId,
        change: DeadlineChange,
        actor: &Actor,
    ) -> Result<IncidentSummary, ServiceError> {
        let incident = self.known_incident(id)?;
        self.on_call(actor, change);
        Ok(incident)
    }

    async fn silences(&self) -> Result<SilencesAnswer, ServiceError> {
        Ok(SilencesAnswer { silences: vec![silence()] })
    }

    async fn silence(&self, new: NewSilence, actor: &Actor) -> Result<SilenceAnswer, ServiceError> {
        new.range(AT).map_err(|why| ServiceError::Invalid { why })?;
        self.on_call(actor, new);
        Ok(silence())
    }

    async fn end_silence(
        &self,
        id: SilenceId,
        request: EndSilenceRequest,
        actor: &Actor,
    ) -> Result<SilenceAnswer, ServiceError> {
        if id.0 != 1 {
            return Err(ServiceError::UnknownSilence);
        }
        self.on_call(actor, request);
        Ok(silence())
    }

    async fn notifications(&self, query: NotificationQuery) -> Result<NotificationsAnswer, ServiceError> {
        self.pages.lock().unwrap().push(format!("{query:?}"));
        Ok(NotificationsAnswer { notifications: vec![notification()], next: None })
    }

    async fn retry_notification(
        &self,
        id: NotificationId,
        actor: &Actor,
    ) -> Result<NotificationAnswer, ServiceError> {
        match id.0 {
            1 => self.on_call(actor, id),
            2 => return Err(ServiceError::Conflict { why: "it is not dead".into() }),
            _ => return Err(ServiceError::UnknownNotification),
        }
        Ok(notification())
    }

    async fn receivers(&self) -> Result<ReceiversAnswer, ServiceError> {
        Ok(ReceiversAnswer { receivers: vec![receiver("hook")] })
    }

    async fn enable_receiver(
        &self,
        name: &ReceiverName,
        actor: &Actor,
    ) -> Result<ReceiverAnswer, ServiceError> {
        if name.as_str() == "absent" {
            return Err(ServiceError::UnknownReceiver);
        }
        self.on_call(actor, name);
        Ok(receiver(name.as_str()))
    }
}

//! What people on call ask, answered: incidents, silences, notifications.

use super::Pipeline;
use super::desk::DeskError;
use crate::domain::{ModelId, Timestamp};
use crate::incident::{Incident, IncidentId, IncidentKey, Input, Origin};
use crate::notification::{NotificationId, ReceiverName, SilenceId};
use crate::notify::Receiver;
use crate::store::{
    AuditRow, DisabledReceiver, IncidentQuery, NotificationQuery, ReceiverState, Retried, Store,
};
use crate::web::answer::{
    Disabled, IncidentAnswer, IncidentSummary, IncidentsAnswer, NotificationAnswer, NotificationsAnswer,
    ReceiverAnswer, ReceiversAnswer, ReportAnswer, ReportOutcome, SilenceAnswer, SilencesAnswer,
};
use crate::web::{
    AcknowledgeRequest, Actor, AwareRequest, DeadlineChange, EndSilenceRequest, IncidentService, NewSilence,
    Report, Reported, ResolveRequest, ResolvedAs, ServiceError,
};

/// Most incidents that are not resolved while reports may open more.
const REPORTED_OPEN_MAX: usize = 10_000;
/// Most silences that are not over.
const SILENCES_MAX: usize = 1_000;
/// Notifications shown with an incident.
const NOTIFICATIONS_SHOWN: usize = 100;

impl<S: Store> IncidentService for Pipeline<S> {
    async fn incidents(&self, query: IncidentQuery) -> Result<IncidentsAnswer, ServiceError> {
        let limit = query.limit;
        let incidents = self.store.read_incidents(IncidentQuery { limit: limit + 1, ..query }).await?;
        Ok(IncidentsAnswer::page(&incidents, limit, self.clock.now(), &self.desk.rules().links))
    }

    async fn incident(&self, id: IncidentId) -> Result<IncidentAnswer, ServiceError> {
        let (incident, timeline) =
            self.store.read_incident(id).await?.ok_or(ServiceError::UnknownIncident)?;
        let told = NotificationQuery { incident: Some(id), limit: NOTIFICATIONS_SHOWN, ..Default::default() };
        let told = self.store.read_notifications(told).await?;
        let notifications = told.into_iter().map(NotificationAnswer::from).collect();
        Ok(IncidentAnswer { incident: self.summary(&incident), timeline, notifications })
    }

    async fn report(&self, report: Report, actor: &Actor) -> Result<ReportAnswer, ServiceError> {
        let Report { key, says } = report;
        match says {
            Reported::Open { severity, seen, tags, deadline } => {
                if let Some(deadline) = deadline {
                    self.refuse_future(deadline.aware_at)?;
                }
                let by = actor.to_string();
                let origin = Origin::Report { reporter: by.clone() };
                let mut inputs = vec![(key.clone(), Input::Raise { severity, seen, origin, tags })];
                inputs.extend(deadline.map(|AwareRequest { basis, aware_at }| {
                    (key.clone(), Input::SetDeadline { basis, aware_at, by })
                }));
                self.report_open(key, inputs, actor).await
            }
            Reported::Resolved { note } => self.report_resolved(key, note, actor).await,
        }
    }

    async fn acknowledge(
        &self,
        id: IncidentId,
        request: AcknowledgeRequest,
        actor: &Actor,
    ) -> Result<IncidentSummary, ServiceError> {
        let input = Input::Acknowledge { by: actor.to_string(), note: request.note };
        self.ask_of(id, input, "acknowledge", actor).await
    }

    async fn resolve(
        &self,
        id: IncidentId,
        request: ResolveRequest,
        actor: &Actor,
    ) -> Result<IncidentSummary, ServiceError> {
        let (by, note) = (actor.to_string(), request.note);
        let (action, input) = match request.outcome {
            ResolvedAs::Resolved => ("resolve", Input::Resolve { by, note }),
            ResolvedAs::FalseAlarm => ("false_alarm", Input::MarkFalse { by, note }),
        };
        self.ask_of(id, input, action, actor).await
    }

    async fn deadline(
        &self,
        id: IncidentId,
        change: DeadlineChange,
        actor: &Actor,
    ) -> Result<IncidentSummary, ServiceError> {
        let by = actor.to_string();
        let (action, input) = match change {
            DeadlineChange::Set { basis, aware_at } => {
                self.refuse_future(aware_at)?;
                ("set_deadline", Input::SetDeadline { basis, aware_at, by })
            }
            DeadlineChange::Met { basis } => ("meet_deadline", Input::MeetDeadline { basis, by }),
        };
        self.ask_of(id, input, action, actor).await
    }

    async fn silences(&self) -> Result<SilencesAnswer, ServiceError> {
        let now = self.clock.now();
        let silences = self.store.read_silences(now).await?;
        Ok(SilencesAnswer {
            silences: silences.iter().map(|silence| SilenceAnswer::of(silence, now)).collect(),
        })
    }

    async fn silence(&self, new: NewSilence, actor: &Actor) -> Result<SilenceAnswer, ServiceError> {
        let now = self.clock.now();
        let range = new.range(now).map_err(|why| ServiceError::Invalid { why })?;
        let turn = self.desk.turn().await;
        if turn.desk().silences().filter(|silence| now < silence.until).count() >= SILENCES_MAX {
            return Err(conflict("there are 1000 silences, the most that there may be; end some first"));
        }
        let NewSilence { matcher, reason, .. } = new;
        let draft = turn.desk().silence(matcher, range.start, range.end, actor.to_string(), reason.clone());
        let silence = draft.silence.clone().ok_or_else(|| internal("a draft of a silence has none"))?;
        let detail = format!("{}: {reason}", silence.id);
        turn.commit(draft, Some(self.audit_of(actor, "silence", None, detail))).await?;
        Ok(SilenceAnswer::of(&silence, now))
    }

    async fn end_silence(
        &self,
        id: SilenceId,
        request: EndSilenceRequest,
        actor: &Actor,
    ) -> Result<SilenceAnswer, ServiceError> {
        let now = self.clock.now();
        let turn = self.desk.turn().await;
        let draft = turn.desk().end_silence(id, now).ok_or(ServiceError::UnknownSilence)?;
        let silence = draft.silence.clone().ok_or_else(|| internal("a draft of a silence has none"))?;
        let detail = format!("{id}: {}", request.reason);
        turn.commit(draft, Some(self.audit_of(actor, "end_silence", None, detail))).await?;
        Ok(SilenceAnswer::of(&silence, now))
    }

    async fn notifications(&self, query: NotificationQuery) -> Result<NotificationsAnswer, ServiceError> {
        let limit = query.limit;
        let rows = self.store.read_notifications(NotificationQuery { limit: limit + 1, ..query }).await?;
        Ok(NotificationsAnswer::page(rows, limit))
    }

    async fn retry_notification(
        &self,
        id: NotificationId,
        actor: &Actor,
    ) -> Result<NotificationAnswer, ServiceError> {
        let audit = self.audit_of(actor, "retry_notification", None, id.to_string());
        match self.store.retry_notification(id, self.clock.now(), audit).await? {
            Retried::Queued => self.desk.news().notify_one(),
            Retried::Unknown => return Err(ServiceError::UnknownNotification),
            Retried::NotDead => {
                return Err(conflict("the notification is not dead: it was delivered, or waits"));
            }
        }
        let before = Some(NotificationId(id.0.saturating_add(1)));
        let row = self.store.read_notifications(NotificationQuery { before, limit: 1, ..Default::default() });
        let row = row.await?.into_iter().find(|row| row.id == id);
        row.map(NotificationAnswer::from).ok_or(ServiceError::UnknownNotification)
    }

    async fn receivers(&self) -> Result<ReceiversAnswer, ServiceError> {
        let disabled = self.store.receiver_states().await?;
        let directory = self.directory.load();
        let receivers = directory.receivers.values().map(|receiver| receiver_answer(receiver, &disabled));
        Ok(ReceiversAnswer { receivers: receivers.collect() })
    }

    async fn enable_receiver(
        &self,
        name: &ReceiverName,
        actor: &Actor,
    ) -> Result<ReceiverAnswer, ServiceError> {
        let directory = self.directory.load_full();
        let receiver = directory.receivers.get(name).ok_or(ServiceError::UnknownReceiver)?;
        let audit = self.audit_of(actor, "enable_receiver", None, name.to_string());
        let enabled = ReceiverState::Enabled { receiver: name.clone(), target: receiver.target() };
        self.store.set_receiver_state(enabled, Some(audit)).await?;
        self.courier.read_disabled().await?;
        Ok(receiver_answer(receiver, &[]))
    }
}

fn receiver_answer(receiver: &Receiver, disabled: &[DisabledReceiver]) -> ReceiverAnswer {
    let target = receiver.target();
    let disabled = disabled.iter().find(|each| each.receiver == receiver.name && each.target == target);
    ReceiverAnswer {
        name: receiver.name.clone(),
        kind: receiver.channel.kind().to_owned(),
        disabled: disabled.map(|each| Disabled { since: each.disabled_at, why: each.why.clone() }),
    }
}

impl<S: Store> Pipeline<S> {
    async fn report_open(
        &self,
        key: IncidentKey,
        inputs: Vec<(IncidentKey, Input)>,
        actor: &Actor,
    ) -> Result<ReportAnswer, ServiceError> {
        let turn = self.desk.turn().await;
        let before = turn.desk().newest(&key).cloned();
        let is_open = before.as_ref().is_some_and(|incident| !incident.is_resolved());
        let open = turn.desk().incidents().filter(|incident| !incident.is_resolved()).count();
        if !is_open && open >= REPORTED_OPEN_MAX {
            return Err(conflict(
                "10000 incidents are open, the most that reports may add to; resolve some first",
            ));
        }
        let draft = turn.draft(inputs);
        let changed = draft.changed.values().map(|(incident, _)| incident);
        let changed = changed.filter(|incident| incident.key == key).max_by_key(|incident| incident.id);
        let incident = changed.cloned().ok_or_else(|| internal("a report changed nothing"))?;
        let outcome = match before {
            Some(before) if before.id != incident.id => ReportOutcome::Opened,
            Some(before) if before.is_resolved() => ReportOutcome::Reopened,
            Some(_) => ReportOutcome::Updated,
            None => ReportOutcome::Opened,
        };
        let audit = self.audit_of(actor, "report", key.model, incident.id.to_string());
        turn.commit(draft, Some(audit)).await?;
        Ok(ReportAnswer { outcome, incident: self.summary(&incident) })
    }

    async fn report_resolved(
        &self,
        key: IncidentKey,
        note: Option<String>,
        actor: &Actor,
    ) -> Result<ReportAnswer, ServiceError> {
        let open =
            self.desk.turn().await.desk().newest(&key).filter(|incident| !incident.is_resolved()).cloned();
        let open =
            open.ok_or_else(|| conflict("no incident of this key is open; there is nothing to end"))?;
        if !matches!(open.origin, Origin::Report { .. }) {
            return Err(conflict(
                "driftd found this itself: it ends with its cause, or by POST to its `resolve`",
            ));
        }
        let input = Input::Resolve { by: actor.to_string(), note };
        let incident = self.ask_of(open.id, input, "report", actor).await?;
        Ok(ReportAnswer { outcome: ReportOutcome::Resolved, incident })
    }

    async fn ask_of(
        &self,
        id: IncidentId,
        input: Input,
        action: &str,
        actor: &Actor,
    ) -> Result<IncidentSummary, ServiceError> {
        let model = self.desk.turn().await.desk().find(id).and_then(|incident| incident.key.model.clone());
        let audit = self.audit_of(actor, action, model, id.to_string());
        let incident = self.desk.ask(id, input, audit).await?;
        Ok(self.summary(&incident))
    }

    fn summary(&self, incident: &Incident) -> IncidentSummary {
        IncidentSummary::of(incident, self.clock.now(), &self.desk.rules().links)
    }

    fn audit_of(&self, actor: &Actor, action: &str, model: Option<ModelId>, detail: String) -> AuditRow {
        AuditRow { at: self.clock.now(), actor: actor.to_string(), action: action.to_owned(), model, detail }
    }

    /// Nobody is aware of something in the future.
    fn refuse_future(&self, aware_at: Timestamp) -> Result<(), ServiceError> {
        match aware_at > self.clock.now() {
            true => Err(ServiceError::Invalid { why: "`aware_at` lies in the future".to_owned() }),
            false => Ok(()),
        }
    }
}

impl From<DeskError> for ServiceError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Refused(refused) => refused.into(),
            DeskError::Store(error) => error.into(),
        }
    }
}

fn conflict(why: &str) -> ServiceError {
    ServiceError::Conflict { why: why.to_owned() }
}

fn internal(why: &str) -> ServiceError {
    ServiceError::Internal { why: why.to_owned() }
}

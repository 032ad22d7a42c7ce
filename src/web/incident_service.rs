//! What the HTTP face asks of incidents, silences and notifications.

use std::future::Future;

use super::answer::{
    IncidentAnswer, IncidentSummary, IncidentsAnswer, NotificationAnswer, NotificationsAnswer,
    ReceiverAnswer, ReceiversAnswer, ReportAnswer, SilenceAnswer, SilencesAnswer,
};
use super::ask::{
    AcknowledgeRequest, Actor, DeadlineChange, EndSilenceRequest, NewSilence, Report, ResolveRequest,
};
use super::service::ServiceError;
use crate::incident::IncidentId;
use crate::notification::{NotificationId, ReceiverName, SilenceId};
use crate::store::{IncidentQuery, NotificationQuery};

/// The part of [`Service`](super::Service) that people on call ask of. What changes something is durable, and in the
/// audit trail under its actor, when it is answered.
pub trait IncidentService: Send + Sync + 'static {
    /// A page, newest first. `limit` is 1 to 1,000.
    fn incidents(
        &self,
        query: IncidentQuery,
    ) -> impl Future<Output = Result<IncidentsAnswer, ServiceError>> + Send;

    fn incident(&self, id: IncidentId) -> impl Future<Output = Result<IncidentAnswer, ServiceError>> + Send;

    /// Opens, brings up to date or ends the incident of a key. [`ServiceError::Conflict`] where a report would end what
    /// driftd found itself, or what is not open.
    fn report(
        &self,
        report: Report,
        actor: &Actor,
    ) -> impl Future<Output = Result<ReportAnswer, ServiceError>> + Send;

    fn acknowledge(
        &self,
        id: IncidentId,
        request: AcknowledgeRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<IncidentSummary, ServiceError>> + Send;

    fn resolve(
        &self,
        id: IncidentId,
        request: ResolveRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<IncidentSummary, ServiceError>> + Send;

    /// [`ServiceError::Invalid`] where someone would be aware in the future.
    fn deadline(
        &self,
        id: IncidentId,
        change: DeadlineChange,
        actor: &Actor,
    ) -> impl Future<Output = Result<IncidentSummary, ServiceError>> + Send;

    /// Those that are not over.
    fn silences(&self) -> impl Future<Output = Result<SilencesAnswer, ServiceError>> + Send;

    /// [`ServiceError::Invalid`] where [`NewSilence::range`] says so.
    fn silence(
        &self,
        silence: NewSilence,
        actor: &Actor,
    ) -> impl Future<Output = Result<SilenceAnswer, ServiceError>> + Send;

    /// [`ServiceError::UnknownSilence`] where it is over too.
    fn end_silence(
        &self,
        id: SilenceId,
        request: EndSilenceRequest,
        actor: &Actor,
    ) -> impl Future<Output = Result<SilenceAnswer, ServiceError>> + Send;

    /// A page, newest first. `limit` is 1 to 1,000.
    fn notifications(
        &self,
        query: NotificationQuery,
    ) -> impl Future<Output = Result<NotificationsAnswer, ServiceError>> + Send;

    /// Sends a dead one again, with its whole message. [`ServiceError::Conflict`] where it is not dead.
    fn retry_notification(
        &self,
        id: NotificationId,
        actor: &Actor,
    ) -> impl Future<Output = Result<NotificationAnswer, ServiceError>> + Send;

    fn receivers(&self) -> impl Future<Output = Result<ReceiversAnswer, ServiceError>> + Send;

    /// Tells a receiver again that said that it is gone. Nothing changes where it is told already.
    fn enable_receiver(
        &self,
        name: &ReceiverName,
        actor: &Actor,
    ) -> impl Future<Output = Result<ReceiverAnswer, ServiceError>> + Send;
}

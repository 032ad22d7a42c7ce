//! Delivery and the desk: receivers that fail become incidents, and Alertmanagers hear how things stand.

use std::collections::BTreeMap;

use super::desk::IncidentDesk;
use crate::domain::{Segment, Timestamp};
use crate::incident::{IncidentKey, IncidentKind, Input, Observation, Origin, Subject};
use crate::notification::{Announcement, ReceiverName};
use crate::notify::{CurrentNews, ReceiverWatch};
use crate::store::Store;
use crate::verdict::Severity;

impl<S: Store> ReceiverWatch for IncidentDesk<S> {
    async fn failing(&self, receiver: &ReceiverName, why: &str) {
        let seen = Observation::words(format!("`{receiver}` does not take notifications: {why}"));
        let raise = Input::Raise {
            severity: Severity::Critical,
            seen,
            origin: Origin::Driftd,
            tags: BTreeMap::new(),
        };
        self.say(receiver, raise).await;
    }

    async fn works_again(&self, receiver: &ReceiverName) {
        let note = Some("it takes notifications again".to_owned());
        self.say(receiver, Input::Resolve { by: "driftd".to_owned(), note }).await;
    }
}

impl<S: Store> CurrentNews for IncidentDesk<S> {
    async fn told(&self, receiver: &ReceiverName, resolved_since: Timestamp) -> Vec<Announcement> {
        IncidentDesk::told(self, receiver, resolved_since).await
    }
}

impl<S: Store> IncidentDesk<S> {
    async fn say(&self, receiver: &ReceiverName, input: Input) {
        let key = IncidentKey {
            model: None,
            version: None,
            segment: Segment::All,
            kind: IncidentKind::NotificationFailure,
            subject: Subject::cut(receiver.as_str()),
        };
        if let Err(error) = self.input(vec![(key, input)]).await {
            tracing::error!(%receiver, %error, "how a receiver stands could not be stored as an incident");
        }
    }
}

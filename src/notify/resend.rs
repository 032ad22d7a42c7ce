//! Alertmanager keeps alerts in memory and ends those that it does not hear of: it is told again every minute what is
//! firing, and for a while what was resolved. Whatever it misses of these the outbox delivers anyway.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::directory::Directory;
use super::receiver::Channel;
use super::request::{Accepted, Dispatch, Need, Request};
use super::send::Sender;
use crate::clock::Clock;
use crate::domain::Timestamp;
use crate::notification::{Announcement, ReceiverName};

/// How often. An alert that is told to fire does so for four times as long.
const EVERY: Duration = Duration::from_secs(60);

/// How incidents stand.
pub trait CurrentNews: Send + Sync + 'static {
    /// Each incident that this receiver was told of and that is not resolved, or was since: as it stands.
    fn told(
        &self,
        receiver: &ReceiverName,
        resolved_since: Timestamp,
    ) -> impl Future<Output = Vec<Announcement>> + Send;
}

/// Tells Alertmanagers again how things stand.
pub struct Repeater<N> {
    pub directory: Arc<ArcSwap<Directory>>,
    pub current: Arc<N>,
    pub clock: Arc<dyn Clock>,
}

/// How long resolved ones are repeated; as Prometheus does.
const RESOLVED_FOR: Duration = Duration::from_secs(15 * 60);

impl<N: CurrentNews> Repeater<N> {
    /// Every minute, until `stopping` is ready.
    pub async fn run(self, stopping: impl Future<Output = ()>) {
        let mut minutes = interval(EVERY);
        minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let telling = async {
            loop {
                minutes.tick().await;
                self.tell_all().await;
            }
        };
        tokio::select! {
            () = stopping => {}
            () = telling => {}
        }
    }

    /// Tells every Alertmanager once; one that hangs keeps no other one waiting.
    pub async fn tell_all(&self) {
        let directory = self.directory.load_full();
        let now = self.clock.now();
        let mut telling = JoinSet::new();
        for receiver in directory.receivers.values() {
            let Channel::Alertmanager(alertmanager) = &receiver.channel else { continue };
            let news = self.current.told(&receiver.name, now.saturating_sub(RESOLVED_FOR)).await;
            let parts = alertmanager.repeat(&news, &directory.installation, now);
            telling.spawn(tell(receiver.name.clone(), parts, directory.sender.clone()));
        }
        while telling.join_next().await.is_some() {}
    }
}

async fn tell(receiver: ReceiverName, parts: Vec<Vec<Request>>, sender: Sender) {
    for requests in parts {
        let dispatch = Dispatch::Http { requests, need: Need::Any, accepted: Accepted::Success };
        if let Err(failure) = sender.send(dispatch).await {
            tracing::warn!(%receiver, error = %failure, "an Alertmanager was not told again");
            return;
        }
    }
}

//! The loop of delivery: claim for receivers that are free, send, mark.
//!
//! Each receiver has a task of its own while it has messages, and they go one after another; so order is kept and no
//! receiver waits for another. A message whose end could not be marked, or that was claimed when the process ended, is
//! sent again under the same id once its lease is over.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tokio::task::{Id, JoinError, JoinSet};

use super::directory::Directory;
use super::message::Message;
use super::outbox::Outbox;
use super::outcome::Failure;
use super::receiver::Receiver;
use super::retry::delivery_of;
use super::standing::{ReceiverWatch, Standings, Turn};
use crate::clock::Clock;
use crate::metrics::DeliveryMetrics;
use crate::notification::ReceiverName;
use crate::store::{Claim, ClaimedMessage, Delivery, DisabledReceiver, Marked, StoreError, Unreadable};

/// Messages of one receiver in one claim: the lease lasts for all of them.
const MESSAGES_MAX: u32 = 8;
/// Of the lease beyond what sending may take: for marking.
const LEASE_SPARE: Duration = Duration::from_secs(30);
/// A receiver that asks to be left alone is so for this long before its next message, [`MESSAGES_MAX`] times within
/// [`LEASE_SPARE`]; the message itself waits as long as was asked.
const PAUSE_MAX: Duration = Duration::from_secs(3);
/// How often it is looked whether something became due.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pauses between tries to mark an end.
const MARK_PAUSES: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];

/// Whether the loop goes on, or the store can no longer be relied on.
type Sent = Result<(), StoreError>;

/// What delivery works with.
pub struct CourierParts<O, W> {
    pub outbox: Arc<O>,
    pub clock: Arc<dyn Clock>,
    pub directory: Arc<ArcSwap<Directory>>,
    pub watch: Arc<W>,
    pub metrics: Arc<DeliveryMetrics>,
    /// Woken when something was committed that may be due.
    pub news: Arc<Notify>,
}

/// Delivers what the outbox holds.
pub struct Courier<O, W> {
    parts: CourierParts<O, W>,
    standings: Standings,
    stopping: AtomicBool,
}

impl<O: Outbox, W: ReceiverWatch> Courier<O, W> {
    pub fn new(parts: CourierParts<O, W>) -> Self {
        Self { parts, standings: Standings::default(), stopping: AtomicBool::new(false) }
    }

    /// Reads which receivers are disabled: at the start, and after one was enabled again.
    pub async fn read_disabled(&self) -> Result<(), StoreError> {
        self.standings.set_disabled(self.parts.outbox.disabled().await?);
        self.parts.news.notify_one();
        Ok(())
    }

    /// Delivers until `stopping` is ready; what is being sent then is finished. Errors where the store is not to be
    /// relied on any more ([`StoreError::SyncFailed`]): the process must stop.
    pub async fn run(self: Arc<Self>, stopping: impl Future<Output = ()>) -> Result<(), StoreError> {
        self.read_disabled().await?;
        let mut sending = Sending::default();
        tokio::pin!(stopping);
        loop {
            match self.claim(&sending).await {
                Ok(claimed) if claimed.is_empty() => {}
                Ok(claimed) => {
                    self.start(claimed, &mut sending);
                    // There was no room for all: those that are still free may have messages too.
                    continue;
                }
                Err(error @ StoreError::SyncFailed(_)) => return Err(error),
                Err(error) => tracing::warn!(%error, "notifications cannot be claimed; trying again"),
            }
            tokio::select! {
                biased;
                () = &mut stopping => break,
                Some(ended) = sending.tasks.join_next_with_id() => sending.ended(ended)?,
                () = self.parts.news.notified() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        self.stopping.store(true, Ordering::Relaxed);
        while let Some(ended) = sending.tasks.join_next_with_id().await {
            sending.ended(ended)?;
        }
        Ok(())
    }

    async fn claim(&self, sending: &Sending) -> Result<Vec<ClaimedMessage>, StoreError> {
        let directory = self.parts.directory.load_full();
        self.standings.keep(&directory.receivers);
        self.parts.metrics.keep(directory.receivers.keys());
        let busy: BTreeSet<&ReceiverName> = sending.busy.values().collect();
        let mut free = Vec::new();
        for receiver in directory.receivers.values() {
            let enabled = self.standings.is_enabled(receiver);
            self.parts.metrics.receiver(&receiver.name).enabled.set(f64::from(u8::from(enabled)));
            if enabled && !busy.contains(&receiver.name) {
                free.push(receiver.name.clone());
            }
        }
        if free.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.parts.clock.now();
        let lease = directory.sender.timeout() * MESSAGES_MAX + LEASE_SPARE;
        let messages_max = MESSAGES_MAX as usize * free.len();
        let lease_until = now.saturating_add(lease);
        self.parts.outbox.claim(Claim { now, lease_until, receivers: free, messages_max }).await
    }

    /// One task for each receiver that has messages.
    fn start(self: &Arc<Self>, claimed: Vec<ClaimedMessage>, sending: &mut Sending) {
        let directory = self.parts.directory.load_full();
        let mut messages: HashMap<ReceiverName, Vec<ClaimedMessage>> = HashMap::new();
        for message in claimed {
            messages.entry(message.receiver.clone()).or_default().push(message);
        }
        for (name, mut messages) in messages {
            // One that a reload took away since gets its messages when it comes back.
            let Some(receiver) = directory.receivers.get(&name).cloned() else { continue };
            messages.truncate(MESSAGES_MAX as usize);
            let (courier, directory) = (Arc::clone(self), Arc::clone(&directory));
            let task = async move { courier.send_all(&receiver, messages, &directory).await };
            sending.busy.insert(sending.tasks.spawn(task).id(), name);
        }
    }

    async fn send_all(
        &self,
        receiver: &Receiver,
        messages: Vec<ClaimedMessage>,
        directory: &Directory,
    ) -> Sent {
        for message in messages {
            if self.stopping.load(Ordering::Relaxed) || !self.standings.is_enabled(receiver) {
                break;
            }
            if !message.unreadable.is_empty() {
                self.set_aside(receiver, message).await?;
                continue;
            }
            let asked = self.attempt(receiver, &message, directory).await?;
            if let Some(pause) = asked {
                tokio::time::sleep(pause.min(PAUSE_MAX)).await;
            }
        }
        Ok(())
    }

    /// Gives up what of a message cannot be read; the rest is claimed anew.
    async fn set_aside(&self, receiver: &Receiver, claimed: ClaimedMessage) -> Sent {
        let ClaimedMessage { id: message, unreadable: notifications, .. } = claimed;
        let delivery = Delivery::Unreadable { notifications };
        self.note(receiver, message, &delivery);
        let (receiver, at) = (receiver.name.clone(), self.parts.clock.now());
        self.mark(Marked { message, receiver, at, delivery }).await
    }

    /// Sends a message once, and marks what came of it. Gives how long the receiver asks to be left alone.
    async fn attempt(
        &self,
        receiver: &Receiver,
        claimed: &ClaimedMessage,
        directory: &Directory,
    ) -> Result<Option<Duration>, StoreError> {
        let message = Message::of(claimed, &directory.installation);
        let started = Instant::now();
        let result = match receiver.dispatch(&message, self.parts.clock.now()) {
            Ok(dispatch) => directory.sender.send(dispatch).await,
            Err(failure) => Err(failure),
        };
        self.parts.metrics.took(started.elapsed());
        let result = result.as_ref().copied();
        let at = self.parts.clock.now();
        let delivery = delivery_of(result, claimed, at);
        self.note(receiver, &message.id, &delivery);
        if let Err(failure) = result
            && failure.disables()
        {
            self.disable(receiver, failure).await?;
        }
        let marked = Marked { message: claimed.id, receiver: receiver.name.clone(), at, delivery };
        self.mark(marked).await?;
        match (self.standings.note(&receiver.name, result), result) {
            (Some(Turn::Fails), Err(failure)) => {
                self.parts.watch.failing(&receiver.name, &failure.to_string()).await;
            }
            (Some(Turn::Works), _) => self.parts.watch.works_again(&receiver.name).await,
            _ => {}
        }
        Ok(result.err().and_then(Failure::retry_after))
    }

    fn note(&self, receiver: &Receiver, id: impl Display, delivery: &Delivery) {
        let (metrics, name) = (self.parts.metrics.receiver(&receiver.name), &receiver.name);
        match delivery {
            Delivery::Delivered => {
                metrics.delivered.inc();
                metrics.last_success.set_time(self.parts.clock.now());
                tracing::debug!(receiver = %name, %id, "a message was delivered");
            }
            Delivery::Retry { due_at, error } => {
                metrics.retried.inc();
                tracing::warn!(receiver = %name, %id, error, next = %due_at, "a message was not taken");
            }
            Delivery::Dead { error } => {
                metrics.dead.inc();
                tracing::error!(receiver = %name, %id, error, "a message is given up");
            }
            Delivery::Unreadable { notifications } => {
                for Unreadable { id, why } in notifications {
                    metrics.dead.inc();
                    tracing::error!(receiver = %name, %id, error = why, "a notification that cannot be read is given up");
                }
            }
        }
    }

    async fn disable(&self, receiver: &Receiver, failure: &Failure) -> Sent {
        self.standings.disable(receiver);
        let disabled = DisabledReceiver {
            receiver: receiver.name.clone(),
            target: receiver.target(),
            disabled_at: self.parts.clock.now(),
            why: failure.to_string(),
        };
        match self.parts.outbox.disable(disabled).await {
            Err(error @ StoreError::SyncFailed(_)) => Err(error),
            // After a restart it will say again that it is gone.
            Err(error) => {
                tracing::error!(receiver = %receiver.name, %error, "that it is disabled is not stored");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    async fn mark(&self, marked: Marked) -> Sent {
        let mut pauses = MARK_PAUSES.into_iter();
        loop {
            let error = match self.parts.outbox.mark(vec![marked.clone()]).await {
                Ok(()) => return Ok(()),
                Err(error @ StoreError::SyncFailed(_)) => return Err(error),
                Err(error) => error,
            };
            let Some(pause) = pauses.next() else {
                tracing::error!(
                    receiver = %marked.receiver, id = %marked.message, %error,
                    "what became of a message is not stored; it is sent again"
                );
                return Ok(());
            };
            tokio::time::sleep(pause).await;
        }
    }
}

/// The receivers that are being sent to.
#[derive(Default)]
struct Sending {
    tasks: JoinSet<Sent>,
    busy: HashMap<Id, ReceiverName>,
}

impl Sending {
    fn ended(&mut self, ended: Result<(Id, Sent), JoinError>) -> Sent {
        let (id, sent) = match ended {
            Ok(ended) => ended,
            Err(error) => {
                tracing::error!(receiver = ?self.busy.get(&error.id()), %error, "sending broke off");
                (error.id(), Ok(()))
            }
        };
        self.busy.remove(&id);
        sent
    }
}

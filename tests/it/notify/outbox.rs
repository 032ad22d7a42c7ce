//! An outbox in memory: claims with leases, order per receiver and incident, marks that can fail.

use std::future::Future;
use std::sync::Mutex;

use driftd::domain::Timestamp;
use driftd::notify::*;
use driftd::store::{Claim, ClaimedMessage, Delivery, DisabledReceiver, Marked, StoreError};

#[derive(Default)]
pub struct MemoryOutbox {
    entries: Mutex<Vec<Entry>>,
    disabled: Mutex<Vec<DisabledReceiver>>,
    /// So many marks fail first.
    pub marks_fail: Mutex<u32>,
}

#[derive(Debug, Clone)]
pub struct Entry {
    pub message: ClaimedMessage,
    pub ready_at: Timestamp,
    /// Delivered or dead.
    pub settled: Option<Delivery>,
    pub errors: Vec<String>,
}

impl MemoryOutbox {
    pub fn add(&self, message: ClaimedMessage, ready_at: Timestamp) {
        self.entries.lock().unwrap().push(Entry { message, ready_at, settled: None, errors: Vec::new() });
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }

    pub fn pending(&self) -> usize {
        self.entries().iter().filter(|entry| entry.settled.is_none()).count()
    }

    /// As a new start does.
    pub fn release(&self, now: Timestamp) {
        for entry in self.entries.lock().unwrap().iter_mut() {
            entry.ready_at = entry.ready_at.min(now);
        }
    }

    pub fn enable_all(&self) {
        self.disabled.lock().unwrap().clear();
    }

    fn take(&self, claim: &Claim) -> Vec<ClaimedMessage> {
        let mut entries = self.entries.lock().unwrap();
        let mut claimed = Vec::new();
        for index in 0..entries.len() {
            let message = entries[index].message.clone();
            let same = |other: &Entry| {
                other.message.receiver == message.receiver
                    && other.message.notifications[0].incident == message.notifications[0].incident
            };
            let waits = entries[..index].iter().any(|earlier| earlier.settled.is_none() && same(earlier));
            let entry = &mut entries[index];
            let free = claim.receivers.contains(&message.receiver) && entry.ready_at <= claim.now;
            if entry.settled.is_none() && free && !waits && claimed.len() < claim.messages_max {
                entry.ready_at = claim.lease_until;
                claimed.push(message);
            }
        }
        claimed
    }

    fn note(&self, marked: Marked) {
        let mut entries = self.entries.lock().unwrap();
        let entry = entries.iter_mut().find(|entry| entry.message.id == marked.message).unwrap();
        entry.message.attempts += 1;
        match marked.delivery {
            Delivery::Retry { due_at, error } => {
                entry.ready_at = due_at;
                entry.errors.push(error);
            }
            settled => entry.settled = Some(settled),
        }
    }
}

impl Outbox for MemoryOutbox {
    async fn claim(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, StoreError> {
        Ok(self.take(&claim))
    }

    fn mark(&self, marked: Vec<Marked>) -> impl Future<Output = Result<(), StoreError>> + Send {
        let mut fail = self.marks_fail.lock().unwrap();
        let fails = *fail > 0;
        *fail = fail.saturating_sub(1);
        if !fails {
            marked.into_iter().for_each(|marked| self.note(marked));
        }
        std::future::ready(if fails { Err(StoreError::Unavailable("a test".into())) } else { Ok(()) })
    }

    async fn disabled(&self) -> Result<Vec<DisabledReceiver>, StoreError> {
        Ok(self.disabled.lock().unwrap().clone())
    }

    async fn disable(&self, receiver: DisabledReceiver) -> Result<(), StoreError> {
        self.disabled.lock().unwrap().push(receiver);
        Ok(())
    }
}

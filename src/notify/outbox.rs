//! What delivery needs of the store, and no more.

use std::future::Future;

use crate::store::{Claim, ClaimedMessage, DisabledReceiver, Marked, ReceiverState, Store, StoreError};

/// The transactions of delivery. Every store has them.
pub trait Outbox: Send + Sync + 'static {
    /// Takes messages to send, until their lease ends or they are marked. Of one receiver and incident never a later one
    /// while an earlier one is not settled.
    fn claim(&self, claim: Claim) -> impl Future<Output = Result<Vec<ClaimedMessage>, StoreError>> + Send;

    /// Marks how attempts ended.
    fn mark(&self, marked: Vec<Marked>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The receivers that said that they are gone.
    fn disabled(&self) -> impl Future<Output = Result<Vec<DisabledReceiver>, StoreError>> + Send;

    fn disable(&self, receiver: DisabledReceiver) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl<S: Store> Outbox for S {
    async fn claim(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, StoreError> {
        self.claim_notifications(claim).await
    }

    async fn mark(&self, marked: Vec<Marked>) -> Result<(), StoreError> {
        self.mark_deliveries(marked).await
    }

    async fn disabled(&self) -> Result<Vec<DisabledReceiver>, StoreError> {
        self.receiver_states().await
    }

    async fn disable(&self, receiver: DisabledReceiver) -> Result<(), StoreError> {
        self.set_receiver_state(ReceiverState::Disabled(receiver), None).await
    }
}

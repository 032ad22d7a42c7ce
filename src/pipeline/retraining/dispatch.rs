//! Runs are asked of their targets: noted before, marked after, each run by itself.

use std::sync::Arc;
use std::time::Duration;

use super::Retrainer;
use crate::domain::{ModelId, Timestamp};
use crate::retraining::{Answer, DecisionId, Order, Run, RunKey};
use crate::store::{RunCommit, Store, StoreError, StoredRun};
use crate::trigger::{About, Target};

/// Runs that are asked for at a time.
const AT_ONCE_MAX: usize = 16;
/// Pauses between tries to note an answer.
const NOTE_PAUSES: [Duration; 3] =
    [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];

impl<S: Store> Retrainer<S> {
    /// Begins to ask for the runs that are due; what was being asked for when a process ended is settled first.
    pub(super) async fn dispatch(self: &Arc<Self>) -> Result<(), StoreError> {
        let now = self.parts.clock.now();
        let targets = self.parts.targets.load_full();
        let mut asking = self.asking.lock().await;
        while let Some(asked) = asking.try_join_next() {
            super::noted(asked);
        }
        drop(asking);
        let mut memory = self.memory.lock().await;
        let runs: Vec<StoredRun> = memory.runs().filter(|stored| stored.run.may_move()).cloned().collect();
        for stored in runs {
            let key = stored.run.order.run_key.clone();
            if self.on_their_way().contains(&key) {
                continue;
            }
            let Some(target) = targets.get(&stored.run.target) else {
                if let Some(run) = stored.run.without_target(now) {
                    self.store_run(&mut memory, StoredRun { run, ..stored }).await?;
                }
                continue;
            };
            let mut stored = stored;
            if let Some(run) = stored.run.interrupted(target.sending(), now) {
                stored = self.store_run(&mut memory, StoredRun { run, ..stored }).await?;
            }
            if self.on_their_way().len() >= AT_ONCE_MAX {
                continue;
            }
            if let Some(run) = stored.run.sending(now) {
                let stored = self.store_run(&mut memory, StoredRun { run, ..stored }).await?;
                self.on_their_way().insert(key);
                let (retrainer, target) = (Arc::clone(self), Arc::clone(target));
                self.asking.lock().await.spawn(async move { retrainer.send(stored, &target).await });
            }
        }
        Ok(())
    }

    /// What goes with an order to its target.
    pub(super) fn about(&self, order: &Order, decision: DecisionId, at: Timestamp) -> About {
        let links = &self.parts.desk.rules().links;
        About {
            decision,
            at,
            asked_at: self.parts.clock.now(),
            decision_url: decision_url(&links.external_url, decision),
            report_url: report_url(&links.external_url, &order.model),
        }
    }

    async fn send(&self, stored: StoredRun, target: &Target) {
        let run = &stored.run;
        let about = self.about(&run.order, run.decision, run.requested_at);
        let sender = self.parts.directory.load().sender.clone();
        let answer = target.trigger(&run.order, &about, &sender).await;
        let mut pauses = NOTE_PAUSES.into_iter();
        while let Err(error) = self.note_answer(&run.order.run_key, answer.clone(), target).await {
            self.stop_if_unsynced(&error);
            let Some(pause) = pauses.next().filter(|_| !matches!(error, StoreError::SyncFailed(_))) else {
                tracing::error!(run = %run.order.run_key, %error, "what a target said is not stored; it is unclear now");
                break;
            };
            tokio::time::sleep(pause).await;
        }
        self.on_their_way().remove(&run.order.run_key);
    }

    async fn note_answer(&self, key: &RunKey, answer: Answer, target: &Target) -> Result<(), StoreError> {
        let mut memory = self.memory.lock().await;
        // A report may have come before the answer.
        let Some(stored) = memory.run(key).cloned() else { return Ok(()) };
        let now = self.parts.clock.now();
        let jitter = f64::from(now.micros().rem_euclid(1_000) as i32) / 1_000.0;
        let Some(run) = stored.run.answered(answer, target.sending(), now, jitter) else { return Ok(()) };
        tell(&run);
        self.store_run(&mut memory, StoredRun { run, ..stored }).await.map(drop)
    }

    /// Stores a run that moved on; gives it as it is stored then.
    pub(super) async fn store_run(
        &self,
        memory: &mut super::memory::Memory,
        stored: StoredRun,
    ) -> Result<StoredRun, StoreError> {
        let commit = RunCommit { run: Some(stored.clone()), version: None, done: Vec::new(), audit: None };
        if let Err(error) = self.parts.store.commit_run(commit).await {
            return Err(self.refused(memory, error).await);
        }
        let stored = StoredRun { revision: stored.revision + 1, ..stored };
        memory.put(stored.clone());
        Ok(stored)
    }
}

fn tell(run: &Run) {
    let (key, state, target) = (&run.order.run_key, run.state.as_str(), &run.target);
    match &run.last_error {
        Some(error) => tracing::warn!(run = %key, %target, state, error, "a run was asked for"),
        None => tracing::info!(run = %key, %target, state, "a run was asked for"),
    }
}

fn decision_url(external_url: &str, decision: DecisionId) -> String {
    format!("{external_url}/v1/decisions?before=dec-{}&limit=1", decision.0 + 1)
}

fn report_url(external_url: &str, model: &ModelId) -> String {
    format!("{external_url}/v1/models/{model}/versions")
}

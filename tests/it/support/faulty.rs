//! A store that fails when it is told to, so that what happens then can be seen.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use driftd::domain::{ModelId, TimeRange, Timestamp};
use driftd::incident::{Entry, Incident, IncidentId};
use driftd::notification::{NotificationId, Silence};
use driftd::retraining::RunKey;
use driftd::sketch::GridId;
use driftd::store::{
    AuditRow, Claim, ClaimedMessage, ControlCommit, CurrentIncidents, DecisionCommit, DecisionQuery,
    DecisionRow, DeltaKey, DeltaRow, DisabledReceiver, EvaluationCommit, Expired, Expiry, Fold, Freeze,
    HalvesRow, IncidentChanges, IncidentQuery, IngestCommit, IngestCommitted, JoinCommit, KpiCommit,
    KpiDelta, Marked, NotificationQuery, NotificationRow, OutboxSize, ReceiverState, RetrainingState,
    Retried, RunCommit, Store, StoreError, StoreSize, StoredRun, VerdictRow, VerdictSubject,
};

/// What can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    CommitIngest,
    CommitEvaluation,
    CommitIncidents,
    ReadDeltas,
    CommitJoin,
    CommitDecision,
    CommitRun,
    CommitKpis,
    ReadKpis,
}

/// Makes the next calls fail; cloning shares it.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<State>);

/// A call that fails, and with what; or one that goes through.
type Order = (Call, Option<fn() -> StoreError>);

#[derive(Debug, Default)]
struct State {
    ordered: Mutex<Vec<Order>>,
    met: AtomicUsize,
}

impl Faults {
    /// The next `times` calls of this sort fail.
    pub fn order(&self, call: Call, times: usize, error: fn() -> StoreError) {
        self.0.ordered.lock().unwrap().extend(std::iter::repeat_n((call, Some(error)), times));
    }

    /// The next `times` calls of this sort go through, before what is ordered after this.
    pub fn spare(&self, call: Call, times: usize) {
        self.0.ordered.lock().unwrap().extend(std::iter::repeat_n((call, None), times));
    }

    /// Nothing fails any more.
    pub fn clear(&self) {
        self.0.ordered.lock().unwrap().clear();
    }

    /// How many calls failed as ordered.
    pub fn met(&self) -> usize {
        self.0.met.load(Ordering::SeqCst)
    }

    /// Until a call failed as ordered.
    pub async fn until_met(&self) {
        let started = Instant::now();
        while self.met() == 0 {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "nothing that was ordered to fail was called"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn meet(&self, call: Call) -> Result<(), StoreError> {
        let mut ordered = self.0.ordered.lock().unwrap();
        let Some(place) = ordered.iter().position(|(of, _)| *of == call) else { return Ok(()) };
        let Some(error) = ordered.remove(place).1 else { return Ok(()) };
        self.0.met.fetch_add(1, Ordering::SeqCst);
        Err(error())
    }
}

/// A store between the pipeline and the real one.
pub struct Faulty<S> {
    store: S,
    faults: Faults,
}

impl<S> Faulty<S> {
    pub fn new(store: S, faults: Faults) -> Self {
        Self { store, faults }
    }

    pub fn inner(&self) -> &S {
        &self.store
    }
}

impl<S: Store> Store for Faulty<S> {
    async fn commit_ingest(&self, commit: IngestCommit) -> Result<IngestCommitted, StoreError> {
        self.faults.meet(Call::CommitIngest)?;
        self.store.commit_ingest(commit).await
    }

    async fn read_halves(
        &self,
        model: &ModelId,
        after: i64,
        bytes_max: usize,
    ) -> Result<Vec<HalvesRow>, StoreError> {
        self.store.read_halves(model, after, bytes_max).await
    }

    async fn commit_join(&self, commit: JoinCommit) -> Result<(), StoreError> {
        self.faults.meet(Call::CommitJoin)?;
        self.store.commit_join(commit).await
    }

    async fn fold_candidates(
        &self,
        bytes_max: usize,
        rulers: Option<BTreeSet<(ModelId, GridId)>>,
    ) -> Result<Vec<DeltaRow>, StoreError> {
        self.store.fold_candidates(bytes_max, rulers).await
    }

    async fn fold(&self, fold: Fold) -> Result<(), StoreError> {
        self.store.fold(fold).await
    }

    async fn read_deltas(&self, model: &ModelId, range: TimeRange) -> Result<Vec<DeltaRow>, StoreError> {
        self.faults.meet(Call::ReadDeltas)?;
        self.store.read_deltas(model, range).await
    }

    async fn counted(&self, model: &ModelId) -> Result<Vec<(DeltaKey, i64)>, StoreError> {
        self.store.counted(model).await
    }

    async fn commit_evaluation(&self, evaluation: EvaluationCommit) -> Result<(), StoreError> {
        self.faults.meet(Call::CommitEvaluation)?;
        self.store.commit_evaluation(evaluation).await
    }

    async fn read_verdicts(
        &self,
        model: &ModelId,
        subject: VerdictSubject,
        length: Duration,
        limit: usize,
    ) -> Result<Vec<VerdictRow>, StoreError> {
        self.store.read_verdicts(model, subject, length, limit).await
    }

    async fn commit_incidents(&self, changes: IncidentChanges) -> Result<(), StoreError> {
        self.faults.meet(Call::CommitIncidents)?;
        self.store.commit_incidents(changes).await
    }

    async fn read_incidents(&self, query: IncidentQuery) -> Result<Vec<Incident>, StoreError> {
        self.store.read_incidents(query).await
    }

    async fn read_incident(&self, id: IncidentId) -> Result<Option<(Incident, Vec<Entry>)>, StoreError> {
        self.store.read_incident(id).await
    }

    async fn current_incidents(&self, since: Timestamp) -> Result<CurrentIncidents, StoreError> {
        self.store.current_incidents(since).await
    }

    async fn read_silences(&self, ended_since: Timestamp) -> Result<Vec<Silence>, StoreError> {
        self.store.read_silences(ended_since).await
    }

    async fn claim_notifications(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, StoreError> {
        self.store.claim_notifications(claim).await
    }

    async fn mark_deliveries(&self, marked: Vec<Marked>) -> Result<(), StoreError> {
        self.store.mark_deliveries(marked).await
    }

    async fn retry_notification(
        &self,
        id: NotificationId,
        now: Timestamp,
        audit: AuditRow,
    ) -> Result<Retried, StoreError> {
        self.store.retry_notification(id, now, audit).await
    }

    async fn release_claims(&self) -> Result<u64, StoreError> {
        self.store.release_claims().await
    }

    async fn read_notifications(&self, query: NotificationQuery) -> Result<Vec<NotificationRow>, StoreError> {
        self.store.read_notifications(query).await
    }

    async fn outbox_size(&self) -> Result<OutboxSize, StoreError> {
        self.store.outbox_size().await
    }

    async fn receiver_states(&self) -> Result<Vec<DisabledReceiver>, StoreError> {
        self.store.receiver_states().await
    }

    async fn set_receiver_state(
        &self,
        state: ReceiverState,
        audit: Option<AuditRow>,
    ) -> Result<(), StoreError> {
        self.store.set_receiver_state(state, audit).await
    }

    async fn commit_decision(&self, commit: DecisionCommit) -> Result<(), StoreError> {
        self.faults.meet(Call::CommitDecision)?;
        self.store.commit_decision(commit).await
    }

    async fn commit_run(&self, commit: RunCommit) -> Result<(), StoreError> {
        self.faults.meet(Call::CommitRun)?;
        self.store.commit_run(commit).await
    }

    async fn read_kpis(&self, after: i64, limit: usize) -> Result<Vec<(i64, KpiDelta)>, StoreError> {
        self.faults.meet(Call::ReadKpis)?;
        self.store.read_kpis(after, limit).await
    }

    async fn fold_kpis(&self) -> Result<u64, StoreError> {
        self.store.fold_kpis().await
    }

    async fn kpi_state(&self) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        self.store.kpi_state().await
    }

    async fn commit_kpis(&self, commit: KpiCommit) -> Result<(), StoreError> {
        self.faults.meet(Call::CommitKpis)?;
        self.store.commit_kpis(commit).await
    }

    async fn plan_since(&self, model: &ModelId, at: Timestamp) -> Result<Timestamp, StoreError> {
        self.store.plan_since(model, at).await
    }

    async fn read_decisions(&self, query: DecisionQuery) -> Result<Vec<DecisionRow>, StoreError> {
        self.store.read_decisions(query).await
    }

    async fn read_run(&self, key: &RunKey) -> Result<Option<StoredRun>, StoreError> {
        self.store.read_run(key).await
    }

    async fn retraining_state(&self) -> Result<RetrainingState, StoreError> {
        self.store.retraining_state().await
    }

    async fn freeze_reference(&self, freeze: Freeze) -> Result<(), StoreError> {
        self.store.freeze_reference(freeze).await
    }

    async fn commit_control(&self, control: ControlCommit) -> Result<(), StoreError> {
        self.store.commit_control(control).await
    }

    async fn read_audit(&self, model: Option<&ModelId>, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        self.store.read_audit(model, limit).await
    }

    async fn expire(&self, expiry: Expiry) -> Result<Expired, StoreError> {
        self.store.expire(expiry).await
    }

    async fn size(&self) -> Result<StoreSize, StoreError> {
        self.store.size().await
    }

    async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        self.store.backup(to).await
    }
}

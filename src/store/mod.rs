//! What survives: commits, counts, references, verdicts, incidents, what has to be told of them, audit.
//!
//! One method of [`Store`] is one transaction and takes a whole value; no handle or closure crosses it, so that a
//! second dialect needs no more than the same methods.
//!
//! Invariants: what a method returned `Ok` for is on disk (synced); a unit whose guard failed left nothing; commits
//! of a writer are numbered without gaps; delta rows are appended and deleted, never changed; a key has at most one
//! incident that is not resolved; a notification is on disk with what it tells of.

mod types;

mod incidents;

mod outbox;

mod retraining;

mod join;

pub mod sqlite;

pub use incidents::*;
pub use join::*;
pub use outbox::*;
pub use retraining::*;
pub use types::*;

use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;

use crate::domain::{ModelId, TimeRange, Timestamp};
use crate::incident::{Entry, Incident, IncidentId};
use crate::notification::{NotificationId, Silence};
use crate::retraining::RunKey;
use crate::sketch::GridId;

/// The transactions and reads of the daemon. Every method may be called from any task; writes queue up, ingest first.
pub trait Store: Send + Sync + 'static {
    /// Commits the units whose guards hold, all or none of them, synced. Units are claimed in sorted order of their
    /// guards; one whose guard fails is left out and told so; two of the same key in one commit: the second is a
    /// duplicate of the first. Deltas of one key are added up and written as one row.
    fn commit_ingest(
        &self,
        commit: IngestCommit,
    ) -> impl Future<Output = Result<IngestCommitted, StoreError>> + Send;

    /// The halves of a model that were committed after a position, in order: about `bytes_max`, one row at least where
    /// there is one.
    fn read_halves(
        &self,
        model: &ModelId,
        after: i64,
        bytes_max: usize,
    ) -> impl Future<Output = Result<Vec<HalvesRow>, StoreError>> + Send;

    /// Outcomes that came of halves, and how far these are joined. [`StoreError::Conflict`], changing nothing, where the
    /// joiner stands elsewhere than expected.
    fn commit_join(&self, commit: JoinCommit) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Rows of counts that can be added, two or more of a key and ruler, the key with the oldest row first, about
    /// `bytes_max` of them at most; the caller adds them up and hands them to [`Store::fold`]. A key's rows on
    /// different rulers come one ruler after the other (`Tally::ruler_id_of`) and stay apart. A fold is one
    /// transaction: `bytes_max` decides how long ingest waits for it. `rulers`, where given: only rows of these models on these
    /// rulers; the others could not be added up and would stand first for ever.
    fn fold_candidates(
        &self,
        bytes_max: usize,
        rulers: Option<BTreeSet<(ModelId, GridId)>>,
    ) -> impl Future<Output = Result<Vec<DeltaRow>, StoreError>> + Send;

    /// Deletes exactly the rows named and inserts the new ones. Errors with [`StoreError::Conflict`], changing
    /// nothing, where one of the rows is gone. Learning rows may be among the deleted, with their counts among the
    /// inserted: those that were committed while their reference was being frozen.
    fn fold(&self, fold: Fold) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// All delta rows of a model whose pane lies in `range`, in order of key and row.
    fn read_deltas(
        &self,
        model: &ModelId,
        range: TimeRange,
    ) -> impl Future<Output = Result<Vec<DeltaRow>, StoreError>> + Send;

    /// The keys of a model's rows, in order, each with how many rows were counted under it (none where they are being
    /// learnt); cheap, no body is read.
    fn counted(
        &self,
        model: &ModelId,
    ) -> impl Future<Output = Result<Vec<(DeltaKey, i64)>, StoreError>> + Send;

    /// Verdicts, the model's evaluation state and what follows for incidents, of one evaluation of one model. A revision
    /// takes the place of an earlier one of its window; the first verdict stays beside it. [`StoreError::Conflict`]
    /// where the state is no longer the one it was computed from, and as in [`Store::commit_incidents`].
    fn commit_evaluation(
        &self,
        evaluation: EvaluationCommit,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The verdicts on a model's newest windows of one length, newest first; of a window its last revision first.
    fn read_verdicts(
        &self,
        model: &ModelId,
        subject: VerdictSubject,
        length: Duration,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<VerdictRow>, StoreError>> + Send;

    /// Incidents as they are now, with what happened and all that has to be told of it. [`StoreError::Conflict`],
    /// changing nothing, where a timeline does not stand where the new lines begin, where a key would have two incidents
    /// that are not resolved, or where a notification's id was given out before.
    fn commit_incidents(
        &self,
        changes: IncidentChanges,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A page of incidents, newest first.
    fn read_incidents(
        &self,
        query: IncidentQuery,
    ) -> impl Future<Output = Result<Vec<Incident>, StoreError>> + Send;

    /// An incident and its timeline.
    fn read_incident(
        &self,
        id: IncidentId,
    ) -> impl Future<Output = Result<Option<(Incident, Vec<Entry>)>, StoreError>> + Send;

    /// What incidents go on from at a start. `since`: how far back those that were resolved, silences that ended and
    /// messages that went out still matter.
    fn current_incidents(
        &self,
        since: Timestamp,
    ) -> impl Future<Output = Result<CurrentIncidents, StoreError>> + Send;

    /// The silences that had not ended at a time, in order of their ids.
    fn read_silences(
        &self,
        ended_since: Timestamp,
    ) -> impl Future<Output = Result<Vec<Silence>, StoreError>> + Send;

    /// Takes messages to send, until their lease ends or they are marked. A notification waits for the earlier ones of
    /// its incident and receiver. Those of a receiver and group that are due go out as one message, and stay one. What
    /// is critical goes first. There may be more where there was any.
    fn claim_notifications(
        &self,
        claim: Claim,
    ) -> impl Future<Output = Result<Vec<ClaimedMessage>, StoreError>> + Send;

    /// Marks how attempts ended. Marking again what is marked so changes nothing; what was delivered stays so.
    fn mark_deliveries(&self, marked: Vec<Marked>) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Sends a dead notification again, with its whole message.
    fn retry_notification(
        &self,
        id: NotificationId,
        now: Timestamp,
        audit: AuditRow,
    ) -> impl Future<Output = Result<Retried, StoreError>> + Send;

    /// Ends all claims: for a start, when nobody sends yet. Returns how many notifications were claimed.
    fn release_claims(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// A page of notifications, newest first.
    fn read_notifications(
        &self,
        query: NotificationQuery,
    ) -> impl Future<Output = Result<Vec<NotificationRow>, StoreError>> + Send;

    fn outbox_size(&self) -> impl Future<Output = Result<OutboxSize, StoreError>> + Send;

    /// The receivers that are disabled, in order of name and target.
    fn receiver_states(&self) -> impl Future<Output = Result<Vec<DisabledReceiver>, StoreError>> + Send;

    /// Disables a receiver at its target, or enables it again. `audit`: where a person asked for it.
    fn set_receiver_state(
        &self,
        state: ReceiverState,
        audit: Option<AuditRow>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A decision on retraining with its run. [`StoreError::Conflict`], changing nothing, where its occasion is decided,
    /// its run was asked for, or its number was given out before.
    fn commit_decision(&self, commit: DecisionCommit) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What became of a run, with the version that it made. [`StoreError::Conflict`], changing nothing, where the run
    /// is no longer the one that it was computed from.
    fn commit_run(&self, commit: RunCommit) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Notes since when a model is planned for; gives what was noted first.
    fn plan_since(
        &self,
        model: &ModelId,
        at: Timestamp,
    ) -> impl Future<Output = Result<Timestamp, StoreError>> + Send;

    /// A page of decisions, newest first.
    fn read_decisions(
        &self,
        query: DecisionQuery,
    ) -> impl Future<Output = Result<Vec<DecisionRow>, StoreError>> + Send;

    fn read_run(&self, key: &RunKey) -> impl Future<Output = Result<Option<StoredRun>, StoreError>> + Send;

    /// What retraining goes on from at a start.
    fn retraining_state(&self) -> impl Future<Output = Result<RetrainingState, StoreError>> + Send;

    /// Counts of KPIs by row, after a row, `limit` at most.
    fn read_kpis(
        &self,
        after: i64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<(i64, KpiDelta)>, StoreError>> + Send;

    /// Adds up rows of counts of the same stream, segment and pane; returns how many rows that saved.
    fn fold_kpis(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// How far KPIs are judged, and that state's number.
    fn kpi_state(&self) -> impl Future<Output = Result<Option<(i64, Vec<u8>)>, StoreError>> + Send;

    /// What was judged of KPIs. [`StoreError::Conflict`] where the state is no longer the one it was computed from, and
    /// as in [`Store::commit_incidents`].
    fn commit_kpis(&self, commit: KpiCommit) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Freezes a learnt reference: the first writer wins, a later one gets [`StoreError::Conflict`]. Writes the
    /// reference, replaces the learning rows by counts, and deletes what was learnt securely.
    fn freeze_reference(&self, freeze: Freeze) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What people asked for (baseline, pause, exclude, learn anew): the model's new control state and its audit row.
    fn commit_control(&self, control: ControlCommit) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The audit trail, newest first.
    fn read_audit(
        &self,
        model: Option<&ModelId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<AuditRow>, StoreError>> + Send;

    /// Deletes panes, verdicts, incidents, decisions, notifications, joined halves and idempotency keys that retention has passed.
    fn expire(&self, expiry: Expiry) -> impl Future<Output = Result<Expired, StoreError>> + Send;

    /// Bytes of the database and its log, and the space that is left.
    fn size(&self) -> impl Future<Output = Result<StoreSize, StoreError>> + Send;

    /// A consistent copy of the whole store in one new file.
    fn backup(&self, to: std::path::PathBuf) -> impl Future<Output = Result<(), StoreError>> + Send;
}

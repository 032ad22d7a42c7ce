//! Every transaction and read of the store: which job it is, and whose work.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::writer::Writer;
use super::{
    SqliteStore, backup, control, directory, evaluation, expire, fold, freeze, incidents, ingest, join, kpi,
    outbox, read, receivers, retraining, row_counts, silences,
};
use crate::domain::{ModelId, TimeRange, Timestamp};
use crate::incident::{Entry, Incident, IncidentId};
use crate::notification::{NotificationId, Silence};
use crate::retraining::RunKey;
use crate::sketch::GridId;
use crate::store::{
    AuditRow, Claim, ClaimedMessage, ControlCommit, CurrentIncidents, DecisionCommit, DecisionQuery,
    DecisionRow, DeltaKey, DeltaRow, DisabledReceiver, EvaluationCommit, Expired, Expiry, Fold, Freeze,
    HalvesRow, IncidentChanges, IncidentQuery, IngestCommit, IngestCommitted, JobKind, JoinCommit, KpiCommit,
    KpiDelta, Marked, NotificationQuery, NotificationRow, OutboxSize, ReceiverState, RetrainingState,
    Retried, RunCommit, Store, StoreError, StoreSize, StoredRun, VerdictRow, VerdictSubject,
};

impl Store for SqliteStore {
    async fn commit_ingest(&self, commit: IngestCommit) -> Result<IngestCommitted, StoreError> {
        self.write(JobKind::Ingest, move |writer| ingest::commit(writer, commit)).await
    }

    async fn read_halves(
        &self,
        model: &ModelId,
        after: i64,
        bytes_max: usize,
    ) -> Result<Vec<HalvesRow>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| join::read(connection, &model, after, bytes_max)).await
    }

    async fn commit_join(&self, commit: JoinCommit) -> Result<(), StoreError> {
        self.write(JobKind::Join, move |writer| join::commit(writer, &commit)).await
    }

    async fn fold_candidates(
        &self,
        bytes_max: usize,
        rulers: Option<BTreeSet<(ModelId, GridId)>>,
    ) -> Result<Vec<DeltaRow>, StoreError> {
        let mut keys = row_counts::lock(&self.row_counts).foldable();
        if let Some(rulers) = rulers {
            keys.retain(|(key, ruler)| rulers.contains(&(key.model.clone(), *ruler)));
        }
        self.readers.run(move |connection| fold::candidates(connection, keys, bytes_max)).await
    }

    async fn fold(&self, fold: Fold) -> Result<(), StoreError> {
        self.write(JobKind::Fold, move |writer| fold::fold(writer, &fold)).await
    }

    async fn read_deltas(&self, model: &ModelId, range: TimeRange) -> Result<Vec<DeltaRow>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| read::deltas(connection, &model, range)).await
    }

    async fn counted(&self, model: &ModelId) -> Result<Vec<(DeltaKey, i64)>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| read::counted(connection, &model)).await
    }

    async fn commit_evaluation(&self, evaluation: EvaluationCommit) -> Result<(), StoreError> {
        self.write(JobKind::Evaluation, move |writer| evaluation::commit(writer, &evaluation)).await
    }

    async fn read_verdicts(
        &self,
        model: &ModelId,
        subject: VerdictSubject,
        length: Duration,
        limit: usize,
    ) -> Result<Vec<VerdictRow>, StoreError> {
        let model = model.clone();
        self.readers.run(move |connection| evaluation::read(connection, &model, subject, length, limit)).await
    }

    async fn commit_incidents(&self, changes: IncidentChanges) -> Result<(), StoreError> {
        let write = move |writer: &mut Writer| {
            writer.ledger.transact(|transaction| incidents::write(transaction, &changes))
        };
        self.write(JobKind::Incident, write).await
    }

    async fn read_incidents(&self, query: IncidentQuery) -> Result<Vec<Incident>, StoreError> {
        self.readers.run(move |connection| incidents::page(connection, &query)).await
    }

    async fn read_incident(&self, id: IncidentId) -> Result<Option<(Incident, Vec<Entry>)>, StoreError> {
        self.readers.run(move |connection| incidents::read(connection, id)).await
    }

    async fn current_incidents(&self, since: Timestamp) -> Result<CurrentIncidents, StoreError> {
        self.readers.run(move |connection| incidents::current(connection, since)).await
    }

    async fn read_silences(&self, ended_since: Timestamp) -> Result<Vec<Silence>, StoreError> {
        self.readers.run(move |connection| silences::read(connection, ended_since)).await
    }

    async fn claim_notifications(&self, claim: Claim) -> Result<Vec<ClaimedMessage>, StoreError> {
        let claimed = self.write(JobKind::Delivery, move |writer| outbox::claim(writer, &claim)).await?;
        Ok(claimed.into_iter().map(outbox::StoredMessage::decode).collect())
    }

    async fn mark_deliveries(&self, marked: Vec<Marked>) -> Result<(), StoreError> {
        self.write(JobKind::Delivery, move |writer| outbox::mark(writer, &marked)).await
    }

    async fn retry_notification(
        &self,
        id: NotificationId,
        now: Timestamp,
        audit: AuditRow,
    ) -> Result<Retried, StoreError> {
        self.write(JobKind::Delivery, move |writer| outbox::retry(writer, id, now, &audit)).await
    }

    async fn release_claims(&self) -> Result<u64, StoreError> {
        self.write(JobKind::Delivery, outbox::release).await
    }

    async fn read_notifications(&self, query: NotificationQuery) -> Result<Vec<NotificationRow>, StoreError> {
        self.readers.run(move |connection| outbox::page(connection, &query)).await
    }

    async fn outbox_size(&self) -> Result<OutboxSize, StoreError> {
        self.readers.run(outbox::size).await
    }

    async fn receiver_states(&self) -> Result<Vec<DisabledReceiver>, StoreError> {
        self.readers.run(receivers::read).await
    }

    async fn set_receiver_state(
        &self,
        state: ReceiverState,
        audit: Option<AuditRow>,
    ) -> Result<(), StoreError> {
        self.write(JobKind::Delivery, move |writer| receivers::set(writer, &state, audit.as_ref())).await
    }

    async fn commit_decision(&self, commit: DecisionCommit) -> Result<(), StoreError> {
        self.write(JobKind::Control, move |writer| retraining::decide(writer, &commit)).await
    }

    async fn commit_run(&self, commit: RunCommit) -> Result<(), StoreError> {
        self.write(JobKind::Control, move |writer| retraining::move_run(writer, &commit)).await
    }

    async fn plan_since(&self, model: &ModelId, at: Timestamp) -> Result<Timestamp, StoreError> {
        let model = model.clone();
        self.write(JobKind::Control, move |writer| retraining::plan_since(writer, &model, at)).await
    }

    async fn read_decisions(&self, query: DecisionQuery) -> Result<Vec<DecisionRow>, StoreError> {
        self.readers.run(move |connection| retraining::page(connection, &query)).await
    }

    async fn read_run(&self, key: &RunKey) -> Result<Option<StoredRun>, StoreError> {
        let key = key.clone();
        self.readers.run(move |connection| retraining::run(connection, &key)).await
    }

    async fn retraining_state(&self) -> Result<RetrainingState, StoreError> {
        self.readers.run(retraining::current).await
    }

    async fn read_kpis(&self, after: i64, limit: usize) -> Result<Vec<(i64, KpiDelta)>, StoreError> {
        self.readers.run(move |connection| kpi::read(connection, after, limit)).await
    }

    async fn fold_kpis(&self) -> Result<u64, StoreError> {
        let keys = self.readers.run(kpi::foldable).await?;
        let mut deleted = 0;
        for (key, kind) in keys {
            deleted += self.write(JobKind::Fold, move |writer| kpi::fold(writer, &key, &kind)).await?;
        }
        Ok(deleted)
    }

    async fn kpi_state(&self) -> Result<Option<(i64, Vec<u8>)>, StoreError> {
        self.readers.run(kpi::state).await
    }

    async fn commit_kpis(&self, commit: KpiCommit) -> Result<(), StoreError> {
        self.write(JobKind::Evaluation, move |writer| kpi::commit(writer, &commit)).await
    }

    async fn freeze_reference(&self, freeze: Freeze) -> Result<(), StoreError> {
        self.write(JobKind::Freeze, move |writer| freeze::freeze(writer, &freeze)).await
    }

    async fn commit_control(&self, control: ControlCommit) -> Result<(), StoreError> {
        if control.forget_reference {
            // Overwriting takes time: most of it in steps, before what is one transaction.
            let model = control.model.clone();
            let learnt = move |writer: &mut Writer| expire::learning(writer, &model, Timestamp::MAX);
            self.write_in_steps(JobKind::Control, learnt).await?;
        }
        self.write(JobKind::Control, move |writer| control::commit(writer, &control)).await
    }

    async fn read_audit(&self, model: Option<&ModelId>, limit: usize) -> Result<Vec<AuditRow>, StoreError> {
        let model = model.cloned();
        self.readers.run(move |connection| control::read_audit(connection, model.as_ref(), limit)).await
    }

    async fn expire(&self, expiry: Expiry) -> Result<Expired, StoreError> {
        let Expiry { panes_before, learning_before, halves_before, .. } = expiry;
        let Expiry { verdicts_before, keys_before, kpis_before, notifications_before, .. } = expiry;
        let kind = JobKind::Expiry;
        let mut deltas = 0;
        for (model, before) in panes_before {
            let panes = move |writer: &mut Writer| expire::panes(writer, &model, before);
            deltas += self.write_in_steps(kind, panes).await?;
        }
        for (model, before) in learning_before {
            let learning = move |writer: &mut Writer| expire::learning(writer, &model, before);
            deltas += self.write_in_steps(kind, learning).await?;
        }
        let mut halves = 0;
        for (model, before) in halves_before {
            let joined = move |writer: &mut Writer| join::expire(writer, &model, before);
            halves += self.write_in_steps(kind, joined).await?;
        }
        let verdicts = move |writer: &mut Writer| expire::verdicts(writer, verdicts_before);
        let verdicts = self.write_in_steps(kind, verdicts).await?;
        let keys = self.write_in_steps(kind, move |writer| expire::commits(writer, keys_before)).await?;
        self.write_in_steps(kind, move |writer| expire::kpis(writer, kpis_before)).await?;
        let incidents = move |writer: &mut Writer| expire::incidents(writer, verdicts_before);
        let incidents = self.write_in_steps(kind, incidents).await?;
        let decisions = move |writer: &mut Writer| retraining::expire(writer, verdicts_before);
        self.write_in_steps(kind, decisions).await?;
        let silences = move |writer: &mut Writer| expire::silences(writer, verdicts_before);
        self.write_in_steps(kind, silences).await?;
        let notifications = move |writer: &mut Writer| expire::notifications(writer, notifications_before);
        let notifications = self.write_in_steps(kind, notifications).await?;
        Ok(Expired { deltas, halves, verdicts, keys, incidents, notifications })
    }

    async fn size(&self) -> Result<StoreSize, StoreError> {
        let (database, keys_dropped) = (self.database.clone(), self.keys_dropped());
        self.readers.run(move |_| directory::size(&database, keys_dropped)).await
    }

    async fn backup(&self, to: PathBuf) -> Result<(), StoreError> {
        self.readers.run(move |connection| backup::write(connection, &to)).await
    }
}

//! What HTTP asks, answered.

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;

use super::answer::{busy, unavailable_ingest};
use super::commit::Refusal;
use super::tend::{Ask, Reloaded};
use super::{Pipeline, control, meter, read};
use crate::domain::{ColumnId, ModelId};
use crate::metrics::Format;
use crate::store::{AuditRow, Store};
use crate::web::answer::{
    AuditAnswer, AuditEntry, BackupAnswer, ControlAnswer, DriftAnswer, FeatureAnswer, IngestAnswer,
    ModelAnswer, ModelsAnswer, PerformanceAnswer, RejectionsAnswer, ReloadAnswer, StatusAnswer,
};
use crate::web::{
    Actor, BackupRequest, BaselineRequest, DriftQuery, ExcludeRequest, Exposition, IngestError,
    IngestRequest, LearnRequest, PauseRequest, RowContent, Service, ServiceError,
};

impl<S: Store> Service for Pipeline<S> {
    async fn ingest(&self, request: IngestRequest) -> Result<IngestAnswer, IngestError> {
        let answered = self.admit_and_count(request).await;
        if let Some(reason) = answered.as_ref().err().and_then(meter::refusal) {
            self.metrics.daemon().requests_rejected.add(reason, 1);
        }
        answered
    }

    async fn models(&self) -> Result<ModelsAnswer, ServiceError> {
        read::models(self).await
    }

    async fn model(&self, model: &ModelId) -> Result<ModelAnswer, ServiceError> {
        read::model(self, model).await
    }

    async fn drift(&self, model: &ModelId, query: &DriftQuery) -> Result<DriftAnswer, ServiceError> {
        read::drift(self, model, query).await
    }

    async fn performance(
        &self,
        model: &ModelId,
        query: &DriftQuery,
    ) -> Result<PerformanceAnswer, ServiceError> {
        read::performance(self, model, query).await
    }

    async fn feature(
        &self,
        model: &ModelId,
        column: &ColumnId,
        query: &DriftQuery,
    ) -> Result<FeatureAnswer, ServiceError> {
        read::feature(self, model, column, query).await
    }

    async fn status(&self) -> Result<StatusAnswer, ServiceError> {
        read::status(self).await
    }

    async fn rejections(&self, model: &ModelId) -> Result<RejectionsAnswer, ServiceError> {
        read::rejections(self, model).await
    }

    async fn audit(&self, model: Option<&ModelId>, limit: usize) -> Result<AuditAnswer, ServiceError> {
        let rows = self.store.read_audit(model, limit).await?;
        let entry = |row: AuditRow| AuditEntry {
            at: row.at,
            actor: row.actor,
            action: row.action,
            model: row.model,
            detail: row.detail,
        };
        Ok(AuditAnswer { entries: rows.into_iter().map(entry).collect() })
    }

    async fn baseline(
        &self,
        model: &ModelId,
        request: BaselineRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        control::baseline(&*self.model(model)?, &*self.store, request, actor, self.clock.now()).await
    }

    async fn pause(
        &self,
        model: &ModelId,
        request: PauseRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        control::pause(&*self.model(model)?, &*self.store, request, actor, self.clock.now()).await
    }

    async fn exclude(
        &self,
        model: &ModelId,
        request: ExcludeRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        control::exclude(&*self.model(model)?, &*self.store, request, actor, self.clock.now()).await
    }

    async fn learn(
        &self,
        model: &ModelId,
        request: LearnRequest,
        actor: &Actor,
    ) -> Result<ControlAnswer, ServiceError> {
        let model = self.model(model)?;
        control::learn(&model, &*self.store, &self.options, request, actor, self.clock.now()).await
    }

    async fn reload(&self, actor: &Actor) -> Result<ReloadAnswer, ServiceError> {
        let reloaded = self.ask(Ask::Reload).await?;
        let Reloaded { changes, needs_restart } = reloaded.map_err(|why| ServiceError::Invalid { why })?;
        tracing::info!(%actor, "reload");
        Ok(ReloadAnswer { changes, needs_restart })
    }

    async fn backup(&self, request: BackupRequest, actor: &Actor) -> Result<BackupAnswer, ServiceError> {
        let path = PathBuf::from(&request.path);
        refuse_odd_path(&path)?;
        self.store.backup(path.clone()).await?;
        let bytes = tokio::fs::metadata(&path).await.map_or(0, |file| file.len());
        tracing::info!(%actor, bytes, "backup");
        Ok(BackupAnswer { path: request.path, bytes })
    }

    async fn metrics(&self, exposition: Exposition) -> Result<Bytes, ServiceError> {
        let format = match exposition {
            Exposition::Text004 => Format::Text,
            Exposition::OpenMetrics1 => Format::OpenMetrics,
        };
        let (metrics, now) = (self.metrics.clone(), self.clock.now());
        let gauges = metrics.daemon();
        gauges.queue_bytes.set(self.intake.queue.bytes() as i64);
        let text = tokio::task::spawn_blocking(move || metrics.encode(format, now)).await;
        text.map(Bytes::from).map_err(|error| ServiceError::Internal { why: error.to_string() })
    }

    fn healthy(&self) -> bool {
        true
    }

    fn ready(&self) -> Result<(), String> {
        if let Some(why) = &*self.fatal.borrow() {
            return Err(why.clone());
        }
        match &*self.trouble.load() {
            Some(why) => Err(String::clone(why)),
            None => Ok(()),
        }
    }
}

impl<S: Store> Pipeline<S> {
    async fn admit_and_count(&self, request: IngestRequest) -> Result<IngestAnswer, IngestError> {
        let model = self.find(&request.model).map_err(|hint| IngestError::UnknownModel { hint })?;
        let admitted = self.intake.queue.admit(request.body.len()).map_err(|refusal| match refusal {
            Refusal::Full { .. } => busy(),
            Refusal::Stopping => unavailable_ingest(&refusal.to_string(), Duration::from_secs(5)),
        })?;
        let intake = self.intake.clone();
        // To its end even if the sender hangs up: a commit is never left half known.
        let taken_in = tokio::spawn(async move {
            match request.content {
                RowContent::Predictions => intake.take_in(&model, request, admitted).await,
                RowContent::Labels => intake.take_labels(&model, request, admitted).await,
            }
        });
        taken_in.await.unwrap_or_else(|error| {
            tracing::error!(%error, "counting a body ended badly");
            Err(unavailable_ingest(
                "counting the body ended badly; nothing of it was counted",
                Duration::from_secs(1),
            ))
        })
    }
}

/// A path without `..` whose file does not exist and whose folder does.
fn refuse_odd_path(path: &Path) -> Result<(), ServiceError> {
    let invalid = |why: &str| Err(ServiceError::Invalid { why: format!("`path` {why}") });
    if !path.is_absolute() || path.components().any(|part| part.as_os_str() == "..") {
        return invalid("must be absolute and without `..`");
    }
    if path.exists() {
        return invalid("exists already; a backup is a new file");
    }
    match path.parent().is_some_and(Path::is_dir) {
        true => Ok(()),
        false => invalid("names a folder that does not exist"),
    }
}

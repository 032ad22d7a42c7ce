//! What HTTP asks of retraining, answered.

use std::sync::Arc;
use std::time::Duration;

use super::consider::{Asked, Holding};
use super::report::{NewVersion, ReportError, Reported, Taken};
use super::{RetrainError, Retrainer};
use crate::domain::{ModelId, Timestamp, Version};
use crate::pipeline::Pipeline;
use crate::pipeline::control::{audit_row, unavailable};
use crate::pipeline::model::Model;
use crate::retraining::{Cause, Decision, MaintenanceItem, Occasion, Order, RunKey};
use crate::store::{AuditRow, DecisionQuery, MaintenanceDone, RunCommit, Store, StoreError};
use crate::web::answer::{
    DecisionAnswer, DecisionsAnswer, MaintenanceAnswer, MaintenanceItemAnswer, NextRun, RetrainAnswer,
    RunAnswer, TrainedVersionAnswer, VersionAnswer, VersionsAnswer,
};
use crate::web::{
    Actor, MaintenanceReport, RetrainRequest, RetrainingService, ServiceError, Trained, VersionReport,
};

/// A version may be as much from the future: clocks differ.
const AHEAD_MAX: Duration = Duration::from_secs(3_600);
/// 2000-01-01: nothing that is served was trained before.
const EARLIEST: Timestamp = Timestamp::from_seconds(946_684_800);

impl<S: Store> RetrainingService for Pipeline<S> {
    async fn decisions(&self, query: DecisionQuery) -> Result<DecisionsAnswer, ServiceError> {
        let limit = query.limit;
        let rows = self.store.read_decisions(DecisionQuery { limit: limit + 1, ..query }).await?;
        Ok(DecisionsAnswer::page(&rows, limit, self.clock.now()))
    }

    async fn retrain(
        &self,
        model: &ModelId,
        request: RetrainRequest,
        actor: &Actor,
    ) -> Result<RetrainAnswer, ServiceError> {
        let (model, retrainer) = (self.model(model)?, self.retrainer.clone());
        let actor = actor.clone();
        // To its end even if whoever asks hangs up.
        ended(tokio::spawn(async move { retrainer.retrain(&model, request, &actor).await }).await)
    }

    async fn report_version(
        &self,
        model: &ModelId,
        report: VersionReport,
        actor: &Actor,
    ) -> Result<VersionAnswer, ServiceError> {
        let (model, retrainer) = (self.model(model)?, self.retrainer.clone());
        let actor = actor.clone();
        ended(tokio::spawn(async move { retrainer.take_report(&model, report, &actor).await }).await)
    }

    async fn versions(&self, model: &ModelId) -> Result<VersionsAnswer, ServiceError> {
        let model = self.model(model)?;
        let mut memory = self.retrainer.memory.lock().await;
        let mut trained: Vec<_> = memory.model(&model.options.id).versions.values().cloned().collect();
        drop(memory);
        trained.sort_by_key(|of| std::cmp::Reverse(of.reported_at));
        let live = model.live();
        let rows = |version: &Version| {
            let found = live.counted.by_version().find(|(of, _)| *of == version);
            found.and_then(|(_, totals)| u64::try_from(totals.rows).ok()).filter(|rows| *rows > 0)
        };
        let versions = trained.iter().map(|of| TrainedVersionAnswer::of(of, rows(&of.version))).collect();
        Ok(VersionsAnswer { model: model.options.id.clone(), versions })
    }

    async fn maintenance(&self, model: Option<&ModelId>) -> Result<MaintenanceAnswer, ServiceError> {
        let models: Vec<Arc<Model>> = match model {
            Some(model) => vec![self.model(model)?],
            None => self.models.load().values().cloned().collect(),
        };
        let mut answer = MaintenanceAnswer { items: Vec::new(), next_runs: Vec::new() };
        for model in models {
            let Some(present) = self.retrainer.present(&model) else { continue };
            let id = &model.options.id;
            for item in self.retrainer.items(&model, present).await? {
                answer.items.push(self.retrainer.item(id, &item).await);
            }
            let next = model.options.retraining.iter().flat_map(|plan| plan.upcoming(present));
            answer.next_runs.extend(next.map(|(cause, at)| NextRun { model: id.clone(), cause, at }));
        }
        Ok(answer)
    }

    async fn maintain(
        &self,
        report: MaintenanceReport,
        actor: &Actor,
    ) -> Result<MaintenanceItemAnswer, ServiceError> {
        let (model, retrainer) = (self.model(&report.model)?, self.retrainer.clone());
        let actor = actor.clone();
        ended(tokio::spawn(async move { retrainer.maintain(&model, report, &actor).await }).await)
    }
}

fn ended<T>(ended: Result<Result<T, ServiceError>, tokio::task::JoinError>) -> Result<T, ServiceError> {
    ended.unwrap_or_else(|error| Err(ServiceError::Internal { why: error.to_string() }))
}

impl<S: Store> Retrainer<S> {
    async fn retrain(
        &self,
        model: &Model,
        request: RetrainRequest,
        actor: &Actor,
    ) -> Result<RetrainAnswer, ServiceError> {
        let RetrainRequest { reason, category, dry_run } = request;
        let reason = reason.trim().to_owned();
        let options = &model.options;
        let Some(plan) = &options.retraining else {
            let why = format!(
                "{} is not retrained by driftd: give its config a [retraining] with a target, one of the main file's \
                 [targets]",
                options.id
            );
            return Err(ServiceError::Conflict { why });
        };
        let present = self.present(model).unwrap_or_else(|| self.parts.clock.now());
        let occasion = Occasion { cause: Cause::Manual, at: present };
        let audit = audit_row(options, actor, "retrain", &reason, self.parts.clock.now());
        let by = Some(actor.to_string());
        let asked = Asked { occasion, category, reason, by, audit: (!dry_run).then_some(audit) };
        let holding = if dry_run { Holding::WouldDecide } else { Holding::Decides };
        let decision = self.ask(model, plan, asked, holding).await?;
        let request = decision.order().map(|order| self.preview(order, &decision));
        let run = match decision.order() {
            Some(order) if !dry_run => self.memory.lock().await.run(&order.run_key).map(|of| of.run.clone()),
            _ => None,
        };
        let decision = match dry_run {
            true => DecisionAnswer::dry(&decision),
            false => DecisionAnswer::of(&decision, run.as_ref(), self.parts.clock.now()),
        };
        Ok(RetrainAnswer { decision, dry_run, request })
    }

    /// The request that an order is sent as, in words where there is no target.
    fn preview(&self, order: &Order, decision: &Decision) -> String {
        let about = self.about(order, decision.id, decision.at);
        let targets = self.parts.targets.load();
        let models = self.parts.models.load();
        let plan = models.get(&order.model).and_then(|model| model.options.retraining.as_ref());
        let target = plan.and_then(|plan| targets.get(&plan.target));
        target.map_or_else(
            || "The config has no such target.\n".to_owned(),
            |target| target.preview(order, &about),
        )
    }

    async fn take_report(
        &self,
        model: &Model,
        report: VersionReport,
        actor: &Actor,
    ) -> Result<VersionAnswer, ServiceError> {
        let now = self.parts.clock.now();
        let VersionReport { run, says } = report;
        let (outcome, detail) = match says {
            Trained::Version { version, trained_at } => {
                check_trained(trained_at, now)?;
                check_name(&version)?;
                let detail = format!("version {version}");
                (Ok(NewVersion { version, trained_at }), detail)
            }
            Trained::Failed { .. } if run.is_none() => {
                let why = "`run_key` is missing: a run that failed is named by its key".to_owned();
                return Err(ServiceError::Invalid { why });
            }
            Trained::Failed { why } => (Err(why.clone()), format!("failed: {why}")),
        };
        let detail = run.as_ref().map_or(detail.clone(), |run| format!("{detail}, of {run}"));
        let audit = audit_row(&model.options, actor, "report_version", &detail, now);
        let reported = Reported { run, outcome, by: actor.to_string() };
        let Taken { run, version, open } = self.report(model, reported, audit).await?;
        let champion = version.as_ref().and_then(|version| version.champion.clone());
        let message = match (&version, &champion) {
            (None, _) => "the run failed; whoever must act is told".to_owned(),
            (Some(of), None) => {
                format!("version {} is known; its predictions are judged as they come", of.version)
            }
            (Some(of), Some(champion)) => format!(
                "version {} is known, and compared with {champion} from its first prediction on: see \
                 GET /v1/models/{}/performance",
                of.version, model.options.id
            ),
        };
        Ok(VersionAnswer {
            model: model.options.id.clone(),
            version: version.as_ref().map(|version| version.version.clone()),
            trained_at: version.map(|version| version.trained_at),
            run: run.map(|run| RunAnswer::of(&run, now)),
            champion,
            message: match open {
                None => message,
                Some(open) => still_open(&message, &open),
            },
        })
    }

    async fn item(&self, model: &ModelId, item: &MaintenanceItem) -> MaintenanceItemAnswer {
        let mut memory = self.memory.lock().await;
        let done = item.period.and_then(|period| memory.model(model).done.get(&(item.task, period)));
        MaintenanceItemAnswer::of(model, item, done.and_then(|done| done.note.as_deref()))
    }

    async fn maintain(
        &self,
        model: &Model,
        report: MaintenanceReport,
        actor: &Actor,
    ) -> Result<MaintenanceItemAnswer, ServiceError> {
        let MaintenanceReport { task, period, note, .. } = report;
        let options = &model.options;
        if !options.maintenance.tasks.contains(&(task, period)) {
            let (id, name) = (&options.id, period.as_str());
            let why = format!(
                "{id} has no {task} {name} in its calendar; [maintenance] in its config says what it has"
            );
            return Err(ServiceError::Invalid { why });
        }
        let present = self.present(model).unwrap_or_else(|| self.parts.clock.now());
        let detail = format!(
            "{task} {}{}",
            period.as_str(),
            note.as_ref().map_or(String::new(), |n| format!(": {n}"))
        );
        let audit: AuditRow = audit_row(options, actor, "maintenance", &detail, self.parts.clock.now());
        let done = MaintenanceDone {
            model: options.id.clone(),
            task,
            period,
            at: present,
            by: actor.to_string(),
            category: task.category(),
            note,
        };
        let commit = RunCommit { run: None, version: None, done: vec![done.clone()], audit: Some(audit) };
        let mut memory = self.memory.lock().await;
        self.parts.store.commit_run(commit).await?;
        memory.note_done(&done);
        drop(memory);
        let items = self.items(model, present).await?;
        let item = items.iter().find(|item| (item.task, item.period) == (task, Some(period)));
        let item =
            item.ok_or_else(|| ServiceError::Internal { why: "a task left its calendar".to_owned() })?;
        Ok(self.item(&options.id, item).await)
    }
}

fn still_open(message: &str, open: &RunKey) -> String {
    format!(
        "{message}. {open} still waits for its report: if this version came of it, report it with that run_key"
    )
}

fn check_trained(trained_at: Option<Timestamp>, now: Timestamp) -> Result<(), ServiceError> {
    let why = match trained_at {
        Some(at) if at > now.saturating_add(AHEAD_MAX) => "`trained_at` lies in the future",
        Some(at) if at < EARLIEST => "`trained_at` lies before 2000",
        _ => return Ok(()),
    };
    Err(ServiceError::Invalid { why: why.to_owned() })
}

fn check_name(version: &Version) -> Result<(), ServiceError> {
    let name = version.as_str();
    let why = match name {
        _ if *version == Version::other() => {
            "`version` other is where versions past the limit are counted; take another"
        }
        _ if name.trim() != name => "`version` begins or ends with a blank",
        _ => return Ok(()),
    };
    Err(ServiceError::Invalid { why: why.to_owned() })
}

impl From<RetrainError> for ServiceError {
    fn from(error: RetrainError) -> Self {
        match error {
            RetrainError::Store(StoreError::Conflict(_)) => {
                Self::Conflict { why: "something else was decided at the same time; ask again".to_owned() }
            }
            RetrainError::Store(error) => error.into(),
            RetrainError::Counts(error) => unavailable(&error),
        }
    }
}

impl From<ReportError> for ServiceError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::UnknownRun(_) => Self::UnknownRun,
            ReportError::OtherVersion { .. } | ReportError::NotNew { .. } => {
                Self::Conflict { why: error.to_string() }
            }
            ReportError::Retrain(error) => error.into(),
        }
    }
}

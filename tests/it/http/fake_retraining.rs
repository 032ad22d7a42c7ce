//! The part of the fake service that owners of models and training pipelines ask of: what it does depends on the model
//! and on what is said.

use driftd::domain::{ModelId, TimeRange, Timestamp};
use driftd::incident::{IncidentId, IncidentKind, Role};
use driftd::retraining::*;
use driftd::store::{DecisionQuery, DecisionRow, TrainedVersion};
use driftd::verdict::Severity;
use driftd::web::answer::*;
use driftd::web::*;

use super::fake::Fake;

const AT: Timestamp = Timestamp::from_seconds(1_763_805_600);
const DAY: u64 = 86_400;

fn days(days: u64) -> std::time::Duration {
    std::time::Duration::from_secs(days * DAY)
}

fn fraud() -> ModelId {
    "fraud".parse().unwrap()
}

fn inputs() -> Inputs {
    let summary = "age moved up".to_owned();
    Inputs {
        version: "3".parse().ok(),
        trained_at: Some(AT.saturating_sub(days(40))),
        last_run: None,
        open_run: None,
        window: TimeRange { start: AT.saturating_sub(days(30)), end: AT },
        labels: Some(LabelInputs { new: 120, predicted: 1_000, labelled: 900 }),
        drifted: vec![Drifted {
            incident: IncidentId(3),
            kind: IncidentKind::ConceptDrift,
            severity: Severity::Critical,
            since: AT.saturating_sub(days(2)),
            window: None,
            summary,
            moved: vec![],
        }],
        data_quality: vec![],
    }
}

fn order(reason: &str) -> Order {
    Order {
        run_key: RunKey::named("retrain-fraud-2025-W47-manual-0a1b2c3d"),
        model: fraud(),
        version: "3".parse().ok(),
        cause: Cause::Manual,
        category: Category::Corrective,
        reason: reason.to_owned(),
        update: Update::Major,
        window: inputs().window,
        labels: inputs().labels,
        drifted: inputs().drifted,
        validators: vec![Role::ModelOwner, Role::BusinessOwner],
    }
}

/// Even ids are withheld, for two reasons.
fn decision(id: u64, category: Option<Category>, reason: &str, by: Option<&str>) -> Decision {
    let reasons = vec![
        Withheld::TooFewNewLabels { labels: 120, needed: 500 },
        Withheld::Cooldown { last: AT.saturating_sub(days(1)), until: AT.saturating_add(days(6)) },
    ];
    Decision {
        id: DecisionId(id),
        model: fraud(),
        at: AT,
        cause: Cause::Manual,
        occasion_at: AT,
        category: category.unwrap_or(Category::Corrective),
        reason: reason.to_owned(),
        by: by.map(str::to_owned),
        ruling: match id % 2 {
            0 => Ruling::Withhold { reasons },
            _ => Ruling::Trigger { order: Box::new(order(reason)) },
        },
        inputs: inputs(),
    }
}

/// Accepted by its target, its report a day overdue.
fn run() -> Run {
    let asked = Decision { at: AT.saturating_sub(days(2)), ..decision(3, None, "drift", None) };
    let new = Run::of(&asked, "airflow".parse().unwrap(), days(1)).expect("it triggers");
    let sent = new.sending(AT.saturating_sub(days(2))).unwrap();
    let taken = Answer::Taken { remote: Some("dag-7".into()) };
    sent.answered(taken, Sending::Idempotent, AT.saturating_sub(days(2)), 0.0).unwrap()
}

fn item(task: MaintenanceTask, period: Option<Period>, standing: Standing) -> MaintenanceItemAnswer {
    let last_done = Some(AT.saturating_sub(days(40)));
    let item =
        MaintenanceItem { task, period, category: task.category(), role: task.role(), standing, last_done };
    MaintenanceItemAnswer::of(&fraud(), &item, Some("sources are gone through"))
}

impl Fake {
    fn says(&self, actor: &Actor, said: impl std::fmt::Debug) {
        self.done.lock().unwrap().push(format!("{actor} {said:?}"));
    }

    fn retrained(&self, model: &ModelId) -> Result<(), ServiceError> {
        match model.as_str() {
            "absent" => Err(ServiceError::UnknownModel { hint: "fraud is one".into() }),
            "unplanned" => Err(ServiceError::Conflict { why: "the model has no [retraining]".into() }),
            _ => Ok(()),
        }
    }
}

impl RetrainingService for Fake {
    async fn decisions(&self, query: DecisionQuery) -> Result<DecisionsAnswer, ServiceError> {
        self.pages.lock().unwrap().push(format!("{query:?}"));
        let run_of = |id| (id == 3).then(run);
        let rows =
            [3, 2, 1].map(|id| DecisionRow { decision: decision(id, None, "drift", None), run: run_of(id) });
        Ok(DecisionsAnswer::page(&rows, query.limit, AT))
    }

    /// What has `never` in its reason is withheld.
    async fn retrain(
        &self,
        model: &ModelId,
        request: RetrainRequest,
        actor: &Actor,
    ) -> Result<RetrainAnswer, ServiceError> {
        self.retrained(model)?;
        self.says(actor, &request);
        let RetrainRequest { reason, category, dry_run } = request;
        let id = if reason.contains("never") { 2 } else { 3 };
        let decision = decision(id, category, &reason, Some(actor.as_str()));
        let triggered = decision.order().is_some();
        Ok(RetrainAnswer {
            decision: match dry_run {
                true => DecisionAnswer::dry(&decision),
                false => DecisionAnswer::of(&decision, triggered.then(run).as_ref(), AT),
            },
            dry_run,
            request: triggered.then(|| "POST https://airflow.example/dags\nAuthorization: ***\n\n{}".into()),
        })
    }

    async fn report_version(
        &self,
        model: &ModelId,
        report: VersionReport,
        actor: &Actor,
    ) -> Result<VersionAnswer, ServiceError> {
        self.retrained(model)?;
        if report.run.as_ref().is_some_and(|run| run.as_str() == "retrain-nothing") {
            return Err(ServiceError::UnknownRun);
        }
        self.says(actor, &report);
        let (version, trained_at) = match report.says {
            Trained::Version { version, trained_at } => (Some(version), Some(trained_at.unwrap_or(AT))),
            Trained::Failed { .. } => (None, None),
        };
        Ok(VersionAnswer {
            model: model.clone(),
            version,
            trained_at,
            run: report.run.map(|_| RunAnswer::of(&run(), AT)),
            champion: "3".parse().ok(),
            message: "it is compared with 3".into(),
        })
    }

    async fn versions(&self, model: &ModelId) -> Result<VersionsAnswer, ServiceError> {
        self.retrained(model)?;
        let trained = TrainedVersion {
            model: model.clone(),
            version: "4".parse().unwrap(),
            trained_at: AT,
            reported_at: AT,
            run: Some(RunKey::named("retrain-fraud-2025-W47-drift")),
            champion: "3".parse().ok(),
        };
        Ok(VersionsAnswer {
            model: model.clone(),
            versions: vec![TrainedVersionAnswer::of(&trained, Some(7))],
        })
    }

    async fn maintenance(&self, model: Option<&ModelId>) -> Result<MaintenanceAnswer, ServiceError> {
        model.map_or(Ok(()), |model| self.retrained(model))?;
        let overdue = Standing::Overdue { due_by: AT.saturating_sub(days(1)) };
        let done = Standing::Done { due_by: AT.saturating_add(days(90)) };
        let items = vec![
            item(MaintenanceTask::DataRefresh, Some(Period::Monthly), overdue),
            item(MaintenanceTask::ModelAge, None, done),
        ];
        let next_runs =
            vec![NextRun { model: fraud(), cause: Cause::Scheduled, at: AT.saturating_add(days(2)) }];
        Ok(MaintenanceAnswer { items, next_runs })
    }

    async fn maintain(
        &self,
        report: MaintenanceReport,
        actor: &Actor,
    ) -> Result<MaintenanceItemAnswer, ServiceError> {
        self.retrained(&report.model)?;
        self.says(actor, &report);
        let done = Standing::Done { due_by: AT.saturating_add(days(30)) };
        Ok(item(report.task, Some(report.period), done))
    }
}

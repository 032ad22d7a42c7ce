//! Decisions: those that are due, and those that people ask for.

use super::facts::{NewLabels, training_window};
use super::memory::Memory;
use super::{RetrainError, Retrainer};
use crate::domain::{Timestamp, Version};
use crate::incident::IncidentKind;
use crate::pipeline::model::Model;
use crate::retraining::{
    Category, Cause, Decision, Drifted, Inputs, Occasion, RetrainingPlan, Run, Wish, category_of, decide, due,
};
use crate::store::{AuditRow, DecisionCommit, Store, StoreError, StoredRun};

/// A wish to decide.
pub struct Asked {
    pub occasion: Occasion,
    /// `None`: as the cause has it.
    pub category: Option<Category>,
    pub reason: String,
    pub by: Option<String>,
    pub audit: Option<AuditRow>,
}

/// Whether a decision is to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    Decides,
    /// Only looks what would be decided; nothing is stored.
    WouldDecide,
}

impl<S: Store> Retrainer<S> {
    /// Makes the decisions of a model that are due.
    pub(super) async fn consider(&self, model: &Model) -> Result<(), RetrainError> {
        let Some(plan) = &model.options.retraining else { return Ok(()) };
        let Some(present) = self.present(model) else { return Ok(()) };
        let open = self.open_incidents(model, plan).await;
        let mut memory = self.memory.lock().await;
        let since = self.planned_since(&mut memory, model, present).await?;
        let history = memory.model(&model.options.id).history(since, self.parts.clock.now());
        for occasion in due(plan, &history, &open.drifted, present) {
            let reason = words(occasion.cause, &open.drifted);
            let asked = Asked { occasion, category: None, reason, by: None, audit: None };
            self.decide(&mut memory, model, plan, asked, Holding::Decides).await?;
        }
        Ok(())
    }

    /// Since when the model is planned for, which its first look says.
    pub(super) async fn planned_since(
        &self,
        memory: &mut Memory,
        model: &Model,
        present: Timestamp,
    ) -> Result<Timestamp, StoreError> {
        let id = &model.options.id;
        if let Some(since) = memory.model(id).since {
            return Ok(since);
        }
        let since = self.parts.store.plan_since(id, present).await?;
        Ok(*memory.model(id).since.insert(since))
    }

    /// What a person asks for.
    pub(super) async fn ask(
        &self,
        model: &Model,
        plan: &RetrainingPlan,
        asked: Asked,
        holding: Holding,
    ) -> Result<Decision, RetrainError> {
        let mut memory = self.memory.lock().await;
        self.decide(&mut memory, model, plan, asked, holding).await
    }

    /// Decides, and stores what was decided with all that follows from it.
    async fn decide(
        &self,
        memory: &mut Memory,
        model: &Model,
        plan: &RetrainingPlan,
        asked: Asked,
        holding: Holding,
    ) -> Result<Decision, RetrainError> {
        let Asked { occasion, category, reason, by, audit } = asked;
        let id = &model.options.id;
        let inputs = self.inputs(memory, model, plan, occasion.at).await?;
        let key = plan.run_key(id, &occasion, &reason);
        let is_known = self.parts.store.read_run(&key).await?.is_some();
        let category = category.unwrap_or_else(|| category_of(occasion.cause, &inputs));
        let wish = Wish { occasion: &occasion, category, reason: &reason, is_known };
        let ruling = decide(plan, id, wish, &inputs);
        let decision = Decision {
            id: memory.next_decision(),
            model: id.clone(),
            at: self.parts.clock.now(),
            cause: occasion.cause,
            occasion_at: occasion.at,
            category,
            reason,
            by,
            ruling,
            inputs,
        };
        if holding == Holding::WouldDecide {
            return Ok(decision);
        }
        let run = Run::of(&decision, plan.target.clone(), plan.report_within);
        let (occasion, run_of) = (occasion.text(), run.clone());
        let commit = DecisionCommit { decision: decision.clone(), occasion, run: run_of, audit };
        if let Err(error) = self.parts.store.commit_decision(commit).await {
            return Err(self.refused(memory, error).await.into());
        }
        memory.note(&decision);
        if let Some(run) = run {
            memory.put(StoredRun { revision: 1, run });
        }
        self.parts.metrics.retraining().decided(&decision);
        tracing::info!(model = %id, decision = %decision.id, cause = %decision.cause,
            outcome = decision.ruling.as_str(), "retraining was decided on");
        Ok(decision)
    }

    async fn inputs(
        &self,
        memory: &mut Memory,
        model: &Model,
        plan: &RetrainingPlan,
        at: Timestamp,
    ) -> Result<Inputs, RetrainError> {
        let open = self.open_incidents(model, plan).await;
        let now = self.parts.clock.now();
        let of_model = memory.model(&model.options.id);
        let last_run = of_model.last_run();
        let open_run = of_model.open_run(now).map(|run| run.order.run_key.clone());
        let window = training_window(model, plan, at);
        let trained = model.live().trained_at.clone();
        let last_trained = trained.values().copied().filter(|trained| *trained <= at).max();
        let new = match (of_model.last_order(), last_trained) {
            (Some(order), _) => NewLabels::Beyond {
                from: order.window.start,
                labelled: order.labels.map_or(0, |labels| labels.labelled),
            },
            (None, Some(trained)) => NewLabels::Since(training_window(model, plan, trained).end),
            (None, None) => NewLabels::All,
        };
        let counted = self.count(model, window, new).await?;
        let trained_at = |version: &Version| trained.get(version).copied().filter(|trained| *trained <= at);
        Ok(Inputs {
            trained_at: counted.version.as_ref().and_then(trained_at),
            version: counted.version,
            last_run,
            open_run,
            window,
            labels: counted.labels,
            drifted: open.drifted,
            data_quality: open.data_quality,
        })
    }
}

/// What brought a decision about.
fn words(cause: Cause, drifted: &[Drifted]) -> String {
    match cause {
        Cause::Scheduled => "the weekly schedule".to_owned(),
        Cause::Monthly => "the monthly preventive run".to_owned(),
        Cause::Quarterly => "the quarterly preventive run".to_owned(),
        Cause::Manual => "somebody asked".to_owned(),
        Cause::Drift => {
            let mut kinds: Vec<IncidentKind> = drifted.iter().map(|drifted| drifted.kind).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let kinds: Vec<&str> = kinds.into_iter().map(IncidentKind::title).collect();
            kinds.join(", ")
        }
    }
}

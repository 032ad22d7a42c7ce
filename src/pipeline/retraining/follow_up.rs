//! What is wrong with runs and the calendar becomes incidents, and numbers for `/metrics`.

use std::collections::BTreeMap;

use super::{RetrainError, Retrainer};
use crate::domain::{ModelId, Segment, Timestamp};
use crate::incident::{IncidentKey, IncidentKind, Input, Observation, Origin, Subject};
use crate::metrics::RetrainingStanding;
use crate::pipeline::model::Model;
use crate::retraining::{MaintenanceItem, Run, RunState, calendar};
use crate::store::{Store, StoreError, StoredRun};
use crate::verdict::Severity;
use crate::web::answer::{RunAnswer, RunConcern};

impl<S: Store> Retrainer<S> {
    pub(super) async fn follow_up(&self, model: &Model) -> Result<(), RetrainError> {
        self.follow_runs(model).await?;
        let Some(present) = self.present(model) else { return Ok(()) };
        let items = self.items(model, present).await?;
        self.remind(model, &items, present).await?;
        self.show(model, items, present).await;
        Ok(())
    }

    /// An incident for each run in trouble, once; it ends when the run reports, or a later run of the model does well.
    async fn follow_runs(&self, model: &Model) -> Result<(), RetrainError> {
        let (id, now) = (&model.options.id, self.parts.clock.now());
        let runs: Vec<StoredRun> = self.memory.lock().await.model(id).runs.clone();
        let open = self.parts.desk.open_of(id).await;
        for stored in &runs {
            let run = &stored.run;
            match trouble(&runs, run, now) {
                Some(trouble) if !run.alarmed => {
                    let input = raise(run.severity(), trouble, model);
                    self.parts.desk.input(vec![(of_run(run), input)]).await?;
                    let mut memory = self.memory.lock().await;
                    // Moved on meanwhile: the next look sees it.
                    if memory.run(&run.order.run_key) == Some(stored) {
                        let run = Run { alarmed: true, ..run.clone() };
                        self.store_run(&mut memory, StoredRun { run, ..stored.clone() }).await?;
                    }
                }
                None if run.alarmed
                    && open.iter().any(|of| of.key == of_run(run) && of.quiet_since.is_none()) =>
                {
                    self.parts.desk.input(vec![(of_run(run), Input::Clear)]).await?;
                }
                _ => {}
            }
        }
        // Of runs that are remembered no more.
        let forgotten = open.iter().filter(|of| {
            let is_known = runs.iter().any(|stored| of_run(&stored.run) == of.key);
            of.key.kind == IncidentKind::Retraining && of.quiet_since.is_none() && !is_known
        });
        let inputs: Vec<_> = forgotten.map(|of| (of.key.clone(), Input::Clear)).collect();
        if !inputs.is_empty() {
            self.parts.desk.input(inputs).await?;
        }
        Ok(())
    }

    /// The calendar of a model as it stands.
    pub(super) async fn items(
        &self,
        model: &Model,
        present: Timestamp,
    ) -> Result<Vec<MaintenanceItem>, StoreError> {
        let plan = &model.options.maintenance;
        let trained_at = model.live().trained_at.values().copied().filter(|at| *at <= present).max();
        let mut memory = self.memory.lock().await;
        let since = match plan.tasks.is_empty() {
            true => present,
            false => self.planned_since(&mut memory, model, present).await?,
        };
        Ok(calendar(plan, since, &memory.model(&model.options.id).done_at(), trained_at, present))
    }

    /// Tells whoever must act what is due soon or overdue, once each; it ends when it is done.
    async fn remind(
        &self,
        model: &Model,
        items: &[MaintenanceItem],
        present: Timestamp,
    ) -> Result<(), RetrainError> {
        let remind_before = model.options.maintenance.remind_before;
        for item in items {
            let key = key(&model.options.id, IncidentKind::Maintenance, &item.name());
            let told = self.reminded().get(&key).cloned();
            match item.reminder(remind_before, present) {
                Some(reminder) if told.as_ref() != Some(&reminder) => {
                    let input = raise(Severity::Warning, reminder.clone(), model);
                    self.parts.desk.input(vec![(key.clone(), input)]).await?;
                    self.reminded().insert(key, reminder);
                }
                None => {
                    let open = self.parts.desk.open_of(&model.options.id).await;
                    if open.iter().any(|of| of.key == key && of.quiet_since.is_none()) {
                        self.parts.desk.input(vec![(key.clone(), Input::Clear)]).await?;
                    }
                    self.reminded().remove(&key);
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Runs that have not ended, or that something is wrong with.
    pub async fn concerns(&self) -> Vec<RunConcern> {
        let now = self.parts.clock.now();
        let memory = self.memory.lock().await;
        let mut found = Vec::new();
        for (model, runs) in memory.by_model() {
            for StoredRun { run, .. } in runs {
                let trouble = trouble(runs, run, now);
                if trouble.is_some() || run.is_open(now) {
                    let run = RunAnswer { trouble, ..RunAnswer::of(run, now) };
                    found.push(RunConcern { model: model.clone(), run });
                }
            }
        }
        found
    }

    async fn show(&self, model: &Model, items: Vec<MaintenanceItem>, present: Timestamp) {
        let id = &model.options.id;
        let now = self.parts.clock.now();
        let mut runs = BTreeMap::<&'static str, u64>::new();
        for stored in &self.memory.lock().await.model(id).runs {
            if stored.run.may_move() {
                *runs.entry(stored.run.state.as_str()).or_default() += 1;
            }
        }
        let next = model.options.retraining.as_ref().map(|plan| plan.upcoming(present));
        let overdue = {
            let mut memory = self.memory.lock().await;
            let runs = &memory.model(id).runs;
            runs.iter().filter(|stored| trouble(runs, &stored.run, now).is_some()).count() as u64
        };
        let standing =
            RetrainingStanding { runs, in_trouble: overdue, next: next.unwrap_or_default(), items };
        self.parts.metrics.retraining().set(id, standing);
    }
}

/// What is wrong with a run, unless it or a later one of the model does well.
fn trouble(runs: &[StoredRun], run: &Run, now: Timestamp) -> Option<String> {
    let mended = runs.iter().any(|stored| stored.run.decision >= run.decision && does_well(&stored.run, now));
    run.trouble(now).filter(|_| !mended)
}

fn does_well(run: &Run, now: Timestamp) -> bool {
    match run.state {
        RunState::Reported { .. } => true,
        RunState::Accepted { .. } => run.trouble(now).is_none(),
        _ => false,
    }
}

fn raise(severity: Severity, words: String, model: &Model) -> Input {
    Input::Raise {
        severity,
        seen: Observation::words(words),
        origin: Origin::Driftd,
        tags: model.options.tags.clone(),
    }
}

fn of_run(run: &Run) -> IncidentKey {
    key(&run.order.model, IncidentKind::Retraining, run.order.run_key.as_str())
}

fn key(model: &ModelId, kind: IncidentKind, subject: &str) -> IncidentKey {
    let (model, subject) = (Some(model.clone()), Subject::cut(subject));
    IncidentKey { model, version: None, segment: Segment::All, kind, subject }
}

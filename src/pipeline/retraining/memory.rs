//! What is remembered of decisions and runs: as the store has it.

use std::collections::BTreeMap;

use crate::domain::{ModelId, Timestamp, Version};
use crate::retraining::{
    Cause, Decision, DecisionId, History, LastDrift, LastRun, MaintenanceTask, Order, Period, Run, RunKey,
};
use crate::store::{MaintenanceDone, RetrainingState, StoredRun, TrainedVersion, VERSIONS_MAX};

/// Runs of a model that are over and still held, the newest; the store has all.
const RUNS_KEPT: usize = 20;

#[derive(Debug, Default)]
pub struct Memory {
    last_decision: u64,
    models: BTreeMap<ModelId, OfModel>,
}

/// What is remembered of one model.
#[derive(Debug, Default)]
pub struct OfModel {
    /// Since when it is planned for; `None` before its first look.
    pub since: Option<Timestamp>,
    last: BTreeMap<Cause, Timestamp>,
    last_drift: Option<LastDrift>,
    /// In order of their decisions.
    pub runs: Vec<StoredRun>,
    pub versions: BTreeMap<Version, TrainedVersion>,
    /// The last time of each task and period.
    pub done: BTreeMap<(MaintenanceTask, Period), MaintenanceDone>,
}

impl Memory {
    pub fn of(state: RetrainingState) -> Self {
        let RetrainingState { last_decision, since, decisions, runs, versions, done } = state;
        let mut memory = Self { last_decision, models: BTreeMap::new() };
        for (model, at) in since {
            memory.model(&model).since = Some(at);
        }
        decisions.iter().for_each(|decision| memory.note(decision));
        for run in runs {
            memory.put(run);
        }
        versions.into_iter().for_each(|version| memory.put_version(version));
        done.iter().for_each(|done| memory.note_done(done));
        memory
    }

    pub fn next_decision(&self) -> DecisionId {
        DecisionId(self.last_decision + 1)
    }

    pub fn model(&mut self, id: &ModelId) -> &mut OfModel {
        self.models.entry(id.clone()).or_default()
    }

    /// Takes a decision that is stored.
    pub fn note(&mut self, decision: &Decision) {
        self.last_decision = self.last_decision.max(decision.id.0);
        let model = self.model(&decision.model);
        let last = model.last.entry(decision.cause).or_insert(decision.occasion_at);
        *last = decision.occasion_at.max(*last);
        if decision.cause == Cause::Drift {
            model.last_drift = Some(LastDrift {
                at: decision.occasion_at,
                triggered: decision.order().is_some(),
                incidents: decision.inputs.drifted.iter().map(|drifted| drifted.incident).collect(),
            });
        }
    }

    /// Takes a run as it is stored now.
    pub fn put(&mut self, stored: StoredRun) {
        let runs = &mut self.model(&stored.run.order.model).runs;
        match runs.iter_mut().find(|known| known.run.decision == stored.run.decision) {
            Some(known) => *known = stored,
            None => {
                let at = runs.partition_point(|known| known.run.decision < stored.run.decision);
                runs.insert(at, stored);
            }
        }
        while runs.len() > RUNS_KEPT
            && let Some(over) = runs.iter().position(|known| !known.run.may_move())
        {
            runs.remove(over);
        }
    }

    /// Takes a version that was reported; those longest known leave first, as in the store.
    pub fn put_version(&mut self, version: TrainedVersion) {
        let versions = &mut self.model(&version.model).versions;
        versions.insert(version.version.clone(), version);
        while versions.len() > VERSIONS_MAX
            && let Some(oldest) =
                versions.values().min_by_key(|of| of.reported_at).map(|of| of.version.clone())
        {
            versions.remove(&oldest);
        }
    }

    pub fn note_done(&mut self, done: &MaintenanceDone) {
        let last =
            self.model(&done.model).done.entry((done.task, done.period)).or_insert_with(|| done.clone());
        if done.at >= last.at {
            *last = done.clone();
        }
    }

    /// The runs of all models.
    pub fn runs(&self) -> impl Iterator<Item = &StoredRun> {
        self.models.values().flat_map(|model| &model.runs)
    }

    pub fn by_model(&self) -> impl Iterator<Item = (&ModelId, &[StoredRun])> {
        self.models.iter().map(|(id, model)| (id, &*model.runs))
    }

    pub fn run(&self, key: &RunKey) -> Option<&StoredRun> {
        self.runs().find(|stored| stored.run.order.run_key == *key)
    }
}

impl OfModel {
    /// When each task of the calendar was done last.
    pub fn done_at(&self) -> BTreeMap<(MaintenanceTask, Option<Period>), Timestamp> {
        self.done.iter().map(|((task, period), done)| ((*task, Some(*period)), done.at)).collect()
    }

    pub fn history(&self, since: Timestamp, now: Timestamp) -> History {
        let run_open = self.open_run(now).is_some();
        History { since, last: self.last.clone(), last_drift: self.last_drift.clone(), run_open }
    }

    /// The newest run that trained, or may have.
    pub fn last_run(&self) -> Option<LastRun> {
        self.trained().map(|run| LastRun { run: run.order.run_key.clone(), at: run.occasion_at })
    }

    /// What that was asked for.
    pub fn last_order(&self) -> Option<&Order> {
        self.trained().map(|run| &run.order)
    }

    fn trained(&self) -> Option<&Run> {
        self.runs.iter().rev().map(|stored| &stored.run).find(|run| run.counts_as_trained())
    }

    /// The newest run that has not ended.
    pub fn open_run(&self, now: Timestamp) -> Option<&Run> {
        self.runs.iter().rev().map(|stored| &stored.run).find(|run| run.is_open(now))
    }
}

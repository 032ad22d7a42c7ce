//! Pipelines report versions; runs end with them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::facts::{NewLabels, training_window};
use super::{RetrainError, Retrainer};
use crate::domain::{TimeRange, Timestamp, Version};
use crate::pipeline::model::Model;
use crate::pipeline::series;
use crate::retraining::{MaintenanceTask, Run, RunKey, RunState};
use crate::store::{AuditRow, MaintenanceDone, RunCommit, Store, StoredRun, TrainedVersion};

/// How far before now it is looked which version serves.
const SERVES_WITHIN: Duration = Duration::from_secs(7 * 86_400);

/// What a pipeline says.
#[derive(Debug, Clone)]
pub struct Reported {
    pub run: Option<RunKey>,
    pub outcome: Result<NewVersion, String>,
    pub by: String,
}

#[derive(Debug, Clone)]
pub struct NewVersion {
    pub version: Version,
    /// `None`: as it is known, or now.
    pub trained_at: Option<Timestamp>,
}

/// What became of it.
#[derive(Debug)]
pub struct Taken {
    pub run: Option<Run>,
    pub version: Option<TrainedVersion>,
    /// A run that waits for a report that this one did not name.
    pub open: Option<RunKey>,
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("no run of this model has the key {0}; decisions list them")]
    UnknownRun(RunKey),
    #[error("{run} reported version {version} already; a run makes one version")]
    OtherVersion { run: RunKey, version: Version },
    #[error("{run} was to replace version {version}: report the version that it made")]
    NotNew { run: RunKey, version: Version },
    #[error(transparent)]
    Retrain(#[from] RetrainError),
}

impl<S: Store> Retrainer<S> {
    /// Takes a report; the same one again changes nothing.
    pub(super) async fn report(
        &self,
        model: &Model,
        reported: Reported,
        audit: AuditRow,
    ) -> Result<Taken, ReportError> {
        let Reported { run: key, outcome, by } = reported;
        let (id, now) = (&model.options.id, self.parts.clock.now());
        let champion = self.serves(model).await?;
        let mut memory = self.memory.lock().await;
        let stored = match &key {
            None => None,
            Some(key) => Some(self.find(&memory, model, key).await?),
        };
        if let (Some(stored), Ok(new)) = (&stored, &outcome)
            && stored.run.order.version.as_ref() == Some(&new.version)
        {
            let run = stored.run.order.run_key.clone();
            return Err(ReportError::NotNew { run, version: new.version.clone() });
        }
        let outcome = outcome.map(|new| {
            let known = memory.model(id).versions.get(&new.version).map(|known| known.trained_at);
            NewVersion { trained_at: new.trained_at.or(known), ..new }
        });
        let moved = match &stored {
            None => None,
            Some(stored) => {
                let version = outcome.as_ref().map(|new| new.version.clone()).map_err(Clone::clone);
                match (stored.run.reported(version, now), &stored.run.state, &outcome) {
                    (Some(run), _, _) => Some(StoredRun { run, revision: stored.revision }),
                    (None, RunState::Reported { version, .. }, Ok(new)) if *version == new.version => {
                        let version = memory.model(id).versions.get(version).cloned();
                        return Ok(Taken { run: Some(stored.run.clone()), version, open: None });
                    }
                    (None, RunState::Reported { version, .. }, _) => {
                        let (run, version) = (stored.run.order.run_key.clone(), version.clone());
                        return Err(ReportError::OtherVersion { run, version });
                    }
                    (None, _, _) => None,
                }
            }
        };
        let version = outcome.ok().map(|new| TrainedVersion {
            model: id.clone(),
            champion: champion.filter(|champion| *champion != new.version),
            version: new.version,
            trained_at: new.trained_at.unwrap_or(now),
            reported_at: now,
            run: key.clone(),
        });
        let done =
            version.as_ref().map_or_else(Vec::new, |_| self.done_by_training(model, moved.as_ref(), &by));
        let commit = RunCommit {
            run: moved.clone(),
            version: version.clone(),
            done: done.clone(),
            audit: Some(audit),
        };
        if let Err(error) = self.parts.store.commit_run(commit).await {
            return Err(RetrainError::Store(self.refused(&mut memory, error).await).into());
        }
        let run = moved.map(|stored| StoredRun { revision: stored.revision + 1, ..stored });
        if let Some(stored) = &run {
            memory.put(stored.clone());
        }
        done.iter().for_each(|done| memory.note_done(done));
        if let Some(version) = &version {
            memory.put_version(version.clone());
        }
        let of_model = memory.model(id);
        let open = match key {
            None => of_model.open_run(now).map(|run| run.order.run_key.clone()),
            Some(_) => None,
        };
        drop(memory);
        self.tell_versions(model).await;
        Ok(Taken { run: run.map(|stored| stored.run), version, open })
    }

    async fn find(
        &self,
        memory: &super::memory::Memory,
        model: &Model,
        key: &RunKey,
    ) -> Result<StoredRun, ReportError> {
        let stored = match memory.run(key) {
            Some(stored) => Some(stored.clone()),
            None => self.parts.store.read_run(key).await.map_err(RetrainError::Store)?,
        };
        let of_model = stored.filter(|stored| stored.run.order.model == model.options.id);
        of_model.ok_or_else(|| ReportError::UnknownRun(key.clone()))
    }

    /// Preventive retraining is done by a version, whatever brought it about.
    fn done_by_training(&self, model: &Model, run: Option<&StoredRun>, by: &str) -> Vec<MaintenanceDone> {
        let at = self.present(model).unwrap_or_else(|| self.parts.clock.now());
        let plan = &model.options.maintenance;
        let tasks = plan.tasks.iter().filter(|(task, _)| *task == MaintenanceTask::PreventiveRetraining);
        let done = tasks.map(|&(task, period)| MaintenanceDone {
            model: model.options.id.clone(),
            task,
            period,
            at,
            by: by.to_owned(),
            category: run.map_or(task.category(), |stored| stored.run.order.category),
            note: run.map(|stored| stored.run.order.run_key.to_string()),
        });
        done.collect()
    }

    /// The version of most of the last week's predictions, or of all there are.
    pub(super) async fn serves(&self, model: &Model) -> Result<Option<Version>, RetrainError> {
        let Some(present) = self.present(model) else { return Ok(None) };
        let range = TimeRange { start: present.saturating_sub(SERVES_WITHIN), end: present };
        let range = crate::pipeline::control::on_panes(range, model.options.plan.pane());
        let lately = self.count(model, range, NewLabels::All).await?.version;
        match (&model.options.retraining, lately) {
            (Some(plan), None) => {
                Ok(self.count(model, training_window(model, plan, present), NewLabels::All).await?.version)
            }
            (_, lately) => Ok(lately),
        }
    }

    /// What was reported of versions goes to where verdicts and metrics find it, beside what the config says.
    pub(super) async fn tell_versions(&self, model: &Model) {
        let mut trained: BTreeMap<Version, Timestamp> = {
            let mut memory = self.memory.lock().await;
            let versions = &memory.model(&model.options.id).versions;
            versions.iter().map(|(version, of)| (version.clone(), of.trained_at)).collect()
        };
        trained.extend(model.options.trained_at.clone());
        let mut live = model.live();
        if *live.trained_at != trained {
            live.trained_at = Arc::new(trained);
            model.metrics.set_series(series::of(&model.options, &live));
        }
    }
}

//! The whole way of the data on one screen.
//!
//! ```text
//! take_in (decode, count) ─► commit (group commit, ack) ─► observe (counts in memory, watermark) ─► join (labels)
//!                                                             │ wakes
//!               upkeep (fold, retain) ◄─ every minute ─  tend ◄┘─► learn (freeze) ─► evaluate (judge, commit, publish)
//!                                                                                     retraining (decide, ask, follow up)
//!                                                                                     kpi (judge, assess, publish)
//! ```
//!
//! Limits: [`PipelineOptions`]. Invariants: what was answered is durable; counts in memory follow commits, in their
//! order; a pane is judged once, after it closed; only [`Tending`] evaluates, freezes and reloads, one model at a time; only
//! [`Retrainer`] decides on retraining.

mod options;

mod frozen;

mod naming;

mod model;

mod commit;

mod answer;

mod meter;

mod outcomes;

mod halves;

mod take_in;

mod take_labels;

mod observe;

mod freeze;

mod learning;

mod learn;

mod join;

mod recover;

mod desk;

mod delivery;

mod next_due;

mod model_counts;

mod effects;

mod evaluate;

mod judge_outcomes;

mod judge_silence;

mod series;

mod provisional;

mod fold;

mod upkeep;

mod retraining;

mod revise_outcomes;

mod control;

mod tend;

mod read;

pub mod kpi;

mod running;

mod service;

mod on_call;

pub use desk::{DeskError, IncidentDesk};
pub use freeze::{LearntPane, counts_of, profile_of, segments_of};
pub use frozen::Rulers;
pub use kpi::{KpiOptions, RowFeed, UserStream};
pub use naming::NameLimits;
pub use options::{LearnOptions, ModelOptions, PipelineOptions, ReferenceOptions};
pub use recover::RecoverError;
pub use running::Running;
pub use series::length_text;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::clock::Clock;
use crate::domain::{IdHasher, ModelId, Timestamp};
use crate::metrics::Metrics;
use crate::notification::DeskRules;
use crate::notify::{Courier, CourierParts, Directory, Repeater};
use crate::store::{Recovered, Store, StoreError};
use crate::trigger::Targets;
use crate::web::ServiceError;
use join::{Grown, Joining, JoiningParts};
use kpi::{KpiParts, Kpis, Sampling, SharedBook};
use model::Model;
use observe::Observer;
use recover::Remembered;
use retraining::{Retrainer, RetrainerParts};
use take_in::{Intake, Models};
use tend::{Ask, Tending};

/// Reads the config again; `Err` with every error of it, as text.
pub type ReadConfig = Box<dyn Fn() -> Result<Reread, String> + Send + Sync>;

/// A config that was read again and is whole.
pub struct Reread {
    pub models: Vec<ModelOptions>,
    pub desk_rules: DeskRules,
    pub directory: Directory,
    pub targets: Targets,
    pub kpis: KpiOptions,
    /// What changed beside the models and takes effect with them, in words.
    pub changes: Vec<String>,
    /// Puts these changes into effect; called once the models are in place.
    pub apply: Box<dyn FnOnce() + Send>,
    /// Keys that changed since the start and take effect at the next one.
    pub needs_restart: Vec<String>,
}

/// The daemon behind the HTTP face.
pub struct Pipeline<S> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    options: PipelineOptions,
    models: Arc<ArcSwap<Models>>,
    desk: Arc<IncidentDesk<S>>,
    directory: Arc<ArcSwap<Directory>>,
    retrainer: Arc<Retrainer<S>>,
    kpis: Arc<Kpis<S>>,
    sampling: Arc<Sampling>,
    courier: Arc<Courier<S, IncidentDesk<S>>>,
    intake: Arc<Intake>,
    asks: mpsc::Sender<Ask>,
    fatal: watch::Receiver<Option<String>>,
    trouble: Arc<ArcSwapOption<String>>,
    needs_restart: Arc<ArcSwap<Vec<String>>>,
}

/// What the pipeline is put together from.
pub struct Parts<S> {
    pub store: Arc<S>,
    pub recovered: Recovered,
    pub clock: Arc<dyn Clock>,
    pub metrics: Arc<Metrics>,
    pub options: PipelineOptions,
    pub models: Vec<ModelOptions>,
    pub desk_rules: DeskRules,
    pub directory: Directory,
    /// The training pipelines that runs are asked of.
    pub targets: Targets,
    pub kpis: KpiOptions,
    pub read_config: ReadConfig,
}

/// Why the pipeline cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("model {model} cannot be taken up: {error}")]
    Model { model: ModelId, error: RecoverError },
    #[error("the incidents cannot be read: {0}")]
    Incidents(StoreError),
    #[error("what was decided on retraining cannot be read: {0}")]
    Retraining(StoreError),
    #[error("what was counted of KPIs cannot be read: {0}")]
    Kpis(StoreError),
}

/// Takes the models up and starts the loops.
pub async fn start<S: Store>(parts: Parts<S>) -> Result<Running<S>, StartError> {
    let Parts {
        store,
        mut recovered,
        clock,
        metrics,
        options,
        models,
        desk_rules,
        directory,
        targets,
        kpis,
        read_config,
    } = parts;
    let now = clock.now();
    let join_states = recovered.models.iter().map(|(id, of)| (id.clone(), of.join.clone())).collect();
    let mut taken_up = Models::new();
    for options_of in models {
        let id = options_of.id.clone();
        let stored = recovered.models.remove(&id).unwrap_or_default();
        let remembered = Remembered { stored, newest: newest_of(&recovered, &id) };
        let model = recover::model(options_of, remembered, &*store, &metrics, &options, now).await;
        let model = model.map_err(|error| StartError::Model { model: id.clone(), error })?;
        model.metrics.set_series(series::of(&model.options, &model.live()));
        taken_up.insert(id, Arc::new(model));
    }
    let models = Arc::new(ArcSwap::from_pointee(taken_up));
    let desk = IncidentDesk::open(store.clone(), clock.clone(), metrics.clone(), desk_rules).await;
    let desk = Arc::new(desk.map_err(StartError::Incidents)?);
    let directory = Arc::new(ArcSwap::from_pointee(directory));
    let targets = Arc::new(ArcSwap::from_pointee(targets));
    let (queue, receiver) = commit::queue(options.queue_bytes_max);
    let (fatal_sender, fatal) = watch::channel(None);
    let broken = fatal_sender.clone();
    let (stop, stopped) = watch::channel(false);
    let woken = Arc::new(Notify::new());
    let grown = Arc::<Grown>::default();
    let trouble = Arc::new(ArcSwapOption::empty());
    let needs_restart = Arc::<ArcSwap<Vec<String>>>::default();
    let kpi_options = Arc::new(ArcSwap::from_pointee(kpis));
    let book = Arc::<SharedBook>::default();
    let sampling = Arc::new(Sampling {
        options: kpi_options.clone(),
        book: book.clone(),
        users: IdHasher::of_users(&options.id_key),
        gate: Default::default(),
    });
    let observer = Observer {
        sampling: sampling.clone(),
        models: models.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        woken: woken.clone(),
        grown: grown.clone(),
        fatal: fatal_sender.clone(),
        trouble: trouble.clone(),
    };
    let commits = tokio::spawn(commit::run(
        receiver,
        store.clone(),
        clock.clone(),
        options.commit_bytes,
        observer,
        stopping(stopped.clone()),
    ));
    let joining = Joining::new(JoiningParts {
        store: store.clone(),
        models: models.clone(),
        grown,
        slots_max: options.join_slots_max,
        fatal: fatal_sender.clone(),
        states: join_states,
    });
    let joining = tokio::spawn(joining.run(stopping(stopped.clone())));
    let retrainer = Retrainer::open(RetrainerParts {
        store: store.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        models: models.clone(),
        desk: desk.clone(),
        directory: directory.clone(),
        targets: targets.clone(),
        fatal: fatal_sender.clone(),
    });
    let retrainer = Arc::new(retrainer.await.map_err(StartError::Retraining)?);
    let kpis = Kpis::open(KpiParts {
        store: store.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        desk: desk.clone(),
        models: models.clone(),
        options: kpi_options,
        book,
        fatal: fatal_sender.clone(),
    });
    let kpis = Arc::new(kpis.await.map_err(StartError::Kpis)?);
    let (asks, asked) = mpsc::channel(16);
    let tending = Tending {
        store: store.clone(),
        clock: clock.clone(),
        metrics: metrics.clone(),
        options: options.clone(),
        models: models.clone(),
        desk: desk.clone(),
        directory: directory.clone(),
        targets,
        sampling: sampling.clone(),
        woken,
        trouble: trouble.clone(),
        read_config,
        needs_restart: needs_restart.clone(),
        fatal: fatal_sender,
        dormant: Mutex::new(dormant(recovered)),
    };
    let courier = Arc::new(Courier::new(CourierParts {
        outbox: store.clone(),
        clock: clock.clone(),
        directory: directory.clone(),
        watch: desk.clone(),
        metrics: metrics.delivery().clone(),
        news: desk.news(),
    }));
    let delivering = tokio::spawn(deliver(courier.clone(), broken, stopping(stopped.clone())));
    let repeater = Repeater { directory: directory.clone(), current: desk.clone(), clock: clock.clone() };
    let repeating = tokio::spawn(repeater.run(stopping(stopped.clone())));
    let retraining = tokio::spawn(retrainer.clone().run(stopping(stopped.clone())));
    let judging = tokio::spawn(kpis.clone().run(stopping(stopped.clone())));
    let tending = tokio::spawn(tending.run(asked, stopping(stopped)));
    let intake =
        Arc::new(Intake::new(queue, clock.clone(), options.clone(), metrics.clone(), sampling.clone()));
    let pipeline = Arc::new(Pipeline {
        store,
        clock,
        metrics,
        options,
        models,
        desk,
        directory,
        retrainer,
        kpis,
        sampling,
        courier,
        intake,
        asks,
        fatal,
        trouble,
        needs_restart,
    });
    Ok(Running {
        pipeline,
        stop,
        tasks: vec![commits, joining, tending, delivering, repeating, retraining, judging],
    })
}

fn newest_of(recovered: &Recovered, id: &ModelId) -> BTreeMap<String, Timestamp> {
    let of_model = recovered.newest.iter().filter(|((model, _), _)| model == id);
    of_model.map(|((_, source), at)| (source.clone(), *at)).collect()
}

/// Models that the store knows and the config does not name.
fn dormant(mut recovered: Recovered) -> BTreeMap<ModelId, Remembered> {
    let models = std::mem::take(&mut recovered.models);
    let of = |(id, stored)| {
        let newest = newest_of(&recovered, &id);
        (id, Remembered { stored, newest })
    };
    models.into_iter().map(of).collect()
}

/// Sends until stopping; where the store is not to be relied on any more the process has to stop.
async fn deliver<S: Store>(
    courier: Arc<Courier<S, IncidentDesk<S>>>,
    broken: watch::Sender<Option<String>>,
    stopping: impl Future<Output = ()>,
) {
    if let Err(error) = courier.run(stopping).await {
        broken.send_replace(Some(error.to_string()));
    }
}

async fn stopping(mut stopped: watch::Receiver<bool>) {
    // An error is a sender that is gone: that is a stop too.
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

impl<S: Store> Pipeline<S> {
    /// Makes the decisions on retraining that are due, asks for runs and follows them up, as the loop does each second.
    pub async fn look_at_retraining(&self) {
        self.retrainer.look().await;
    }

    /// Whether a target is being asked for a run.
    pub fn retraining_is_sending(&self) -> bool {
        self.retrainer.is_sending()
    }

    fn find(&self, id: &ModelId) -> Result<Arc<Model>, String> {
        let models = self.models.load();
        models.get(id).cloned().ok_or_else(|| match models.len() {
            0 => "no model is configured; add a file to config/models".to_owned(),
            _ => {
                let known: Vec<&str> = models.keys().take(20).map(ModelId::as_str).collect();
                format!("configured are {}", known.join(", "))
            }
        })
    }

    fn model(&self, id: &ModelId) -> Result<Arc<Model>, ServiceError> {
        self.find(id).map_err(|hint| ServiceError::UnknownModel { hint })
    }

    /// Asks the tending loop, which alone changes models.
    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Result<T, ServiceError> {
        let stopping = || control::unavailable(&commit::Refusal::Stopping);
        let (answer, answered) = oneshot::channel();
        self.asks.send(ask(answer)).await.map_err(|_| stopping())?;
        answered.await.map_err(|_| stopping())
    }
}

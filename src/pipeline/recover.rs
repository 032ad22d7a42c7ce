//! A model as the store remembers it, put together at the start and after a reload.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::frozen::{Frozen, Origin};
use super::learn::{self, FreezeError};
use super::learning::Learning;
use super::model::{Live, Model, RecentRejections};
use super::naming::Registered;
use super::options::{ModelOptions, PipelineOptions, ReferenceOptions};
use crate::domain::{IdHasher, ModelId, Segment, TimeRange, Timestamp};
use crate::metrics::Metrics;
use crate::reference::{Profile, ProfileTextError};
use crate::sketch::Tally;
use crate::store::{RecoveredModel, Store, StoreError, VerdictRow, VerdictSubject};
use crate::verdict::{Controls, Evaluation, ModelState, OutcomeEvaluation, StoredError};
use crate::window::{CountedRows, PaneBook, Watermark, WatermarkOptions};

/// Why a model cannot be taken up.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("its learnt reference cannot be read: {0}")]
    Profile(#[from] ProfileTextError),
    #[error(transparent)]
    Learning(#[from] FreezeError),
}

/// What is remembered of a model beside its rows.
#[derive(Debug, Default)]
pub struct Remembered {
    pub stored: RecoveredModel,
    /// Newest event time by source.
    pub newest: BTreeMap<String, Timestamp>,
}

/// Takes a model up: its reference, controls, evaluation state and names from the store; counts are read when a window
/// needs them.
pub async fn model(
    options: ModelOptions,
    remembered: Remembered,
    store: &impl Store,
    metrics: &Metrics,
    limits: &PipelineOptions,
    now: Timestamp,
) -> Result<Model, RecoverError> {
    let Remembered { stored, newest } = remembered;
    let frozen = frozen(&options, stored.profile.as_deref())?;
    let mut live = Live {
        watermark: Watermark::restored(watermark_options(&options), newest, now),
        book: book(&options, frozen.as_ref(), limits.panes_bytes_max, Timestamp::MAX),
        registered: Registered::default(),
        controls: Arc::new(controls(&options, stored.control.as_deref())),
        baseline: Arc::default(),
        state: Arc::default(),
        state_revision: 0,
        latest: BTreeMap::new(),
        latest_outcomes: BTreeMap::new(),
        counted: CountedRows::default(),
        labels_booked: 0,
        labels_lacked_at: None,
        joined_newest: None,
        first_stored: None,
        silence: None,
        revise_at: None,
        revise_outcomes_at: None,
        outcomes_are_checked: false,
        trained_at: Arc::new(options.trained_at.clone()),
        learning: Learning::default(),
        rejections: RecentRejections::default(),
    };
    // Before the names that rows bring: what the reference knows keeps its name, whatever comes first.
    let known = frozen.iter().flat_map(|frozen| frozen.segments.keys());
    known.filter(|segment| options.watches(segment)).for_each(|segment| live.registered.know(segment));
    live.baseline = Arc::new(baseline(&options, &live.controls, frozen.as_ref()));
    if let Some((revision, bytes)) = stored.evaluation {
        live.state_revision = revision;
        match ModelState::from_bytes(&bytes) {
            Ok(state) => live.state = Arc::new(state),
            Err(error) => tracing::error!(model = %options.id, %error,
                "the evaluation state cannot be read; verdicts start over"),
        }
    }
    restore_rows(&options, &mut live, frozen.is_none(), store).await?;
    restore_verdicts(&options, &mut live, store).await?;
    let metrics = metrics.model(&options.id, options.task);
    let ids = IdHasher::new(&limits.id_key, &options.id);
    Ok(Model::new(options, metrics, ids, frozen, live))
}

/// The reference in use: the config's own, or the learnt one.
fn frozen(options: &ModelOptions, learnt: Option<&str>) -> Result<Option<Frozen>, ProfileTextError> {
    match (&options.reference, learnt) {
        (ReferenceOptions::Profile(profile), _) => {
            Ok(Some(Frozen::new(options, Profile::clone(profile), Origin::Configured)))
        }
        (ReferenceOptions::Learn(_), Some(text)) => {
            Ok(Some(Frozen::new(options, Profile::from_text(text)?, Origin::Learnt)))
        }
        (ReferenceOptions::Learn(_), None) => Ok(None),
    }
}

/// A book for the model's counts. `known_since`: see [`PaneBook::new`].
pub fn book(
    options: &ModelOptions,
    frozen: Option<&Frozen>,
    panes_bytes_max: usize,
    known_since: Timestamp,
) -> PaneBook {
    let rulers = frozen.map_or_else(Vec::new, |f| vec![f.ruler.clone(), f.segment_ruler.clone()]);
    PaneBook::new(options.plan.pane(), rulers, panes_bytes_max, known_since)
}

fn watermark_options(options: &ModelOptions) -> WatermarkOptions {
    WatermarkOptions { mode: options.clock, idle_timeout: options.idle_timeout, pane: options.plan.pane() }
}

fn controls(options: &ModelOptions, stored: Option<&[u8]>) -> Controls {
    let Some(stored) = stored else { return Controls::default() };
    serde_json::from_slice(stored).unwrap_or_else(|error| {
        tracing::error!(model = %options.id, %error, "the stored controls cannot be read; none apply");
        Controls::default()
    })
}

/// The counts of the baseline, where they lie on today's rulers.
pub fn baseline(
    options: &ModelOptions,
    controls: &Controls,
    frozen: Option<&Frozen>,
) -> BTreeMap<Segment, Tally> {
    let (Some(baseline), Some(frozen)) = (&controls.baseline, frozen) else { return BTreeMap::new() };
    match baseline.tallies(|segment| &**frozen.ruler_of(segment)) {
        Ok(tallies) => tallies.into_iter().collect(),
        Err(error) => {
            tracing::warn!(model = %options.id, %error, "the baseline lies on older grids and no longer applies");
            BTreeMap::new()
        }
    }
}

/// Names, panes and how many rows were counted before, and what was learnt so far.
async fn restore_rows(
    options: &ModelOptions,
    live: &mut Live,
    learning: bool,
    store: &impl Store,
) -> Result<(), RecoverError> {
    for (key, rows) in store.counted(&options.id).await? {
        live.registered.restore(&key.version, &key.segment);
        if key.segment == Segment::All && rows != 0 {
            live.counted.add(&key.version, key.pane.start, rows);
        }
        live.first_stored = Some(live.first_stored.map_or(key.pane.start, |first| first.min(key.pane.start)));
    }
    if let (true, ReferenceOptions::Learn(learn)) = (learning, &options.reference) {
        let whole = TimeRange { start: Timestamp::MIN, end: Timestamp::MAX };
        live.learning = learn::restored(&store.read_deltas(&options.id, whole).await?, *learn)?;
    }
    Ok(())
}

/// The last verdict of each window plan.
async fn restore_verdicts(
    options: &ModelOptions,
    live: &mut Live,
    store: &impl Store,
) -> Result<(), RecoverError> {
    for (place, plan) in options.plan.windows.iter().enumerate() {
        let rows = store.read_verdicts(&options.id, VerdictSubject::Outcomes, plan.length, 1).await?;
        let last = rows.first().and_then(|row| readable(&options.id, row, OutcomeEvaluation::from_bytes));
        live.latest_outcomes.extend(last.map(|evaluation| (place, Arc::new(evaluation))));
        let rows = store.read_verdicts(&options.id, VerdictSubject::Data, plan.length, 1).await?;
        let last = rows.first().and_then(|row| readable(&options.id, row, Evaluation::from_bytes));
        live.latest.extend(last.map(|evaluation| (place, Arc::new(evaluation))));
    }
    Ok(())
}

fn readable<T>(
    model: &ModelId,
    row: &VerdictRow,
    read: impl FnOnce(&[u8]) -> Result<T, StoredError>,
) -> Option<T> {
    read(&row.body)
        .inspect_err(|error| {
            let TimeRange { start, end } = row.window;
            tracing::warn!(%model, window = %format_args!("{start}/{end}"), subject = ?row.subject, %error,
                "a stored verdict cannot be read; its window is shown again once the next one is judged");
        })
        .ok()
}

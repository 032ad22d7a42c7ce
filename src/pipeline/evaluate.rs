//! Closed panes become verdicts: read what is missing, judge, commit, publish. Once each, in the order they closed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::desk::changes;
use super::effects::Effects;
use super::frozen::Frozen;
use super::kpi::of_evaluation;
use super::model::Model;
use super::model_counts::ModelCounts;
use super::next_due::{Next, next_due};
use super::options::ModelOptions;
use super::{judge_outcomes, judge_silence, revise_outcomes, series};
use crate::domain::{Pane, Segment, TimeRange, Timestamp, Version};
use crate::incident::{IncidentKey, Input, inputs_of};
use crate::sketch::{DecodeError, EncodedTally, Tally};
use crate::store::{
    DeltaBody, EvaluationCommit, IncidentChanges, KpiDelta, Store, StoreError, VerdictRow, VerdictSubject,
};
use crate::verdict::{
    self, Controls, Decision, Evaluation, ModelState, NullOrigin, Present, evaluate_closed, revise,
};
use crate::window::Missing;

/// How often more counts are read for one judgement.
const READS_MAX: usize = 20;
/// Panes judged of one model before others have their turn.
const PANES_A_ROUND: usize = 200;
/// Late rows of so long are judged together.
const REVISE_AFTER: Duration = Duration::from_secs(60);
/// Revised windows of one transaction: a verdict is up to some tens of kilobytes.
const REVISIONS_A_COMMIT: usize = 8;

/// Why a model was not evaluated; what is due stays due.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("counts kept changing while they were read")]
    Restless,
}

/// What judging reads beside the counts.
pub struct Inputs {
    pub frozen: Arc<Frozen>,
    controls: Arc<Controls>,
    baseline: Arc<BTreeMap<Segment, Tally>>,
    trained_at: Arc<BTreeMap<Version, Timestamp>>,
    pub state: Arc<ModelState>,
    pub revision: i64,
}

impl Inputs {
    /// `None` while the reference is being learnt.
    pub fn of(model: &Model) -> Option<Self> {
        let frozen = model.frozen()?;
        let live = model.live();
        Some(Self {
            frozen,
            controls: live.controls.clone(),
            baseline: live.baseline.clone(),
            trained_at: live.trained_at.clone(),
            state: live.state.clone(),
            revision: live.state_revision,
        })
    }

    /// Ranges that people left out.
    pub fn excluded(&self) -> &[TimeRange] {
        &self.controls.excluded
    }

    pub fn verdict_model<'a>(&'a self, model: &'a Model) -> verdict::Model<'a> {
        verdict::Model {
            plan: &model.options.plan,
            profile: &self.frozen.profile,
            ruler: &self.frozen.ruler,
            segment_ruler: &self.frozen.segment_ruler,
            segments: &self.frozen.segments,
            controls: &self.controls,
            baseline: &self.baseline,
            ignored: &model.options.ignored,
            sensitive: &model.options.sensitive,
            trained_at: &self.trained_at,
            outcomes: self.outcomes(model),
        }
    }

    /// What outcomes are judged by; none where the model has none.
    pub fn outcomes<'a>(&'a self, model: &'a Model) -> Option<verdict::Outcomes<'a>> {
        let outcomes = self.frozen.outcomes.as_ref().ok()?;
        Some(verdict::Outcomes {
            task: model.options.task,
            yardstick: &outcomes.yardstick,
            segment_yardstick: &outcomes.segment_yardstick,
            baseline: outcomes.baseline.as_ref(),
        })
    }
}

/// What one round did for a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Everything that was due is judged: so many panes.
    Done(usize),
    /// [`PANES_A_ROUND`] panes were judged and more are due: other models come first.
    More,
}

/// Evaluates the panes that are due, then what late rows changed, then silence. `reach`: how far back panes are kept.
pub async fn evaluate<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    reach: Duration,
    now: Timestamp,
) -> Result<Round, EvaluateError> {
    let store = effects.desk.store();
    let present = Present { now, mode: model.options.clock, idle_timeout: model.options.idle_timeout };
    let mut evaluated = 0;
    loop {
        let Some(inputs) = Inputs::of(model) else { return Ok(Round::Done(evaluated)) };
        let Some(next) = next_due(model, &inputs, reach, now) else { break };
        if evaluated == PANES_A_ROUND {
            settle(model);
            return Ok(Round::More);
        }
        match next {
            Next::Data(due) => {
                let judged = with_counts(model, &inputs.frozen, store, |counts| {
                    evaluate_closed(&inputs.verdict_model(model), &inputs.state, due, present, counts)
                })
                .await?;
                commit(model, effects, inputs.revision, judged.state, vec![judged.evaluation]).await?;
            }
            Next::Outcomes(due, wait) => {
                judge_outcomes::judge(model, effects, &inputs, due, wait, present).await?;
            }
        }
        evaluated += 1;
        tokio::task::yield_now().await;
    }
    revise_late(model, effects, present).await?;
    revise_outcomes::revise_late(model, effects, present).await?;
    judge_silence::judge(model, effects, present).await?;
    model.metrics.evaluated.set_time(now);
    // Without a pane that closed it is work for nothing, and this is called after every other commit.
    if evaluated > 0 {
        settle(model);
    }
    Ok(Round::Done(evaluated))
}

/// Runs `judge`, reading from the store what it misses, until it has everything. The model's bodies wait while it
/// reads: a row between its commit and its place in memory would be missed, or counted twice. So the caller must not
/// hold the gate.
pub async fn with_counts<T>(
    model: &Model,
    frozen: &Frozen,
    store: &impl Store,
    mut judge: impl FnMut(&mut ModelCounts<'_>) -> Result<T, Missing>,
) -> Result<T, EvaluateError> {
    if let Ok(judged) = judge(&mut ModelCounts(model)) {
        return Ok(judged);
    }
    let _alone = model.gate.write().await;
    for _ in 0..READS_MAX {
        match judge(&mut ModelCounts(model)) {
            Ok(judged) => return Ok(judged),
            Err(missing) => {
                let StoredPanes { counted, foreign } =
                    read_panes(model, frozen, store, missing.range).await?;
                let mut live = model.live();
                for (version, segment, pane) in foreign {
                    live.book.note_foreign(version, segment, pane);
                }
                // Stale: the next round asks again.
                let _stale = live.book.restore(&missing, counted);
            }
        }
    }
    Err(EvaluateError::Restless)
}

/// What the store holds of a range.
struct StoredPanes {
    /// Counts on today's rulers, added up by version, segment and pane, whatever its length.
    counted: Vec<(Version, Segment, Pane, EncodedTally)>,
    /// Panes with counts on grids that the model had before.
    foreign: BTreeSet<(Version, Segment, Pane)>,
}

async fn read_panes(
    model: &Model,
    frozen: &Frozen,
    store: &impl Store,
    range: TimeRange,
) -> Result<StoredPanes, StoreError> {
    let mut panes: BTreeMap<(Version, Segment, Pane), Vec<Vec<u8>>> = BTreeMap::new();
    for row in store.read_deltas(&model.options.id, range).await? {
        if let DeltaBody::Counts(bytes) = row.body {
            panes.entry((row.key.version, row.key.segment, row.key.pane)).or_default().push(bytes);
        }
    }
    let mut read = StoredPanes { counted: Vec::new(), foreign: BTreeSet::new() };
    for ((version, segment, pane), parts) in panes {
        let ruler = frozen.ruler_of(&segment);
        let mut sum = Tally::empty(ruler);
        let on_the_ruler = |part: &Vec<u8>| {
            Tally::decode(part, ruler).and_then(|part| {
                sum.add(&part)
                    .map_err(|error| DecodeError::Ruler { found: error.right, expected: error.left })
            })
        };
        let counted = parts.iter().map(on_the_ruler).filter(Result::is_ok).count();
        if counted < parts.len() {
            read.foreign.insert((version.clone(), segment.clone(), pane));
        }
        if counted > 0 {
            read.counted.push((version, segment, pane, EncodedTally::of(ruler, &sum)));
        }
    }
    Ok(read)
}

/// Commits evaluations and shows them.
pub async fn commit<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    expected_revision: i64,
    state: ModelState,
    mut evaluations: Vec<Evaluation>,
) -> Result<(), EvaluateError> {
    let inputs = incident_inputs(model, &evaluations);
    for revised in evaluations.iter_mut().filter(|evaluation| evaluation.revision > 0) {
        // What was said of traffic stays: late rows do not judge it again.
        let live = model.live();
        let known = live.latest.values().find(|latest| latest.window == revised.window);
        revised.volume = known.and_then(|latest| latest.volume.clone());
    }
    let verdicts = evaluations.iter().map(|evaluation| VerdictRow {
        subject: VerdictSubject::Data,
        window: evaluation.window,
        revision: evaluation.revision,
        at: evaluation.judged_at,
        body: evaluation.to_bytes(),
    });
    let kpi_options = effects.sampling.options.load();
    let kpis = evaluations.iter().flat_map(|of| of_evaluation(&model.options, of, &kpi_options)).collect();
    drop(kpi_options);
    let judged = Judged { state, verdicts: verdicts.collect(), inputs, kpis };
    commit_verdicts(model, effects, expected_revision, judged).await?;
    let mut live = model.live();
    for evaluation in evaluations {
        note(model, &evaluation.decisions);
        let Some(place) = model.options.plan.place_of(evaluation.window) else { continue };
        let newest = live.latest.get(&place).is_none_or(|latest| latest.window.end <= evaluation.window.end);
        if newest {
            live.latest.insert(place, Arc::new(evaluation));
        }
    }
    model.metrics.set_series(series::of(&model.options, &live));
    let newest = live.latest.values().max_by_key(|evaluation| evaluation.window.end);
    if let Some(verdict) = newest.and_then(|evaluation| evaluation.verdicts.first()) {
        model.metrics.null_profiled.set(f64::from(u8::from(verdict.null == NullOrigin::Profiled)));
    }
    Ok(())
}

/// What is committed of a judgement.
pub struct Judged {
    pub state: ModelState,
    pub verdicts: Vec<VerdictRow>,
    pub inputs: Vec<(IncidentKey, Input)>,
    /// What it says of KPIs.
    pub kpis: Vec<KpiDelta>,
}

/// One transaction: the new state, the verdicts, and what they mean for incidents. Only then memory follows.
pub async fn commit_verdicts<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    expected_revision: i64,
    judged: Judged,
) -> Result<(), EvaluateError> {
    let Judged { state, verdicts, inputs, kpis } = judged;
    let mut commit = EvaluationCommit {
        model: model.options.id.clone(),
        expected_revision,
        state: state.to_bytes(),
        verdicts,
        incidents: IncidentChanges::default(),
        kpis: kpis.clone(),
    };
    if inputs.is_empty() {
        effects.desk.store().commit_evaluation(commit).await?;
    } else {
        let turn = effects.desk.turn().await;
        let draft = turn.draft(inputs);
        commit.incidents = changes(&draft, None);
        match effects.desk.store().commit_evaluation(commit).await {
            Ok(()) => turn.settle(draft),
            Err(error) => return Err(turn.refused(error).await.into()),
        }
    }
    effects.sampling.book.add(&effects.sampling.options.load().catalogue, &kpis);
    let mut live = model.live();
    live.state = Arc::new(state);
    live.state_revision = expected_revision + 1;
    Ok(())
}

/// What evaluations say to the incidents of their model.
fn incident_inputs(model: &Model, evaluations: &[Evaluation]) -> Vec<(IncidentKey, Input)> {
    let ModelOptions { id, tags, plan, .. } = &model.options;
    let silence = model.live().silence;
    evaluations.iter().flat_map(|of| inputs_of(id, tags, plan, of, silence.as_ref())).collect()
}

/// Logs what alarms did.
pub fn note(model: &Model, decisions: &[Decision]) {
    for decision in decisions.iter().filter(|decision| decision.transition.is_news()) {
        let version = decision.version.as_ref().map_or("all", Version::as_str);
        tracing::info!(model = %model.options.id, version, kind = %decision.kind, at = %decision.at,
            transition = ?decision.transition, "an alarm changed");
    }
}

/// Judges again what late rows changed, a minute after the first of them came: while they trickle in, a window has one
/// revision a minute, not one a row. What could not be read or committed stays due.
async fn revise_late<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    present: Present,
) -> Result<(), EvaluateError> {
    let Some(inputs) = Inputs::of(model) else { return Ok(()) };
    let late = late_and_due(model, present.now);
    let Some(range) = hull(&late) else { return Ok(()) };
    let revised = revise_windows(model, effects, &inputs, range, present).await;
    if revised.is_err() {
        model.live().book.put_back_late(&late);
    }
    revised
}

fn late_and_due(model: &Model, now: Timestamp) -> Vec<Pane> {
    let mut live = model.live();
    if !live.book.has_late() {
        return Vec::new();
    }
    let due = *live.revise_at.get_or_insert(now.saturating_add(REVISE_AFTER));
    if now < due {
        return Vec::new();
    }
    live.revise_at = None;
    live.book.take_late()
}

async fn revise_windows<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    inputs: &Inputs,
    late: TimeRange,
    present: Present,
) -> Result<(), EvaluateError> {
    let (evaluations, state) = with_counts(model, &inputs.frozen, effects.desk.store(), |counts| {
        revise(&inputs.verdict_model(model), &inputs.state, late, present, counts)
    })
    .await?;
    let mut evaluations = evaluations.into_iter();
    for revision in inputs.revision.. {
        let some: Vec<Evaluation> = evaluations.by_ref().take(REVISIONS_A_COMMIT).collect();
        if some.is_empty() {
            break;
        }
        commit(model, effects, revision, state.clone(), some).await?;
    }
    Ok(())
}

pub fn hull(panes: &[Pane]) -> Option<TimeRange> {
    let start = panes.iter().map(|pane| pane.start).min()?;
    let end = panes.iter().map(|pane| pane.end()).max()?;
    Some(TimeRange { start, end })
}

/// Closes panes in memory and keeps the book within its bytes: in time by all panes of the model.
pub fn settle(model: &Model) {
    let mut live = model.live();
    if let Some(closed_to) = live.watermark.at(model.lateness()) {
        live.book.settle(closed_to);
        model.metrics.watermark.set_time(closed_to);
    }
}

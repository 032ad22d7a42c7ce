//! A closed pane: every version is judged over the window that ends with it, alarms move, the state goes on.
//!
//! Deterministic in (model, state, pane, counts): when and in which order the counts came is nowhere in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::alarm::Suppression;
use super::alpha::volume_alpha;
use super::compare::{available, verdicts};
use super::controls::Controls;
use super::evaluation::{Decision, Evaluation};
use super::evidence::{data_evidence, schema_evidence, silence_evidence, volume_evidence};
use super::model_state::ModelState;
use super::outcome::Outcomes;
use super::plan::{MonitoringPlan, WindowPlan};
use super::results::RawResult;
use super::silence::{SilenceVerdict, judge_silence};
use super::status::Kind;
use super::volume::{VolumeVerdict, volume_pane};
use super::window_verdict::Verdict;
use crate::domain::{ColumnId, Segment, TimeRange, Timestamp, Version};
use crate::reference::Profile;
use crate::sketch::{Ruler, Tally};
use crate::window::{ClockMode, Missing, PaneBook, Unavailable, aligned_ends};

/// What is watched, and against what.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    pub plan: &'a MonitoringPlan,
    pub profile: &'a Profile,
    pub ruler: &'a Ruler,
    pub segment_ruler: &'a Ruler,
    /// The profile's counts of segments, on `segment_ruler`.
    pub segments: &'a BTreeMap<Segment, Arc<Tally>>,
    pub controls: &'a Controls,
    /// The decoded counts of [`Controls::baseline`]; empty without one.
    pub baseline: &'a BTreeMap<Segment, Tally>,
    pub ignored: &'a BTreeSet<ColumnId>,
    pub sensitive: &'a BTreeSet<ColumnId>,
    /// When versions were trained, where that is known.
    pub trained_at: &'a BTreeMap<Version, Timestamp>,
    /// What outcomes are judged by; none where the model has none.
    pub outcomes: Option<Outcomes<'a>>,
}

/// The counts of closed panes.
pub trait Counts {
    /// Versions and segments that have panes.
    fn lanes(&self) -> Vec<(Version, Segment)>;
    /// The sum over `range`, less the panes that touch `excluded`.
    fn window(
        &mut self,
        version: &Version,
        segment: &Segment,
        range: TimeRange,
        excluded: &[TimeRange],
    ) -> Result<Arc<Tally>, Unavailable>;
    /// The start of the first pane known.
    fn first_pane(&self) -> Option<Timestamp>;
}

/// The time of an evaluation by the clock: it decides only whether a window is history.
#[derive(Debug, Clone, Copy)]
pub struct Present {
    pub now: Timestamp,
    pub mode: ClockMode,
    pub idle_timeout: Duration,
}

/// A pane that closed and was not evaluated yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The place of the window's plan.
    pub window: usize,
    /// Where pane and window end.
    pub end: Timestamp,
    /// By event time: when what is judged of it was complete. Panes are judged in this order.
    pub closed_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Evaluated {
    pub evaluation: Evaluation,
    pub state: ModelState,
}

/// The panes to evaluate, in the order in which they closed; at most `limit` of them: ask again after these.
///
/// `watermark` is that of a plan's lateness; `first_pane` where the counts begin. Panes that closed more than `reach`
/// before it are passed over: nothing is kept of them.
pub fn due(
    plan: &MonitoringPlan,
    state: &ModelState,
    first_pane: Option<Timestamp>,
    watermark: impl Fn(Duration) -> Option<Timestamp>,
    reach: Duration,
    limit: usize,
) -> Vec<Due> {
    let evaluated_to = |window: &WindowPlan| state.evaluated_to(window).or(first_pane);
    due_after(plan, |window| window.lateness, evaluated_to, watermark, reach, limit)
}

/// The panes to evaluate, each once `waits` after its end.
pub(super) fn due_after(
    plan: &MonitoringPlan,
    waits: impl Fn(&WindowPlan) -> Duration,
    evaluated_to: impl Fn(&WindowPlan) -> Option<Timestamp>,
    watermark: impl Fn(Duration) -> Option<Timestamp>,
    reach: Duration,
    limit: usize,
) -> Vec<Due> {
    let mut found: Vec<Due> = Vec::new();
    for (window, window_plan) in plan.windows.iter().enumerate() {
        let wait = waits(window_plan);
        let Some(closed_to) = watermark(wait) else { continue };
        let Some(after) = evaluated_to(window_plan) else { continue };
        let after = after.max(closed_to.saturating_sub(reach));
        let ends = aligned_ends(after, closed_to, window_plan.pane).take(limit);
        found.extend(ends.map(|end| Due { window, end, closed_at: end.saturating_add(wait) }));
    }
    found.sort_by_key(|due| (due.closed_at, due.window));
    found.truncate(limit);
    found
}

/// Judges the window that ends with a closed pane, once. Errors with the panes that must be read first.
pub fn evaluate_closed(
    model: &Model,
    state: &ModelState,
    due: Due,
    present: Present,
    counts: &mut impl Counts,
) -> Result<Evaluated, Missing> {
    let plan = &model.plan.windows[due.window];
    let mut state = state.clone();
    state.counted_since = [state.counted_since, counts.first_pane()].into_iter().flatten().min();
    let window = window_of(plan, due.end);
    let historical = is_historical(plan, due.end, present);
    let suppression = suppression_of(model, due.end, historical);
    let verdicts = verdicts(model, &state, plan, window, counts)?;
    let volume = volume(model, &state, due, counts)?;

    let mut decisions = Vec::new();
    for verdict in &verdicts {
        let version = &verdict.version;
        state.windows.record(plan, version, due.end, raw(verdict));
        for kind in [Kind::Data, Kind::Schema] {
            decisions.push(state.decide(Some(version), kind, suppression, |state, alarm| match kind {
                Kind::Data => data_evidence(state, plan, verdict, alarm),
                _ => schema_evidence(state, model.plan, plan, verdict),
            }));
        }
    }
    if let Some(verdict) = &volume {
        decisions.push(state.decide(None, Kind::Volume, suppression, |_, _| volume_evidence(verdict)));
        state.volume.record(verdict);
    }
    state.evaluated(model.plan, plan, due.end);
    let judged_at = present.now;
    let evaluation = Evaluation { window, revision: 0, judged_at, historical, verdicts, volume, decisions };
    Ok(Evaluated { evaluation, state })
}

/// Judges again windows that late rows changed: values move, alarms do not. One evaluation a window that was judged,
/// has rows and lies within reach of the state, oldest first.
pub fn revise(
    model: &Model,
    state: &ModelState,
    late: TimeRange,
    present: Present,
    counts: &mut impl Counts,
) -> Result<(Vec<Evaluation>, ModelState), Missing> {
    let mut state = state.clone();
    let mut evaluations = Vec::new();
    for plan in &model.plan.windows {
        let Some((since, to)) = state.revisable_since(plan).zip(state.evaluated_to(plan)) else { continue };
        // Windows over the late range end after its start, and begin before its end.
        let last = late.end.saturating_add(plan.length).saturating_sub(Duration::from_micros(1));
        let ends = aligned_ends(late.start.max(since), last.min(to), plan.pane);
        for end in ends {
            let window = window_of(plan, end);
            let verdicts = verdicts(model, &state, plan, window, counts)?;
            if verdicts.is_empty() {
                continue;
            }
            let mut revision = 0;
            for verdict in &verdicts {
                let known = state.windows.result(plan, &verdict.version, end).copied();
                // What opened or did not stays as it was judged first.
                let result = known.unwrap_or_default();
                let result = RawResult { revision: result.revision + 1, ..result };
                revision = revision.max(result.revision);
                state.windows.record(plan, &verdict.version, end, result);
            }
            let historical = is_historical(plan, end, present);
            evaluations.push(Evaluation {
                window,
                revision,
                judged_at: present.now,
                historical,
                verdicts,
                volume: None,
                decisions: Vec::new(),
            });
        }
    }
    Ok((evaluations, state))
}

/// What the window that ends at `end` would say of the rows that came so far: to be shown, never to be judged by. Of
/// all rows together, not by segment. Errors with the panes that would have to be read first.
pub fn provisional(
    model: &Model,
    state: &ModelState,
    due: Due,
    counts: &mut impl Counts,
) -> Result<Vec<Verdict>, Missing> {
    let plan = &model.plan.windows[due.window];
    verdicts(model, state, plan, window_of(plan, due.end), &mut WholeLanes(counts))
}

/// The state as if the columns of a window had been judged, where they never were.
pub(super) fn with_columns(
    model: &Model,
    state: &ModelState,
    due: Due,
    counts: &mut impl Counts,
) -> Result<ModelState, Missing> {
    let plan = &model.plan.windows[due.window];
    let mut judged = state.clone();
    for verdict in provisional(model, state, due, counts)? {
        if judged.windows.result(plan, &verdict.version, due.end).is_none() {
            judged.windows.record(plan, &verdict.version, due.end, raw(&verdict));
        }
    }
    Ok(judged)
}

fn raw(verdict: &Verdict) -> RawResult {
    RawResult {
        data: verdict.status.severity(),
        schema: verdict.schema.severity(),
        drifted: verdict.drifted.len() as u32,
        ..RawResult::default()
    }
}

/// Counts without those of segments.
struct WholeLanes<'a, C>(&'a mut C);

impl<C: Counts> Counts for WholeLanes<'_, C> {
    fn lanes(&self) -> Vec<(Version, Segment)> {
        self.0.lanes().into_iter().filter(|(_, segment)| *segment == Segment::All).collect()
    }

    fn window(
        &mut self,
        version: &Version,
        segment: &Segment,
        range: TimeRange,
        excluded: &[TimeRange],
    ) -> Result<Arc<Tally>, Unavailable> {
        self.0.window(version, segment, range, excluded)
    }

    fn first_pane(&self) -> Option<Timestamp> {
        self.0.first_pane()
    }
}

/// Judges, on a timer, how long ago the newest row is. `None` where silence is not watched, or is not known yet.
pub fn evaluate_silence(
    model: &Model,
    state: &ModelState,
    last_row: Timestamp,
    present: Present,
) -> Option<(SilenceVerdict, Decision, ModelState)> {
    if present.mode == ClockMode::Replay {
        return None;
    }
    let pane = volume_pane(model.plan.pane());
    let known_to = state.volume.last_end(pane).unwrap_or(last_row);
    let pause = state.volume.longest_pause(pane, known_to.min(pane.pane_of(last_row).start));
    let verdict =
        judge_silence(model.plan.silence_after, pause, model.plan.pane().duration(), last_row, present.now)?;
    let mut state = state.clone();
    let suppression = model.controls.is_paused(present.now).then_some(Suppression::Paused);
    let decision =
        state.decide(None, Kind::Silence, suppression, |_, _| silence_evidence(&verdict, present.now));
    Some((verdict, decision, state))
}

impl Counts for PaneBook {
    fn lanes(&self) -> Vec<(Version, Segment)> {
        PaneBook::lanes(self).map(|(version, segment)| (version.clone(), segment.clone())).collect()
    }

    fn window(
        &mut self,
        version: &Version,
        segment: &Segment,
        range: TimeRange,
        excluded: &[TimeRange],
    ) -> Result<Arc<Tally>, Unavailable> {
        PaneBook::window(self, version, segment, range, excluded)
    }

    fn first_pane(&self) -> Option<Timestamp> {
        PaneBook::first_pane(self)
    }
}

/// Why an alarm that would open does not.
pub(super) fn suppression_of(model: &Model, end: Timestamp, historical: bool) -> Option<Suppression> {
    match (historical, model.controls.is_paused(end)) {
        (true, _) => Some(Suppression::Historical),
        (false, true) => Some(Suppression::Paused),
        (false, false) => None,
    }
}

pub(super) fn window_of(plan: &WindowPlan, end: Timestamp) -> TimeRange {
    TimeRange { start: end.saturating_sub(plan.length), end }
}

pub(super) fn is_historical(plan: &WindowPlan, end: Timestamp, present: Present) -> bool {
    let room = plan.lateness + present.idle_timeout + plan.pane.duration() * 2;
    present.mode == ClockMode::Live && present.now.since(end) > room.max(Duration::from_secs(3_600))
}

/// The rows of all versions in the pane of volume that ends here, if one does: judged beside the shortest panes.
fn volume(
    model: &Model,
    state: &ModelState,
    due: Due,
    counts: &mut impl Counts,
) -> Result<Option<VolumeVerdict>, Missing> {
    let shortest = (0..model.plan.windows.len())
        .min_by_key(|&i| (model.plan.windows[i].pane, model.plan.windows[i].length));
    let length = volume_pane(model.plan.pane());
    let ends_here = length.pane_of(due.end).start == due.end;
    if shortest != Some(due.window) || !ends_here {
        return Ok(None);
    }
    let pane = length.pane_of(due.end.saturating_sub(Duration::from_micros(1)));
    if state.counted_since.is_some_and(|since| pane.start < since) || model.controls.excludes(&pane.range()) {
        return Ok(None);
    }
    let mut rows = 0;
    for (version, segment) in counts.lanes() {
        if segment == Segment::All {
            match available(counts.window(&version, &segment, pane.range(), &model.controls.excluded))? {
                Ok(tally) => rows += tally.rows,
                // Rows that cannot be had are not rows that did not come.
                Err(_) => return Ok(None),
            }
        }
    }
    Ok(Some(state.volume.judge(pane, rows, volume_alpha(model.plan, length, state.judges_outcomes()))))
}

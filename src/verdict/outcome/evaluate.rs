//! A pane whose labels were waited for: every version is judged over the window that ends with it.
//!
//! Deterministic in (model, state, pane, counts), as the judgement of the columns is.

use std::collections::BTreeMap;
use std::time::Duration;

use super::alpha::alphas;
use super::evidence::{bias_evidence, concept_evidence, model_evidence};
use super::judge::{Asked, judge};
use super::measure::Outcomes;
use super::verdict::{OutcomeEvaluation, OutcomeVerdict, Stepped};
use crate::detector::PaneErrors;
use crate::domain::{PaneLength, Segment, TimeRange, Timestamp, Version};
use crate::performance::{Group, Record};
use crate::statistic::Reason;
use crate::verdict::compare::{available, known};
use crate::verdict::evaluate::{
    Counts, Due, Model, Present, due_after, is_historical, suppression_of, window_of, with_columns,
};
use crate::verdict::model_state::{ModelState, OUTCOMES_REVISED_FOR, kept};
use crate::verdict::plan::{MonitoringPlan, WindowPlan};
use crate::verdict::results::RawResult;
use crate::verdict::status::Kind;
use crate::window::{Missing, aligned_ends};

/// The panes whose labels are to be judged, in the order in which their wait ended; as [`crate::verdict::due`].
pub fn outcomes_due(
    plan: &MonitoringPlan,
    state: &ModelState,
    first_pane: Option<Timestamp>,
    watermark: impl Fn(Duration) -> Option<Timestamp>,
    reach: Duration,
    limit: usize,
) -> Vec<Due> {
    let waits = |window: &WindowPlan| window.lateness + plan.outcomes.label_wait;
    due_after(
        plan,
        waits,
        |window| state.outcomes_evaluated_to(window).or(first_pane),
        watermark,
        reach,
        limit,
    )
}

/// Judges the window that ends with a pane, once. Errors with the panes that must be read first.
pub fn evaluate_outcomes(
    model: &Model,
    outcomes: &Outcomes<'_>,
    state: &ModelState,
    due: Due,
    present: Present,
    counts: &mut impl Counts,
) -> Result<(OutcomeEvaluation, ModelState), Missing> {
    let plan = &model.plan.windows[due.window];
    let mut state = state.clone();
    let window = window_of(plan, due.end);
    let historical = is_historical(plan, due.end, waiting(model, present));
    let suppression = suppression_of(model, due.end, historical);
    let seen = seen(model, outcomes, &state, window, counts)?;
    let mut stepped = BTreeMap::new();
    if is_shortest(model.plan, due.window) {
        stepped = follow(model, outcomes, &mut state, &seen, plan, due.end, counts)?;
    }
    let mut verdicts = verdicts(model, outcomes, &state, plan, window, &seen);
    for verdict in &mut verdicts {
        verdict.stepped = stepped.remove(&verdict.version).map(Stepped::from);
    }
    let mut decisions = Vec::new();
    for verdict in &verdicts {
        let version = &verdict.version;
        state.outcomes.record(plan, version, due.end, raw(verdict));
        for kind in [Kind::Concept, Kind::Model, Kind::Bias] {
            decisions.push(state.decide(Some(version), kind, suppression, |state, _| match kind {
                Kind::Concept => concept_evidence(state, plan, verdict),
                Kind::Model => model_evidence(plan, verdict),
                _ => bias_evidence(state, plan, verdict),
            }));
        }
    }
    state.outcomes_evaluated(model.plan, plan, due.end);
    let judged_at = present.now;
    let evaluation = OutcomeEvaluation { window, revision: 0, judged_at, historical, verdicts, decisions };
    Ok((evaluation, state))
}

/// The windows to judge again after labels of a range of time changed, oldest first: those that `for` may still ask for;
/// and of those before, for 35 days, the ones that tile the time, so that what is late by weeks costs a window a day.
pub fn outcomes_to_revise(plan: &MonitoringPlan, state: &ModelState, changed: TimeRange) -> Vec<Due> {
    let mut found = Vec::new();
    let label_wait = plan.outcomes.label_wait;
    for (window, plan) in plan.windows.iter().enumerate() {
        let Some(to) = state.outcomes_evaluated_to(plan) else { continue };
        let (all_since, since) = (to.saturating_sub(kept(plan)), to.saturating_sub(OUTCOMES_REVISED_FOR));
        // Windows over the changed range end after its start, and begin before its end.
        let last = changed.end.saturating_add(plan.length).saturating_sub(Duration::from_micros(1));
        let ends = aligned_ends(changed.start.max(since.min(all_since)), last.min(to), plan.pane);
        let wanted = ends.filter(|end| *end > all_since || is_a_tile(plan, *end));
        let closed_at = |end: Timestamp| end.saturating_add(plan.lateness + label_wait);
        found.extend(wanted.map(|end| Due { window, end, closed_at: closed_at(end) }));
    }
    found.sort_by_key(|due| (due.end, due.window));
    found
}

/// Whether a window is one of those that follow each other without overlap from 1970 on.
fn is_a_tile(plan: &WindowPlan, end: Timestamp) -> bool {
    let length = i64::try_from(plan.length.as_micros()).unwrap_or(i64::MAX);
    end.micros().rem_euclid(length) == 0
}

/// Judges a window again whose labels changed: values move, alarms do not. None where it has no prediction any more.
pub fn revise_outcomes(
    model: &Model,
    outcomes: &Outcomes<'_>,
    state: &ModelState,
    due: Due,
    present: Present,
    counts: &mut impl Counts,
) -> Result<Option<(OutcomeEvaluation, ModelState)>, Missing> {
    let plan = &model.plan.windows[due.window];
    let mut state = state.clone();
    let window = window_of(plan, due.end);
    let seen = seen(model, outcomes, &state, window, counts)?;
    let verdicts = verdicts(model, outcomes, &state, plan, window, &seen);
    let mut revision = 0;
    for verdict in &verdicts {
        let known = state.outcomes.result(plan, &verdict.version, due.end).copied().unwrap_or_default();
        // What opened or did not stays as it was judged first.
        let result = RawResult { revision: known.revision + 1, ..known };
        revision = revision.max(result.revision);
        state.outcomes.record(plan, &verdict.version, due.end, result);
    }
    let historical = is_historical(plan, due.end, waiting(model, present));
    let judged_at = present.now;
    let decisions = Vec::new();
    let evaluation = OutcomeEvaluation { window, revision, judged_at, historical, verdicts, decisions };
    Ok((!evaluation.verdicts.is_empty()).then_some((evaluation, state)))
}

/// A window is history only long after its labels could be there.
fn waiting(model: &Model, present: Present) -> Present {
    Present { idle_timeout: present.idle_timeout + model.plan.outcomes.label_wait, ..present }
}

/// What the window that ends at `end` would say of the labels that came so far: to be shown, never to be judged by.
pub fn provisional_outcomes(
    model: &Model,
    outcomes: &Outcomes<'_>,
    state: &ModelState,
    due: Due,
    counts: &mut impl Counts,
) -> Result<Vec<OutcomeVerdict>, Missing> {
    let plan = &model.plan.windows[due.window];
    let window = window_of(plan, due.end);
    let state = with_columns(model, state, due, counts)?;
    let seen = seen(model, outcomes, &state, window, counts)?;
    Ok(verdicts(model, outcomes, &state, plan, window, &seen))
}

/// The records of one version's window: of all rows, and of its slices.
struct Seen {
    version: Version,
    whole: Record,
    segments: Vec<(Segment, Record)>,
    /// Why `whole` is empty where its counts cannot be had.
    unavailable: Option<Reason>,
}

/// Every version that has predictions in the window, or counts that cannot be had, or an open alarm.
fn seen(
    model: &Model,
    outcomes: &Outcomes<'_>,
    state: &ModelState,
    window: TimeRange,
    counts: &mut impl Counts,
) -> Result<Vec<Seen>, Missing> {
    let excluded = &model.controls.excluded;
    known(counts, window, excluded)?;
    let mut lanes: BTreeMap<Version, Vec<Segment>> = BTreeMap::new();
    for (version, segment) in counts.lanes() {
        lanes.entry(version).or_default().push(segment);
    }
    let mut found = Vec::new();
    for (version, segments) in lanes {
        let mut record_of = |segment: &Segment| {
            let yardstick = match segment {
                Segment::All => outcomes.yardstick,
                Segment::Slice { .. } => outcomes.segment_yardstick,
            };
            let tally = available(counts.window(&version, segment, window, excluded))?;
            Ok(tally.and_then(|tally| Record::of(&tally, yardstick).ok_or(Reason::GridChanged)))
        };
        let whole = record_of(&Segment::All)?;
        let unavailable = whole.as_ref().err().copied();
        let whole = whole.unwrap_or_else(|_| Record::empty(outcomes.yardstick));
        let is_open = state.alarms().any(|(of, kind, _)| of == Some(&version) && kind.is_of_outcomes());
        if whole.is_empty() && unavailable.is_none() && !is_open {
            continue;
        }
        let mut sliced = Vec::new();
        for segment in segments.into_iter().filter(|segment| *segment != Segment::All) {
            if let Some(record) = record_of(&segment)?.ok().filter(|record| !record.is_empty()) {
                sliced.push((segment, record));
            }
        }
        found.push(Seen { version, whole, segments: sliced, unavailable });
    }
    Ok(found)
}

fn verdicts(
    model: &Model,
    outcomes: &Outcomes<'_>,
    state: &ModelState,
    plan: &WindowPlan,
    window: TimeRange,
    seen: &[Seen],
) -> Vec<OutcomeVerdict> {
    let enough = |seen: &&Seen| seen.whole.labelled_rows().max(0) as u64 >= model.plan.outcomes.min_samples;
    let alphas = alphas(model.plan, plan, seen.iter().filter(enough).count());
    let asked = seen.iter().map(|seen| Asked {
        model,
        outcomes,
        state,
        plan,
        window,
        version: &seen.version,
        record: &seen.whole,
        segments: &seen.segments,
        unavailable: seen.unavailable,
        alphas,
    });
    asked.map(|asked| judge(&asked)).collect()
}

/// Steps the detectors over the pane, and notes a day that ends with it. What each version was stepped over.
fn follow(
    model: &Model,
    outcomes: &Outcomes<'_>,
    state: &mut ModelState,
    seen: &[Seen],
    plan: &WindowPlan,
    end: Timestamp,
    counts: &mut impl Counts,
) -> Result<BTreeMap<Version, PaneErrors>, Missing> {
    let excluded = &model.controls.excluded;
    let pane = plan.pane.pane_of(end.saturating_sub(Duration::from_micros(1))).range();
    let day = PaneLength::Day.pane_of(end.saturating_sub(Duration::from_micros(1)));
    let mut record_of = |version: &Version, range: TimeRange| {
        let tally = available(counts.window(version, &Segment::All, range, excluded))?;
        Ok(tally.ok().and_then(|tally| Record::of(&tally, outcomes.yardstick)))
    };
    let mut stepped = BTreeMap::new();
    for Seen { version, .. } in seen.iter().filter(|seen| seen.whole.labelled_rows() > 0) {
        if let Some(errors) = record_of(version, pane)?.and_then(|record| record.errors()) {
            state.streams.of_mut(version).step(end, &errors);
            stepped.insert(version.clone(), errors);
        }
        if day.end() == end
            && let Some(record) = record_of(version, day.range())?
            && record.labelled_rows() >= DAY_ROWS_MIN
            && let Ok(measured) = record.realised(outcomes.yardstick, model.plan.outcomes.primary)
        {
            state.streams.of_mut(version).note_day(day.start, measured.value);
        }
    }
    let versions: Vec<Version> = counts.lanes().into_iter().map(|(version, _)| version).collect();
    state.streams.keep(|version| versions.contains(version));
    Ok(stepped)
}

/// Fewer labelled rows make no day of a trend.
const DAY_ROWS_MIN: i64 = 30;

fn raw(verdict: &OutcomeVerdict) -> RawResult {
    let losses = verdict.metrics.iter().filter_map(|metric| metric.status?.severity());
    RawResult {
        concept: verdict.concept.alarming(),
        loss: losses.max(),
        bias: verdict.bias_status.severity(),
        ..RawResult::default()
    }
}

/// Streams are followed by the shortest windows, each pane once.
fn is_shortest(plan: &MonitoringPlan, window: usize) -> bool {
    let shortest = (0..plan.windows.len()).min_by_key(|&i| (plan.windows[i].pane, plan.windows[i].length));
    shortest == Some(window)
}

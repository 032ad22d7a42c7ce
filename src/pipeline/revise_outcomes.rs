//! Windows whose labels changed after they were judged are judged again: values move, alarms do not.
//!
//! Which panes changed is known in memory only. After a start the windows that labels may still change are held against
//! what is stored of them, so that labels that were counted just before it are told of too.

use std::collections::BTreeMap;
use std::time::Duration;

use super::effects::Effects;
use super::evaluate::{EvaluateError, Inputs, hull};
use super::judge_outcomes::judge_by;
use super::model::Model;
use super::model_counts::ModelCounts;
use crate::domain::{Pane, TimeRange, Timestamp};
use crate::store::{Store, VerdictSubject};
use crate::verdict::{
    self, Due, MetricVerdict, OutcomeEvaluation, OutcomeVerdict, Outcomes, Present, outcomes_to_revise,
    revise_outcomes,
};
use crate::window::ClockMode;

/// Labels that come late are judged together after so long: they trickle in for weeks, and a window has at most one
/// revision an hour; of a replay they come at once.
const fn revise_after(mode: ClockMode) -> Duration {
    match mode {
        ClockMode::Live => Duration::from_secs(3_600),
        ClockMode::Replay => Duration::from_secs(60),
    }
}

/// Rows that are read of stored verdicts, the newest: 35 days of windows of each hour, twice.
const STORED_MAX: usize = 2_000;

/// What may have to be judged again.
struct Changed {
    panes: Vec<Pane>,
    /// Whether what changed before the start is looked for too.
    since_before: bool,
}

/// The newest verdict on each window.
type Stored = BTreeMap<(Timestamp, Timestamp), OutcomeEvaluation>;

/// Judges again what late labels changed. What could not be read or committed stays due.
pub async fn revise_late<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    present: Present,
) -> Result<(), EvaluateError> {
    let Some(changed) = changed_and_due(model, present) else { return Ok(()) };
    let revised = revise(model, effects, &changed, present).await;
    if revised.is_err() {
        let mut live = model.live();
        live.book.put_back_late_outcomes(&changed.panes);
        live.outcomes_are_checked &= !changed.since_before;
    }
    revised
}

fn changed_and_due(model: &Model, present: Present) -> Option<Changed> {
    let mut live = model.live();
    if live.outcomes_are_checked && !live.book.has_late_outcomes() {
        return None;
    }
    let due = *live.revise_outcomes_at.get_or_insert(present.now.saturating_add(revise_after(present.mode)));
    if present.now < due {
        return None;
    }
    live.revise_outcomes_at = None;
    let since_before = !std::mem::replace(&mut live.outcomes_are_checked, true);
    Some(Changed { panes: live.book.take_late_outcomes(), since_before })
}

async fn revise<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    changed: &Changed,
    present: Present,
) -> Result<(), EvaluateError> {
    let state = model.live().state.clone();
    let late = hull(&changed.panes);
    let range = match changed.since_before {
        true => Some(TimeRange { start: Timestamp::MIN, end: Timestamp::MAX }),
        false => late,
    };
    let Some(range) = range else { return Ok(()) };
    let due = outcomes_to_revise(&model.options.plan, &state, range);
    let stored = match changed.since_before && !due.is_empty() {
        true => stored(model, effects.desk.store()).await?,
        false => Stored::new(),
    };
    for due in due {
        let Some(inputs) = Inputs::of(model) else { return Ok(()) };
        let is_late = late.is_some_and(|late| overlaps(model, due, late));
        let rule = |asked: &verdict::Model<'_>, outcomes: &Outcomes<'_>, counts: &mut ModelCounts<'_>| {
            let revised = revise_outcomes(asked, outcomes, &inputs.state, due, present, counts)?;
            Ok(revised.filter(|(found, _)| is_late || differs(&stored, found)))
        };
        judge_by(model, effects, &inputs, rule).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn overlaps(model: &Model, due: Due, late: TimeRange) -> bool {
    let length = model.options.plan.windows[due.window].length;
    due.end > late.start && due.end.saturating_sub(length) < late.end
}

async fn stored<S: Store>(model: &Model, store: &S) -> Result<Stored, EvaluateError> {
    let mut found = Stored::new();
    for plan in &model.options.plan.windows {
        let id = &model.options.id;
        let rows = store.read_verdicts(id, VerdictSubject::Outcomes, plan.length, STORED_MAX).await?;
        for row in rows {
            // Of a window the last revision comes first; one that cannot be read is said to be so when it is shown.
            if let Ok(evaluation) = OutcomeEvaluation::from_bytes(&row.body) {
                found.entry((row.window.start, row.window.end)).or_insert(evaluation);
            }
        }
    }
    Ok(found)
}

/// Whether a window has other labels than were stored of it. One that was never stored has nothing to revise, and counts
/// that can be had no more, as on grids that went, take nothing of what was said of it away.
fn differs(stored: &Stored, found: &OutcomeEvaluation) -> bool {
    let Some(known) = stored.get(&(found.window.start, found.window.end)) else { return false };
    let is_there = |known: &OutcomeVerdict| {
        let mut found = found.verdicts.iter().filter(|found| found.version == known.version);
        found.any(|found| found.predicted >= known.predicted && found.labelled >= known.labelled)
    };
    known.verdicts.iter().all(is_there) && figures(known) != figures(found)
}

type Figures = Vec<(i64, i64, Vec<Option<f64>>)>;

fn figures(evaluation: &OutcomeEvaluation) -> Figures {
    let realised = |metric: &MetricVerdict| metric.realised().map(|value| value.value);
    let of = |verdict: &OutcomeVerdict| {
        (verdict.predicted, verdict.labelled, verdict.metrics.iter().map(realised).collect())
    };
    evaluation.verdicts.iter().map(of).collect()
}

//! What people may change of a running model: its reference, its alarms, the ranges that count. All of it audited.

use std::sync::Arc;

use super::evaluate::with_counts;
use super::learning::Learning;
use super::model::Model;
use super::options::{ModelOptions, PipelineOptions, ReferenceOptions};
use super::recover;
use crate::domain::{PaneLength, Segment, TimeRange, Timestamp, Version};
use crate::sketch::Tally;
use crate::store::{AuditRow, ControlCommit, Store, StoreError};
use crate::verdict::{Baseline, Controls, Counts, Pause};
use crate::web::{
    Actor, BaselineRequest, ExcludeRequest, LearnRequest, PauseRequest, ServiceError, answer::ControlAnswer,
};
use crate::window::Unavailable;

/// Ranges of one sort that are kept; those longest past leave first.
const RANGES_MAX: usize = 1_000;

/// Makes what was counted in a range the static reference.
pub async fn baseline(
    model: &Model,
    store: &impl Store,
    request: BaselineRequest,
    actor: &Actor,
    now: Timestamp,
) -> Result<ControlAnswer, ServiceError> {
    let _turn =
        model.controlling().await.ok_or_else(|| conflict("the config was read again just now; ask again"))?;
    let frozen =
        model.frozen().ok_or_else(|| conflict("the model has no grid yet: its reference is being learnt"))?;
    let range = on_panes(request.range, model.options.plan.pane());
    let excluded = model.live().controls.excluded.clone();
    let sums = with_counts(model, &frozen, store, |counts| sums(counts, &request.version, range, &excluded))
        .await
        .map_err(|error| unavailable(&error))?;
    let rows = sums.iter().find(|(segment, _)| *segment == Segment::All).map_or(0, |(_, tally)| tally.rows);
    if rows <= 0 {
        return Err(invalid(format!("no rows were counted from {} to {}", range.start, range.end)));
    }
    let baseline = Baseline::new(range, now, sums.iter().map(|(segment, tally)| (segment.clone(), tally)));
    let controls = Controls { baseline: Some(baseline), ..Controls::clone(&model.live().controls) };
    let message = format!("{rows} rows are the reference from now on");
    apply(
        model,
        store,
        controls,
        Change { action: "baseline", range: Some(range), reason: request.reason, message },
        actor,
        now,
    )
    .await
}

/// Windows that end in the range are judged, but alarm nobody.
pub async fn pause(
    model: &Model,
    store: &impl Store,
    request: PauseRequest,
    actor: &Actor,
    now: Timestamp,
) -> Result<ControlAnswer, ServiceError> {
    let _turn =
        model.controlling().await.ok_or_else(|| conflict("the config was read again just now; ask again"))?;
    let range = TimeRange { start: request.from.unwrap_or(now), end: request.until };
    if range.start >= range.end {
        return Err(invalid(format!("`until` must lie after {}", range.start)));
    }
    let mut controls = Controls::clone(&model.live().controls);
    controls.paused.push(Pause { from: range.start, until: Some(range.end) });
    let surplus = controls.paused.len().saturating_sub(RANGES_MAX);
    controls.paused.drain(..surplus);
    let message = "windows that end in this range open no alarm".to_owned();
    apply(
        model,
        store,
        controls,
        Change { action: "pause", range: Some(range), reason: request.reason, message },
        actor,
        now,
    )
    .await
}

/// Leaves a range out of every window and reference.
pub async fn exclude(
    model: &Model,
    store: &impl Store,
    request: ExcludeRequest,
    actor: &Actor,
    now: Timestamp,
) -> Result<ControlAnswer, ServiceError> {
    let _turn =
        model.controlling().await.ok_or_else(|| conflict("the config was read again just now; ask again"))?;
    let range = on_panes(request.range, model.options.plan.pane());
    let mut controls = Controls::clone(&model.live().controls);
    controls.excluded.push(range);
    let surplus = controls.excluded.len().saturating_sub(RANGES_MAX);
    controls.excluded.drain(..surplus);
    let message = "its panes are left out of windows judged from now on".to_owned();
    apply(
        model,
        store,
        controls,
        Change { action: "exclude", range: Some(range), reason: request.reason, message },
        actor,
        now,
    )
    .await
}

/// Forgets the learnt reference and begins anew with the rows that come.
pub async fn learn(
    model: &Model,
    store: &impl Store,
    limits: &PipelineOptions,
    request: LearnRequest,
    actor: &Actor,
    now: Timestamp,
) -> Result<ControlAnswer, ServiceError> {
    let _turn =
        model.controlling().await.ok_or_else(|| conflict("the config was read again just now; ask again"))?;
    if !matches!(model.options.reference, ReferenceOptions::Learn(_)) {
        return Err(conflict("the config names a reference for this model; use baseline to replace it"));
    }
    let _alone = model.gate.write().await;
    let controls = Controls { baseline: None, ..Controls::clone(&model.live().controls) };
    let state = encode(&controls)?;
    let audit = audit_row(&model.options, actor, "learn", &request.reason, now);
    let commit = ControlCommit { model: model.options.id.clone(), state, audit, forget_reference: true };
    store.commit_control(commit).await.map_err(|error| unavailable(&error))?;
    model.freeze(None);
    let mut live = model.live();
    live.controls = Arc::new(controls);
    live.baseline = Arc::default();
    live.learning = Learning::default();
    live.latest.clear();
    live.latest_outcomes.clear();
    live.book = recover::book(&model.options, None, limits.panes_bytes_max, Timestamp::MAX);
    Ok(ControlAnswer {
        model: model.options.id.clone(),
        action: "learn".to_owned(),
        range: None,
        message: "the reference is forgotten; it is learnt anew from the rows that come".to_owned(),
    })
}

/// What a request changed, for the trail and the answer.
struct Change {
    action: &'static str,
    range: Option<TimeRange>,
    reason: String,
    message: String,
}

async fn apply(
    model: &Model,
    store: &impl Store,
    controls: Controls,
    change: Change,
    actor: &Actor,
    now: Timestamp,
) -> Result<ControlAnswer, ServiceError> {
    let detail = match change.range {
        Some(range) => format!("{} to {}: {}", range.start, range.end, change.reason),
        None => change.reason,
    };
    let audit = audit_row(&model.options, actor, change.action, &detail, now);
    let state = encode(&controls)?;
    let commit = ControlCommit { model: model.options.id.clone(), state, audit, forget_reference: false };
    store.commit_control(commit).await.map_err(|error| unavailable(&error))?;
    let frozen = model.frozen();
    let baseline = recover::baseline(&model.options, &controls, frozen.as_deref());
    let mut live = model.live();
    live.controls = Arc::new(controls);
    live.baseline = Arc::new(baseline);
    Ok(ControlAnswer {
        model: model.options.id.clone(),
        action: change.action.to_owned(),
        range: change.range,
        message: change.message,
    })
}

/// The sums of a range by segment, of one version or all.
fn sums(
    counts: &mut impl Counts,
    version: &Option<Version>,
    range: TimeRange,
    excluded: &[TimeRange],
) -> Result<Vec<(Segment, Tally)>, crate::window::Missing> {
    let mut sums: Vec<(Segment, Tally)> = Vec::new();
    // Asking for all rows first reads the panes, and with them the names of the others.
    let first = version.clone().unwrap_or_else(Version::unnamed);
    if let Err(Unavailable::Missing(missing)) = counts.window(&first, &Segment::All, range, excluded) {
        return Err(missing);
    }
    for (of, segment) in counts.lanes() {
        if version.as_ref().is_some_and(|wanted| *wanted != of) {
            continue;
        }
        let tally = match counts.window(&of, &segment, range, excluded) {
            Ok(tally) => tally,
            Err(Unavailable::Missing(missing)) => return Err(missing),
            Err(Unavailable::Not(_)) => continue,
        };
        match sums.iter_mut().find(|(known, _)| *known == segment) {
            // Segments lie on one ruler each, so adding cannot fail.
            Some((_, sum)) => drop(sum.add(&tally)),
            None => sums.push((segment, Tally::clone(&tally))),
        }
    }
    Ok(sums)
}

/// The range on pane boundaries: from the pane of its start to that of its last instant.
pub fn on_panes(range: TimeRange, pane: PaneLength) -> TimeRange {
    let last = range.end.saturating_sub(std::time::Duration::from_micros(1)).max(range.start);
    TimeRange { start: pane.pane_of(range.start).start, end: pane.pane_of(last).end() }
}

pub fn audit_row(
    options: &ModelOptions,
    actor: &Actor,
    action: &str,
    detail: &str,
    at: Timestamp,
) -> AuditRow {
    AuditRow {
        at,
        actor: actor.to_string(),
        action: action.to_owned(),
        model: Some(options.id.clone()),
        detail: detail.to_owned(),
    }
}

fn encode(controls: &Controls) -> Result<Vec<u8>, ServiceError> {
    serde_json::to_vec(controls).map_err(|error| ServiceError::Internal { why: error.to_string() })
}

fn invalid(why: String) -> ServiceError {
    ServiceError::Invalid { why }
}

fn conflict(why: &str) -> ServiceError {
    ServiceError::Conflict { why: why.to_owned() }
}

/// A store that did not do it: nothing was changed.
pub fn unavailable(error: &dyn std::error::Error) -> ServiceError {
    let retry_after = std::time::Duration::from_secs(5);
    ServiceError::Unavailable { why: error.to_string(), retry_after }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        unavailable(&error)
    }
}

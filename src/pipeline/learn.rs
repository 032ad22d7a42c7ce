//! Learning a reference from traffic: when the period is over, freeze; on request, start over.

use std::collections::BTreeMap;

use super::freeze::{LearntPane, counts_of, kinds_of, profile_of, segments_of};
use super::frozen::{Frozen, Origin};
use super::learning::{Learning, LearningPlan, Stage};
use super::model::{Live, Model};
use super::options::{LearnOptions, ReferenceOptions};
use crate::batch::SchemaColumn;
use crate::domain::{Segment, TimeRange, Timestamp};
use crate::reference::{Learnt, NullWindow, Profile, SegmentGrid, like_ids};
use crate::store::{DeltaBody, DeltaKey, DeltaRow, Freeze, Store, StoreError};

/// Why learning did not end in a reference.
#[derive(Debug, thiserror::Error)]
pub enum FreezeError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("what was learnt makes no reference: {0}")]
    Build(#[from] crate::reference::BuildError),
    #[error("learnt values cannot be read: {0}")]
    Learnt(#[from] crate::reference::LearntError),
}

/// How a model learns; `None` where its config names a reference.
pub fn plan(model: &Model, live: &Live) -> Option<LearningPlan> {
    let ReferenceOptions::Learn(options) = model.options.reference else { return None };
    let rows_min = model.options.plan.windows.iter().map(|window| window.min_samples).min();
    let watermark = live.watermark.at(model.lateness());
    Some(LearningPlan { options, rows_min: rows_min.unwrap_or(1).max(1), watermark })
}

/// Where a model's learning stands; `None` where it has a reference.
pub fn stage(model: &Model) -> Option<(LearningPlan, Stage)> {
    if model.frozen().is_some() {
        return None;
    }
    let live = model.live();
    let plan = plan(model, &live)?;
    Some((plan, live.learning.stage(&plan)))
}

/// How far a model's learning is: 0 to 1, and its period once it has begun.
pub fn progress(model: &Model) -> Option<(f64, Option<TimeRange>)> {
    stage(model).map(|(plan, stage)| (stage.progress(&plan), stage.period()))
}

/// Whether the reference can be frozen.
pub fn is_over(model: &Model, now: Timestamp) -> bool {
    let waits = model.live().learning.retry_after.is_some_and(|after| now < after);
    !waits && stage(model).is_some_and(|(_, stage)| matches!(stage, Stage::Over { .. }))
}

/// Makes the reference of what was learnt: reads it, freezes the grids, counts it, all in one transaction of the store.
/// Ingest of the model waits meanwhile.
pub async fn freeze(
    model: &Model,
    store: &impl Store,
    panes_bytes_max: usize,
    at: Timestamp,
) -> Result<(), FreezeError> {
    let _alone = model.gate.write().await;
    let Some((_, Stage::Over { period, .. })) = stage(model) else { return Ok(()) };
    let id = &model.options.id;
    let whole = TimeRange { start: Timestamp::MIN, end: Timestamp::MAX };
    let rows = store.read_deltas(id, whole).await?;
    let level = model.live().learning.level();
    let (deleted, learnt) = decode(rows, level)?;
    let (columns, windows) = (kinds(model), null_windows(model));
    let mut profile = profile_of(id.clone(), model.options.task, &columns, windows, period, &learnt)?;
    let grid = SegmentGrid::of(model.options.full_grid);
    profile.segments = segments_of(&profile, grid, &model.options.segments, period, &learnt);
    let text = profile.to_text();
    let frozen = Frozen::new(&model.options, profile, Origin::Learnt);
    let kinds = kinds_of(columns);
    let counts = |part: &LearntPane| {
        let tally = counts_of(&part.values, frozen.ruler_of(&part.key.segment), &kinds);
        (part.key.clone(), DeltaBody::Counts(tally.encode()))
    };
    let inserted: Vec<_> = learnt.iter().map(counts).collect();
    store
        .freeze_reference(Freeze {
            model: id.clone(),
            ruler_id: frozen.ruler.id(),
            profile: text,
            deleted,
            inserted,
            at,
        })
        .await?;
    tracing::info!(model = %id, rows = frozen.profile.rows(), columns = frozen.ruler.columns().len(),
        from = %period.start, to = %period.end, "a reference was learnt");
    warn_of_ids(model, &frozen.profile);
    let mut live = model.live();
    live.learning = Learning::default();
    for LearntPane { key, values } in learnt.iter().filter(|part| part.key.segment == Segment::All) {
        live.counted.add(&key.version, key.pane.start, values.rows as i64);
    }
    live.first_stored = learnt.iter().map(|part| part.key.pane.start).min();
    live.book = super::recover::book(&model.options, Some(&frozen), panes_bytes_max, Timestamp::MAX);
    drop(live);
    model.freeze(Some(frozen));
    Ok(())
}

/// The learning rows of a model again, after a restart.
pub fn restored(rows: &[DeltaRow], options: LearnOptions) -> Result<Learning, FreezeError> {
    let mut learning = Learning::default();
    for row in rows {
        let DeltaBody::Learning(bytes) = &row.body else { continue };
        let values = Learnt::decode(bytes)?;
        learning.keep(Learnt::header_of(bytes)?, options.values_max);
        if row.key.segment == Segment::All {
            learning.add(row.key.pane.start, &row.key.version, values.rows);
        }
        for (id, column) in &values.columns {
            let kind = column.kind();
            learning.columns.entry(id.clone()).or_insert_with(|| SchemaColumn { id: id.clone(), kind });
        }
    }
    Ok(learning)
}

/// The rows that are to be deleted, and what was learnt, added up by key.
type Decoded = (Vec<i64>, Vec<LearntPane>);

fn decode(rows: Vec<DeltaRow>, level: u8) -> Result<Decoded, FreezeError> {
    let mut deleted = Vec::new();
    let mut by_key: BTreeMap<DeltaKey, Learnt> = BTreeMap::new();
    for row in rows {
        let DeltaBody::Learning(bytes) = &row.body else { continue };
        let values = Learnt::decode(bytes)?.thinned(level);
        deleted.push(row.row);
        by_key.entry(row.key).or_default().merge(values);
    }
    let learnt = by_key.into_iter().map(|(key, values)| LearntPane { key, values });
    Ok((deleted, learnt.collect()))
}

/// Says which columns of a new reference can hardly be compared with anything.
fn warn_of_ids(model: &Model, profile: &Profile) {
    for column in like_ids(profile) {
        tracing::warn!(model = %model.options.id, %column,
            "a column was learnt that looks like an id: most rows have a value of their own; ignore it in the config");
    }
}

fn kinds(model: &Model) -> Vec<SchemaColumn> {
    let known = model.live().learning.columns.values().cloned().collect();
    super::frozen::schema(&model.options, known).columns
}

/// The windows that nulls are measured over: those that the model is judged over.
fn null_windows(model: &Model) -> Vec<NullWindow> {
    let windows = model.options.plan.windows.iter();
    windows.filter_map(|window| NullWindow::new(window.length, window.pane).ok()).collect()
}

//! Learning a reference from traffic: when the period is over, freeze; on request, start over.

use super::freeze::{LearntPane, counts_of, period, profile_of};
use super::frozen::{Frozen, Origin};
use super::model::{Learning, Model};
use super::options::{LearnOptions, ReferenceOptions};
use crate::domain::{Segment, TimeRange, Timestamp};
use crate::reference::{Learnt, NullWindow};
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

/// How far a model's learning is: 0 to 1, and its period once a row is there.
pub fn progress(model: &Model) -> Option<(f64, Option<TimeRange>)> {
    let ReferenceOptions::Learn(options) = &model.options.reference else { return None };
    if model.frozen().is_some() {
        return None;
    }
    let live = model.live();
    let period = period(*options, live.learning.first_pane);
    let watermark = live.watermark.at(model.lateness());
    let by_time = match (period, watermark) {
        (Some(period), Some(at)) => {
            at.since(period.start).as_secs_f64() / period.end.since(period.start).as_secs_f64().max(1.0)
        }
        _ => 0.0,
    };
    let values = live.learning.rows as f64 * live.learning.columns.len().max(1) as f64;
    let by_rows = values / LearnOptions::VALUES_MAX as f64;
    Some((by_time.max(by_rows).clamp(0.0, 1.0), period))
}

/// Whether the watermark has passed the period, or as many rows were learnt as may be.
pub fn is_over(model: &Model, now: Timestamp) -> bool {
    let waits = model.live().learning.retry_after.is_some_and(|after| now < after);
    !waits && progress(model).is_some_and(|(progress, period)| progress >= 1.0 && period.is_some())
}

/// Makes the reference of what was learnt: reads it, freezes the grids, counts it, all in one transaction of the store.
/// Ingest of the model waits meanwhile.
pub async fn freeze(
    model: &Model,
    store: &impl Store,
    panes_bytes_max: usize,
    at: Timestamp,
) -> Result<(), FreezeError> {
    let ReferenceOptions::Learn(options) = model.options.reference else { return Ok(()) };
    let _alone = model.gate.write().await;
    let id = model.options.id.clone();
    let whole = TimeRange { start: Timestamp::MIN, end: Timestamp::MAX };
    let rows = store.read_deltas(&id, whole).await?;
    let (deleted, keys, learnt) = decode(rows)?;
    let Some(period) = period(options, learnt.iter().map(|part| part.pane.start).min()) else {
        return Ok(());
    };
    let (columns, windows) = (kinds(model), null_windows(model));
    let kinds = columns.iter().map(|column| (column.id.clone(), column.kind)).collect();
    let profile = profile_of(id.clone(), model.options.task, &columns, windows, period, &learnt)?;
    let text = profile.to_text();
    let frozen = Frozen::new(&model.options, profile, Origin::Learnt);
    let inserted: Vec<_> = keys
        .iter()
        .zip(&learnt)
        .map(|(key, part)| {
            let tally = counts_of(&part.values, frozen.ruler_of(&part.segment), &kinds);
            (key.clone(), DeltaBody::Counts(tally.encode()))
        })
        .collect();
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
    let mut live = model.live();
    live.learning = Learning::default();
    for (key, part) in keys.iter().zip(&learnt).filter(|(key, _)| key.segment == Segment::All) {
        live.counted.add(&key.version, key.pane.start, part.values.rows as i64);
    }
    live.first_stored = learnt.iter().map(|part| part.pane.start).min();
    live.book = super::recover::book(&model.options, Some(&frozen), panes_bytes_max, Timestamp::MAX);
    drop(live);
    model.freeze(Some(frozen));
    Ok(())
}

/// The learning rows of a model again, after a restart.
pub fn restored(rows: &[DeltaRow]) -> Result<Learning, FreezeError> {
    let mut learning = Learning::default();
    for row in rows {
        let DeltaBody::Learning(bytes) = &row.body else { continue };
        let values = Learnt::decode(bytes)?;
        if row.key.segment == Segment::All {
            learning.rows += values.rows;
            *learning.rows_of.entry(row.key.version.clone()).or_default() += values.rows;
            learning.first_pane =
                Some(learning.first_pane.map_or(row.key.pane.start, |first| first.min(row.key.pane.start)));
        }
        for (id, column) in &values.columns {
            let kind = column.kind();
            learning
                .columns
                .entry(id.clone())
                .or_insert_with(|| crate::batch::SchemaColumn { id: id.clone(), kind });
        }
    }
    Ok(learning)
}

type Decoded = (Vec<i64>, Vec<DeltaKey>, Vec<LearntPane>);

fn decode(rows: Vec<DeltaRow>) -> Result<Decoded, FreezeError> {
    let (mut deleted, mut keys, mut learnt) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let DeltaBody::Learning(bytes) = &row.body else { continue };
        let values = Learnt::decode(bytes)?;
        deleted.push(row.row);
        learnt.push(LearntPane { segment: row.key.segment.clone(), pane: row.key.pane, values });
        keys.push(row.key);
    }
    Ok((deleted, keys, learnt))
}

fn kinds(model: &Model) -> Vec<crate::batch::SchemaColumn> {
    let known = model.live().learning.columns.values().cloned().collect();
    super::frozen::schema(&model.options, known).columns
}

/// The windows that nulls are measured over: those that the model is judged over.
fn null_windows(model: &Model) -> Vec<NullWindow> {
    let windows = model.options.plan.windows.iter();
    windows.filter_map(|window| NullWindow::new(window.length, window.pane).ok()).collect()
}

//! The counts of any range: from memory where they are, else from the store.

use std::sync::Arc;

use super::asked::Kept;
use crate::domain::{Segment, TimeRange, Version};
use crate::pipeline::frozen::Frozen;
use crate::pipeline::model::Model;
use crate::pipeline::model_counts::ModelCounts;
use crate::sketch::Tally;
use crate::statistic::Reason;
use crate::store::{DeltaBody, Store, StoreError};
use crate::verdict::Counts;
use crate::window::Unavailable;

/// Whose counts.
#[derive(Clone, Copy)]
pub struct Lanes<'a> {
    /// `None`: all versions together.
    pub version: Option<&'a Version>,
    pub segment: &'a Segment,
}

/// The sum over `range`, which lies on what is kept, less the panes that touch a range that people excluded.
pub async fn counted(
    model: &Model,
    frozen: &Frozen,
    store: &impl Store,
    kept: Kept,
    lanes: Lanes<'_>,
    range: TimeRange,
) -> Result<Result<Arc<Tally>, Reason>, StoreError> {
    let excluded = model.live().controls.excluded.clone();
    if range.start >= kept.memory_from {
        match from_memory(model, frozen, lanes, range, &excluded) {
            Ok(tally) => return Ok(Ok(tally)),
            Err(Unavailable::Not(reason)) => return Ok(Err(reason)),
            Err(Unavailable::Missing(_)) => {}
        }
    }
    from_store(model, frozen, store, lanes, range, &excluded).await.map(|tally| Ok(Arc::new(tally)))
}

fn from_memory(
    model: &Model,
    frozen: &Frozen,
    lanes: Lanes<'_>,
    range: TimeRange,
    excluded: &[TimeRange],
) -> Result<Arc<Tally>, Unavailable> {
    let mut counts = ModelCounts(model);
    if let Some(version) = lanes.version {
        return counts.window(version, lanes.segment, range, excluded);
    }
    // Also says whether panes are missing of which memory knows no lane yet.
    counts.window(&Version::unnamed(), lanes.segment, range, excluded)?;
    let mut sum: Option<Arc<Tally>> = None;
    for (version, segment) in counts.lanes() {
        if segment != *lanes.segment {
            continue;
        }
        let tally = counts.window(&version, &segment, range, excluded)?;
        match &mut sum {
            None => sum = Some(tally),
            Some(sum) => {
                let added = Arc::make_mut(sum).add(&tally);
                added.map_err(|_| Unavailable::Not(Reason::GridChanged))?;
            }
        }
    }
    Ok(sum.unwrap_or_else(|| Arc::new(Tally::empty(frozen.ruler_of(lanes.segment)))))
}

/// Panes of any length that lie wholly within the range, those on today's grids.
async fn from_store(
    model: &Model,
    frozen: &Frozen,
    store: &impl Store,
    lanes: Lanes<'_>,
    range: TimeRange,
    excluded: &[TimeRange],
) -> Result<Tally, StoreError> {
    let ruler = frozen.ruler_of(lanes.segment);
    let mut sum = Tally::empty(ruler);
    for row in store.read_deltas(&model.options.id, range).await? {
        let (key, pane) = (&row.key, row.key.pane.range());
        let wanted =
            key.segment == *lanes.segment && lanes.version.is_none_or(|wanted| *wanted == key.version);
        let counts = range.covers(&pane) && !excluded.iter().any(|excluded| excluded.overlaps(&pane));
        if let DeltaBody::Counts(bytes) = &row.body
            && wanted
            && counts
            && let Ok(tally) = Tally::decode(bytes, ruler)
        {
            // Decoded on one ruler, so adding cannot fail.
            let _same_ruler = sum.add(&tally);
        }
    }
    Ok(sum)
}

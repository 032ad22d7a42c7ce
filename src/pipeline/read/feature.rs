//! One column with both of its histograms.

use super::asked::Asked;
use super::compare::{Comparison, compare};
use super::drift::{
    column_drift, current_used, kind_of, no_reference, reference_used, sides_without_reference,
};
use super::histogram::{histogram, uncounted};
use super::words;
use crate::domain::{ColumnId, ColumnKind, ModelId};
use crate::pipeline::Pipeline;
use crate::pipeline::frozen::{Frozen, schema};
use crate::pipeline::model::Model;
use crate::sketch::ColumnCounts;
use crate::statistic::Reason;
use crate::store::Store;
use crate::web::answer::{ColumnDrift, FeatureAnswer, Histogram, Status, Uncounted};
use crate::web::{DriftQuery, ServiceError};

/// Names shown in a hint.
const HINTS_MAX: usize = 50;

pub async fn feature<S: Store>(
    pipeline: &Pipeline<S>,
    id: &ModelId,
    column: &ColumnId,
    query: &DriftQuery,
) -> Result<FeatureAnswer, ServiceError> {
    let model = pipeline.model(id)?;
    let asked = Asked::of(&model, query)?;
    let Some(frozen) = model.frozen() else { return without_reference(&model, asked, column, query) };
    let known = place_of(&frozen, column)?;
    let found = compare(&model, frozen, &*pipeline.store, &pipeline.options, &asked, query.current).await?;
    let (drift, histogram, uncounted) = match known {
        Some(place) => in_full(&model, &found, &asked, column, place),
        None => {
            // All that the reference has of it is missing values: there is nothing to cut bins by.
            let reason = words::reason(Reason::EmptyReference);
            (unjudged(column, ColumnKind::Numeric), Histogram::Unavailable { reason }, Vec::new())
        }
    };
    Ok(FeatureAnswer {
        model: id.clone(),
        current: current_used(&found, query),
        reference: reference_used(&found, &asked),
        version: asked.version,
        segment: asked.segment,
        drift,
        histogram,
        uncounted,
    })
}

/// The column's place on the ruler; `None` for one of which the reference has no value.
fn place_of(frozen: &Frozen, column: &ColumnId) -> Result<Option<usize>, ServiceError> {
    if frozen.profile.without_values.contains(column) {
        return Ok(None);
    }
    let place = frozen.ruler.position(column);
    place.map(Some).ok_or_else(|| unknown(frozen.ruler.columns().iter().map(|(id, _)| id)))
}

fn unknown<'a>(known: impl Iterator<Item = &'a ColumnId>) -> ServiceError {
    let known: Vec<String> = known.take(HINTS_MAX).map(ToString::to_string).collect();
    let hint = match known.as_slice() {
        [] => "none is known yet".to_owned(),
        known => format!("it has {}", known.join(", ")),
    };
    ServiceError::UnknownColumn { hint }
}

fn in_full(
    model: &Model,
    found: &Comparison,
    asked: &Asked,
    column: &ColumnId,
    place: usize,
) -> (ColumnDrift, Histogram, Vec<Uncounted>) {
    let said = found.said.columns.iter().find(|said| said.column == *column);
    let drift = said
        .and_then(|said| column_drift(found, asked, said))
        .unwrap_or_else(|| unjudged(column, kind_of(&found.frozen, place)));
    let (_, grid) = &found.ruler(&asked.segment).columns()[place];
    let empty = ColumnCounts::empty(grid);
    let on_ruler = |tally: &crate::sketch::Tally| tally.ruler_id == found.ruler(&asked.segment).id();
    let reference = found.reference.as_ref().ok().filter(|tally| on_ruler(tally));
    let current = Some(&found.current).filter(|tally| on_ruler(tally));
    let of = |tally: Option<&std::sync::Arc<crate::sketch::Tally>>| match tally {
        Some(tally) => (tally.columns[place].clone(), tally.rows),
        None => (empty.clone(), 0),
    };
    let ((reference, reference_rows), (current, current_rows)) = (of(reference), of(current));
    let sensitive = model.options.sensitive.contains(column);
    let shown = histogram(grid, &reference, &current, sensitive);
    (drift, shown, uncounted(&reference, reference_rows, &current, current_rows))
}

/// A column of which nothing was judged: no window yet, no value, or it is ignored.
fn unjudged(column: &ColumnId, kind: ColumnKind) -> ColumnDrift {
    ColumnDrift {
        column: column.clone(),
        kind,
        status: Status::InsufficientData,
        p_value: None,
        moved: None,
        statistics: Vec::new(),
    }
}

fn without_reference(
    model: &Model,
    asked: Asked,
    column: &ColumnId,
    query: &DriftQuery,
) -> Result<FeatureAnswer, ServiceError> {
    let seen = model.live().learning.columns.values().cloned().collect();
    let columns = schema(&model.options, seen).columns;
    let kind = columns.iter().find(|known| known.id == *column).map(|known| known.kind);
    let kind = kind.ok_or_else(|| unknown(columns.iter().map(|known| &known.id)))?;
    let (current, reference) = sides_without_reference(&asked, query);
    Ok(FeatureAnswer {
        model: model.options.id.clone(),
        current,
        reference,
        version: asked.version,
        segment: asked.segment,
        drift: unjudged(column, kind),
        histogram: Histogram::Unavailable { reason: no_reference(model) },
        uncounted: Vec::new(),
    })
}

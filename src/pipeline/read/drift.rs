//! One window against one reference, column by column.

use std::time::Duration;

use super::asked::Asked;
use super::compare::{Comparison, compare};
use super::{checks, words};
use crate::domain::{ColumnKind, ModelId, Segment, TimeRange};
use crate::pipeline::Pipeline;
use crate::pipeline::frozen::Frozen;
use crate::pipeline::learn;
use crate::pipeline::learning::Stage;
use crate::pipeline::model::Model;
use crate::reference::NullKind;
use crate::sketch::ColumnCounts;
use crate::statistic::{Reason, Statistic};
use crate::store::Store;
use crate::verdict::{ColumnVerdict, NullOrigin, StatisticVerdict};
use crate::web::answer::{
    ColumnDrift, CurrentUsed, DriftAnswer, Explanation, Null, ReferenceName, ReferenceUsed, StatisticAnswer,
    Status, Verdict,
};
use crate::web::{DriftQuery, ReferenceChoice, ServiceError};

pub async fn drift<S: Store>(
    pipeline: &Pipeline<S>,
    id: &ModelId,
    query: &DriftQuery,
) -> Result<DriftAnswer, ServiceError> {
    let model = pipeline.model(id)?;
    let asked = Asked::of(&model, query)?;
    let Some(frozen) = model.frozen() else { return Ok(without_reference(&model, asked, query)) };
    let found = compare(&model, frozen, &*pipeline.store, &pipeline.options, &asked, query.current).await?;
    let mut said: Vec<&ColumnVerdict> = found.said.columns.iter().collect();
    said.sort_by(|a, b| {
        let worse = words::status(b.status).cmp(&words::status(a.status));
        worse.then_with(|| b.pull().total_cmp(&a.pull()))
    });
    let columns: Vec<ColumnDrift> =
        said.into_iter().filter_map(|column| column_drift(&found, &asked, column)).collect();
    Ok(DriftAnswer {
        model: id.clone(),
        current: current_used(&found, query),
        reference: reference_used(&found, &asked),
        verdict: verdict(&model, &found, &asked, &columns),
        schema: checks::schema_of(
            &model,
            found.ruler(&asked.segment),
            &found.current,
            asked.plan.min_samples,
        ),
        version: asked.version,
        segment: asked.segment,
        columns,
    })
}

pub fn current_used(found: &Comparison, query: &DriftQuery) -> CurrentUsed {
    CurrentUsed {
        range: found.window,
        asked: query.current.filter(|asked| found.window != Some(*asked)),
        rows: words::rows(found.current.rows),
        closed: found.closed,
    }
}

pub fn reference_used(found: &Comparison, asked: &Asked) -> ReferenceUsed {
    let asked_range = match asked.reference {
        ReferenceChoice::Range(range) => Some(range),
        _ => None,
    };
    ReferenceUsed {
        kind: name_of(asked.reference),
        range: found.reference_range,
        asked: asked_range.filter(|asked| found.reference_range != Some(*asked)),
        rows: found.reference.as_ref().map_or(0, |tally| words::rows(tally.rows)),
        null: null(found.said.null),
    }
}

pub fn null(origin: NullOrigin) -> Null {
    match origin {
        NullOrigin::Profiled => Null::Profiled,
        NullOrigin::Iid => Null::Iid,
    }
}

fn name_of(choice: ReferenceChoice) -> ReferenceName {
    match choice {
        ReferenceChoice::Static => ReferenceName::Static,
        ReferenceChoice::Previous => ReferenceName::Previous,
        ReferenceChoice::LastWeek => ReferenceName::LastWeek,
        ReferenceChoice::Range(_) => ReferenceName::Range,
    }
}

fn verdict(model: &Model, found: &Comparison, asked: &Asked, columns: &[ColumnDrift]) -> Verdict {
    let status = columns.iter().map(|column| column.status).max().unwrap_or(Status::InsufficientData);
    let reason = (status == Status::InsufficientData).then(|| match (&found.reference, found.window) {
        (_, None) => no_window(model),
        (Err(Reason::NoReference), _) if asked.segment != Segment::All => unknown_segment(),
        (Err(reason), _) => words::reason(*reason),
        (Ok(_), _) => {
            let first = found.said.columns.iter().find_map(|column| column.reason);
            words::reason(first.unwrap_or(Reason::InsufficientData))
        }
    });
    let drifted = columns.iter().filter(|column| column.status > Status::Ok).count();
    Verdict {
        status,
        provisional: found.said.judged.is_none(),
        revision: found.said.judged.map_or(0, |(_, revision)| revision),
        judged_at: found.said.judged.map(|(at, _)| at),
        alpha: found.window.map(|_| found.said.alpha),
        columns_drifted: drifted as u32,
        columns_watched: columns.len() as u32,
        reason,
        moved: columns.iter().filter_map(|column| column.moved.clone()).collect(),
    }
}

fn unknown_segment() -> Explanation {
    let message = "the reference does not know this segment; a profile made with its attribute does (--segment), and so does a baseline";
    Explanation::new("no_reference", message)
}

fn no_window(model: &Model) -> Explanation {
    match model.live().watermark.newest() {
        None => Explanation::new("no_rows", "no row came yet"),
        Some(_) => Explanation::new("window_open", "no window has closed yet; status says what it waits for"),
    }
}

/// One column as it is told; `None` where it is no longer on the ruler.
pub fn column_drift(found: &Comparison, asked: &Asked, said: &ColumnVerdict) -> Option<ColumnDrift> {
    let place = found.ruler(&asked.segment).position(&said.column)?;
    let reference = found.reference.as_ref().ok().and_then(|tally| tally.columns.get(place));
    let sides = (reference, found.current.columns.get(place));
    let length = found.length().unwrap_or_default();
    let statistics = said.statistics.iter().map(|statistic| {
        let note = p_value_note(&found.frozen, (&asked.segment, place), length, said, statistic);
        statistic_answer(said, statistic, sides, note)
    });
    Some(ColumnDrift {
        column: said.column.clone(),
        kind: kind_of(&found.frozen, place),
        status: words::status(said.status),
        p_value: said.p_value,
        moved: said.moved.clone(),
        statistics: statistics.collect(),
    })
}

pub fn kind_of(frozen: &Frozen, place: usize) -> ColumnKind {
    frozen.profile.columns.get(place).map_or(ColumnKind::Numeric, |column| column.kind)
}

fn statistic_answer(
    column: &ColumnVerdict,
    said: &StatisticVerdict,
    (reference, current): (Option<&ColumnCounts>, Option<&ColumnCounts>),
    p_value_note: Option<String>,
) -> StatisticAnswer {
    let status = match (said.value, said.effect) {
        (None, _) => Status::InsufficientData,
        (Some(_), effect) => words::status(effect.filter(|_| column.significant).into()),
    };
    let behind = |counts: Option<&ColumnCounts>| {
        let counts = counts.filter(|_| said.value.is_some())?;
        let absent = if said.statistic == Statistic::MissingRate { counts.absent() } else { 0 };
        Some(words::rows(counts.present() + absent))
    };
    StatisticAnswer {
        statistic: said.statistic,
        status,
        value: said.value,
        effect: said.value.map(|value| said.statistic.effect(value)),
        thresholds: said.thresholds.map(Into::into),
        p_value: said.p_value,
        p_value_note,
        error_bound: said.error_bound,
        n_reference: behind(reference),
        n_current: behind(current),
        caution: said.caution.map(words::caution),
        not_computable: said.reason.map(words::reason),
    }
}

fn p_value_note(
    frozen: &Frozen,
    (segment, place): (&Segment, usize),
    length: Duration,
    column: &ColumnVerdict,
    said: &StatisticVerdict,
) -> Option<String> {
    said.value?;
    if said.p_value.is_none() {
        let lent = said.thresholds.is_some() && column.p_value.is_some();
        return lent.then(|| "it has no test of its own: the column's p-value decides".to_owned());
    }
    Some(match frozen.profile.null(place, length, said.statistic) {
        NullKind::Measured(null) => {
            let all = if *segment == Segment::All { "" } else { ", all of its rows" };
            format!("measured over {} windows of the reference{all}", null.windows)
        }
        NullKind::Iid { reason } => format!("i.i.d., rows are taken for independent: {reason}"),
    })
}

/// A model that has no grid yet: nothing was counted on one.
fn without_reference(model: &Model, asked: Asked, query: &DriftQuery) -> DriftAnswer {
    let (current, reference) = sides_without_reference(&asked, query);
    DriftAnswer {
        model: model.options.id.clone(),
        current,
        reference,
        verdict: Verdict {
            status: Status::InsufficientData,
            provisional: true,
            revision: 0,
            judged_at: None,
            alpha: None,
            columns_drifted: 0,
            columns_watched: 0,
            reason: Some(no_reference(model)),
            moved: Vec::new(),
        },
        schema: checks::no_schema(no_reference(model)),
        version: asked.version,
        segment: asked.segment,
        columns: Vec::new(),
    }
}

pub fn sides_without_reference(asked: &Asked, query: &DriftQuery) -> (CurrentUsed, ReferenceUsed) {
    let asked_range = match asked.reference {
        ReferenceChoice::Range(range) => Some(range),
        _ => None::<TimeRange>,
    };
    let current = CurrentUsed { range: None, asked: query.current, rows: 0, closed: false };
    let kind = name_of(asked.reference);
    (current, ReferenceUsed { kind, range: None, asked: asked_range, rows: 0, null: Null::Iid })
}

/// Why a model without a grid cannot be compared, and how far it is.
pub fn no_reference(model: &Model) -> Explanation {
    let message = match learn::stage(model) {
        Some((plan, Stage::TooFew { period, rows })) => {
            let TimeRange { start, end } = period;
            let needed = plan.rows_min;
            format!(
                "rows from {start} to {end} were to be the reference; that time is over with {rows} of them, and \
                 {needed} are needed: send more of them, or set another `from` or a longer `for`"
            )
        }
        Some((plan, stage @ (Stage::Collecting { period, .. } | Stage::Over { period, .. }))) => {
            let percent = (stage.progress(&plan) * 100.0).floor();
            format!("the reference is being learnt from rows up to {}: {percent} % are there", period.end)
        }
        Some((plan, Stage::Unbegun)) => match model.live().learning.rows() {
            0 => "the reference will be learnt from the rows that come; none came yet".to_owned(),
            rows => format!(
                "the reference will be learnt from the rows that come; {rows} came, never {} within `for`, \
                 which are needed: set a longer `for`, or a smaller `min_samples`",
                plan.rows_min
            ),
        },
        None => "there is nothing to compare with yet".to_owned(),
    };
    let message = match model.metrics.rows_outside.get() {
        0 => message,
        outside => {
            format!("{message}; {outside} rows since the start lie outside of its period: they do not count")
        }
    };
    Explanation::new("no_reference", message)
}

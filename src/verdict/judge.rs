//! One window of one version: all its columns, segments and references, judged together.

use std::collections::BTreeSet;

use super::benjamini_hochberg::largest_rejected;
use super::column::{ColumnAsked, ColumnVerdict, NullsUsed, measure_column, without_reference};
use super::moved;
use super::plan::{Against, MonitoringPlan, WindowPlan};
use super::schema::judge_schema;
use super::status::Status;
use super::window_verdict::{NullOrigin, ReferenceUsed, Verdict};
use crate::domain::{ColumnId, Segment, TimeRange, Version};
use crate::reference::Profile;
use crate::sketch::{Ruler, Tally};
use crate::statistic::{Pair, Reason, Statistic, Thresholds};

/// The window and what it is set against.
#[derive(Debug, Clone, Copy)]
pub struct WindowAsked<'a> {
    pub version: &'a Version,
    pub window: TimeRange,
    pub plan: &'a MonitoringPlan,
    pub window_plan: &'a WindowPlan,
    pub profile: &'a Profile,
    /// The level at which everything in it is judged together.
    pub alpha: f64,
    /// Columns that are not judged.
    pub ignored: &'a BTreeSet<ColumnId>,
    /// Columns whose values are never named.
    pub sensitive: &'a BTreeSet<ColumnId>,
    /// Those of [`Segment::All`] first, one a reference; at least one.
    pub sides: &'a [Side<'a>],
}

/// The counts of one segment against one reference.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    pub segment: &'a Segment,
    pub reference: Against,
    /// The window that the reference is, where it is one.
    pub range: Option<TimeRange>,
    /// On which both lie. Its columns are the profile's, in the same order.
    pub ruler: &'a Ruler,
    pub current: &'a Tally,
    pub counts: Result<&'a Tally, Reason>,
}

/// Judges a window. Deterministic: the same counts give the same verdict, bit by bit.
pub fn judge(asked: &WindowAsked) -> Verdict {
    let wanted: Vec<Vec<(Statistic, Option<Thresholds>)>> = asked
        .profile
        .iter()
        .map(|(id, _, _, column)| match asked.ignored.contains(id) {
            true => Vec::new(),
            false => asked.plan.statistics.of(id, column.kind),
        })
        .collect();
    let mut nulls = NullsUsed::default();
    let mut columns = Vec::with_capacity(wanted.len() * asked.sides.len());
    let mut sources = Vec::with_capacity(columns.capacity());
    for side in asked.sides {
        for (place, wanted) in wanted.iter().enumerate().filter(|(_, wanted)| !wanted.is_empty()) {
            let Some((id, grid)) = side.ruler.columns().get(place) else { continue };
            let column = ColumnAsked {
                column: id,
                place,
                segment: side.segment,
                reference: side.reference,
                wanted,
                min_samples: asked.window_plan.min_samples,
                window: asked.window_plan.length,
                profile: asked.profile,
            };
            let pair = same_ruler(side).and_then(|reference| {
                let (reference, current) = (&reference.columns[place], &side.current.columns[place]);
                Pair::of(grid, reference, current).ok_or(Reason::WrongKind)
            });
            columns.push(match pair {
                Ok(pair) => measure_column(column, &pair, &mut nulls),
                Err(reason) => without_reference(column, reason),
            });
            sources.push((side, place));
        }
    }
    let p_values: Vec<f64> = columns.iter().filter_map(|column| column.p_value).collect();
    let limit = largest_rejected(&p_values, asked.alpha);
    for (column, (side, place)) in columns.iter_mut().zip(&sources) {
        column.conclude(limit);
        if let (Some(_), Ok(reference)) = (column.status.severity(), side.counts) {
            let (id, grid) = &side.ruler.columns()[*place];
            let (reference, current) = (&reference.columns[*place], &side.current.columns[*place]);
            column.moved = moved::in_words(column, grid, reference, current, asked.sensitive.contains(id));
        }
    }
    conclude(asked, columns, nulls)
}

fn same_ruler<'a>(side: &Side<'a>) -> Result<&'a Tally, Reason> {
    let on_ruler = |tally: &Tally| tally.ruler_id == side.ruler.id();
    match side.counts? {
        reference if on_ruler(reference) && on_ruler(side.current) => Ok(reference),
        _ => Err(Reason::GridChanged),
    }
}

fn conclude(asked: &WindowAsked, columns: Vec<ColumnVerdict>, nulls: NullsUsed) -> Verdict {
    let mut alarming: Vec<&ColumnVerdict> =
        columns.iter().filter(|column| column.status.severity().is_some()).collect();
    // Stable: among equals the ruler's order stays.
    alarming.sort_by(|a, b| b.pull().total_cmp(&a.pull()));
    let mut drifted: Vec<ColumnId> = Vec::new();
    for column in &alarming {
        if !drifted.contains(&column.column) {
            drifted.push(column.column.clone());
        }
    }
    let moved_most = alarming.first().and_then(|column| {
        let moved = column.moved.as_ref()?;
        Some(match &column.segment {
            Segment::All => moved.clone(),
            slice => format!("{moved} where {slice}"),
        })
    });
    let judged = columns.iter().any(|column| column.status != Status::InsufficientData);
    let worst = alarming.iter().filter_map(|column| column.status.severity()).max();
    let whole: Vec<&Side> = asked.sides.iter().filter(|side| *side.segment == Segment::All).collect();
    let references = whole.iter().map(|side| ReferenceUsed {
        reference: side.reference,
        range: side.range,
        n_reference: side.counts.ok().map(|tally| tally.rows),
        reason: side.counts.err(),
    });
    let measured = nulls.measured > 0 && nulls.textbook == 0;
    let ruler = whole.first().map_or(&asked.profile.ruler, |side| side.ruler);
    let nothing = Tally { columns: Vec::new(), ..Tally::empty(ruler) };
    let current = whole.first().map_or(&nothing, |side| side.current);
    let (thresholds, min_samples) = (asked.plan.schema_violations, asked.window_plan.min_samples);
    Verdict {
        version: asked.version.clone(),
        window: asked.window,
        status: if judged { worst.into() } else { Status::InsufficientData },
        reason: if judged { None } else { columns.iter().find_map(|column| column.reason) },
        alpha: asked.alpha,
        null: if measured { NullOrigin::Profiled } else { NullOrigin::Iid },
        n_current: current.rows,
        references: references.collect(),
        drifted,
        moved_most,
        schema: judge_schema(ruler, current, thresholds, min_samples),
        estimated: Vec::new(),
        columns,
    }
}

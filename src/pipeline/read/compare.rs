//! Any window against any reference: what was judged when the window closed, else judged for this answer alone.

use std::sync::Arc;

use super::asked::{Asked, Kept};
use super::counted::{Lanes, counted};
use crate::domain::{PaneLength, Segment, TimeRange, Timestamp, Version};
use crate::pipeline::frozen::Frozen;
use crate::pipeline::model::Model;
use crate::pipeline::options::PipelineOptions;
use crate::sketch::{Ruler, Tally};
use crate::statistic::Reason;
use crate::store::Store;
use crate::verdict::{
    self, Against, ColumnVerdict, NullOrigin, Side, WindowAsked, WindowPlan, data_alpha, judge,
};
use crate::web::{ReferenceChoice, ServiceError};
use crate::window::{Back, reference_range};

/// Two counts and what is said of them.
pub struct Comparison {
    pub frozen: Arc<Frozen>,
    /// The window, on what is kept; `None` where none has closed yet.
    pub window: Option<TimeRange>,
    pub closed: bool,
    pub current: Arc<Tally>,
    pub reference: Result<Arc<Tally>, Reason>,
    pub reference_range: Option<TimeRange>,
    pub said: Said,
}

/// The verdict on one segment against one reference.
pub struct Said {
    pub columns: Vec<ColumnVerdict>,
    pub alpha: f64,
    pub null: NullOrigin,
    /// When the window was judged and how often anew; `None` where this answer alone judged it.
    pub judged: Option<(Timestamp, u32)>,
}

impl Comparison {
    pub fn ruler(&self, segment: &Segment) -> &Ruler {
        self.frozen.ruler_of(segment)
    }

    pub fn length(&self) -> Option<std::time::Duration> {
        self.window.map(|window| window.end.since(window.start))
    }
}

/// Compares; the model has a grid. `window` is what was asked for, if anything.
pub async fn compare(
    model: &Model,
    frozen: Arc<Frozen>,
    store: &impl Store,
    limits: &PipelineOptions,
    asked: &Asked,
    window: Option<TimeRange>,
) -> Result<Comparison, ServiceError> {
    let kept = Kept::of(model, limits);
    let window = match window {
        Some(range) => Some(kept.put(range)?),
        None => newest_closed(model, &asked.plan),
    };
    let lanes = Lanes { version: asked.version.as_ref(), segment: &asked.segment };
    let empty = Arc::new(Tally::empty(frozen.ruler_of(&asked.segment)));
    let (current, closed) = match window {
        None => (Ok(empty.clone()), false),
        Some(range) => {
            let counts = counted(model, &frozen, store, kept, lanes, range).await?;
            let closed = model.live().watermark.at(asked.plan.lateness).is_some_and(|to| to >= range.end);
            (counts, closed)
        }
    };
    let range = reference_of(model, &frozen, asked, kept, window)?;
    let (reference, reference_range) = match range {
        Found::Static(tally, range) => (tally, range),
        Found::Counts(Err(reason)) => (Err(reason), None),
        Found::Counts(Ok(range)) => (counted(model, &frozen, store, kept, lanes, range).await?, Some(range)),
    };
    // A window that cannot be had cannot be compared, whatever the reference.
    let (current, reference) = match current {
        Ok(current) => (current, reference),
        Err(reason) => (empty, Err(reason)),
    };
    let said = match window {
        None => Said { columns: Vec::new(), alpha: 0.0, null: NullOrigin::Iid, judged: None },
        Some(window) => match stored(model, asked, window, &current, &reference) {
            Some(said) => said,
            None => anew(model, &frozen, asked, window, &current, &reference),
        },
    };
    Ok(Comparison { frozen, window, closed, current, reference, reference_range, said })
}

/// The newest window of the plan that has closed.
fn newest_closed(model: &Model, plan: &WindowPlan) -> Option<TimeRange> {
    let live = model.live();
    let closed = live.watermark.at(plan.lateness).map(|at| plan.pane.pane_of(at).start);
    let end = live.state.evaluated_to(plan).or(closed)?;
    Some(TimeRange { start: end.saturating_sub(plan.length), end })
}

/// A reference that is there, or where its counts lie.
enum Found {
    Static(Result<Arc<Tally>, Reason>, Option<TimeRange>),
    Counts(Result<TimeRange, Reason>),
}

fn reference_of(
    model: &Model,
    frozen: &Frozen,
    asked: &Asked,
    kept: Kept,
    window: Option<TimeRange>,
) -> Result<Found, ServiceError> {
    let back = match asked.reference {
        ReferenceChoice::Static => return Ok(static_reference(model, frozen, &asked.segment)),
        ReferenceChoice::Range(range) => return kept.put(range).map(|range| Found::Counts(Ok(range))),
        ReferenceChoice::Previous => Back::Window,
        ReferenceChoice::LastWeek => Back::Week,
    };
    let Some(window) = window else { return Ok(Found::Counts(Err(Reason::NoHistory))) };
    let pane = if window.start < kept.memory_from { PaneLength::Day } else { model.options.plan.pane() };
    let range = reference_range(window, back, pane, counted_since(model).unwrap_or(window.start));
    // A reference further back than panes are kept lies on days, or nowhere.
    let whole = |range: TimeRange| match kept.put(range) {
        Ok(put) if put == range => Ok(range),
        _ => Err(Reason::PaneMismatch),
    };
    Ok(Found::Counts(range.and_then(whole)))
}

fn static_reference(model: &Model, frozen: &Frozen, segment: &Segment) -> Found {
    let live = model.live();
    if !live.baseline.is_empty() {
        let range = live.controls.baseline.as_ref().map(|baseline| baseline.range);
        let tally = live.baseline.get(segment).ok_or(Reason::NoReference);
        return Found::Static(tally.map(|tally| Arc::new(tally.clone())), range);
    }
    let tally = match segment {
        Segment::All => Ok(Arc::new(frozen.profile.tally.clone())),
        segment => frozen.segments.get(segment).cloned().ok_or(Reason::NoReference),
    };
    let range = frozen.profile.facts.period.filter(|_| tally.is_ok());
    Found::Static(tally, range)
}

/// The start of the first pane that was ever counted, as far as is known.
fn counted_since(model: &Model) -> Option<Timestamp> {
    let live = model.live();
    [live.state.counted_since(), live.book.first_pane(), live.first_stored].into_iter().flatten().min()
}

/// What was judged when the window closed, where that is what is asked and nothing changed since.
fn stored(
    model: &Model,
    asked: &Asked,
    window: TimeRange,
    current: &Tally,
    reference: &Result<Arc<Tally>, Reason>,
) -> Option<Said> {
    let against = match asked.reference {
        ReferenceChoice::Static => Against::Static,
        ReferenceChoice::Previous => Against::Previous,
        ReferenceChoice::LastWeek => Against::LastWeek,
        ReferenceChoice::Range(_) => return None,
    };
    let live = model.live();
    let evaluation = live.latest.values().find(|evaluation| evaluation.window == window)?.clone();
    let replaced = live.controls.baseline.as_ref().is_some_and(|b| b.set_at > evaluation.judged_at);
    drop(live);
    let verdict = match (&asked.version, evaluation.verdicts.as_slice()) {
        (Some(version), verdicts) => verdicts.iter().find(|verdict| verdict.version == *version)?,
        // One version alone is all versions together.
        (None, [verdict]) => verdict,
        (None, _) => return None,
    };
    let used = verdict.references.iter().find(|used| used.reference == against)?;
    let same = match asked.segment {
        Segment::All => {
            let rows = reference.as_ref().ok().map(|tally| tally.rows);
            verdict.n_current == current.rows && used.n_reference == rows
        }
        Segment::Slice { .. } => true,
    };
    let columns = verdict.columns.iter().filter(|c| c.segment == asked.segment && c.reference == against);
    let columns: Vec<ColumnVerdict> = columns.cloned().collect();
    (same && !replaced && !columns.is_empty()).then_some(Said {
        columns,
        alpha: verdict.alpha,
        null: verdict.null,
        judged: Some((evaluation.judged_at, evaluation.revision)),
    })
}

fn anew(
    model: &Model,
    frozen: &Frozen,
    asked: &Asked,
    window: TimeRange,
    current: &Tally,
    reference: &Result<Arc<Tally>, Reason>,
) -> Said {
    let plan = &model.options.plan;
    let window_plan = WindowPlan { length: window.end.since(window.start), ..asked.plan };
    let version = asked.version.clone().unwrap_or_else(Version::unnamed);
    let side = Side {
        segment: &asked.segment,
        reference: Against::Static,
        range: None,
        ruler: frozen.ruler_of(&asked.segment),
        current,
        counts: reference.as_deref().map_err(|reason| *reason),
    };
    let judged: verdict::Verdict = judge(&WindowAsked {
        version: &version,
        window,
        plan,
        window_plan: &window_plan,
        profile: &frozen.profile,
        alpha: data_alpha(plan, &asked.plan, 1, model.live().state.judges_outcomes()),
        ignored: &model.options.ignored,
        sensitive: &model.options.sensitive,
        sides: &[side],
    });
    Said { columns: judged.columns, alpha: judged.alpha, null: judged.null, judged: None }
}

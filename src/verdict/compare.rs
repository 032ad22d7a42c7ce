//! The windows of a pane that closed, and the references they are set against, fetched and judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::alpha::data_alpha;
use super::evaluate::{Counts, Model};
use super::judge::{Side, WindowAsked, judge};
use super::model_state::ModelState;
use super::outcome::estimates;
use super::plan::{Against, WindowPlan};
use super::window_verdict::Verdict;
use crate::domain::{Segment, TimeRange, Timestamp, Version};
use crate::sketch::Tally;
use crate::statistic::Reason;
use crate::window::{Back, Missing, Unavailable, reference_range};

/// The counts of one version's window, all rows first.
type SegmentTallies = Vec<(Segment, Arc<Tally>)>;

/// The verdict of every version that has rows in the window or an open alarm.
pub(super) fn verdicts(
    model: &Model,
    state: &ModelState,
    plan: &WindowPlan,
    window: TimeRange,
    counts: &mut impl Counts,
) -> Result<Vec<Verdict>, Missing> {
    let excluded = &model.controls.excluded;
    known(counts, window, excluded)?;
    let mut segments: BTreeMap<Version, Vec<Segment>> = BTreeMap::new();
    for (version, segment) in counts.lanes() {
        segments.entry(version).or_default().push(segment);
    }
    let mut asked: Vec<(Version, SegmentTallies, Option<Reason>)> = Vec::new();
    for (version, segments) in segments {
        let whole = available(counts.window(&version, &Segment::All, window, excluded))?;
        let alarm = state.alarms().any(|(of, _, _)| of == Some(&version));
        if whole.as_ref().is_ok_and(|tally| tally.rows <= 0) && !alarm {
            continue;
        }
        let unavailable = whole.as_ref().err().copied();
        let whole = whole.unwrap_or_else(|_| Arc::new(Tally::empty(model.ruler)));
        let mut tallies = vec![(Segment::All, whole)];
        for segment in segments.into_iter().filter(|segment| *segment != Segment::All) {
            if let Ok(tally) = available(counts.window(&version, &segment, window, excluded))?
                && tally.rows.max(0) as u64 >= plan.min_samples
            {
                tallies.push((segment, tally));
            }
        }
        asked.push((version, tallies, unavailable));
    }
    let enough = |tallies: &[(Segment, Arc<Tally>)]| tallies[0].1.rows.max(0) as u64 >= plan.min_samples;
    let judged = asked.iter().filter(|(_, tallies, _)| enough(tallies)).count();
    let alpha = data_alpha(model.plan, plan, judged, state.judges_outcomes());
    let since = state.counted_since.unwrap_or(window.start);
    asked
        .iter()
        .map(|(version, tallies, unavailable)| {
            let mut references = references(model, plan, version, tallies, window, since, counts)?;
            if let Some(reason) = unavailable {
                let whole = references.iter_mut().filter(|compared| *compared.side.segment == Segment::All);
                whole.for_each(|compared| *compared = compared.without_counts(*reason));
            }
            let sides: Vec<Side> = references.iter().map(Compared::side).collect();
            let verdict = judge(&WindowAsked {
                version,
                window,
                plan: model.plan,
                window_plan: plan,
                profile: model.profile,
                alpha,
                ignored: model.ignored,
                sensitive: model.sensitive,
                sides: &sides,
            });
            let estimated = model.outcomes.as_ref();
            let estimated =
                estimated.map(|outcomes| estimates(outcomes, &model.plan.outcomes, &tallies[0].1));
            Ok(Verdict { estimated: estimated.unwrap_or_default(), ..verdict })
        })
        .collect()
}

/// A side whose reference is held here.
struct Compared<'a> {
    side: Side<'a>,
    held: Option<Arc<Tally>>,
}

impl<'a> Compared<'a> {
    /// The same where the window itself cannot be had.
    fn without_counts(&self, reason: Reason) -> Self {
        Compared { side: Side { counts: Err(reason), ..self.side }, held: None }
    }

    fn side(&self) -> Side<'_> {
        Side { counts: self.held.as_deref().ok_or(()).or(self.side.counts), ..self.side }
    }
}

fn references<'a>(
    model: &Model<'a>,
    plan: &WindowPlan,
    version: &Version,
    tallies: &'a [(Segment, Arc<Tally>)],
    window: TimeRange,
    since: Timestamp,
    counts: &mut impl Counts,
) -> Result<Vec<Compared<'a>>, Missing> {
    let mut found = Vec::with_capacity(tallies.len() * model.plan.references.len());
    for (segment, current) in tallies {
        let ruler = match segment {
            Segment::All => model.ruler,
            Segment::Slice { .. } => model.segment_ruler,
        };
        for &reference in &model.plan.references {
            let back = match reference {
                Against::Static => None,
                Against::Previous => Some(Back::Window),
                Against::LastWeek => Some(Back::Week),
            };
            let mut side =
                Side { segment, reference, range: None, ruler, current, counts: Err(Reason::NoReference) };
            let mut held = None;
            match back {
                None => side.counts = static_reference(model, segment),
                Some(back) => match reference_range(window, back, plan.pane, since) {
                    Err(reason) => side.counts = Err(reason),
                    Ok(range) => {
                        side.range = Some(range);
                        let counts = counts.window(version, segment, range, &model.controls.excluded);
                        match available(counts)? {
                            Ok(tally) => held = Some(tally),
                            Err(reason) => side.counts = Err(reason),
                        }
                    }
                },
            }
            found.push(Compared { side, held });
        }
    }
    Ok(found)
}

/// The baseline, where one is set, else the profile: one or the other, for all segments.
fn static_reference<'a>(model: &Model<'a>, segment: &Segment) -> Result<&'a Tally, Reason> {
    match (model.baseline.is_empty(), segment) {
        (false, segment) => model.baseline.get(segment).ok_or(Reason::NoReference),
        (true, Segment::All) => Ok(&model.profile.tally),
        (true, segment) => model.segments.get(segment).map(|tally| &**tally).ok_or(Reason::NoReference),
    }
}

/// Asks for a window before its lanes are listed: those that only the store holds, as after a start, are known once it was
/// read.
pub(super) fn known(
    counts: &mut impl Counts,
    window: TimeRange,
    excluded: &[TimeRange],
) -> Result<(), Missing> {
    available(counts.window(&Version::unnamed(), &Segment::All, window, excluded)).map(|_| ())
}

/// Counts, the reason that there are none, or the panes to be read first.
pub(super) fn available(
    counts: Result<Arc<Tally>, Unavailable>,
) -> Result<Result<Arc<Tally>, Reason>, Missing> {
    match counts {
        Ok(tally) => Ok(Ok(tally)),
        Err(Unavailable::Not(reason)) => Ok(Err(reason)),
        Err(Unavailable::Missing(missing)) => Err(missing),
    }
}

//! A question about one model, checked: which rows, which window, against what.

use crate::domain::{PaneLength, Segment, TimeRange, Timestamp, Version};
use crate::pipeline::control::on_panes;
use crate::pipeline::model::{Live, Model};
use crate::pipeline::options::PipelineOptions;
use crate::pipeline::series::length_text;
use crate::verdict::{Against, WindowPlan};
use crate::web::{DriftQuery, ReferenceChoice, ServiceError};

/// Names shown in a hint.
const HINTS_MAX: usize = 20;

/// What is asked, with the model's own choices where the question left them open.
pub struct Asked {
    /// `None`: all together.
    pub version: Option<Version>,
    pub segment: Segment,
    pub plan: WindowPlan,
    pub reference: ReferenceChoice,
}

/// From when on counts are kept how finely.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pane: PaneLength,
    /// In memory, or forgotten there and still in the store pane by pane.
    pub memory_from: Timestamp,
    /// Before this the store has whole days.
    panes_from: Timestamp,
    /// Before this there is nothing.
    days_from: Timestamp,
}

impl Asked {
    /// Errors where the model has no such version, segment or window.
    pub fn of(model: &Model, query: &DriftQuery) -> Result<Self, ServiceError> {
        let live = model.live();
        if let Some(version) = &query.version {
            known_version(&live, version)?;
        }
        let segment = query.segment.clone().unwrap_or(Segment::All);
        known_segment(&live, model, &segment)?;
        drop(live);
        let plans = &model.options.plan.windows;
        let plan = match query.window {
            None => plans.first(),
            Some(length) => plans.iter().find(|plan| plan.length == length),
        };
        let Some(plan) = plan else {
            let known: Vec<String> = plans.iter().map(|plan| length_text(plan.length)).collect();
            let why = format!("the model has no window of this length; it has {}", known.join(", "));
            return Err(ServiceError::Invalid { why });
        };
        let reference = query.reference.unwrap_or(match model.options.plan.references.first() {
            None | Some(Against::Static) => ReferenceChoice::Static,
            Some(Against::Previous) => ReferenceChoice::Previous,
            Some(Against::LastWeek) => ReferenceChoice::LastWeek,
        });
        Ok(Self { version: query.version.clone(), segment, plan: *plan, reference })
    }
}

impl Kept {
    pub fn of(model: &Model, limits: &PipelineOptions) -> Self {
        let newest = model.live().watermark.newest().unwrap_or(Timestamp::MIN);
        let pane = model.options.plan.pane();
        let memory_from = newest.saturating_sub(limits.keep_panes);
        let day = |at| PaneLength::Day.pane_of(at).start;
        Self {
            pane,
            memory_from,
            panes_from: day(memory_from),
            days_from: day(newest.saturating_sub(limits.keep_days)),
        }
    }

    /// The range as counts are kept: on whole panes, on whole days where only they are left, not before retention.
    pub fn put(&self, range: TimeRange) -> Result<TimeRange, ServiceError> {
        let (fine, days) = (on_panes(range, self.pane), on_panes(range, PaneLength::Day));
        let start = if fine.start < self.panes_from { days.start } else { fine.start };
        let end = if fine.end <= self.panes_from { days.end } else { fine.end };
        let put = TimeRange { start: start.max(self.days_from), end };
        match put.start < put.end {
            true => Ok(put),
            false => {
                let why =
                    format!("counts are kept from {} on; {} lies before that", self.days_from, range.end);
                Err(ServiceError::Invalid { why })
            }
        }
    }
}

fn known_version(live: &Live, version: &Version) -> Result<(), ServiceError> {
    let mut known = live.registered.versions();
    // Rows without a version, and those of versions past the limit, are counted without being registered.
    let counted =
        live.book.lanes().any(|(known, _)| known == version) || live.learning.versions().contains(version);
    if counted || known.any(|known| known == version) {
        return Ok(());
    }
    let known: Vec<&str> = live.registered.versions().take(HINTS_MAX).map(Version::as_str).collect();
    let hint = match known.as_slice() {
        [] => "no version has sent rows yet".to_owned(),
        known => format!("it has {}", known.join(", ")),
    };
    Err(ServiceError::UnknownVersion { hint })
}

fn known_segment(live: &Live, model: &Model, segment: &Segment) -> Result<(), ServiceError> {
    let Segment::Slice { attribute, value } = segment else { return Ok(()) };
    let watched = &model.options.segments;
    let overflow = **value == *Segment::OTHER && watched.contains(attribute);
    if overflow || live.registered.segments().any(|known| known == *segment) {
        return Ok(());
    }
    let known: Vec<String> =
        live.registered.segments().take(HINTS_MAX).map(|known| known.to_string()).collect();
    let hint = match (watched.is_empty(), known.is_empty()) {
        (true, _) => "it is not watched by segment; name attributes under `segments`".to_owned(),
        (false, true) => format!("no row of {} was counted yet", watched.join(", ")),
        (false, false) => format!("it has all, {}", known.join(", ")),
    };
    Err(ServiceError::UnknownSegment { hint })
}

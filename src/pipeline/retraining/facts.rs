//! What a decision weighs: labels and coverage from the counts, open incidents from the desk.

use std::time::Duration;

use super::{RetrainError, Retrainer};
use crate::domain::{Segment, TimeRange, Timestamp, Version};
use crate::incident::{Incident, IncidentId, IncidentKind};
use crate::performance::Record;
use crate::pipeline::control::on_panes;
use crate::pipeline::evaluate::{Inputs, with_counts};
use crate::pipeline::model::Model;
use crate::retraining::{Drifted, LabelInputs, RetrainingPlan};
use crate::store::Store;
use crate::verdict::Counts;
use crate::window::{Missing, Unavailable};

const DAY: Duration = Duration::from_secs(86_400);
/// Panes that are counted together: of a longer range the counts would not find room in memory.
const PANES_TOGETHER: u64 = 200;

/// Open incidents, as a plan sees them.
#[derive(Debug, Default)]
pub struct OpenIncidents {
    /// Of the kinds and severities that bring a run about, the worst and oldest first.
    pub drifted: Vec<Drifted>,
    pub data_quality: Vec<IncidentId>,
}

/// What counts say.
#[derive(Debug)]
pub struct Counted {
    /// The version that most of the newest predictions are of.
    pub version: Option<Version>,
    /// `None` where outcomes of the model are not counted.
    pub labels: Option<LabelInputs>,
}

/// Which labels are new.
#[derive(Debug, Clone, Copy)]
pub enum NewLabels {
    /// It is not known when the model was trained.
    All,
    /// Those of predictions from then on, which it could not be trained on.
    Since(Timestamp),
    /// Those beyond what the last run was to train on, however late they came: its window began at `from` and had so
    /// many.
    Beyond { from: Timestamp, labelled: u64 },
}

impl<S: Store> Retrainer<S> {
    pub(super) async fn open_incidents(&self, model: &Model, plan: &RetrainingPlan) -> OpenIncidents {
        let mut open = OpenIncidents::default();
        for incident in self.parts.desk.open_of(&model.options.id).await {
            if incident.key.kind == IncidentKind::DataQuality {
                open.data_quality.push(incident.id);
            }
            if plan.on.contains(&incident.key.kind) && incident.severity >= plan.on_severity {
                open.drifted.push(drifted(incident));
            }
        }
        open.drifted.sort_by_key(|drifted| (std::cmp::Reverse(drifted.severity), drifted.incident));
        open
    }

    /// Counts the training window, and what is new.
    pub(super) async fn count(
        &self,
        model: &Model,
        window: TimeRange,
        new: NewLabels,
    ) -> Result<Counted, RetrainError> {
        // While the reference is being learnt nothing is known of labels: none are there.
        let Some(inputs) = Inputs::of(model) else {
            return Ok(Counted { version: None, labels: Some(LabelInputs::default()) });
        };
        let has_outcomes = inputs.outcomes(model).is_some();
        let new_from = match new {
            NewLabels::All => window.start,
            NewLabels::Since(since) => since,
            NewLabels::Beyond { from, .. } => from,
        };
        let mut labels = LabelInputs::default();
        let mut version: Option<Version> = None;
        for range in pieces(window, new_from, model.options.plan.pane().duration()) {
            let rows = with_counts(model, &inputs.frozen, &*self.parts.store, |counts| {
                // Asking for all rows first reads the panes, and with them the names of versions.
                rows_of(model, &inputs, counts, Version::unnamed(), range)?;
                let mut rows = Vec::new();
                for (version, segment) in counts.lanes() {
                    if segment == Segment::All {
                        rows.extend(rows_of(model, &inputs, counts, version, range)?);
                    }
                }
                Ok(rows)
            })
            .await?;
            for (_, rows) in &rows {
                if range.start >= window.start {
                    labels.predicted += rows.predicted;
                    labels.labelled += rows.labelled;
                }
                if range.start >= new_from {
                    labels.new += rows.labelled;
                }
            }
            let most = rows.into_iter().max_by_key(|(_, rows)| rows.predicted);
            version = most.filter(|(_, rows)| rows.predicted > 0).map(|(version, _)| version).or(version);
        }
        if let NewLabels::Beyond { labelled, .. } = new {
            labels.new = labels.new.saturating_sub(labelled);
        }
        Ok(Counted { version, labels: has_outcomes.then_some(labels) })
    }
}

fn drifted(incident: Incident) -> Drifted {
    let Incident { id, key, severity, detected_at, observation, .. } = incident;
    Drifted {
        incident: id,
        kind: key.kind,
        severity,
        since: detected_at,
        window: observation.window,
        summary: observation.summary,
        moved: observation.moved,
    }
}

/// What there is to train on at a time: the plan's length, up to when labels are to be had, on whole days.
pub fn training_window(model: &Model, plan: &RetrainingPlan, at: Timestamp) -> TimeRange {
    let labels_to = at.saturating_sub(model.options.plan.outcomes.label_wait);
    let end = on_panes(TimeRange { start: labels_to, end: labels_to }, model.options.plan.pane()).start;
    TimeRange { start: day(end.saturating_sub(plan.window)), end }
}

fn day(at: Timestamp) -> Timestamp {
    let micros = DAY.as_micros() as i64;
    Timestamp::from_micros(at.micros().div_euclid(micros) * micros)
}

/// A window, and what lies between it and `from`, in pieces of whole days, each of no more panes than are counted
/// together. A piece begins where the window does, and at `from`.
fn pieces(window: TimeRange, from: Timestamp, pane: Duration) -> Vec<TimeRange> {
    let days = (PANES_TOGETHER * pane.as_secs() / DAY.as_secs()).max(1);
    let step = DAY * u32::try_from(days).unwrap_or(u32::MAX);
    let cuts = [window.start.min(from), window.start.max(from).min(window.end), window.end];
    let parts = cuts.windows(2).map(|cut| TimeRange { start: cut[0], end: cut[1] });
    let pieces = parts.flat_map(|part| {
        let starts = std::iter::successors(Some(part.start), |start| Some(start.saturating_add(step)));
        starts
            .take_while(move |start| *start < part.end)
            .map(move |start| TimeRange { start, end: start.saturating_add(step).min(part.end) })
    });
    pieces.collect()
}

/// Rows of one version in a range; `None` where its counts cannot be had, as on a grid of before.
fn rows_of(
    model: &Model,
    inputs: &Inputs,
    counts: &mut impl Counts,
    version: Version,
    range: TimeRange,
) -> Result<Option<(Version, LabelInputs)>, Missing> {
    let tally = match counts.window(&version, &Segment::All, range, inputs.excluded()) {
        Ok(tally) => tally,
        Err(Unavailable::Missing(missing)) => return Err(missing),
        Err(Unavailable::Not(_)) => return Ok(None),
    };
    let record = inputs.outcomes(model).and_then(|of| Record::of(&tally, of.yardstick));
    let count = |rows: i64| rows.max(0).cast_unsigned();
    let rows = LabelInputs {
        new: 0,
        predicted: count(record.as_ref().map_or(tally.rows, Record::predicted_rows)),
        labelled: record.as_ref().map_or(0, |record| count(record.labelled_rows())),
    };
    Ok(Some((version, rows)))
}

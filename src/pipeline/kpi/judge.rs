//! Periods that are over are judged, once each; samples that stopped coming are told of.

use std::collections::BTreeSet;

use super::Kpis;
use super::marks::{Mark, Marks};
use super::options::KpiOptions;
use super::words;
use crate::domain::{Segment, TimeRange, Timestamp};
use crate::incident::{IncidentKey, IncidentKind, Input, Observation, Origin, Subject};
use crate::kpi::{Definition, Family, Kind, KpiId, Status, Value};
use crate::pipeline::desk::changes;
use crate::store::{KpiCommit, Store, StoreError};
use crate::verdict::Severity;
use crate::window::ClockMode;

/// Periods of one KPI judged before others have their turn: a replay brings many at once.
const PERIODS_A_LOOK: usize = 400;

/// What a look changes.
#[derive(Default)]
struct Judged {
    marks: Vec<(KpiId, Option<Mark>)>,
    inputs: Vec<(IncidentKey, Input)>,
}

impl<S: Store> Kpis<S> {
    /// Judges what is due, and makes it durable with what follows for incidents.
    pub(super) async fn judge(&self) -> Result<(), StoreError> {
        let options = self.parts.options.load_full();
        let mut marks = self.marks.lock().await;
        let mut judged = Judged::default();
        // A replay without a sample has no present: what the config has no more ends all the same.
        if let Some(present) = self.present() {
            self.judge_all(&marks, &options, present, &mut judged);
        }
        forget_removed(&marks, &options, &mut judged);
        if judged.marks.is_empty() {
            return Ok(());
        }
        let mut next = marks.clone();
        for (id, mark) in judged.marks {
            match mark {
                Some(mark) => next.of.insert(id, mark),
                None => next.of.remove(&id),
            };
        }
        self.commit(&mut marks, next, judged.inputs).await
    }

    /// Makes new marks durable with what follows for incidents; only then memory follows.
    pub(super) async fn commit(
        &self,
        marks: &mut Marks,
        mut next: Marks,
        inputs: Vec<(IncidentKey, Input)>,
    ) -> Result<(), StoreError> {
        let turn = self.parts.desk.turn().await;
        let draft = turn.draft(inputs);
        let commit = KpiCommit {
            expected_revision: marks.revision,
            state: next.encode(),
            incidents: changes(&draft, None),
        };
        match self.parts.store.commit_kpis(commit).await {
            Ok(()) => turn.settle(draft),
            Err(error) => {
                let error = turn.refused(error).await;
                if let StoreError::Conflict(_) = error {
                    *marks = Marks::read(self.parts.store.kpi_state().await?)?;
                }
                return Err(error);
            }
        }
        next.revision += 1;
        *marks = next;
        Ok(())
    }

    fn judge_all(&self, marks: &Marks, options: &KpiOptions, present: Timestamp, judged: &mut Judged) {
        let mut told_stale = BTreeSet::new();
        for definition in options.catalogue.definitions() {
            let id = &definition.id;
            let before = marks.of.get(id).copied();
            let mut mark = before.unwrap_or_else(|| self.first_mark(options, definition, present));
            self.judge_periods(options, definition, present, &mut mark, &mut judged.inputs);
            // One of the KPIs that read a stream says that it stopped; a model's own silence is told by its rows.
            if let Kind::Counted { stream, .. } = &definition.kind
                && definition.family != Family::Technical
                && told_stale.insert(stream)
            {
                self.judge_staleness(options, definition, present, &mut mark, &mut judged.inputs);
            }
            if before != Some(mark) {
                judged.marks.push((id.clone(), Some(mark)));
            }
        }
    }

    /// Where judging begins: with the first counts, or from now on.
    fn first_mark(&self, options: &KpiOptions, definition: &Definition, present: Timestamp) -> Mark {
        let catalogue = &options.catalogue;
        let first = self.parts.book.first_pane(catalogue, &definition.id).unwrap_or(present).min(present);
        let to = catalogue.calendar().period_of(definition.period, first).start;
        let since = started(options, definition).map_or(present, |start| start.max(present));
        Mark { since, to, alarm: None, stale: false }
    }

    fn judge_periods(
        &self,
        options: &KpiOptions,
        definition: &Definition,
        present: Timestamp,
        mark: &mut Mark,
        inputs: &mut Vec<(IncidentKey, Input)>,
    ) {
        let (catalogue, period) = (&options.catalogue, definition.period);
        let calendar = catalogue.calendar();
        let over = present.saturating_sub(catalogue.lateness_of(definition));
        // Cheap, and mostly the end of it.
        if over <= mark.to {
            return;
        }
        let newest = calendar.previous(period, calendar.period_of(period, over));
        let mut next = match options.clock {
            // What was missed is history: only how it stands now is told.
            ClockMode::Live => newest,
            ClockMode::Replay => calendar.period_of(period, mark.to),
        };
        for _ in 0..PERIODS_A_LOOK {
            if next.end > newest.end || next.end <= mark.to {
                break;
            }
            let of = catalogue.over(definition, next);
            let value = self.parts.book.value(catalogue, &definition.id, &Segment::All, of);
            mark.to = next.end;
            if let Ok(value) = value {
                alarm(options, definition, of, value, mark, inputs);
            }
            next = calendar.next(period, next);
        }
    }

    fn judge_staleness(
        &self,
        options: &KpiOptions,
        definition: &Definition,
        present: Timestamp,
        mark: &mut Mark,
        inputs: &mut Vec<(IncidentKey, Input)>,
    ) {
        let last = self.parts.book.last_sample(&options.catalogue, &definition.id);
        let is_stale = present.since(last.unwrap_or(mark.since)) > definition.stale_after;
        if is_stale == mark.stale {
            return;
        }
        mark.stale = is_stale;
        let key = stale_key_of(&definition.id);
        let input = match is_stale {
            true => Input::Raise {
                severity: Severity::Warning,
                seen: Observation::words(words::stale(definition, last)),
                origin: Origin::Driftd,
                tags: words::tags(definition),
            },
            false => Input::Clear,
        };
        inputs.push((key, input));
    }
}

/// When the KPI's use case starts, before which it has nothing to send.
fn started(options: &KpiOptions, definition: &Definition) -> Option<Timestamp> {
    let id = definition.id.use_case.as_ref()?;
    let use_case = options.use_cases.iter().find(|use_case| use_case.id == *id)?;
    Some(options.catalogue.calendar().start_of(use_case.started_on?))
}

/// What a value of a period that is over means for the KPI's incident.
fn alarm(
    options: &KpiOptions,
    definition: &Definition,
    over: TimeRange,
    value: Value,
    mark: &mut Mark,
    inputs: &mut Vec<(IncidentKey, Input)>,
) {
    let severity = match definition.bounds.judge(&Ok(value)) {
        Status::Warning => Some(Severity::Warning),
        Status::Critical => Some(Severity::Critical),
        Status::Ok | Status::NotComputable(_) => None,
    };
    let seen = || words::observation(&options.catalogue, definition, over, value, severity);
    let input = match (mark.alarm, severity) {
        (None, None) => None,
        (Some(_), None) => Some(Input::Clear),
        (Some(before), Some(now)) if now <= before => Some(Input::Persist { seen: seen() }),
        (_, Some(severity)) => Some(Input::Raise {
            severity,
            seen: seen(),
            origin: Origin::Driftd,
            tags: words::tags(definition),
        }),
    };
    mark.alarm = severity;
    inputs.extend(input.map(|input| (key_of(&definition.id), input)));
}

pub fn key_of(id: &KpiId) -> IncidentKey {
    key(id, &id.to_string())
}

/// Incidents of KPIs that the config names no more end.
fn forget_removed(marks: &Marks, options: &KpiOptions, judged: &mut Judged) {
    for (id, mark) in marks.of.iter().filter(|(id, _)| options.catalogue.get(id).is_none()) {
        judged.inputs.extend(mark.alarm.map(|_| (key_of(id), Input::Clear)));
        judged.inputs.extend(mark.stale.then(|| (stale_key_of(id), Input::Clear)));
        judged.marks.push((id.clone(), None));
    }
}

fn stale_key_of(id: &KpiId) -> IncidentKey {
    key(id, &format!("{id} stale"))
}

fn key(id: &KpiId, subject: &str) -> IncidentKey {
    IncidentKey {
        model: id.model.clone(),
        version: None,
        segment: Segment::All,
        kind: IncidentKind::Kpi,
        subject: Subject::cut(subject),
    }
}

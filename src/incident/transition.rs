//! The one function that moves an incident.

use super::entry::{Entry, Happening};
use super::input::{Input, Refused};
use super::key::{IncidentId, IncidentKey, Subject};
use super::kind::IncidentKind;
use super::observation::Observation;
use super::pass::pass;
use super::policy::IncidentPolicy;
use super::regulatory::RegulatoryDeadline;
use super::sla::{SlaClock, SlaTarget};
use super::state::{Incident, Origin, Resolution, State};
use crate::domain::{Segment, Timestamp};
use crate::verdict::Severity;

/// Where driftd itself stands in a timeline.
const DRIFTD: &str = "driftd";

/// What became of an incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub incident: Incident,
    /// New lines of its timeline, in order.
    pub happened: Vec<Entry>,
    /// What this means for other incidents.
    pub follow: Vec<Follow>,
}

/// An input for the incident of another key. Where it is refused nothing is lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Follow {
    pub key: IncidentKey,
    pub input: Input,
}

/// Moves the incident of a key. `current` is the newest one of that key, resolved or not; `new_id` is for one that
/// opens. `None` where nothing changes.
///
/// A resolved incident that is seen again within the reopen window is reopened: the same one, with the severity and the
/// deadlines it had. After that, or where it was a false alarm, another one opens.
pub fn transition(
    current: Option<&Incident>,
    key: &IncidentKey,
    input: Input,
    now: Timestamp,
    policy: &IncidentPolicy,
    new_id: IncidentId,
) -> Result<Option<Outcome>, Refused> {
    let mut moving = match (current, input) {
        (_, Input::Raise { severity, seen, origin, tags }) => {
            let mut moving = match current.filter(|incident| continues(incident, now, policy)) {
                Some(incident) => {
                    let mut moving = Moving::of(incident, now, policy);
                    moving.raise_again(severity, seen);
                    moving
                }
                None => Moving::open(new_id, key, severity, seen, origin, now, policy),
            };
            moving.incident.tags.extend(tags);
            moving
        }
        (None, Input::Persist { .. } | Input::Clear | Input::Pass) => return Ok(None),
        (None, _) => return Err(Refused::Unknown),
        (Some(incident), input) => {
            let mut moving = Moving::of(incident, now, policy);
            moving.take(input)?;
            moving
        }
    };
    moving.start_clock();
    Ok((current != Some(&moving.incident)).then_some(Outcome {
        incident: moving.incident,
        happened: moving.happened,
        follow: moving.follow,
    }))
}

/// Whether what is seen now is the same incident: it is not over, or was resolved a short while ago.
fn continues(incident: &Incident, now: Timestamp, policy: &IncidentPolicy) -> bool {
    match &incident.state {
        State::Open | State::Acknowledged { .. } => true,
        State::Resolved { resolution: Resolution::FalseAlarm { .. }, .. } => false,
        State::Resolved { at, .. } => now.since(*at) < policy.reopen_window,
    }
}

/// An incident on its way from one state to the next.
pub(super) struct Moving<'a> {
    pub incident: Incident,
    pub happened: Vec<Entry>,
    pub follow: Vec<Follow>,
    pub now: Timestamp,
    pub policy: &'a IncidentPolicy,
}

impl<'a> Moving<'a> {
    fn of(incident: &Incident, now: Timestamp, policy: &'a IncidentPolicy) -> Self {
        Self { incident: incident.clone(), happened: Vec::new(), follow: Vec::new(), now, policy }
    }

    fn open(
        id: IncidentId,
        key: &IncidentKey,
        severity: Severity,
        observation: Observation,
        origin: Origin,
        now: Timestamp,
        policy: &'a IncidentPolicy,
    ) -> Self {
        let incident = Incident {
            id,
            key: key.clone(),
            origin,
            state: State::Open,
            severity,
            detected_at: now,
            seen_at: now,
            times_seen: 1,
            observation,
            sla: None,
            quiet_since: None,
            reopenings: Vec::new(),
            flapping: false,
            regulatory: Vec::new(),
            tags: Default::default(),
            told: Default::default(),
            owed: Default::default(),
            held_until: None,
            entries: 0,
        };
        let mut moving = Self { incident, happened: Vec::new(), follow: Vec::new(), now, policy };
        moving.note(Happening::Opened { severity }, None);
        moving
    }

    /// Adds a line to the timeline.
    pub(super) fn note(&mut self, happening: Happening, note: Option<String>) {
        self.incident.entries += 1;
        self.happened.push(Entry { number: self.incident.entries, at: self.now, happening, note });
    }

    fn raise_again(&mut self, severity: Severity, seen: Observation) {
        let from = self.incident.severity;
        let to = from.max(severity);
        let was_over = self.incident.is_resolved();
        self.see(seen);
        self.incident.severity = to;
        if was_over {
            self.reopen();
        } else if to > from {
            // Whoever acknowledged a warning has not seen this.
            self.incident.state = State::Open;
            self.note(Happening::Escalated { from, to }, None);
        }
    }

    fn see(&mut self, seen: Observation) {
        self.incident.observation = seen;
        self.incident.seen_at = self.now;
        self.incident.times_seen += 1;
        if self.incident.quiet_since.take().is_some() && !self.incident.is_resolved() {
            self.note(Happening::Returned, None);
        }
    }

    fn reopen(&mut self) {
        self.incident.state = State::Open;
        self.note(Happening::Reopened { severity: self.incident.severity }, None);
        let flapping = self.policy.flapping;
        let reopenings = &mut self.incident.reopenings;
        reopenings.push(self.now);
        reopenings.retain(|at| self.now.since(*at) < flapping.within);
        let count = reopenings.len() as u32;
        if count >= flapping.reopenings && !self.incident.flapping {
            self.incident.flapping = true;
            self.note(Happening::Flapping { reopenings: count }, None);
        }
    }

    /// The clock of a critical incident starts once.
    fn start_clock(&mut self) {
        let incident = &mut self.incident;
        if incident.severity == Severity::Critical && incident.sla.is_none() && !incident.is_resolved() {
            incident.sla =
                self.policy.targets(incident.key.kind).map(|targets| SlaClock::start(self.now, targets));
        }
    }

    fn take(&mut self, input: Input) -> Result<(), Refused> {
        let over = self.incident.is_resolved();
        match input {
            Input::Raise { severity, seen, .. } => self.raise_again(severity, seen),
            Input::Persist { seen } if !over => self.see(seen),
            Input::Clear if !over && self.incident.quiet_since.is_none() => self.clear(),
            Input::Persist { .. } | Input::Clear => {}
            Input::Acknowledge { by, note } => self.acknowledge(by, note)?,
            Input::Resolve { .. } if over => return Err(Refused::Resolved),
            Input::Resolve { by, note } => self.resolve(Resolution::By { by }, note),
            Input::MarkFalse { by, note } => self.mark_false(by, note)?,
            Input::SetDeadline { basis, aware_at, by } => {
                if self.incident.regulatory.iter().any(|deadline| deadline.basis == basis) {
                    return Err(Refused::DeadlineSet);
                }
                let deadline = RegulatoryDeadline::new(basis, aware_at);
                self.note(Happening::DeadlineSet { basis, due_at: deadline.due_at, by }, None);
                self.incident.regulatory.push(deadline);
            }
            Input::MeetDeadline { basis, by } => {
                let mut deadlines = self.incident.regulatory.iter_mut();
                let open = deadlines.find(|deadline| deadline.basis == basis && deadline.met_at.is_none());
                open.ok_or(Refused::NoDeadline)?.met_at = Some(self.now);
                self.note(Happening::DeadlineMet { basis, by }, None);
            }
            Input::Pass => pass(self),
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.incident.quiet_since = Some(self.now);
        let resolves_at = self.now.saturating_add(self.incident.quiet_period(self.policy));
        self.note(Happening::Quiet { resolves_at }, None);
    }

    fn acknowledge(&mut self, by: String, note: Option<String>) -> Result<(), Refused> {
        match self.incident.state {
            State::Resolved { .. } => Err(Refused::Resolved),
            State::Acknowledged { .. } => Err(Refused::Acknowledged),
            State::Open => {
                self.incident.state = State::Acknowledged { at: self.now, by: by.clone() };
                self.note(Happening::Acknowledged { by }, note);
                self.end_breach(SlaTarget::Acknowledgement);
                Ok(())
            }
        }
    }

    pub(super) fn resolve(&mut self, resolution: Resolution, note: Option<String>) {
        self.incident.state = State::Resolved { at: self.now, resolution: resolution.clone() };
        self.incident.quiet_since = None;
        self.incident.held_until = None;
        self.incident.owed.clear();
        self.incident.flapping = false;
        self.note(Happening::Resolved { resolution }, note);
        self.end_breach(SlaTarget::Acknowledgement);
        self.end_breach(SlaTarget::Resolution);
    }

    fn mark_false(&mut self, by: String, note: Option<String>) -> Result<(), Refused> {
        let resolution = Resolution::FalseAlarm { by: by.clone() };
        match &mut self.incident.state {
            State::Resolved { resolution: Resolution::FalseAlarm { .. }, .. } => Err(Refused::MarkedFalse),
            State::Resolved { resolution: known, .. } => {
                *known = resolution;
                self.note(Happening::MarkedFalse { by }, note);
                Ok(())
            }
            State::Open | State::Acknowledged { .. } => {
                self.resolve(resolution, note);
                Ok(())
            }
        }
    }

    /// Opens the incident of a breach: it tells those whom its kind is routed to.
    pub(super) fn breach(&mut self, target: SlaTarget, due_at: Timestamp) {
        self.note(Happening::SlaBreached { target, due_at }, None);
        let incident = &self.incident;
        let about = match &incident.key.model {
            Some(model) => format!("{} of {model}", incident.key.kind.title()),
            None => incident.key.kind.title().to_owned(),
        };
        let summary = format!("{} ({about}) was not {} by {due_at}", incident.id, target.participle());
        self.follow.push(Follow {
            key: breach_key(incident, target),
            input: Input::Raise {
                severity: Severity::Critical,
                seen: Observation {
                    moved: incident.observation.moved.clone(),
                    ..Observation::words(summary)
                },
                origin: Origin::Driftd,
                tags: incident.tags.clone(),
            },
        });
    }

    fn end_breach(&mut self, target: SlaTarget) {
        let breached = self.incident.sla.and_then(|sla| match target {
            SlaTarget::Acknowledgement => sla.acknowledgement_breached_at,
            SlaTarget::Resolution => sla.breached_at,
        });
        if breached.is_some() {
            let input = Input::Resolve { by: DRIFTD.to_owned(), note: None };
            self.follow.push(Follow { key: breach_key(&self.incident, target), input });
        }
    }
}

fn breach_key(of: &Incident, target: SlaTarget) -> IncidentKey {
    IncidentKey {
        model: of.key.model.clone(),
        version: of.key.version.clone(),
        segment: Segment::All,
        kind: IncidentKind::SlaBreach,
        subject: Subject::cut(&format!("{} {}", of.id, target.as_str())),
    }
}

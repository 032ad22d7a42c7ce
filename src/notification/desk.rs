//! All incidents that matter now, and how inputs move them: drafts first, which the caller makes durable, then applies.
//!
//! Limits: it holds what is not resolved, what may still reopen and what has a deadline to be met; [`Desk::forget`]
//! drops the rest. Invariant: what it holds is what the store holds, once every draft was applied or dropped.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::announcement::Links;
use super::flushes::{FlushDraft, Flushes};
use super::matcher::Matcher;
use super::outgoing::Notification;
use super::planning::{Planner, plan};
use super::receiver_name::ReceiverName;
use super::route::Routing;
use super::silence::{Silence, SilenceId};
use crate::domain::Timestamp;
use crate::incident::{
    Entry, Incident, IncidentId, IncidentKey, IncidentPolicy, Input, Outcome, Refused, next_due, transition,
};

/// What the desk goes by: from the config.
#[derive(Debug, Clone)]
pub struct DeskRules {
    pub policy: IncidentPolicy,
    pub routing: Routing,
    pub links: Links,
}

/// Everything that matters now.
#[derive(Debug, Default)]
pub struct Desk {
    incidents: BTreeMap<IncidentId, Incident>,
    /// The newest incident of each key.
    newest: BTreeMap<IncidentKey, IncidentId>,
    /// When time changes an incident, by time and by incident.
    due: BTreeSet<(Timestamp, IncidentId)>,
    due_of: BTreeMap<IncidentId, Timestamp>,
    silences: BTreeMap<SilenceId, Silence>,
    flushes: Flushes,
    numbers: Numbers,
}

/// The numbers given last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    pub incident: u64,
    pub notification: u64,
    pub silence: u64,
}

/// What the store remembers.
#[derive(Debug, Default)]
pub struct Remembered {
    pub incidents: Vec<Incident>,
    pub silences: Vec<Silence>,
    pub numbers: Numbers,
    /// When the last message of each receiver and group was due.
    pub flushes: Vec<(ReceiverName, String, Timestamp)>,
}

/// What inputs would change. Nothing is changed until it is durable and [`Desk::apply`] takes it.
#[derive(Debug, Default)]
#[must_use]
pub struct Draft {
    /// Changed incidents with the new lines of their timelines.
    pub changed: BTreeMap<IncidentId, (Incident, Vec<Entry>)>,
    pub notifications: Vec<Notification>,
    pub silence: Option<Silence>,
    flushed: FlushDraft,
    numbers: Numbers,
}

impl Desk {
    /// The desk as it was when the store was last written.
    pub fn restore(remembered: Remembered, rules: &DeskRules) -> Self {
        let Remembered { incidents, silences, numbers, flushes } = remembered;
        let mut desk = Self { numbers, ..Self::default() };
        desk.silences = silences.into_iter().map(|silence| (silence.id, silence)).collect();
        flushes.into_iter().for_each(|(receiver, group, at)| desk.flushes.note(receiver, group, at));
        incidents.into_iter().for_each(|incident| desk.put(incident, rules));
        desk
    }

    /// What verdicts and driftd itself say. An input that the incident does not take changes nothing.
    pub fn draft(&self, inputs: Vec<(IncidentKey, Input)>, now: Timestamp, rules: &DeskRules) -> Draft {
        let mut draft = self.empty();
        for (key, input) in inputs {
            // Only people are refused, and they ask for themselves.
            let _refused = self.take(&mut draft, None, key, input, now, rules);
        }
        draft
    }

    /// What a person asks of one incident; it may be one that the desk no longer holds.
    pub fn ask(
        &self,
        incident: &Incident,
        input: Input,
        now: Timestamp,
        rules: &DeskRules,
    ) -> Result<Draft, Refused> {
        let mut draft = self.empty();
        self.take(&mut draft, Some(incident), incident.key.clone(), input, now, rules)?;
        Ok(draft)
    }

    /// What time alone changes by now; `None` where that is nothing.
    pub fn pass(&self, now: Timestamp, rules: &DeskRules) -> Option<Draft> {
        let mut draft = self.empty();
        for (_, id) in self.due.iter().take_while(|(at, _)| *at <= now) {
            let incident = &self.incidents[id];
            let _refused =
                self.take(&mut draft, Some(incident), incident.key.clone(), Input::Pass, now, rules);
        }
        (!draft.changed.is_empty()).then_some(draft)
    }

    /// A new silence.
    pub fn silence(
        &self,
        matcher: Matcher,
        from: Timestamp,
        until: Timestamp,
        by: String,
        reason: String,
    ) -> Draft {
        let mut draft = self.empty();
        draft.numbers.silence += 1;
        let id = SilenceId(draft.numbers.silence);
        draft.silence = Some(Silence { id, matcher, from, until, by, reason });
        draft
    }

    /// Ends a silence early; what it held back is told at the next pass. `None` where it is unknown or over.
    pub fn end_silence(&self, id: SilenceId, now: Timestamp) -> Option<Draft> {
        let silence = self.silences.get(&id).filter(|silence| now < silence.until)?;
        let mut draft = self.empty();
        draft.silence = Some(Silence { until: now, from: silence.from.min(now), ..silence.clone() });
        for (id, incident) in self.incidents.iter().filter(|(_, incident)| silence.matcher.matches(incident))
        {
            if incident.held_until.is_some_and(|until| until > now) {
                let held_until = Some(now);
                draft.changed.insert(*id, (Incident { held_until, ..incident.clone() }, Vec::new()));
            }
        }
        Some(draft)
    }

    /// Takes a draft that is durable.
    pub fn apply(&mut self, draft: Draft, rules: &DeskRules) {
        self.numbers = draft.numbers;
        self.flushes.apply(draft.flushed);
        if let Some(silence) = draft.silence {
            self.silences.insert(silence.id, silence);
        }
        draft.changed.into_values().for_each(|(incident, _)| self.put(incident, rules));
    }

    /// Looks at everything anew after a change of the rules. Clocks that run keep their deadlines.
    pub fn under(&mut self, rules: &DeskRules) {
        let incidents: Vec<Incident> = self.incidents.values().cloned().collect();
        incidents.into_iter().for_each(|incident| self.put(incident, rules));
    }

    /// Drops what no longer matters.
    pub fn forget(&mut self, now: Timestamp, rules: &DeskRules) {
        let reopens = now.saturating_sub(rules.policy.reopen_window);
        self.incidents.retain(|id, incident| {
            self.due_of.contains_key(id)
                || incident.resolved_at().is_none_or(|resolved_at| resolved_at >= reopens)
        });
        self.newest.retain(|_, id| self.incidents.contains_key(id));
        self.silences.retain(|_, silence| now < silence.until);
        let intervals = rules.routing.routes.iter().map(|route| route.grouping.interval);
        self.flushes.forget_before(now.saturating_sub(intervals.max().unwrap_or_default()));
    }

    /// When time changes something next.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    pub fn find(&self, id: IncidentId) -> Option<&Incident> {
        self.incidents.get(&id)
    }

    /// The newest incident of a key.
    pub fn newest(&self, key: &IncidentKey) -> Option<&Incident> {
        self.incidents.get(self.newest.get(key)?)
    }

    /// All that it holds, oldest first.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values()
    }

    pub fn silences(&self) -> impl Iterator<Item = &Silence> {
        self.silences.values()
    }

    fn empty(&self) -> Draft {
        Draft { numbers: self.numbers, ..Draft::default() }
    }

    /// Moves one incident (that given, or the newest of the key), then those that follow from it.
    fn take(
        &self,
        draft: &mut Draft,
        incident: Option<&Incident>,
        key: IncidentKey,
        input: Input,
        now: Timestamp,
        rules: &DeskRules,
    ) -> Result<(), Refused> {
        let first = incident.map(|incident| incident.id);
        let held = incident.filter(|incident| !self.incidents.contains_key(&incident.id));
        let outcome = {
            let known = match first {
                Some(id) => draft.changed.get(&id).map(|(changed, _)| changed).or(held).or(self.find(id)),
                None => self.newest_in(draft, &key),
            };
            self.moved(draft, known.cloned().as_ref(), &key, input, now, rules)?
        };
        let mut follow = VecDeque::from(outcome);
        while let Some((key, input)) = follow.pop_front() {
            let known = self.newest_in(draft, &key).cloned();
            // One that is over already, or never opened, has nothing to follow.
            follow.extend(self.moved(draft, known.as_ref(), &key, input, now, rules).unwrap_or_default());
        }
        Ok(())
    }

    fn moved(
        &self,
        draft: &mut Draft,
        current: Option<&Incident>,
        key: &IncidentKey,
        input: Input,
        now: Timestamp,
        rules: &DeskRules,
    ) -> Result<Vec<(IncidentKey, Input)>, Refused> {
        let new_id = IncidentId(draft.numbers.incident + 1);
        let outcome = transition(current, key, input, now, &rules.policy, new_id)?;
        let Some(Outcome { mut incident, happened, follow }) = outcome else { return Ok(Vec::new()) };
        if incident.id == new_id {
            draft.numbers.incident = new_id.0;
        }
        let silences: Vec<&Silence> =
            self.silences.values().filter(|silence| silence.is_active(now)).collect();
        let mut planner = Planner {
            routing: &rules.routing,
            silences: &silences,
            links: &rules.links,
            flushes: (&self.flushes, &mut draft.flushed),
            last_number: &mut draft.numbers.notification,
        };
        draft.notifications.extend(plan(&mut incident, &happened, now, &mut planner));
        let (_, earlier) = draft.changed.remove(&incident.id).unzip();
        let mut entries: Vec<Entry> = earlier.unwrap_or_default();
        entries.extend(happened);
        draft.changed.insert(incident.id, (incident, entries));
        Ok(follow.into_iter().map(|follow| (follow.key, follow.input)).collect())
    }

    fn newest_in<'a>(&'a self, draft: &'a Draft, key: &IncidentKey) -> Option<&'a Incident> {
        let changed = draft.changed.values().map(|(incident, _)| incident);
        changed
            .filter(|incident| incident.key == *key)
            .max_by_key(|incident| incident.id)
            .or_else(|| self.newest(key))
    }

    fn put(&mut self, incident: Incident, rules: &DeskRules) {
        let id = incident.id;
        if let Some(at) = self.due_of.remove(&id) {
            self.due.remove(&(at, id));
        }
        if let Some(at) = next_due(&incident, &rules.policy) {
            self.due.insert((at, id));
            self.due_of.insert(id, at);
        }
        let newest = self.newest.entry(incident.key.clone()).or_insert(id);
        *newest = id.max(*newest);
        self.incidents.insert(id, incident);
    }
}

impl Draft {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.silence.is_none()
    }
}

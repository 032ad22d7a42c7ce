//! A desk with a clock and an outbox that delivers at once what is due: what scenarios and laws are played in.

use std::collections::BTreeMap;
use std::time::Duration;

use driftd::domain::{Segment, Timestamp};
use driftd::incident::{
    Entry, Happening, Incident, IncidentId, IncidentKey, IncidentKind, IncidentPolicy, Input, Observation,
    Origin, Refused,
};
use driftd::notification::{
    Desk, DeskRules, Draft, Links, Matcher, Notification, Numbers, ReceiverName, Remembered, Routing,
    Silence, SilenceId,
};
use driftd::verdict::Severity;

/// A Monday, midnight.
pub const START: &str = "2026-11-23T00:00:00Z";

/// What was sent: when, to whom, what of which incidents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sent {
    pub at: Timestamp,
    pub receiver: String,
    pub news: Vec<String>,
}

/// Everything that is durable, and the desk that works on it.
pub struct World {
    pub now: Timestamp,
    pub rules: DeskRules,
    desk: Desk,
    pub incidents: BTreeMap<IncidentId, Incident>,
    pub timelines: BTreeMap<IncidentId, Vec<Entry>>,
    silences: BTreeMap<SilenceId, Silence>,
    outbox: Vec<Notification>,
    planned: Vec<(ReceiverName, String, Timestamp)>,
    numbers: Numbers,
    pub sent: Vec<Sent>,
}

pub fn start() -> Timestamp {
    START.parse().expect("an instant")
}

pub fn key(model: &str, kind: IncidentKind, subject: &str) -> IncidentKey {
    IncidentKey {
        model: Some(model.parse().expect("a model's id")),
        version: None,
        segment: Segment::All,
        kind,
        subject: subject.parse().expect("a subject"),
    }
}

pub fn raise(severity: Severity, tags: BTreeMap<String, String>) -> Input {
    Input::Raise { severity, seen: Observation::words("seen"), origin: Origin::Verdict, tags }
}

impl World {
    pub fn new(policy: IncidentPolicy, routing: Routing) -> Self {
        let links = Links { external_url: "http://driftd.example".to_owned() };
        Self {
            now: start(),
            rules: DeskRules { policy, routing, links },
            desk: Desk::default(),
            incidents: BTreeMap::new(),
            timelines: BTreeMap::new(),
            silences: BTreeMap::new(),
            outbox: Vec::new(),
            planned: Vec::new(),
            numbers: Numbers::default(),
            sent: Vec::new(),
        }
    }

    /// What the daemon does as time goes by until `at`: it looks whenever something is due.
    pub fn run_until(&mut self, at: Timestamp) {
        loop {
            let due = self.outbox.iter().map(|notification| notification.due_at).min();
            let next = [self.desk.next_due(), due].into_iter().flatten().min().filter(|next| *next <= at);
            let Some(next) = next else { break };
            self.now = next.max(self.now);
            self.look();
        }
        self.now = at;
    }

    /// The daemon is down until `at`, then starts from what is durable.
    pub fn down_until(&mut self, at: Timestamp) {
        self.now = at;
        self.restart();
        self.look();
    }

    /// Another desk from what is durable, in the form in which it is stored.
    pub fn restart(&mut self) {
        let stored = |incident: &Incident| {
            let text = serde_json::to_string(incident).expect("plain data");
            serde_json::from_str(&text).expect("what was written is read")
        };
        let remembered = Remembered {
            incidents: self.incidents.values().map(stored).collect(),
            silences: self.silences.values().cloned().collect(),
            numbers: self.numbers,
            flushes: self.planned.clone(),
        };
        self.desk = Desk::restore(remembered, &self.rules);
    }

    pub fn look(&mut self) {
        if let Some(draft) = self.desk.pass(self.now, &self.rules) {
            self.commit(draft);
        }
        self.desk.forget(self.now, &self.rules);
        self.deliver();
    }

    pub fn input(&mut self, key: IncidentKey, input: Input) {
        let draft = self.desk.draft(vec![(key, input)], self.now, &self.rules);
        self.commit(draft);
    }

    /// Computed, but the transaction fails: nothing changed.
    pub fn input_that_fails(&mut self, key: IncidentKey, input: Input) {
        drop(self.desk.draft(vec![(key, input)], self.now, &self.rules));
    }

    pub fn ask(&mut self, id: IncidentId, input: Input) -> Result<(), Refused> {
        let incident = self.incidents.get(&id).ok_or(Refused::Unknown)?;
        let draft = self.desk.ask(incident, input, self.now, &self.rules)?;
        self.commit(draft);
        Ok(())
    }

    pub fn silence(&mut self, matcher: Matcher, lasts: Duration) {
        let until = self.now.saturating_add(lasts);
        let draft = self.desk.silence(matcher, self.now, until, "anna".to_owned(), "test".to_owned());
        self.commit(draft);
    }

    pub fn end_silence(&mut self, id: SilenceId) {
        let draft = self.desk.end_silence(id, self.now).expect("a silence in force");
        self.commit(draft);
    }

    fn commit(&mut self, draft: Draft) {
        for (incident, happened) in draft.changed.values() {
            self.incidents.insert(incident.id, incident.clone());
            self.numbers.incident = self.numbers.incident.max(incident.id.0);
            self.timelines.entry(incident.id).or_default().extend(happened.iter().cloned());
        }
        for notification in &draft.notifications {
            self.numbers.notification = self.numbers.notification.max(notification.id.0);
            let group = notification.group.clone();
            self.planned.push((notification.receiver.clone(), group, notification.due_at));
            self.outbox.push(notification.clone());
        }
        if let Some(silence) = &draft.silence {
            self.numbers.silence = self.numbers.silence.max(silence.id.0);
            self.silences.insert(silence.id, silence.clone());
        }
        self.desk.apply(draft, &self.rules);
        self.deliver();
    }

    fn deliver(&mut self) {
        let mut messages: BTreeMap<(ReceiverName, String), Vec<String>> = BTreeMap::new();
        let (due, waiting) = std::mem::take(&mut self.outbox).into_iter().partition(|n| n.due_at <= self.now);
        self.outbox = waiting;
        let due: Vec<Notification> = due;
        for Notification { receiver, group, announcement, .. } in due {
            let happened = announcement.entry.happening.as_str();
            let word = match announcement.entry.happening {
                Happening::Reminder { share, .. } => format!("{happened}-{:.0}", share * 100.0),
                Happening::DeadlineReminder { share, .. } => format!("{happened}-{:.0}", share * 100.0),
                _ => happened.to_owned(),
            };
            let news = format!("{} {word}", announcement.incident);
            messages.entry((receiver, group)).or_default().push(news);
        }
        for ((receiver, _), news) in messages {
            self.sent.push(Sent { at: self.now, receiver: receiver.to_string(), news });
        }
    }
}

//! The desk at work: what moves an incident is durable before anybody sees it.
//!
//! Invariant: one [`Turn`] at a time, from the draft to memory, so that the desk never runs ahead of the store or behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, MutexGuard, Notify};

use crate::clock::Clock;
use crate::domain::{ModelId, Timestamp};
use crate::incident::{Entry, Happening, Incident, IncidentId, IncidentKey, Input, Refused};
use crate::metrics::{Deadline, IncidentLabels, Metrics, Occurrence, Standing};
use crate::notification::{Announcement, Desk, DeskRules, Draft, Numbers, ReceiverName, Remembered};
use crate::store::{AuditRow, CurrentIncidents, IncidentChange, IncidentChanges, Store, StoreError};
use crate::verdict::Severity;
use crate::web::answer::{NextDeadline, OpenIncidents};

/// All incidents of a running daemon.
pub struct IncidentDesk<S> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    rules: ArcSwap<DeskRules>,
    desk: Mutex<Desk>,
    /// Woken when there is something to send.
    news: Arc<Notify>,
    /// Woken when an incident changed.
    changed: Arc<Notify>,
    /// Whether something changed since the metrics were told.
    stale: AtomicBool,
}

/// The desk while something changes.
pub struct Turn<'a, S> {
    owner: &'a IncidentDesk<S>,
    desk: MutexGuard<'a, Desk>,
    rules: Arc<DeskRules>,
}

/// Why what was asked for did not happen.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> IncidentDesk<S> {
    /// The desk as the store remembers it. What was being sent when the process ended is to be sent again.
    pub async fn open(
        store: Arc<S>,
        clock: Arc<dyn Clock>,
        metrics: Arc<Metrics>,
        rules: DeskRules,
    ) -> Result<Self, StoreError> {
        let again = store.release_claims().await?;
        if again > 0 {
            tracing::info!(
                notifications = again,
                "were on their way when the daemon ended; they are sent again"
            );
        }
        let desk = remembered(&*store, &rules, clock.now()).await?;
        let (rules, desk, stale) = (ArcSwap::from_pointee(rules), Mutex::new(desk), AtomicBool::new(true));
        Ok(Self { store, clock, metrics, rules, desk, news: Arc::default(), changed: Arc::default(), stale })
    }

    pub fn store(&self) -> &S {
        &self.store
    }

    /// Woken when there is something to send.
    pub fn news(&self) -> Arc<Notify> {
        self.news.clone()
    }

    /// Woken when an incident changed.
    pub fn changed(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    pub fn rules(&self) -> Arc<DeskRules> {
        self.rules.load_full()
    }

    /// Goes by other rules from now on.
    pub async fn under(&self, rules: DeskRules) {
        let mut desk = self.desk.lock().await;
        desk.under(&rules);
        self.rules.store(Arc::new(rules));
    }

    /// Waits for its turn.
    pub async fn turn(&self) -> Turn<'_, S> {
        let desk = self.desk.lock().await;
        Turn { owner: self, desk, rules: self.rules.load_full() }
    }

    /// What time alone changes.
    pub async fn pass(&self) -> Result<(), StoreError> {
        let turn = self.turn().await;
        let now = self.clock.now();
        match turn.desk.pass(now, &turn.rules) {
            Some(draft) => turn.commit(draft, None).await?,
            None => drop(turn),
        }
        if self.stale.swap(false, Ordering::Relaxed) {
            self.show(&*self.desk.lock().await);
        }
        Ok(())
    }

    /// Drops from memory what no longer matters.
    pub async fn forget(&self) {
        self.desk.lock().await.forget(self.clock.now(), &self.rules.load());
    }

    /// What driftd itself has to say.
    pub async fn input(&self, inputs: Vec<(IncidentKey, Input)>) -> Result<(), StoreError> {
        let turn = self.turn().await;
        let draft = turn.draft(inputs);
        turn.commit(draft, None).await
    }

    /// A report from outside; gives the incident that it opened or is part of, `None` where it changed nothing.
    pub async fn report(
        &self,
        key: IncidentKey,
        input: Input,
        audit: AuditRow,
    ) -> Result<Option<Incident>, StoreError> {
        let turn = self.turn().await;
        let draft = turn.draft(vec![(key.clone(), input)]);
        let changed = draft.changed.values().map(|(incident, _)| incident);
        let changed =
            changed.filter(|incident| incident.key == key).max_by_key(|incident| incident.id).cloned();
        turn.commit(draft, Some(audit)).await?;
        Ok(changed)
    }

    /// What a person asks of one incident; gives it as it is then.
    pub async fn ask(&self, id: IncidentId, input: Input, audit: AuditRow) -> Result<Incident, DeskError> {
        let turn = self.turn().await;
        let incident = match turn.desk.find(id) {
            Some(incident) => incident.clone(),
            // Long resolved: the desk has dropped it.
            None => self.store.read_incident(id).await?.ok_or(Refused::Unknown)?.0,
        };
        let draft = turn.desk.ask(&incident, input, self.clock.now(), &turn.rules)?;
        let changed = draft.changed.get(&id).map_or(incident, |(changed, _)| changed.clone());
        turn.commit(draft, Some(audit)).await?;
        Ok(changed)
    }

    /// What a receiver was told of and is not over, or was resolved since: as it stands.
    pub async fn told(&self, receiver: &ReceiverName, resolved_since: Timestamp) -> Vec<Announcement> {
        let desk = self.desk.lock().await;
        let rules = self.rules.load();
        let told = desk.incidents().filter(|incident| {
            incident.told.contains(receiver.as_str())
                && incident.resolved_at().is_none_or(|at| at >= resolved_since)
        });
        let standing = |incident: &Incident| {
            let happening = match &incident.state {
                crate::incident::State::Resolved { resolution, .. } => {
                    Happening::Resolved { resolution: resolution.clone() }
                }
                _ => Happening::Opened { severity: incident.severity },
            };
            let entry = Entry { number: incident.entries, at: incident.seen_at, happening, note: None };
            Announcement::of(incident, &entry, &rules.links)
        };
        told.map(standing).collect()
    }

    /// The open incidents of a model, oldest first.
    pub async fn open_of(&self, model: &ModelId) -> Vec<Incident> {
        let desk = self.desk.lock().await;
        let of_model = |incident: &&Incident| incident.key.model.as_ref() == Some(model);
        desk.incidents().filter(of_model).filter(|incident| !incident.is_resolved()).cloned().collect()
    }

    /// How many are open, and which has to be resolved first.
    pub async fn open_in_sum(&self) -> OpenIncidents {
        let desk = self.desk.lock().await;
        let mut sum = OpenIncidents::default();
        for incident in desk.incidents().filter(|incident| !incident.is_resolved()) {
            match incident.severity {
                Severity::Critical => sum.critical += 1,
                Severity::Warning => sum.warning += 1,
            }
            let Some(sla) = incident.sla else { continue };
            if sum.next.as_ref().is_none_or(|next| sla.resolve_by < next.resolve_by) {
                sum.next = Some(NextDeadline { incident: incident.id, resolve_by: sla.resolve_by });
            }
        }
        sum
    }

    fn show(&self, desk: &Desk) {
        let mut standing = Standing::default();
        for incident in desk.incidents().filter(|incident| !incident.is_resolved()) {
            let labels = labels(incident);
            if let Some(sla) = incident.sla {
                let (incident, at) = (incident.id, sla.resolve_by);
                standing.deadlines.push(Deadline { incident, labels: labels.clone(), at });
            }
            *standing.open.entry(labels).or_default() += 1;
        }
        self.metrics.incidents().set_standing(standing);
    }
}

impl<S: Store> Turn<'_, S> {
    /// What inputs would change.
    pub fn draft(&self, inputs: Vec<(IncidentKey, Input)>) -> Draft {
        self.desk.draft(inputs, self.owner.clock.now(), &self.rules)
    }

    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Makes a draft durable in a transaction of its own, then takes it.
    pub async fn commit(self, draft: Draft, audit: Option<AuditRow>) -> Result<(), StoreError> {
        if draft.is_empty() && audit.is_none() {
            return Ok(());
        }
        match self.owner.store.commit_incidents(changes(&draft, audit)).await {
            Ok(()) => {
                self.settle(draft);
                Ok(())
            }
            Err(error) => Err(self.refused(error).await),
        }
    }

    /// Takes a draft that is durable.
    pub fn settle(mut self, draft: Draft) {
        if draft.is_empty() {
            return;
        }
        for (incident, happened) in draft.changed.values() {
            happened.iter().for_each(|entry| self.owner.note(incident, entry));
        }
        let to_send = !draft.notifications.is_empty();
        self.desk.apply(draft, &self.rules);
        self.owner.stale.store(true, Ordering::Relaxed);
        self.owner.changed.notify_one();
        if to_send {
            self.owner.news.notify_one();
        }
    }

    /// A transaction that did not happen. After a conflict the desk is read again: someone else wrote.
    pub async fn refused(mut self, error: StoreError) -> StoreError {
        if let StoreError::Conflict(_) = error {
            match remembered(&*self.owner.store, &self.rules, self.owner.clock.now()).await {
                Ok(desk) => *self.desk = desk,
                Err(error) => tracing::error!(%error, "the incidents cannot be read again"),
            }
        }
        error
    }
}

impl<S> IncidentDesk<S> {
    /// Logs and counts what happened.
    fn note(&self, incident: &Incident, entry: &Entry) {
        let counted = match entry.happening {
            Happening::Opened { .. } => Some(Occurrence::Opened),
            Happening::SlaBreached { .. } => Some(Occurrence::SlaBreached),
            Happening::MarkedFalse { .. } => Some(Occurrence::FalseAlarm),
            Happening::Resolved { resolution: crate::incident::Resolution::FalseAlarm { .. } } => {
                Some(Occurrence::FalseAlarm)
            }
            _ => None,
        };
        if let Some(occurrence) = counted {
            self.metrics.incidents().count(labels(incident), occurrence);
        }
        let model = incident.key.model.as_ref().map_or("", ModelId::as_str);
        tracing::info!(incident = %incident.id, model, kind = %incident.key.kind, severity = %incident.severity,
            happened = entry.happening.as_str(), "an incident changed");
    }
}

/// What a draft writes.
pub fn changes(draft: &Draft, audit: Option<AuditRow>) -> IncidentChanges {
    let change = |(incident, happened): &(Incident, Vec<Entry>)| IncidentChange {
        incident: incident.clone(),
        happened: happened.clone(),
    };
    IncidentChanges {
        changes: draft.changed.values().map(change).collect(),
        notifications: draft.notifications.clone(),
        silence: draft.silence.clone(),
        audit,
    }
}

fn labels(incident: &Incident) -> IncidentLabels {
    let model = incident.key.model.as_ref().map_or("", ModelId::as_str);
    IncidentLabels { model: model.into(), kind: incident.key.kind, severity: incident.severity }
}

async fn remembered(store: &impl Store, rules: &DeskRules, now: Timestamp) -> Result<Desk, StoreError> {
    let intervals = rules.routing.routes.iter().map(|route| route.grouping.interval);
    let reach = intervals.max().unwrap_or_default().max(rules.policy.reopen_window);
    let CurrentIncidents { incidents, silences, last_ids, flushes } =
        store.current_incidents(now.saturating_sub(reach)).await?;
    let numbers = Numbers {
        incident: last_ids.incident,
        notification: last_ids.notification,
        silence: last_ids.silence,
    };
    Ok(Desk::restore(Remembered { incidents, silences, numbers, flushes }, rules))
}

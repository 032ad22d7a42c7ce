//! Metrics of incidents and of what waits to be sent.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use prometheus_client::encoding::DescriptorEncoder;

use super::cells::Gauge;
use super::names;
use super::names::Family;
use super::samples::Value;
use crate::domain::Timestamp;
use crate::incident::{IncidentId, IncidentKind};
use crate::verdict::Severity;

/// Models, kinds and severities told apart; what comes after is counted under the model `other`.
const SERIES_MAX: usize = 5_000;
/// Deadlines shown, the next ones first.
const DEADLINES_MAX: usize = 1_000;

/// Whose numbers they are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IncidentLabels {
    /// Empty where no model is concerned.
    pub model: Box<str>,
    pub kind: IncidentKind,
    pub severity: Severity,
}

/// What happened to incidents, counted since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    Opened,
    SlaBreached,
    FalseAlarm,
}

/// How incidents stand now.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Those that are not resolved.
    pub open: BTreeMap<IncidentLabels, u64>,
    pub deadlines: Vec<Deadline>,
}

/// By when a critical incident must be resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct Deadline {
    pub incident: IncidentId,
    pub labels: IncidentLabels,
    pub at: Timestamp,
}

/// Numbers of incidents and of the outbox.
#[derive(Debug, Default)]
pub struct IncidentMetrics {
    counted: Mutex<BTreeMap<IncidentLabels, [u64; 3]>>,
    standing: ArcSwap<Standing>,
    pub outbox_pending: Gauge,
    pub outbox_dead: Gauge,
    pub outbox_oldest_due: Gauge,
}

impl IncidentMetrics {
    pub fn count(&self, labels: IncidentLabels, occurrence: Occurrence) {
        let mut counted = self.counted();
        let full = counted.len() >= SERIES_MAX && !counted.contains_key(&labels);
        let labels = if full { IncidentLabels { model: "other".into(), ..labels } } else { labels };
        counted.entry(labels).or_default()[occurrence as usize] += 1;
    }

    /// Takes the present state. A model, kind and severity that had incidents stays, at 0.
    pub fn set_standing(&self, mut standing: Standing) {
        standing.deadlines.sort_by_key(|deadline| (deadline.at, deadline.incident));
        standing.deadlines.truncate(DEADLINES_MAX);
        let known = self.counted().keys().cloned().collect::<Vec<_>>();
        known.into_iter().for_each(|labels| *standing.open.entry(labels).or_default() += 0);
        self.standing.store(standing.into());
    }

    fn counted(&self) -> MutexGuard<'_, BTreeMap<IncidentLabels, [u64; 3]>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self, encoder: &mut DescriptorEncoder) -> fmt::Result {
        let standing = self.standing.load();
        write(&names::INCIDENTS_OPEN, encoder, standing.open.iter().map(|(labels, open)| (labels, *open)))?;
        let deadlines: Vec<(String, &Deadline)> =
            standing.deadlines.iter().map(|deadline| (deadline.incident.to_string(), deadline)).collect();
        let samples = deadlines.iter().map(|(id, deadline)| {
            let Deadline { labels, at, .. } = deadline;
            ([id.as_str(), &labels.model, labels.kind.as_str()], at.as_seconds_f64())
        });
        names::SLA_DEADLINE.write(encoder, samples)?;
        let counted = self.counted().clone();
        for (family, occurrence) in [
            (names::INCIDENTS, Occurrence::Opened),
            (names::SLA_BREACHES, Occurrence::SlaBreached),
            (names::FALSE_ALARMS, Occurrence::FalseAlarm),
        ] {
            let samples = counted.iter().map(|(labels, counts)| (labels, counts[occurrence as usize]));
            write(&family, encoder, samples)?;
        }
        let outbox = [("pending", &self.outbox_pending), ("dead", &self.outbox_dead)];
        let outbox = outbox.into_iter().filter_map(|(state, gauge)| Some(([state], gauge.get()?)));
        names::OUTBOX_ENTRIES.write(encoder, outbox)?;
        names::OUTBOX_OLDEST_DUE.write_one(encoder, self.outbox_oldest_due.get())
    }
}

fn write<'a, V: Into<Value>>(
    family: &Family,
    encoder: &mut DescriptorEncoder,
    samples: impl Iterator<Item = (&'a IncidentLabels, V)>,
) -> fmt::Result {
    family.write(
        encoder,
        samples.map(|(labels, value)| {
            let severity = match labels.severity {
                Severity::Warning => "warning",
                Severity::Critical => "critical",
            };
            ([&*labels.model, severity, labels.kind.as_str()], value)
        }),
    )
}

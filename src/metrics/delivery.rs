//! Metrics of the delivery of notifications.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

use super::cells::{Counter, Gauge};
use super::names;
use crate::notification::ReceiverName;

/// Numbers of all receivers; as many as the config names.
#[derive(Debug)]
pub struct DeliveryMetrics {
    receivers: ArcSwap<BTreeMap<ReceiverName, Arc<ReceiverMetrics>>>,
    duration: Histogram,
}

/// Numbers of one receiver.
#[derive(Debug, Default)]
pub struct ReceiverMetrics {
    pub delivered: Counter,
    pub retried: Counter,
    pub dead: Counter,
    /// 1 or 0.
    pub enabled: Gauge,
    pub last_success: Gauge,
}

impl Default for DeliveryMetrics {
    fn default() -> Self {
        // 5 ms to 20 s: past the time a receiver is given.
        Self { receivers: ArcSwap::default(), duration: Histogram::new(exponential_buckets(0.005, 2.0, 13)) }
    }
}

impl DeliveryMetrics {
    /// The receiver's numbers, new ones where it has none.
    pub fn receiver(&self, name: &ReceiverName) -> Arc<ReceiverMetrics> {
        if let Some(known) = self.receivers.load().get(name) {
            return Arc::clone(known);
        }
        let new = Arc::new(ReceiverMetrics::default());
        self.receivers.rcu(|receivers| {
            let mut receivers = BTreeMap::clone(receivers);
            receivers.entry(name.clone()).or_insert_with(|| Arc::clone(&new));
            receivers
        });
        self.receivers.load().get(name).map_or(new, Arc::clone)
    }

    /// Forgets receivers that are not among these.
    pub fn keep<'a>(&self, names: impl Iterator<Item = &'a ReceiverName> + Clone) {
        let is_kept = |name: &ReceiverName| names.clone().any(|kept| kept == name);
        if self.receivers.load().keys().all(is_kept) {
            return;
        }
        self.receivers.rcu(|receivers| {
            let mut receivers = BTreeMap::clone(receivers);
            receivers.retain(|name, _| is_kept(name));
            receivers
        });
    }

    /// One attempt took so long.
    pub fn took(&self, duration: Duration) {
        self.duration.observe(duration.as_secs_f64());
    }

    pub(super) fn write(&self, encoder: &mut DescriptorEncoder) -> fmt::Result {
        let receivers = self.receivers.load();
        let attempts = receivers.iter().flat_map(|(name, numbers)| {
            let outcomes =
                [("delivered", &numbers.delivered), ("retried", &numbers.retried), ("dead", &numbers.dead)];
            outcomes.map(|(outcome, counter)| ([name.as_str(), outcome], counter.get()))
        });
        names::NOTIFICATIONS.write(encoder, attempts)?;
        names::NOTIFICATION_DURATION.write_histogram(encoder, &self.duration)?;
        let enabled = receivers.iter().filter_map(|(name, n)| Some(([name.as_str()], n.enabled.get()?)));
        names::RECEIVER_ENABLED.write(encoder, enabled)?;
        let success = receivers.iter().filter_map(|(name, n)| Some(([name.as_str()], n.last_success.get()?)));
        names::RECEIVER_SUCCESS.write(encoder, success)
    }
}

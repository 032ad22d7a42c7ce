//! What holds a number between scrapes: a gauge that may be unknown, counters by a label that the outside world chooses.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
pub use prometheus_client::metrics::counter::Counter;

use crate::domain::Timestamp;

/// A number that goes up and down. Unknown, and then without a sample, until it is set; cloning shares it.
#[derive(Debug, Clone)]
pub struct Gauge(Arc<AtomicU64>);

impl Default for Gauge {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(f64::NAN.to_bits())))
    }
}

impl Gauge {
    /// A NaN or an infinity makes it unknown.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    pub fn set_time(&self, at: Timestamp) {
        self.set(at.as_seconds_f64());
    }

    /// The number, where it is known.
    pub fn get(&self) -> Option<f64> {
        Some(f64::from_bits(self.0.load(Ordering::Relaxed))).filter(|value| value.is_finite())
    }
}

/// Counters by the value of one label: at most `values_max` of them, what comes after is counted under `other`.
///
/// Adding to a known value, or to one past the limit, takes no lock and copies nothing. Values are cut at 128 bytes.
#[derive(Debug)]
pub struct CounterMap {
    counters: ArcSwap<BTreeMap<Box<str>, Counter>>,
    values_max: usize,
}

impl CounterMap {
    /// Longest label value, in bytes.
    pub const VALUE_BYTES_MAX: usize = 128;
    /// Where values past the limit are counted.
    pub const OTHER: &'static str = "other";

    pub fn new(values_max: usize) -> Self {
        Self { counters: ArcSwap::default(), values_max }
    }

    /// Adds `n`; 0 makes the series known before anything happened, so that its first increase is seen.
    pub fn add(&self, value: &str, n: u64) {
        let value = &value[..value.floor_char_boundary(Self::VALUE_BYTES_MAX)];
        let counters = self.counters.load();
        let full = counters.len() > self.values_max;
        let known = counters.get(value).or_else(|| counters.get(Self::OTHER).filter(|_| full));
        if let Some(counter) = known {
            counter.inc_by(n);
            return;
        }
        drop(counters);
        self.counters.rcu(|counters| {
            let mut counters = BTreeMap::clone(counters);
            let room = counters.contains_key(value) || counters.len() < self.values_max;
            counters.entry(if room { value.into() } else { Self::OTHER.into() }).or_default();
            counters
        });
        let counters = self.counters.load();
        if let Some(counter) = counters.get(value).or_else(|| counters.get(Self::OTHER)) {
            counter.inc_by(n);
        }
    }

    /// What was counted, by label value.
    pub fn counts(&self) -> Vec<(Box<str>, u64)> {
        self.counters.load().iter().map(|(value, counter)| (value.clone(), counter.get())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_past_the_limit_are_counted_together() {
        let map = CounterMap::new(2);
        for value in ["a", "b", "c", "d", "a"] {
            map.add(value, 1);
        }
        map.add(&"é".repeat(100), 5);
        let counts: Vec<_> = map.counts().into_iter().collect();
        assert_eq!(counts, [("a".into(), 2), ("b".into(), 1), ("other".into(), 7)]);
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        let map = CounterMap::new(2);
        map.add(&format!("a{}", "é".repeat(100)), 1);
        assert_eq!(map.counts()[0].0.len(), 127);
    }

    #[test]
    fn a_gauge_is_unknown_until_set() {
        let gauge = Gauge::default();
        assert_eq!(gauge.get(), None);
        gauge.set(2.5);
        assert_eq!(gauge.clone().get(), Some(2.5));
        gauge.set(f64::INFINITY);
        assert_eq!(gauge.get(), None);
    }

    #[test]
    fn counting_from_many_threads_loses_nothing() {
        let map = CounterMap::new(8);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..4_000).for_each(|i| map.add(&(i % 20).to_string(), 1)));
            }
        });
        assert_eq!(map.counts().iter().map(|(_, n)| n).sum::<u64>(), 16_000);
        assert_eq!(map.counts().len(), 9);
    }
}

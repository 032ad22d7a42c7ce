//! The idempotency keys of the last day, in memory.
//!
//! Limits: `keys_max` keys (about 80 bytes each) and the time they live. What leaves is whole commits, oldest first.
//! The index holds where a key lies in the commit log, nothing else: hashes and answers are read from there.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::commit_row::KeyHash;
use crate::domain::Timestamp;

#[derive(Debug)]
pub(super) struct Guards {
    places: HashMap<KeyHash, Place>,
    /// The same keys in order of commit.
    keys: VecDeque<KeyHash>,
    /// Commits that brought keys, and how many.
    commits: VecDeque<Claimed>,
    keys_max: usize,
    ttl: Duration,
}

/// Where a key lies: the commit, and its position among the keys of that row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) sequence: i64,
    pub(super) position: u32,
}

#[derive(Debug, Clone, Copy)]
struct Claimed {
    sequence: i64,
    at: Timestamp,
    keys: usize,
}

impl Guards {
    pub(super) fn new(keys_max: usize, ttl: Duration) -> Self {
        Self { places: HashMap::new(), keys: VecDeque::new(), commits: VecDeque::new(), keys_max, ttl }
    }

    pub(super) fn ttl(&self) -> Duration {
        self.ttl
    }

    pub(super) fn keys_max(&self) -> usize {
        self.keys_max
    }

    /// Where the key was committed, if that is within its time to live at `now`.
    pub(super) fn find(&self, key: &KeyHash, now: Timestamp) -> Option<Place> {
        let place = *self.places.get(key)?;
        let commit = self.commits.binary_search_by_key(&place.sequence, |commit| commit.sequence).ok()?;
        (now.since(self.commits[commit].at) < self.ttl).then_some(place)
    }

    /// Enters the keys of a commit, in their order in its row; returns how many keys had to leave before their time.
    pub(super) fn enter(&mut self, sequence: i64, at: Timestamp, keys: impl Iterator<Item = KeyHash>) -> u64 {
        let before = self.keys.len();
        for (position, key) in (0..).zip(keys) {
            self.places.insert(key, Place { sequence, position });
            self.keys.push_back(key);
        }
        if self.keys.len() > before {
            self.commits.push_back(Claimed { sequence, at, keys: self.keys.len() - before });
        }
        while self.commits.front().is_some_and(|oldest| at.since(oldest.at) >= self.ttl) {
            self.drop_oldest();
        }
        let kept = self.keys.len();
        while self.keys.len() > self.keys_max {
            self.drop_oldest();
        }
        (kept - self.keys.len()) as u64
    }

    /// Drops the keys of commits up to `sequence`: their rows are gone.
    pub(super) fn drop_through(&mut self, sequence: i64) {
        while self.commits.front().is_some_and(|oldest| oldest.sequence <= sequence) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some(oldest) = self.commits.pop_front() else { return };
        for key in self.keys.drain(..oldest.keys) {
            // A key used again after its time belongs to the later commit.
            if self.places.get(&key).is_some_and(|place| place.sequence == oldest.sequence) {
                self.places.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> KeyHash {
        KeyHash::of(Some(&"m".parse().unwrap()), "predictions", name)
    }

    #[test]
    fn keys_leave_by_age_or_by_number_and_the_latter_are_counted() {
        let mut guards = Guards::new(3, Duration::from_secs(100));
        let at = Timestamp::from_seconds;
        assert_eq!(guards.enter(1, at(0), [key("a"), key("b")].into_iter()), 0);
        assert_eq!(guards.enter(2, at(50), [key("c")].into_iter()), 0);
        assert_eq!(guards.find(&key("b"), at(99)), Some(Place { sequence: 1, position: 1 }));
        assert_eq!(guards.find(&key("b"), at(100)), None);
        assert_eq!(guards.enter(3, at(60), [key("d")].into_iter()), 2, "a and b leave together");
        assert_eq!(guards.find(&key("a"), at(60)), None);
        assert_eq!(guards.enter(4, at(150), [key("a")].into_iter()), 0, "c is past its time");
        assert_eq!(guards.find(&key("c"), at(149)), None);
        assert_eq!(guards.find(&key("a"), at(150)), Some(Place { sequence: 4, position: 0 }));
        guards.drop_through(3);
        assert_eq!(guards.find(&key("d"), at(150)), None);
    }
}

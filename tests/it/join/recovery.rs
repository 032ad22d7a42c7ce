//! The index after a crash: made again from the log, it goes on as if nothing had been.

use driftd::domain::Timestamp;
use driftd::join::{Change, Halves, JoinCounts, JoinIndex, JoinOptions, Sample, log_kept};
use proptest::collection::vec;
use proptest::prelude::*;

use super::laws::{Half, batch, half};
use super::{DAY, Outcomes, at, options, swept};

/// What the log holds of a commit.
#[derive(Debug)]
struct Commit {
    bytes: Vec<u8>,
    watermark: Timestamp,
    /// The latest instant in it.
    until: Timestamp,
}

/// Commits of 60 days, with lives of 4; halves lie up to 5 days before the watermark and a day after.
fn log() -> impl Strategy<Value = Vec<Commit>> {
    let offsets = vec(half(8, -5..1), 0..12);
    vec(offsets, 1..60).prop_map(|commits| {
        let written = commits.into_iter().enumerate().map(|(i, halves)| {
            let now = i as i64 * DAY;
            let halves: Vec<Half> = halves.into_iter().map(|half| moved(half, now)).collect();
            let instant = |half: &Half| match half {
                Half::Prediction(prediction) => prediction.at.timestamp(),
                Half::Label(half) => half.label.at.timestamp(),
            };
            let until = halves.iter().map(instant).max().unwrap_or(at(now));
            Commit { bytes: batch(&halves).encode(), watermark: at(now), until }
        });
        written.collect()
    })
}

fn moved(half: Half, seconds: i64) -> Half {
    let later = |at: driftd::join::Millis| {
        driftd::join::Millis::of(Timestamp::from_micros(at.timestamp().micros() + seconds * 1_000_000))
    };
    match half {
        Half::Prediction(mut prediction) => {
            prediction.at = later(prediction.at);
            Half::Prediction(prediction)
        }
        Half::Label(mut half) => {
            half.label.at = later(half.label.at);
            Half::Label(half)
        }
    }
}

fn read(commit: &Commit) -> Halves {
    Halves::decode(&commit.bytes).unwrap()
}

/// The index at a position of the log, from what the log still holds there.
fn rebuilt(log: &[Commit], position: usize, options: JoinOptions, sample: Sample) -> JoinIndex {
    let now = log[..position].last().map_or(at(0), |commit| commit.watermark);
    let mut index = JoinIndex::new(options, sample);
    for commit in log[..position]
        .iter()
        .filter(|commit| commit.until >= now.saturating_sub(log_kept(options.label_ttl)))
    {
        index.apply(&read(commit), commit.watermark, |_| {});
    }
    index
}

/// An index made again drops what ended at other commits than the one before would have: what ended does nothing, so
/// that nothing but its count can tell.
fn without_ended(counts: JoinCounts) -> JoinCounts {
    JoinCounts { expired_predictions: 0, orphans: 0, ..counts }
}

proptest! {
    /// Killed after any commits, with the log cut as it ages: each commit changes what it would have changed.
    #[test]
    fn a_crash_changes_nothing(log in log(), crashes in vec(any::<prop::sample::Index>(), 0..6), slots_max in 6..60usize) {
        let options = options(4 * DAY, slots_max);
        let crashes: Vec<usize> = crashes.iter().map(|crash| crash.index(log.len())).collect();
        let mut whole = JoinIndex::new(options, Sample::default());
        let mut crashing = JoinIndex::new(options, Sample::default());
        let mut outcomes = Outcomes::default();
        for (position, commit) in log.iter().enumerate() {
            if crashes.contains(&position) {
                crashing = rebuilt(&log, position, options, crashing.sample());
            }
            let mut expected: Vec<Change> = Vec::new();
            let mut found: Vec<Change> = Vec::new();
            let counts = whole.apply(&read(commit), commit.watermark, |change| {
                outcomes.count(change.clone());
                expected.push(change);
            });
            let counts_found = crashing.apply(&read(commit), commit.watermark, |change| found.push(change));
            prop_assert_eq!(without_ended(counts), without_ended(counts_found));
            expected.sort();
            found.sort();
            prop_assert_eq!(expected, found);
        }
        prop_assert_eq!(whole.sample(), crashing.sample());
        let end = log.last().map_or(at(0), |commit| commit.watermark);
        swept(&mut whole, end);
        swept(&mut crashing, end);
        prop_assert_eq!((whole.slots(), whole.waiting()), (crashing.slots(), crashing.waiting()));
    }
}

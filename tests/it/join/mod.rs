//! Predictions and labels that meet: in any order, duplicated, corrected, late, too many; and after a crash.

mod laws;

mod lives;

mod recovery;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use driftd::domain::{IdHash, PaneLength, Timestamp};
use driftd::join::{
    Change, Facts, Halves, JoinCounts, JoinIndex, JoinOptions, Label, LabelHalf, LabelValue, Millis, Origin,
    PredictionHalf, Sample, Sign,
};
use driftd::sketch::GridId;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// Commits that drop what ended: each looks at one shard.
const SHARDS: usize = 256;

/// Seconds from here on.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_006_400 + seconds)
}

/// Some hash of a small number, spread over all of them.
fn id(number: u64) -> IdHash {
    IdHash::from_bits(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn origin(version: &str, segments: &[&str]) -> Arc<Origin> {
    Arc::new(Origin {
        version: version.parse().unwrap(),
        ruler: GridId([7; 16]),
        pane_length: PaneLength::Hour,
        segments: segments.iter().map(|segment| segment.parse().unwrap()).collect(),
    })
}

fn prediction(number: u64, seconds: i64, origin: &Arc<Origin>, facts: &[u8]) -> PredictionHalf {
    let facts = Facts::new(facts.len() as u8 % 3, facts).unwrap();
    PredictionHalf { id: id(number), at: Millis::of(at(seconds)), origin: origin.clone(), facts }
}

fn class(number: u32) -> LabelValue {
    LabelValue::class_name(&number.to_string())
}

fn label(number: u64, seconds: i64, of_class: u32) -> LabelHalf {
    let label = Label { at: Millis::of(at(seconds)), value: class(of_class) };
    LabelHalf { id: id(number), label }
}

fn halves(predictions: Vec<PredictionHalf>, labels: Vec<LabelHalf>) -> Halves {
    Halves { predictions, labels }
}

fn options(ttl_seconds: i64, slots_max: usize) -> JoinOptions {
    let label_ttl = Duration::from_secs(ttl_seconds as u64);
    JoinOptions { label_ttl, slots_max: NonZeroUsize::new(slots_max).unwrap() }
}

fn index(ttl_seconds: i64, slots_max: usize) -> JoinIndex {
    JoinIndex::new(options(ttl_seconds, slots_max), Sample::default())
}

/// Commits without a half, until all that ended is dropped.
fn swept(index: &mut JoinIndex, watermark: Timestamp) -> JoinCounts {
    let mut counts = JoinCounts::default();
    for _ in 0..SHARDS {
        counts += index.apply(&Halves::default(), watermark, |change| panic!("{change:?} of nothing"));
    }
    counts
}

/// What changes add up to: outcomes, as if each had been added, with how often.
#[derive(Debug, Default, PartialEq)]
struct Outcomes(BTreeMap<Change, i64>);

impl Outcomes {
    fn count(&mut self, change: Change) {
        let key = Change { sign: Sign::Added, ..change.clone() };
        let held = self.0.entry(key.clone()).or_default();
        *held += change.sign.factor();
        assert!((0..=1).contains(held), "an outcome is in once or not at all: {held} of {change:?}");
        if *held == 0 {
            self.0.remove(&key);
        }
    }
}

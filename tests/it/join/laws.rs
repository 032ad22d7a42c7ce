//! Whatever the order, the outcomes are the same.

use std::collections::{BTreeMap, BTreeSet};

use driftd::domain::{IdHash, Version};
use driftd::join::{Change, Halves, Label, LabelHalf, PredictionHalf, Sign};
use proptest::collection::vec;
use proptest::prelude::*;

use super::{DAY, Outcomes, at, halves, index, label, origin, prediction};

/// One half of either kind.
#[derive(Debug, Clone)]
pub(super) enum Half {
    Prediction(PredictionHalf),
    Label(LabelHalf),
}

/// Few ids, so that duplicates and corrections are many; two versions, facts short and long.
pub(super) fn half(ids: u64, days: std::ops::Range<i64>) -> impl Strategy<Value = Half> {
    let seconds = days.start * DAY..days.end * DAY;
    (0..ids, seconds, 0..4u8, any::<bool>(), 0..3u32).prop_map(|(id, seconds, kind, other, value)| {
        // Instants are coarse, so that some are equal.
        let seconds = seconds / 9_000 * 9_000;
        match kind {
            0 | 1 => Half::Label(label(id, seconds, value)),
            _ => {
                let version = if other { "2" } else { "1" };
                let origin = origin(version, if kind == 2 { &["all"] } else { &["all", "region=ARA"] });
                let facts = vec![value as u8; if value == 2 { 20 } else { 5 }];
                Half::Prediction(prediction(id, seconds, &origin, &facts))
            }
        }
    })
}

pub(super) fn batch(of: &[Half]) -> Halves {
    let mut batch = Halves::default();
    for half in of {
        match half.clone() {
            Half::Prediction(prediction) => batch.predictions.push(prediction),
            Half::Label(label) => batch.labels.push(label),
        }
    }
    batch
}

/// The definition: of each id and version the largest prediction, with the largest label of the id.
fn expected(of: &[Half], joined: impl Fn(IdHash) -> bool) -> Outcomes {
    let mut predictions: BTreeMap<(IdHash, Version), PredictionHalf> = BTreeMap::new();
    let mut labels: BTreeMap<IdHash, Label> = BTreeMap::new();
    for half in of {
        match half {
            Half::Prediction(new) => {
                let key = (new.id, new.origin.version.clone());
                let rank = |half: &PredictionHalf| (half.at, half.origin.clone(), half.facts.clone());
                let held = predictions.entry(key).or_insert_with(|| new.clone());
                if rank(new) > rank(held) {
                    *held = new.clone();
                }
            }
            Half::Label(new) => {
                let held = labels.entry(new.id).or_insert(new.label);
                *held = new.label.max(*held);
            }
        }
    }
    let mut outcomes = Outcomes::default();
    for (_, PredictionHalf { id, at, origin, facts }) in predictions {
        if let Some(&label) = labels.get(&id).filter(|_| joined(id)) {
            outcomes.count(Change { sign: Sign::Added, id, origin, at, facts, label });
        }
    }
    outcomes
}

/// Any order, and any split into commits.
fn shuffled(ids: u64) -> impl Strategy<Value = (Vec<Half>, Vec<usize>)> {
    let halves = vec(half(ids, 0..10), 0..120).prop_shuffle();
    (halves, vec(1..20usize, 1..40))
}

fn commits<'a>(mut of: &'a [Half], sizes: &'a [usize]) -> impl Iterator<Item = Halves> {
    sizes.iter().cycle().map_while(move |&size| {
        let (first, rest) = of.split_at(size.min(of.len()));
        of = rest;
        (!first.is_empty()).then(|| batch(first))
    })
}

proptest! {
    #[test]
    fn outcomes_are_the_same_in_any_order((mut halves, sizes) in shuffled(12), seed in any::<prop::sample::Index>()) {
        let mut found = Vec::new();
        for turn in 0..3 {
            let mut index = index(30 * DAY, 1_000);
            let mut outcomes = Outcomes::default();
            for commit in commits(&halves, &sizes) {
                index.apply(&commit, at(10 * DAY), |change| outcomes.count(change));
            }
            prop_assert_eq!(&outcomes, &expected(&halves, |_| true));
            found.push(outcomes);
            if turn == 0 {
                halves.reverse();
            } else if !halves.is_empty() {
                let by = seed.index(halves.len());
                halves.rotate_left(by);
            }
        }
        prop_assert!(found.iter().all(|outcomes| *outcomes == found[0]));
    }

    /// With more than can be held, the outcomes are those of the ids in the sample; the index never holds more.
    #[test]
    fn a_sample_is_the_same_for_both_halves((halves, sizes) in shuffled(60)) {
        let mut index = index(30 * DAY, 24);
        let mut outcomes = Outcomes::default();
        for commit in commits(&halves, &sizes) {
            index.apply(&commit, at(10 * DAY), |change| outcomes.count(change));
            prop_assert!(index.slots() <= 24);
        }
        let sample = index.sample();
        let predicted: BTreeSet<_> = halves.iter().filter_map(|half| match half {
            Half::Prediction(half) if sample.has(half.id) => Some((half.id, half.origin.version.clone())),
            _ => None,
        }).collect();
        prop_assert_eq!(index.waiting(), predicted.len() - outcomes.0.len());
        prop_assert_eq!(outcomes, expected(&halves, |id| sample.has(id)));
        prop_assert!((0.0..=1.0).contains(&sample.ratio()));
    }

    #[test]
    fn the_log_gives_back_what_was_written((halves, sizes) in shuffled(12)) {
        let whole: Vec<u8> = commits(&halves, &sizes).flat_map(|commit| commit.encode()).collect();
        if !whole.is_empty() {
            let read = Halves::decode(&whole).unwrap();
            let parts: Vec<Halves> = commits(&halves, &sizes).collect();
            prop_assert!(read.predictions.iter().eq(parts.iter().flat_map(|part| &part.predictions)));
            prop_assert!(read.labels.iter().eq(parts.iter().flat_map(|part| &part.labels)));
        }
        for commit in commits(&halves, &sizes) {
            let bytes = commit.encode();
            let read = Halves::decode(&bytes);
            prop_assert_eq!(read.as_ref(), Ok(&commit));
            for cut in 0..bytes.len() {
                prop_assert!(Halves::decode(&bytes[..cut]).is_err());
            }
        }
    }

    #[test]
    fn damaged_bytes_do_no_harm((halves, _) in shuffled(12), where_to in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = batch(&halves).encode();
        let damaged = where_to.index(bytes.len());
        bytes[damaged] = byte;
        if let Ok(read) = Halves::decode(&bytes) {
            index(DAY, 50).apply(&read, at(0), |_| {});
        }
    }
}

#[test]
fn a_prediction_takes_few_bytes_in_the_log() {
    let origin = origin("3", &["all", "region=ARA"]);
    let predictions = (0..1_000).map(|n| prediction(n, n as i64, &origin, &[1; 8])).collect();
    let bytes = halves(predictions, Vec::new()).encode().len();
    assert!(bytes < 22_000, "{bytes}");
    let labels = (0..1_000).map(|n| label(n, n as i64, 1)).collect();
    let bytes = halves(Vec::new(), labels).encode().len();
    assert!(bytes < 18_500, "{bytes}");
}

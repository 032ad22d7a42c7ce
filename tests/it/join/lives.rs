//! How long halves wait, what becomes of them, and what they take.

use driftd::join::{Change, JoinCounts, JoinIndex, Sign};

use super::{DAY, HOUR, Outcomes, at, class, halves, index, label, origin, prediction, swept};
use driftd::domain::IdHash;
use driftd::join::{Halves, LabelHalf, LabelValue};

fn apply(index: &mut JoinIndex, commit: &Halves, seconds: i64) -> (JoinCounts, Vec<Change>) {
    let mut changes = Vec::new();
    let counts = index.apply(commit, at(seconds), |change| changes.push(change));
    (counts, changes)
}

fn signs(changes: &[Change]) -> Vec<(Sign, LabelValue)> {
    changes.iter().map(|change| (change.sign, change.label.value)).collect()
}

#[test]
fn a_correction_takes_out_what_was_put_in() {
    let mut index = index(30 * DAY, 100);
    let origin = origin("1", &["all"]);
    let predicted = halves(vec![prediction(1, 600, &origin, &[1, 2])], vec![label(1, 2 * DAY, 0)]);
    let (counts, changes) = apply(&mut index, &predicted, 0);
    assert_eq!(counts, JoinCounts { predictions: 1, labels: 1, matched: 1, ..JoinCounts::default() });
    assert_eq!(signs(&changes), [(Sign::Added, class(0))]);
    assert_eq!(changes[0].pane().start, at(0), "the pane is the prediction's");
    assert_eq!(changes[0].lag().as_secs(), 2 * DAY as u64 - 600);
    let (counts, changes) = apply(&mut index, &halves(vec![], vec![label(1, 3 * DAY, 1)]), 0);
    assert_eq!(counts, JoinCounts { corrections: 1, ..JoinCounts::default() });
    assert_eq!(signs(&changes), [(Sign::Removed, class(0)), (Sign::Added, class(1))]);
    let (counts, changes) =
        apply(&mut index, &halves(vec![], vec![label(1, 2 * DAY, 0), label(1, 3 * DAY, 1)]), 0);
    assert_eq!(counts, JoinCounts { duplicate_labels: 2, ..JoinCounts::default() });
    assert_eq!(changes, []);
}

#[test]
fn every_version_that_predicted_has_its_outcome() {
    let mut index = index(30 * DAY, 100);
    let (champion, challenger) = (origin("1", &["all"]), origin("2", &["all"]));
    let label_first = halves(vec![], vec![label(1, 0, 1)]);
    let both = halves(vec![prediction(1, 0, &champion, &[0]), prediction(1, 0, &challenger, &[1])], vec![]);
    assert_eq!(apply(&mut index, &label_first, 0).1, []);
    let (counts, changes) = apply(&mut index, &both, 0);
    assert_eq!((counts.matched, counts.duplicate_predictions), (2, 0));
    let versions: Vec<&str> = changes.iter().map(|change| change.origin.version.as_str()).collect();
    assert_eq!(versions, ["1", "2"]);
    let (counts, changes) = apply(&mut index, &both, 0);
    assert_eq!((counts.duplicate_predictions, changes.len()), (2, 0));
}

#[test]
fn lives_end_by_event_time() {
    let mut index = index(16 * DAY, 100);
    let origin = origin("1", &["all"]);
    let waiting = halves(
        vec![prediction(1, 0, &origin, &[]), prediction(2, 0, &origin, &[])],
        vec![label(2, HOUR, 1), label(3, 0, 1)],
    );
    apply(&mut index, &waiting, 0);
    let counts = swept(&mut index, at(16 * DAY));
    assert_eq!(counts, JoinCounts { orphans: 1, ..JoinCounts::default() }, "the pane lasts an hour longer");
    let counts = swept(&mut index, at(18 * DAY));
    assert_eq!(counts, JoinCounts { expired_predictions: 1, ..JoinCounts::default() }, "2 had its label");
    assert_eq!(index.slots(), 0);
    let (counts, changes) = apply(&mut index, &waiting, 18 * DAY);
    assert_eq!(counts, JoinCounts { late_predictions: 2, late_labels: 2, ..JoinCounts::default() });
    assert_eq!((changes.len(), index.slots()), (0, 0));
    // Watermarks do not go back.
    assert_eq!(apply(&mut index, &waiting, 0).0.late_labels, 2);
}

/// What ended does nothing any more before its slot is dropped, and dropping is little work at a time.
#[test]
fn what_ended_is_gone_before_it_is_dropped() {
    let mut index = index(16 * DAY, 10_000);
    let origin = origin("1", &["all"]);
    let predictions: Vec<_> = (0..4_000).map(|n| prediction(n, 0, &origin, &[])).collect();
    apply(&mut index, &halves(predictions, vec![]), 0);
    let (counts, _) = apply(&mut index, &Halves::default(), 40 * DAY);
    assert!((1..100).contains(&counts.expired_predictions), "{counts:?}");
    let label_after = halves(vec![], (0..4_000).map(|n| label(n, 40 * DAY, 1)).collect());
    let (counts, changes) = apply(&mut index, &label_after, 40 * DAY);
    assert_eq!((counts.matched, counts.labels, changes.len()), (0, 4_000, 0));
    assert_eq!((index.slots(), index.waiting()), (4_000, 0));
}

/// A label that came before its prediction, and whose own life is over, can still be corrected exactly.
#[test]
fn a_matched_label_lives_as_long_as_its_prediction() {
    let mut index = index(16 * DAY, 100);
    let origin = origin("1", &["all"]);
    let mut outcomes = Outcomes::default();
    let first = halves(vec![], vec![label(1, 0, 0)]);
    index.apply(&first, at(0), |change| outcomes.count(change));
    let later = halves(vec![prediction(1, 10 * DAY, &origin, &[])], vec![]);
    index.apply(&later, at(10 * DAY), |change| outcomes.count(change));
    let corrected = halves(vec![], vec![label(1, 20 * DAY, 1)]);
    let counts = index.apply(&corrected, at(20 * DAY), |change| outcomes.count(change));
    assert_eq!(counts, JoinCounts { corrections: 1, ..JoinCounts::default() });
    let standing: Vec<_> = outcomes.0.keys().map(|change| change.label.value).collect();
    assert_eq!(standing, [class(1)]);
}

#[test]
fn too_many_make_a_fair_sample() {
    let mut index = index(30 * DAY, 4_000);
    let origin = origin("1", &["all"]);
    let (mut outcomes, mut counts) = (Outcomes::default(), JoinCounts::default());
    let mut rows =
        (0..20_000).map(|n| (prediction(n, n as i64, &origin, &[]), label(n, DAY, (n % 10 == 0).into())));
    for _ in 0..20 {
        let (predictions, labels) = rows.by_ref().take(1_000).unzip();
        counts += index.apply(&halves(predictions, labels), at(0), |change| outcomes.count(change));
    }
    let ratio = index.sample().ratio();
    assert!((0.08..0.12).contains(&ratio) && index.slots() <= 4_000, "{ratio}, {} slots", index.slots());
    let held = outcomes.0.len() as f64;
    assert!((held / 20_000.0 / ratio - 1.0).abs() < 0.1, "{held} outcomes of a share of {ratio}");
    let positive = outcomes.0.keys().filter(|change| change.label.value == class(1)).count();
    assert!((positive as f64 / held - 0.1).abs() < 0.02, "{positive} of {held}");
    assert_eq!(counts.sampled_out, 40_000 - index.slots() as u64);
}

#[test]
fn a_half_takes_at_most_40_bytes() {
    let mut index = index(30 * DAY, 1_000_000);
    let origin = origin("1", &["all"]);
    let spread = |n: u64| IdHash::from_bits((n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31));
    for commit in 0..100u64 {
        let rows = commit * 1_000..(commit + 1) * 1_000;
        let half = |n| (prediction(n, n as i64, &origin, &[3; 8]), label(n, DAY, 1));
        let (predictions, labels): (Vec<_>, Vec<_>) = rows
            .map(|n| {
                let (prediction, LabelHalf { label, .. }) = half(n);
                let id = spread(n);
                (driftd::join::PredictionHalf { id, ..prediction }, LabelHalf { id, label })
            })
            .unzip();
        index.apply(&halves(predictions, labels), at(0), |_| {});
        if commit >= 30 {
            let bytes = index.bytes() as f64 / index.slots() as f64;
            assert!(bytes <= 40.0, "{bytes} at {}", index.slots());
        }
    }
    assert_eq!(index.slots(), 200_000);
}

/// An id that is used again and again does not keep an old label: it is of what was predicted in its own life.
#[test]
fn a_label_is_not_of_predictions_made_after_its_life() {
    let mut index = index(16 * DAY, 100);
    let (first, second) = (origin("1", &["all"]), origin("2", &["all"]));
    let meets = halves(vec![prediction(1, 10 * DAY, &first, &[])], vec![label(1, 0, 0)]);
    assert_eq!(apply(&mut index, &meets, 0).0.matched, 1);
    let after = halves(vec![prediction(1, 17 * DAY, &second, &[])], vec![]);
    let (counts, changes) = apply(&mut index, &after, 17 * DAY);
    assert_eq!((counts.predictions, counts.matched, changes.len()), (1, 0, 0));
    let (_, changes) = apply(&mut index, &halves(vec![], vec![label(1, 18 * DAY, 1)]), 18 * DAY);
    assert_eq!(signs(&changes).len(), 3, "one is corrected, the other has its first: {changes:?}");
}

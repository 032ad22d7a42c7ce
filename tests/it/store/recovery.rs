//! A log that was cut or damaged at its end loses whole commits, newest first, and nothing else.

use std::fs;
use std::path::Path;

use driftd::store::{Delivery, Guard, Store, UnitOutcome};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::support::*;
use super::told::{claimed, enter, mark, retry_at};

const COMMITS: u64 = 30;
const MODELS: [&str; 3] = ["a", "b", "c"];

/// A store whose every commit counts one row for each of three models; its directory as a crash leaves it.
async fn crashed() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), quiet());
    for i in 0..COMMITS {
        let deltas = MODELS.map(|id| (key(id, i as i64 % 4), counts(0.0, &[i as f64])));
        store.commit_ingest(commit(i as i64, [unit(keyed(&format!("k{i}"), 0), deltas)])).await.unwrap();
    }
    let copy = tempfile::tempdir().unwrap();
    copy_directory(dir.path(), copy.path());
    copy
}

fn copy_directory(from: &Path, to: &Path) {
    for name in ["driftd.db", "driftd.db-wal"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

/// Opens a damaged copy and returns how many commits it holds, having checked that these are the first ones, whole.
async fn commits_left(crashed: &Path, damage: impl FnOnce(&mut Vec<u8>)) -> u64 {
    let dir = tempfile::tempdir().unwrap();
    copy_directory(crashed, dir.path());
    let log = dir.path().join("driftd.db-wal");
    let mut bytes = fs::read(&log).unwrap();
    damage(&mut bytes);
    fs::write(&log, bytes).unwrap();

    let (store, recovered) = open(dir.path(), quiet());
    let left = recovered.last_sequence;
    for id in MODELS {
        assert_eq!(rows_counted(&store, id).await, left as i64, "each commit counts one row for each model");
    }
    let expected: Vec<f64> = (0..left).map(|i| i as f64).collect();
    let mut sums = sums(&store.read_deltas(&model("b"), always()).await.unwrap(), &ruler(0.0)).into_values();
    if let Some(mut sum) = sums.next() {
        sums.for_each(|other| sum.add(&other).unwrap());
        assert_eq!(sum, tally(&ruler(0.0), &expected));
    }
    // What is left is known by its keys, what is lost is not, and numbers go on where they ended.
    if left < COMMITS {
        let next = unit(keyed(&format!("k{left}"), 0), []);
        let units =
            (left > 0).then(|| unit(keyed(&format!("k{}", left - 1), 0), [])).into_iter().chain([next]);
        let committed = store.commit_ingest(commit(left as i64, units)).await.unwrap();
        assert_eq!(committed.sequence, Some(left + 1));
        assert_eq!(committed.outcomes.last(), Some(&UnitOutcome::Committed));
        assert_eq!(
            committed.outcomes.len() > 1,
            matches!(committed.outcomes[0], UnitOutcome::Duplicate { .. })
        );
    }
    left
}

#[tokio::test]
async fn a_cut_log_is_a_prefix_of_whole_commits() {
    let crashed = crashed().await;
    let length = fs::metadata(crashed.path().join("driftd.db-wal")).unwrap().len() as usize;
    assert_eq!(commits_left(crashed.path(), |_| {}).await, COMMITS);
    let mut random = StdRng::seed_from_u64(20261122);
    let mut cuts: Vec<usize> = (0..200).map(|_| random.random_range(0..length)).collect();
    cuts.sort_unstable();
    let mut left_before = 0;
    for cut in cuts {
        let left = commits_left(crashed.path(), |log| log.truncate(cut)).await;
        assert!(left >= left_before, "a longer log (cut at {cut}) holds no less");
        left_before = left;
    }
    assert!(left_before > COMMITS / 2, "the longest cuts lose the tail only");
}

#[tokio::test]
async fn a_flipped_byte_loses_what_comes_after_it() {
    let crashed = crashed().await;
    let length = fs::metadata(crashed.path().join("driftd.db-wal")).unwrap().len() as usize;
    let mut random = StdRng::seed_from_u64(7);
    for _ in 0..60 {
        let (place, bit) = (random.random_range(length / 2..length), random.random_range(0..8));
        let damaged = commits_left(crashed.path(), |log| log[place] ^= 1 << bit).await;
        let cut = commits_left(crashed.path(), |log| log.truncate(place)).await;
        assert_eq!(damaged, cut, "byte {place}, bit {bit}");
    }
}

#[tokio::test]
async fn a_store_without_its_log_is_as_of_the_last_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), quiet());
    store.commit_ingest(commit(0, [request(Guard::None, 1.0, "")])).await.unwrap();
    store.close().await.unwrap();
    assert!(store.commit_ingest(commit(0, [request(Guard::None, 1.0, "")])).await.is_err());
    assert!(!dir.path().join("driftd.db-wal").exists(), "closing leaves no log");
    let (store, recovered) = open(dir.path(), quiet());
    assert_eq!(recovered.last_sequence, 1);
    assert_eq!(rows_counted(&store, "m").await, 1);
}

#[tokio::test]
async fn event_times_come_back_from_the_table_and_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), quiet());
    // Past the commit at which they are written to their table.
    for i in 0..1100 {
        let mut empty = unit(Guard::None, []);
        empty.newest.insert((model("m"), "steady".into()), at(i));
        empty.newest.insert((model("m"), format!("s{}", i / 300)), at(5000 - i));
        store.commit_ingest(commit(i, [empty])).await.unwrap();
    }
    drop(store);
    let (_, recovered) = open(dir.path(), quiet());
    let expected = [("s0", 5000), ("s1", 4700), ("s2", 4400), ("s3", 4100), ("steady", 1099)];
    assert!(recovered.newest.into_iter().eq(expected.map(|(s, t)| ((model("m"), s.to_owned()), at(t)))));
    assert_eq!(recovered.last_sequence, 1100);
}

/// The directory as it is at each step of a delivery, killed there: the same message goes out until it is marked.
#[tokio::test]
async fn killed_between_claim_and_mark_the_same_message_is_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), quiet());
    let of_3 = (4, "a", 3, "g", 9);
    enter(&store, &[(1, "a", 1, "g", 0), (2, "a", 2, "g", 0), (3, "a", 1, "g2", 0), of_3]).await;
    let killed = || {
        let copy = tempfile::tempdir().unwrap();
        copy_directory(dir.path(), copy.path());
        copy
    };
    let mut copies = vec![(killed(), vec![vec![1, 2, 4]])];
    assert_eq!(claimed(&store, 0).await, [[1, 2]]);
    copies.push((killed(), vec![vec![1, 2], vec![4]]));
    mark(&store, 1, 0, retry_at(9)).await;
    copies.push((killed(), vec![vec![1, 2], vec![4]]));
    assert_eq!(claimed(&store, 9).await.len(), 2);
    copies.push((killed(), vec![vec![1, 2], vec![4]]));
    mark(&store, 1, 9, Delivery::Delivered).await;
    copies.push((killed(), vec![vec![3], vec![4]]));
    for (step, (copy, expected)) in copies.into_iter().enumerate() {
        let (store, _) = open(copy.path(), quiet());
        store.release_claims().await.unwrap();
        let mut messages = claimed(&store, 9).await;
        messages.sort();
        assert_eq!(messages, expected, "killed at step {step}");
    }
}

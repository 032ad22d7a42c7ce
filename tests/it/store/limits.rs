//! Full disks, bounded indexes, a bounded log, who may open the directory.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use driftd::store::sqlite::{OpenError, SqliteOptions, SqliteStore};
use driftd::store::{Guard, Store, StoreError, UnitOutcome};

use super::contract::expiry;
use super::support::*;

#[tokio::test]
async fn a_full_database_refuses_and_goes_on_once_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let small = SqliteOptions { database_bytes_max: Some(400 << 10), ..quiet() };
    let (store, _) = open(dir.path(), small);
    let mut accepted = 0;
    let full = loop {
        let mut unit = request(keyed(&format!("k{accepted}"), 0), 1.0, "");
        unit.answer = vec![7; 5000];
        match store.commit_ingest(commit(accepted, [unit])).await {
            Ok(committed) => assert_eq!(committed.outcomes, [UnitOutcome::Committed]),
            Err(error) => break error,
        }
        accepted += 1;
    };
    assert!(matches!(full, StoreError::Full(_)), "{full}");
    assert!(accepted > 20);
    assert_eq!(rows_counted(&store, "m").await, accepted);

    // Folding and expiry make room, within the same limit.
    let rows = store.fold_candidates(usize::MAX, None).await.unwrap();
    store.fold(folded(&rows, &ruler(0.0))).await.unwrap();
    store.expire(expiry(&[], 0, accepted / 2)).await.unwrap();
    let next = request(keyed("next", 0), 1.0, "");
    let committed = store.commit_ingest(commit(accepted, [next])).await.unwrap();
    assert_eq!(committed.sequence, Some(accepted as u64 + 1), "the refused one took no number");
    drop(store);

    let (store, recovered) = open(dir.path(), quiet());
    assert_eq!(recovered.last_sequence, accepted as u64 + 1);
    assert_eq!(rows_counted(&store, "m").await, accepted + 1);
}

#[tokio::test]
async fn below_the_reserve_ingest_is_refused_and_folding_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), quiet());
    for _ in 0..2 {
        store.commit_ingest(commit(0, [request(Guard::None, 1.0, "")])).await.unwrap();
    }
    drop(store);
    let (store, _) = open(dir.path(), SqliteOptions { reserve_bytes: u64::MAX, ..quiet() });
    let refused = store.commit_ingest(commit(0, [request(Guard::None, 1.0, "")])).await;
    assert!(matches!(refused, Err(StoreError::Full(_))));
    let rows = store.fold_candidates(usize::MAX, None).await.unwrap();
    store.fold(folded(&rows, &ruler(0.0))).await.unwrap();
    assert_eq!(rows_counted(&store, "m").await, 2);
}

#[tokio::test]
async fn keys_past_the_limit_leave_and_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let few = SqliteOptions { keys_max: 10, ..quiet() };
    let (store, _) = open(dir.path(), few.clone());
    for i in 0..15 {
        store.commit_ingest(commit(i, [request(keyed(&format!("k{i}"), 0), 1.0, "")])).await.unwrap();
    }
    assert_eq!(store.keys_dropped(), 5);
    drop(store);
    let (store, _) = open(dir.path(), few);
    let units = ["k4", "k5"].map(|key| request(keyed(key, 0), 1.0, ""));
    let again = store.commit_ingest(commit(20, units)).await.unwrap();
    assert_eq!(again.outcomes, [UnitOutcome::Committed, UnitOutcome::Duplicate { answer: Vec::new() }]);
}

#[tokio::test]
async fn the_log_begins_anew_under_constant_load() {
    let dir = tempfile::tempdir().unwrap();
    let busy = SqliteOptions {
        checkpoint_interval: Duration::from_millis(5),
        checkpoint_bytes: 256 << 10,
        ..quiet()
    };
    let (store, _) = open(dir.path(), busy);
    let started = Instant::now();
    let mut written = 0;
    let mut largest = 0;
    // 64 MB at the least pass through the log.
    while written < 64 << 20 && started.elapsed() < Duration::from_secs(60) {
        let mut unit = request(Guard::None, 1.0, "");
        unit.guard = keyed(&written.to_string(), 0);
        unit.answer = vec![1; 100_000];
        written += unit.answer.len();
        store.commit_ingest(commit(0, [unit])).await.unwrap();
        largest = largest.max(store.size().await.unwrap().log_bytes);
    }
    assert!(written >= 64 << 20, "only {written} bytes were written in a minute");
    assert!(largest < 32 << 20, "the log grew to {largest} bytes");
}

#[tokio::test]
async fn what_expired_goes_back_to_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let busy = SqliteOptions { checkpoint_interval: Duration::from_millis(5), ..quiet() };
    let (store, _) = open(dir.path(), busy);
    for i in 0..20 {
        let mut unit = request(keyed(&i.to_string(), 0), 1.0, "");
        unit.answer = vec![1; 1 << 20];
        store.commit_ingest(commit(i, [unit])).await.unwrap();
    }
    store.expire(expiry(&[], 0, 100)).await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while store.size().await.unwrap().database_bytes > 8 << 20 {
        assert!(Instant::now() < deadline, "{:?} after 20 s", store.size().await);
    }
    assert_eq!(rows_counted(&store, "m").await, 20);
}

#[tokio::test]
async fn a_second_daemon_is_refused_and_the_directory_is_private() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("new/data");
    let (store, _) = open(&dir, quiet());
    assert!(matches!(SqliteStore::open(&dir, quiet()), Err(OpenError::Locked { .. })));
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    for file in fs::read_dir(&dir).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
    drop(store);
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    drop(open(&dir, quiet()));
    assert_eq!(mode(&dir), 0o700);
}

#[tokio::test]
async fn a_newer_schema_and_a_foreign_file_are_refused_unchanged() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), quiet()));
    let database = dir.path().join("driftd.db");
    let newer = rusqlite::Connection::open(&database).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    newer.close().unwrap();
    let refused = SqliteStore::open(dir.path(), quiet()).err().unwrap();
    assert!(matches!(refused, OpenError::NewerSchema { found: 99, .. }));
    assert!(refused.to_string().contains("newer driftd (schema 99"), "{refused}");

    fs::write(&database, vec![b'x'; 8192]).unwrap();
    let refused = SqliteStore::open(dir.path(), quiet()).err().unwrap();
    assert!(matches!(refused, OpenError::Store(StoreError::Corrupt(_))), "{refused}");
    assert_eq!(fs::read(&database).unwrap(), vec![b'x'; 8192]);
}

#[tokio::test]
async fn a_missing_commit_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), quiet());
    for i in 0..5 {
        store.commit_ingest(commit(i, [request(Guard::None, 1.0, "")])).await.unwrap();
    }
    drop(store);
    let connection = rusqlite::Connection::open(dir.path().join("driftd.db")).unwrap();
    connection.execute("DELETE FROM commit_log WHERE seq = 3", []).unwrap();
    connection.close().unwrap();
    let refused = SqliteStore::open(dir.path(), quiet()).err().unwrap();
    assert!(matches!(refused, OpenError::Gap { expected: 3, found: 4 }), "{refused}");
}

#[tokio::test]
async fn a_backup_is_a_whole_store_and_overwrites_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (store, _) = open(dir.path(), quiet());
    for i in 0..5 {
        store.commit_ingest(commit(i, [request(keyed(&format!("k{i}"), 0), 1.0, "")])).await.unwrap();
    }
    let restored = tempfile::tempdir().unwrap();
    let copy = restored.path().join("driftd.db");
    store.backup(copy.clone()).await.unwrap();
    assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(&copy).unwrap();
    assert!(matches!(store.backup(copy.clone()).await, Err(StoreError::Unavailable(_))));
    assert_eq!(fs::read(&copy).unwrap(), bytes);
    store.commit_ingest(commit(9, [request(Guard::None, 1.0, "")])).await.unwrap();

    let (copied, recovered) = open(restored.path(), quiet());
    assert_eq!(recovered.last_sequence, 5);
    assert_eq!(rows_counted(&copied, "m").await, 5);
    let again = copied.commit_ingest(commit(9, [request(keyed("k0", 0), 1.0, "")])).await.unwrap();
    assert_eq!(again.outcomes, [UnitOutcome::Duplicate { answer: Vec::new() }]);
}

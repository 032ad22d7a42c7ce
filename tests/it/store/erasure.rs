//! What was learnt is in no file once its reference is frozen or forgotten.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use driftd::store::sqlite::SqliteOptions;
use driftd::store::{AuditRow, ControlCommit, Delta, DeltaBody, DeltaRow, Fold, Freeze, Guard, Store};

use super::support::*;

/// A value that a model learnt, told apart from all others.
fn secret(id: &str, row: usize, bytes: usize) -> Vec<u8> {
    format!("<secret of {id} {row:04}>").into_bytes().repeat(bytes / 19 + 1)
}

/// Files of the directory that hold the bytes.
fn holders(dir: &Path, needle: &[u8]) -> Vec<String> {
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let holds =
        |path: &std::path::PathBuf| fs::read(path).unwrap().windows(needle.len()).any(|w| w == needle);
    files.filter(holds).map(|path| path.display().to_string()).collect()
}

fn freeze(id: &str, rows: &[DeltaRow]) -> Freeze {
    let learnt = rows.iter().filter(|row| matches!(row.body, DeltaBody::Learning(_)));
    Freeze {
        model: model(id),
        ruler_id: ruler(0.0).id(),
        profile: "{}".into(),
        deleted: learnt.map(|row| row.row).collect(),
        inserted: vec![(key(id, 0), DeltaBody::Counts(tally(&ruler(0.0), &[1.0]).encode()))],
        at: at(0),
    }
}

#[tokio::test]
async fn frozen_values_are_in_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let busy = SqliteOptions { checkpoint_interval: Duration::from_millis(2), ..quiet() };
    let (store, _) = open(dir.path(), busy);
    // Small rows share pages, large ones have their own; counts and other models lie between.
    for row in 0..120 {
        let bytes = if row % 3 == 0 { 20_000 } else { 100 };
        let deltas = ["m", "n", "o"].map(|id| (key(id, row as i64), Delta::Learning(secret(id, row, bytes))));
        store
            .commit_ingest(commit(0, [unit(Guard::None, deltas), request(Guard::None, 1.0, "")]))
            .await
            .unwrap();
    }
    let rows = store.read_deltas(&model("m"), always()).await.unwrap();
    assert!(!holders(dir.path(), b"secret of m").is_empty(), "the search finds what is there");
    store.freeze_reference(freeze("m", &rows)).await.unwrap();
    gone(dir.path(), b"secret of m");
    assert!(!holders(dir.path(), b"secret of n").is_empty());
    assert_eq!(rows_counted(&store, "m").await, 121);

    let late = (key("m", 0), Delta::Learning(secret("m", 999, 20_000)));
    store.commit_ingest(commit(0, [unit(Guard::None, [late])])).await.unwrap();
    let rows = store.read_deltas(&model("m"), always()).await.unwrap();
    let late =
        rows.iter().filter(|row| matches!(row.body, DeltaBody::Learning(_))).map(|row| row.row).collect();
    store.fold(Fold { deleted: late, inserted: Vec::new() }).await.unwrap();
    gone(dir.path(), b"secret of m");

    let forget = ControlCommit {
        model: model("n"),
        state: Vec::new(),
        audit: AuditRow {
            at: at(0),
            actor: "a".into(),
            action: "learn".into(),
            model: None,
            detail: String::new(),
        },
        forget_reference: true,
    };
    store.commit_control(forget).await.unwrap();
    gone(dir.path(), b"secret of n");
    assert!(!holders(dir.path(), b"secret of o").is_empty());
}

/// The log goes at once, or as soon as a checkpoint that is under way has ended.
fn gone(dir: &Path, needle: &[u8]) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while let holders @ [_, ..] = &holders(dir, needle)[..] {
        assert!(Instant::now() < deadline, "still in {holders:?}");
        std::thread::yield_now();
    }
}

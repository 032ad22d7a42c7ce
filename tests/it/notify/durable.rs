//! The loop on the real store: cut off anywhere, everything arrives, in order, under one id.

use std::sync::Arc;

use driftd::notify::Outbox;
use driftd::store::sqlite::{SqliteOptions, SqliteStore};
use driftd::store::{DisabledReceiver, IncidentChanges, Store};

use super::loops::{Post, ids};
use super::{claimed, name, opened, reminder, resolved, start};
use crate::support::sink::{Reply, Sink, until};

const INCIDENTS: u64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn cut_off_between_claim_send_and_mark_everything_arrives_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions { reserve_bytes: 0, ..SqliteOptions::default() };
    let (store, _) = SqliteStore::open(dir.path(), options).unwrap();
    let store = Arc::new(store);
    let notifications = (1..=INCIDENTS).flat_map(|incident| {
        let told = [opened(incident), reminder(incident), resolved(incident)];
        told.into_iter().enumerate().map(move |(line, news)| {
            let mut one = claimed(3 * incident + line as u64, "hook", vec![news]).notifications.remove(0);
            one.group = format!("inc-{incident}-{line}");
            one
        })
    });
    let changes = IncidentChanges { notifications: notifications.collect(), ..IncidentChanges::default() };
    store.commit_incidents(changes).await.unwrap();

    let sink = Sink::start(vec![Reply::status(200)]).await;
    for cut in 1..=50 {
        let post = Post::open(store.clone(), &[("hook", &sink)]);
        sink.took(cut).await;
        post.cut().await;
        store.release_claims().await.unwrap();
    }
    let post = Post::open(store.clone(), &[("hook", &sink)]);
    let total = 3 * INCIDENTS;
    until(|| (first_arrivals(&sink).len() as u64 == total).then_some(())).await;
    post.close().await.unwrap();

    let arrived = first_arrivals(&sink);
    for incident in 1..=INCIDENTS {
        let of_incident = |number: &&u64| *number / 3 == incident;
        let numbers: Vec<u64> = arrived.iter().filter(of_incident).copied().collect();
        assert_eq!(numbers, [0, 1, 2].map(|line| 3 * incident + line), "each, in order");
    }
    let delivered = store.outbox_size().await.unwrap().delivered;
    assert!(delivered >= total - 1, "{delivered}: all are marked but one that was on its way");
}

/// Numbers of notifications, in the order in which they came first.
fn first_arrivals(sink: &Sink) -> Vec<u64> {
    let mut numbers: Vec<u64> = Vec::new();
    for id in ids(sink) {
        let number = id.strip_prefix("prod-1-ntf-").unwrap().parse().unwrap();
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

#[tokio::test]
async fn the_store_keeps_who_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteOptions { reserve_bytes: 0, ..SqliteOptions::default() };
    let (store, _) = SqliteStore::open(dir.path(), options).unwrap();
    let gone = DisabledReceiver {
        receiver: name("hook"),
        target: "t".to_owned(),
        disabled_at: start(),
        why: "status 410".to_owned(),
    };
    store.disable(gone.clone()).await.unwrap();
    assert_eq!(store.disabled().await.unwrap(), [gone]);
}

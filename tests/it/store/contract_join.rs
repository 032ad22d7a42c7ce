//! What every store keeps of halves and their outcomes.

use driftd::store::{
    DeltaKey, Expired, Expiry, Guard, HalvesRow, JoinCommit, JoinState, PartialJoin, Store, StoreError, Unit,
    UnitHalves,
};

use super::contract::expiry;
use super::support::*;

fn halves(id: &str, until: i64, body: &[u8]) -> UnitHalves {
    UnitHalves { model: model(id), until: at(until), body: body.to_vec() }
}

fn with_halves(guard: Guard, halves: impl IntoIterator<Item = UnitHalves>) -> Unit {
    Unit { halves: halves.into_iter().collect(), ..unit(guard, []) }
}

async fn bodies(store: &impl Store, id: &str, after: i64) -> Vec<Vec<u8>> {
    let rows = store.read_halves(&model(id), after, usize::MAX).await.unwrap();
    assert!(rows.is_sorted_by(|a, b| a.position < b.position) && rows.iter().all(|row| row.position > after));
    rows.into_iter().map(|row| row.body).collect()
}

async fn positions(store: &impl Store, id: &str) -> Vec<i64> {
    let rows = store.read_halves(&model(id), 0, usize::MAX).await.unwrap();
    rows.into_iter().map(|row| row.position).collect()
}

fn join(expected: JoinState, state: JoinState, values: &[f64]) -> JoinCommit {
    let driftd::store::Delta::Counts(outcomes) = counts(0.0, values) else { unreachable!() };
    let deltas = if values.is_empty() { Vec::new() } else { vec![(key("m", 0), outcomes)] };
    JoinCommit { model: model("m"), expected, state, deltas }
}

fn to(position: i64) -> JoinState {
    JoinState { position, ..JoinState::default() }
}

pub async fn halves_of_units_that_held_are_read_in_order(place: &impl Place) {
    let (store, _) = place.open().await;
    let units = [
        with_halves(keyed("k", 1), [halves("m", 0, b"one."), halves("n", 0, b"other.")]),
        with_halves(keyed("k", 1), [halves("m", 0, b"again.")]),
        with_halves(keyed("k", 2), [halves("m", 0, b"reused.")]),
        with_halves(Guard::None, [halves("m", 0, b"two.")]),
    ];
    store.commit_ingest(commit(0, units)).await.unwrap();
    store.commit_ingest(commit(0, [with_halves(Guard::None, [halves("m", 0, b"three.")])])).await.unwrap();
    assert_eq!(bodies(&store, "m", 0).await, [&b"one.two."[..], b"three."]);
    assert_eq!(bodies(&store, "n", 0).await, [b"other."]);
    assert_eq!(bodies(&store, "o", 0).await, [[0u8; 0]; 0]);
    drop(store);

    let (store, _) = place.open().await;
    let first: Vec<HalvesRow> = store.read_halves(&model("m"), 0, 1).await.unwrap();
    assert_eq!(first.len(), 1, "one at least");
    assert_eq!(bodies(&store, "m", first[0].position).await, [b"three."]);
}

pub async fn a_join_moves_on_from_where_it_stands(place: &impl Place) {
    let (store, recovered) = place.open().await;
    assert!(recovered.models.is_empty());
    store.commit_join(join(to(0), to(7), &[])).await.unwrap();
    let conflict = store.commit_join(join(to(0), to(9), &[1.0])).await;
    assert!(matches!(conflict, Err(StoreError::Conflict(_))), "{conflict:?}");
    assert_eq!(rows_counted(&store, "m").await, 0);
    let last = DeltaKey { segment: "region=a=b".parse().unwrap(), ..key("m", 3) };
    let partial = Some(PartialJoin { through: 12, last });
    let state = JoinState { position: 7, sample_threshold: u64::MAX - 1, newest: Some(at(-5)), partial };
    store.commit_join(join(to(7), state.clone(), &[])).await.unwrap();
    drop(store);
    let (store, recovered) = place.open().await;
    assert_eq!(recovered.models[&model("m")].join, state);
    let conflict = store.commit_join(join(to(7), to(12), &[])).await;
    assert!(matches!(conflict, Err(StoreError::Conflict(_))), "a part of it was committed: {conflict:?}");
    store.commit_join(join(state, to(12), &[])).await.unwrap();
}

pub async fn a_join_and_its_outcomes_are_one_transaction(place: &impl Place) {
    let (store, _) = place.open().await;
    store.commit_ingest(commit(0, [request(Guard::None, 1.0, "")])).await.unwrap();
    store.commit_join(join(to(0), to(1), &[2.0, 3.0])).await.unwrap();
    let rows = store.read_deltas(&model("m"), always()).await.unwrap();
    assert_eq!(sums(&rows, &ruler(0.0))[&key("m", 0)], tally(&ruler(0.0), &[1.0, 2.0, 3.0]));
    // Outcomes fold with the counts that they are of.
    let candidates = store.fold_candidates(usize::MAX, None).await.unwrap();
    store.fold(folded(&candidates, &ruler(0.0))).await.unwrap();
    let rows = store.read_deltas(&model("m"), always()).await.unwrap();
    assert_eq!((rows.len(), rows_counted(&store, "m").await), (1, 3));
}

pub async fn joined_halves_expire_from_the_beginning(place: &impl Place) {
    let (store, _) = place.open().await;
    for until in [10, 20, 5, 90, 7, 8] {
        let units = [with_halves(Guard::None, [halves("m", until, b"."), halves("n", until, b".")])];
        store.commit_ingest(commit(until, units)).await.unwrap();
    }
    let of_m = positions(&store, "m").await;
    let before =
        |id: &str, seconds| Expiry { halves_before: vec![(model(id), at(seconds))], ..expiry(&[], 0, 0) };
    assert_eq!(store.expire(before("m", 50)).await.unwrap(), Expired::default(), "nothing is joined");
    store.commit_join(join(to(0), to(of_m[1]), &[])).await.unwrap();
    let expired = store.expire(before("m", 50)).await.unwrap();
    assert_eq!(expired, Expired { halves: 2, ..Expired::default() });
    store.commit_join(join(to(of_m[1]), to(of_m[5]), &[])).await.unwrap();
    let expired = store.expire(before("m", 50)).await.unwrap();
    assert_eq!(expired.halves, 1, "the log begins with what is still needed");
    assert_eq!(positions(&store, "m").await, of_m[3..]);
    assert_eq!(positions(&store, "n").await.len(), 6);
    store.expire(before("m", 91)).await.unwrap();
    assert_eq!(positions(&store, "m").await, [0i64; 0]);
    drop(store);

    let (store, _) = place.open().await;
    let units = [with_halves(Guard::None, [halves("m", 0, b"next")])];
    store.commit_ingest(commit(0, units)).await.unwrap();
    assert_eq!(bodies(&store, "m", of_m[5]).await, [b"next"], "its position was never given out");
}

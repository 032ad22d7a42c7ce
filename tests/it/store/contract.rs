//! What every store keeps of ingest, folding and retention. A dialect runs all of it by implementing `Place`.

use driftd::domain::TimeRange;
use driftd::sketch::Tally;
use driftd::store::{Delta, DeltaBody, Expired, Expiry, Fold, Guard, Store, StoreError, Unit, UnitOutcome};

use super::support::*;

pub async fn a_commit_is_read_back_summed_by_key(place: &impl Place) {
    let (store, recovered) = place.open().await;
    assert_eq!(recovered.last_sequence, 0);
    let units = [request(Guard::None, 1.0, ""), request(Guard::None, 2.0, ""), request(Guard::None, 2.5, "")];
    let committed = store.commit_ingest(commit(0, units)).await.unwrap();
    assert_eq!(committed.sequence, Some(1));
    assert_eq!(committed.outcomes, [UnitOutcome::Committed, UnitOutcome::Committed, UnitOutcome::Committed]);
    let expected = tally(&ruler(0.0), &[1.0, 2.0, 2.5]);
    assert_eq!(committed.applied, [(key("m", 0), counts(0.0, &[1.0, 2.0, 2.5]))]);

    let rows = store.read_deltas(&model("m"), always()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].key, key("m", 0));
    assert_eq!(rows[0].body, DeltaBody::Counts(expected.encode()));
    assert!(store.read_deltas(&model("other"), always()).await.unwrap().is_empty());
}

pub async fn a_range_holds_whole_panes_in_order(place: &impl Place) {
    let (store, _) = place.open().await;
    let counts = |hour| (key("m", hour), counts(0.0, &[1.0]));
    store.commit_ingest(commit(0, [unit(Guard::None, [5, -1, 3].map(counts))])).await.unwrap();
    let range = |start: i64, end: i64| TimeRange { start: at(start), end: at(end) };
    let hours = async |range| {
        let rows = store.read_deltas(&model("m"), range).await.unwrap();
        rows.iter().map(|row| row.key.pane.start.micros() / 3_600_000_000).collect::<Vec<_>>()
    };
    assert_eq!(hours(always()).await, [-1, 3, 5]);
    assert_eq!(hours(range(3 * 3600, 6 * 3600)).await, [3, 5]);
    assert_eq!(hours(range(3 * 3600 + 1, 6 * 3600 - 1)).await, [] as [i64; 0]);
}

pub async fn a_key_counts_once(place: &impl Place) {
    let (store, _) = place.open().await;
    let first = store.commit_ingest(commit(0, [request(keyed("k", 1), 1.0, "first")])).await.unwrap();
    assert_eq!(first.outcomes, [UnitOutcome::Committed]);
    let units = [
        request(keyed("k", 1), 1.0, "retry"),
        request(keyed("k", 2), 1.0, "other"),
        request(keyed("l", 1), 1.0, ""),
    ];
    let second = store.commit_ingest(commit(1, units)).await.unwrap();
    let answer = b"first".to_vec();
    assert_eq!(
        second.outcomes,
        [UnitOutcome::Duplicate { answer: answer.clone() }, UnitOutcome::KeyReused, UnitOutcome::Committed]
    );
    assert_eq!(rows_counted(&store, "m").await, 2);
    drop(store);

    let (store, recovered) = place.open().await;
    assert_eq!(recovered.last_sequence, 2);
    let third = store.commit_ingest(commit(2, [request(keyed("k", 1), 1.0, "retry")])).await.unwrap();
    assert_eq!((third.sequence, third.outcomes), (None, vec![UnitOutcome::Duplicate { answer }]));
    assert!(third.applied.is_empty());
    assert_eq!(rows_counted(&store, "m").await, 2);
}

pub async fn of_equal_keys_in_one_commit_the_first_given_counts(place: &impl Place) {
    let (store, _) = place.open().await;
    // The first has the larger hash: the order of claims must not look at it.
    let units = [
        request(keyed("k", 9), 1.0, "one"),
        request(keyed("k", 9), 1.0, "two"),
        request(keyed("k", 1), 1.0, "three"),
    ];
    let committed = store.commit_ingest(commit(0, units)).await.unwrap();
    let duplicate = UnitOutcome::Duplicate { answer: b"one".to_vec() };
    assert_eq!(committed.outcomes, [UnitOutcome::Committed, duplicate, UnitOutcome::KeyReused]);
    assert_eq!(rows_counted(&store, "m").await, 1);
}

pub async fn a_key_has_its_scope_and_its_time(place: &impl Place) {
    let (store, _) = place.open().await;
    let guard = |id: &str, endpoint| Guard::Key {
        model: Some(model(id)),
        endpoint,
        key: "k".into(),
        body_hash: [0; 16],
    };
    let units = [("m", "predictions"), ("m", "labels"), ("n", "predictions")];
    let units = units.map(|(id, endpoint)| request(guard(id, endpoint), 1.0, ""));
    let committed = store.commit_ingest(commit(0, units)).await.unwrap();
    assert!(committed.outcomes.iter().all(|outcome| *outcome == UnitOutcome::Committed));
    let day = 24 * 3600;
    for (now, expected) in
        [(day - 1, UnitOutcome::Duplicate { answer: Vec::new() }), (day, UnitOutcome::Committed)]
    {
        let again = store.commit_ingest(commit(now, [request(guard("m", "labels"), 1.0, "")])).await.unwrap();
        assert_eq!(again.outcomes, [expected]);
    }
}

async fn outcomes(store: &impl Store, units: Vec<Unit>) -> Vec<UnitOutcome> {
    store.commit_ingest(commit(0, units)).await.unwrap().outcomes
}

pub async fn a_source_moves_from_where_it_stands(place: &impl Place) {
    let (store, _) = place.open().await;
    let wrong = outcomes(&store, vec![request(moved(Some(5), 6), 1.0, "")]).await;
    assert_eq!(wrong, [UnitOutcome::PositionMoved { current: None }]);
    // Given out of order, claimed in order.
    let chain = vec![request(moved(Some(10), 20), 1.0, ""), request(moved(None, 10), 1.0, "")];
    assert_eq!(outcomes(&store, chain).await, [UnitOutcome::Committed, UnitOutcome::Committed]);
    let twice = vec![request(moved(Some(20), 30), 1.0, ""), request(moved(Some(20), 30), 1.0, "")];
    let expected = [UnitOutcome::Committed, UnitOutcome::PositionMoved { current: Some(30) }];
    assert_eq!(outcomes(&store, twice).await, expected);
    assert_eq!(rows_counted(&store, "m").await, 3);
    drop(store);
    let (store, _) = place.open().await;
    let late = outcomes(&store, vec![request(moved(Some(20), 30), 1.0, "")]).await;
    assert_eq!(late, [UnitOutcome::PositionMoved { current: Some(30) }]);
}

pub async fn rulers_and_learning_stay_apart(place: &impl Place) {
    let (store, _) = place.open().await;
    let deltas = [
        counts(0.0, &[1.0]),
        counts(9.0, &[1.0]),
        counts(0.0, &[2.0]),
        Delta::Learning(vec![1]),
        Delta::Learning(vec![2]),
    ];
    let deltas = deltas.map(|delta| (key("m", 0), delta));
    let committed = store.commit_ingest(commit(0, [unit(Guard::None, deltas)])).await.unwrap();
    let expected =
        [counts(0.0, &[1.0, 2.0]), counts(9.0, &[1.0]), Delta::Learning(vec![1]), Delta::Learning(vec![2])];
    let applied: Vec<_> = committed.applied.into_iter().map(|(_, delta)| delta).collect();
    assert_eq!(applied, expected);
    assert_eq!(store.read_deltas(&model("m"), always()).await.unwrap().len(), 4);
    assert!(store.fold_candidates(usize::MAX, None).await.unwrap().is_empty(), "nothing here may be added");
}

pub async fn the_newest_event_times_come_back(place: &impl Place) {
    let (store, _) = place.open().await;
    for (now, newest) in [(1, 50), (2, 70), (3, 60)] {
        let mut unit = request(Guard::None, 1.0, "");
        unit.newest.insert((model("m"), "http".into()), at(newest));
        unit.newest.insert((model("m"), format!("s{now}")), at(newest));
        store.commit_ingest(commit(now, [unit])).await.unwrap();
    }
    drop(store);
    let expected = [("http", 70), ("s1", 50), ("s2", 70), ("s3", 60)];
    let expected = expected.map(|(source, newest)| ((model("m"), source.to_owned()), at(newest)));
    let (store, recovered) = place.open().await;
    assert!(recovered.newest.clone().into_iter().eq(expected.clone()));
    // Expired commits take none of it with them, and leave the number.
    store.expire(expiry(&[], 0, 100)).await.unwrap();
    drop(store);
    let (_, recovered) = place.open().await;
    assert!(recovered.newest.into_iter().eq(expected));
    assert_eq!(recovered.last_sequence, 3);
}

pub async fn a_fold_replaces_exactly_the_rows_it_read(place: &impl Place) {
    let (store, _) = place.open().await;
    for (hour, value) in [(1, 1.0), (0, 2.0), (0, 3.0), (1, 4.0), (2, 5.0)] {
        let delta = (key("m", hour), counts(0.0, &[value]));
        store.commit_ingest(commit(0, [unit(Guard::None, [delta])])).await.unwrap();
    }
    let before = sums(&store.read_deltas(&model("m"), always()).await.unwrap(), &ruler(0.0));
    let first = store.fold_candidates(1, None).await.unwrap();
    assert!(first.iter().all(|row| row.key == key("m", 1)), "the key with the oldest row comes first");
    let rows = store.fold_candidates(usize::MAX, None).await.unwrap();
    assert_eq!(rows.len(), 4, "a key of one row is left alone");
    store.fold(folded(&rows, &ruler(0.0))).await.unwrap();
    let after = store.read_deltas(&model("m"), always()).await.unwrap();
    assert_eq!(after.len(), 3);
    assert_eq!(sums(&after, &ruler(0.0)), before);
    assert!(store.fold_candidates(usize::MAX, None).await.unwrap().is_empty());

    let again = store.fold(folded(&rows, &ruler(0.0))).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    // One row that is gone spoils the whole fold.
    let some_left = Fold { deleted: vec![after[0].row, rows[0].row], inserted: Vec::new() };
    assert!(matches!(store.fold(some_left).await, Err(StoreError::Conflict(_))));
    assert_eq!(store.read_deltas(&model("m"), always()).await.unwrap(), after);
    drop(store);
    let (store, _) = place.open().await;
    assert_eq!(store.read_deltas(&model("m"), always()).await.unwrap(), after);
}

pub async fn what_can_be_folded_is_known_after_a_start(place: &impl Place) {
    let (store, _) = place.open().await;
    for _ in 0..3 {
        store.commit_ingest(commit(0, [request(Guard::None, 1.0, "")])).await.unwrap();
    }
    drop(store);
    let (store, _) = place.open().await;
    let rows = store.fold_candidates(usize::MAX, None).await.unwrap();
    assert_eq!(rows.len(), 3);
    store.fold(folded(&rows[..2], &ruler(0.0))).await.unwrap();
    assert_eq!(store.fold_candidates(usize::MAX, None).await.unwrap().len(), 2);
    assert_eq!(rows_counted(&store, "m").await, 3);
}

pub async fn what_retention_passed_is_gone_and_nothing_else(place: &impl Place) {
    let (store, _) = place.open().await;
    let counts = |hour| (key("m", hour), counts(0.0, &[1.0]));
    for hour in 0..100 {
        let learnt = (key("m", hour), Delta::Learning(vec![0]));
        let guard = keyed(&format!("k{hour}"), 0);
        store.commit_ingest(commit(hour, [unit(guard, [counts(hour), counts(hour), learnt])])).await.unwrap();
    }
    store.commit_ingest(commit(100, [unit(Guard::None, [(key("n", 0), counts(0).1)])])).await.unwrap();
    let expired = store.expire(expiry(&[("m", 90 * 3600)], 0, 40)).await.unwrap();
    assert_eq!(expired, Expired { deltas: 180, keys: 40, ..Expired::default() });
    assert_eq!(rows_counted(&store, "m").await, 20);
    assert_eq!(rows_counted(&store, "n").await, 1);
    let units = [request(keyed("k39", 0), 1.0, ""), request(keyed("k40", 0), 1.0, "")];
    let again = store.commit_ingest(commit(101, units)).await.unwrap();
    assert_eq!(again.sequence, Some(102));
    assert_eq!(again.outcomes, [UnitOutcome::Committed, UnitOutcome::Duplicate { answer: Vec::new() }]);
    drop(store);
    let (store, recovered) = place.open().await;
    assert_eq!(recovered.last_sequence, 102);
    let rows = store.fold_candidates(usize::MAX, None).await.unwrap();
    assert!(rows.is_empty(), "one row a key is left");
}

pub async fn rows_are_known_by_key_whatever_becomes_of_their_counts(place: &impl Place) {
    let (store, _) = place.open().await;
    let on_another_ruler = counts(1.0, &[5.0]);
    let counts = |values: &[f64]| counts(0.0, values);
    let deltas = [(key("m", 0), counts(&[1.0, 2.0])), (key("m", 1), counts(&[3.0]))];
    store.commit_ingest(commit(0, [unit(Guard::None, deltas)])).await.unwrap();
    let deltas = [
        (key("m", 0), counts(&[4.0])),
        (key("m", 0), on_another_ruler),
        (key("m", 2), Delta::Learning(vec![0])),
        (key("n", 0), counts(&[6.0])),
    ];
    store.commit_ingest(commit(0, [unit(Guard::None, deltas)])).await.unwrap();
    let counted = [(key("m", 0), 4), (key("m", 1), 1), (key("m", 2), 0)];
    assert_eq!(store.counted(&model("m")).await.unwrap(), counted);

    let rows = store.fold_candidates(usize::MAX, None).await.unwrap();
    assert_eq!(rows.len(), 2);
    store.fold(folded(&rows, &ruler(0.0))).await.unwrap();
    assert_eq!(store.counted(&model("m")).await.unwrap(), counted);
    store.expire(expiry(&[("m", 3600)], 0, 0)).await.unwrap();
    drop(store);
    let (store, _) = place.open().await;
    assert_eq!(store.counted(&model("m")).await.unwrap(), counted[1..]);
    assert_eq!(store.counted(&model("n")).await.unwrap(), [(key("n", 0), 1)]);
}

pub async fn stored_counts_keep_their_sections(place: &impl Place) {
    let (store, _) = place.open().await;
    let corrections = {
        let mut taken_out = Tally::empty(&ruler(0.0));
        taken_out.subtract(&tally(&ruler(0.0), &[3.0])).unwrap();
        taken_out
    };
    let delta = (key("m", 0), encoded(&corrections));
    store.commit_ingest(commit(0, [unit(Guard::None, [delta])])).await.unwrap();
    let rows = store.read_deltas(&model("m"), always()).await.unwrap();
    assert_eq!(sums(&rows, &ruler(0.0))[&key("m", 0)], corrections);
}

pub fn expiry(panes_before: &[(&str, i64)], verdicts_before: i64, keys_before: i64) -> Expiry {
    let before: Vec<_> = panes_before.iter().map(|(id, before)| (model(id), at(*before))).collect();
    Expiry {
        panes_before: before.clone(),
        learning_before: before,
        halves_before: Vec::new(),
        verdicts_before: at(verdicts_before),
        keys_before: at(keys_before),
        kpis_before: at(0),
        notifications_before: at(0),
    }
}

//! What every store keeps of KPIs: counts that add up, and how far they are judged.

use std::collections::BTreeMap;

use driftd::domain::Segment;
use driftd::kpi::{CalendarPane, Sample, SampleValue, Sign, State, StateKind, StreamKey};
use driftd::store::{EvaluationCommit, Guard, KpiCommit, KpiDelta, Store, StoreError, Unit};
use jiff::civil::{Date, date};

use super::contract::expiry;
use super::support::*;

fn delta(kind: StateKind, name: &str, pane: i64, value: f64) -> KpiDelta {
    let sample =
        Sample { at: at(pane + 5), value: SampleValue::Number(value), revision: 0, sign: Sign::Counts };
    KpiDelta {
        key: StreamKey {
            stream: name.parse().unwrap(),
            segment: Segment::All,
            pane: CalendarPane::Hour(at(pane)),
        },
        newest: at(pane + 5),
        state: State::of(kind, &sample).unwrap(),
    }
}

fn counted(guard: Guard, kpis: Vec<KpiDelta>) -> Unit {
    Unit { kpis, ..unit(guard, []) }
}

/// All that is stored, added up by key and kind, and how many rows that is.
async fn stored(store: &impl Store) -> (BTreeMap<(StreamKey, StateKind), State>, usize) {
    let (mut sums, mut rows, mut after) = (BTreeMap::<_, State>::new(), 0, 0);
    // One row at a time: pages go on where the last one ended.
    loop {
        let page = store.read_kpis(after, 1).await.unwrap();
        let Some((row, delta)) = page.into_iter().next() else { return (sums, rows) };
        (after, rows) = (row, rows + 1);
        let key = (delta.key, delta.state.kind());
        match sums.get_mut(&key) {
            Some(sum) => sum.merge(&delta.state).unwrap(),
            None => drop(sums.insert(key, delta.state)),
        }
    }
}

pub async fn samples_of_kpis_are_durable_once_and_fold_to_the_same_sums(place: &impl Place) {
    let (store, _) = place.open().await;
    let sums = |value| delta(StateKind::Sums, "claims/gains", 0, value);
    let units = [
        counted(keyed("a", 1), vec![sums(1.0), delta(StateKind::Sums, "tickets", 0, 7.0)]),
        counted(keyed("a", 1), vec![sums(100.0)]),
        counted(Guard::None, vec![sums(2.0)]),
    ];
    let committed = store.commit_ingest(commit(0, units)).await.unwrap();
    assert_eq!(committed.kpis.len(), 2, "one a key: {:?}", committed.kpis);
    for value in [4.0, 8.0] {
        store.commit_ingest(commit(1, [counted(Guard::None, vec![sums(value)])])).await.unwrap();
    }
    // The same key as another kind, as after a reload: it stays apart.
    let other = delta(StateKind::Last, "claims/gains", 0, 5.0);
    store.commit_ingest(commit(1, [counted(Guard::None, vec![other.clone()])])).await.unwrap();
    let (before, rows) = stored(&store).await;
    assert_eq!((before.len(), rows), (3, 5));
    let expected = [1.0, 2.0, 4.0, 8.0].map(sums).into_iter().reduce(|mut sum, one| {
        sum.state.merge(&one.state).unwrap();
        sum
    });
    let expected = expected.unwrap();
    assert_eq!(before[&(expected.key.clone(), StateKind::Sums)], expected.state);
    assert_eq!(store.fold_kpis().await.unwrap(), 2);
    let (after, rows) = stored(&store).await;
    assert_eq!((after, rows), (before, 3));
    assert_eq!(store.fold_kpis().await.unwrap(), 0);
    drop(store);
    let (store, _) = place.open().await;
    assert_eq!(stored(&store).await.1, 3);
    store.expire(driftd::store::Expiry { kpis_before: at(1), ..expiry(&[], 0, 0) }).await.unwrap();
    assert_eq!(stored(&store).await.1, 0);
}

pub async fn a_judgement_of_kpis_needs_the_state_it_was_computed_from(place: &impl Place) {
    let (store, _) = place.open().await;
    let judged = |expected_revision, state: &[u8]| KpiCommit {
        expected_revision,
        state: state.to_vec(),
        incidents: Default::default(),
    };
    assert_eq!(store.kpi_state().await.unwrap(), None);
    store.commit_kpis(judged(0, b"first")).await.unwrap();
    store.commit_kpis(judged(1, b"second")).await.unwrap();
    let late = store.commit_kpis(judged(1, b"third")).await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    assert_eq!(store.kpi_state().await.unwrap(), Some((2, b"second".to_vec())));
}

pub async fn what_a_verdict_says_of_kpis_is_stored_with_it_or_not_at_all(place: &impl Place) {
    let (store, _) = place.open().await;
    let evaluation = |expected_revision| EvaluationCommit {
        model: model("m"),
        expected_revision,
        state: Vec::new(),
        verdicts: Vec::new(),
        incidents: Default::default(),
        kpis: vec![delta(StateKind::Last, "model:m/drift_share", 0, 0.25)],
    };
    assert!(store.commit_evaluation(evaluation(3)).await.is_err());
    assert_eq!(stored(&store).await.1, 0);
    store.commit_evaluation(evaluation(0)).await.unwrap();
    assert_eq!(stored(&store).await.1, 1);
}

pub async fn days_of_kpis_come_back_as_dates(place: &impl Place) {
    let (store, _) = place.open().await;
    let on = |day: Date| {
        let delta = delta(StateKind::Sums, "claims/gains", 0, 1.0);
        KpiDelta { key: StreamKey { pane: CalendarPane::Day(day), ..delta.key }, ..delta }
    };
    let days = [Date::MIN, date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29), Date::MAX];
    // An hour that begins where a day's number would be is no day.
    let hour = delta(StateKind::Sums, "claims/gains", 0, 1.0);
    for _ in 0..2 {
        let kpis = days.map(on).into_iter().chain([hour.clone()]).collect();
        store.commit_ingest(commit(1, [counted(Guard::None, kpis)])).await.unwrap();
    }
    assert_eq!(stored(&store).await.1, 12);
    assert_eq!(store.fold_kpis().await.unwrap(), 6);
    let panes = stored(&store).await.0.into_keys().map(|(key, _)| key.pane);
    let expected = [hour.key.pane].into_iter().chain(days.map(CalendarPane::Day));
    assert_eq!(panes.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

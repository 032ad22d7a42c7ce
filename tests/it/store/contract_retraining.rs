//! What every store keeps of retraining: an occasion decided once, a key run once, runs that move from where they stand.

use std::time::Duration;

use driftd::domain::TimeRange;
use driftd::retraining::{
    Category, Cause, Decision, DecisionId, Inputs, MaintenanceTask, Order, Period, Ruling, Run, RunKey,
    RunState, Update, Withheld,
};
use driftd::store::{
    DecisionCommit, DecisionQuery, MaintenanceDone, RunCommit, Store, StoreError, StoredRun, TrainedVersion,
    VERSIONS_MAX,
};

use super::contract::expiry;
use super::support::*;
use super::told::asked;

/// A decision, triggered where it has a key.
fn decision(id: u64, of: &str, cause: Cause, key: Option<&str>) -> Decision {
    let window = TimeRange { start: at(0), end: at(100) };
    let order = key.map(|key| Order {
        run_key: RunKey::named(key),
        model: model(of),
        version: None,
        cause,
        category: Category::Preventive,
        reason: "a test".into(),
        update: Update::Minor,
        window,
        labels: None,
        drifted: Vec::new(),
        validators: Vec::new(),
    });
    let withheld = || Ruling::Withhold { reasons: vec![Withheld::TooFewNewLabels { labels: 1, needed: 2 }] };
    Decision {
        id: DecisionId(id),
        model: model(of),
        at: at(id as i64),
        cause,
        occasion_at: at(id as i64),
        category: Category::Preventive,
        reason: "a test".into(),
        by: None,
        ruling: order.map_or_else(withheld, |order| Ruling::Trigger { order: Box::new(order) }),
        inputs: Inputs {
            version: None,
            trained_at: None,
            last_run: None,
            open_run: None,
            window,
            labels: None,
            drifted: Vec::new(),
            data_quality: Vec::new(),
        },
    }
}

fn commit(decision: Decision, occasion: Option<&str>) -> DecisionCommit {
    let run = Run::of(&decision, "trainer".parse().unwrap(), Duration::from_secs(60));
    DecisionCommit { decision, occasion: occasion.map(str::to_owned), run, audit: None }
}

async fn conflicts(store: &impl Store, refused: DecisionCommit) {
    let before = store.retraining_state().await.unwrap();
    assert!(matches!(store.commit_decision(refused).await, Err(StoreError::Conflict(_))));
    assert_eq!(store.retraining_state().await.unwrap(), before, "nothing is changed");
}

pub async fn an_occasion_is_decided_once_and_a_key_is_run_once(place: &impl Place) {
    let (store, _) = place.open().await;
    let first = decision(1, "m", Cause::Scheduled, Some("k1"));
    store.commit_decision(commit(first.clone(), Some("monday"))).await.unwrap();
    conflicts(&store, commit(decision(2, "m", Cause::Scheduled, Some("k2")), Some("monday"))).await;
    conflicts(&store, commit(decision(2, "m", Cause::Drift, Some("k1")), Some("drift"))).await;
    conflicts(&store, commit(decision(1, "m", Cause::Drift, Some("k3")), None)).await;
    // Another model has Mondays of its own; of what people ask there is no occasion.
    store.commit_decision(commit(decision(2, "n", Cause::Scheduled, None), Some("monday"))).await.unwrap();
    store.commit_decision(commit(decision(3, "m", Cause::Manual, None), None)).await.unwrap();
    store.commit_decision(commit(decision(4, "m", Cause::Manual, None), None)).await.unwrap();
    drop(store);
    let (store, _) = place.open().await;
    let state = store.retraining_state().await.unwrap();
    assert_eq!(state.last_decision, 4);
    let ids: Vec<u64> = state.decisions.iter().map(|decision| decision.id.0).collect();
    assert_eq!(ids, [1, 2, 4], "the newest of each model and cause");
    assert_eq!(state.decisions[0], first);
    assert_eq!(state.runs.len(), 1);
}

pub async fn a_run_moves_on_from_where_it_stands(place: &impl Place) {
    let (store, _) = place.open().await;
    store.commit_decision(commit(decision(1, "m", Cause::Manual, Some("k")), None)).await.unwrap();
    let stored = store.read_run(&RunKey::named("k")).await.unwrap().unwrap();
    assert_eq!(stored.revision, 1);
    let moved = |revision| RunCommit {
        run: Some(StoredRun { revision, run: stored.run.sending(at(9)).unwrap() }),
        version: None,
        done: Vec::new(),
        audit: Some(asked("move")),
    };
    assert!(matches!(store.commit_run(moved(2)).await, Err(StoreError::Conflict(_))));
    store.commit_run(moved(1)).await.unwrap();
    assert!(matches!(store.commit_run(moved(1)).await, Err(StoreError::Conflict(_))), "someone was faster");
    assert_eq!(store.read_audit(None, 9).await.unwrap(), [asked("move")]);
    drop(store);
    let (store, _) = place.open().await;
    let found = store.retraining_state().await.unwrap().runs.remove(0);
    assert_eq!((found.revision, &found.run.state), (2, &RunState::Sending { since: at(9) }));
    assert_eq!(store.read_run(&RunKey::named("other")).await.unwrap(), None);
}

pub async fn what_a_pipeline_reports_is_one_transaction(place: &impl Place) {
    let (store, _) = place.open().await;
    store.commit_decision(commit(decision(1, "m", Cause::Manual, Some("k")), None)).await.unwrap();
    let stored = store.read_run(&RunKey::named("k")).await.unwrap().unwrap();
    let version = TrainedVersion {
        model: model("m"),
        version: "2".parse().unwrap(),
        trained_at: at(5),
        reported_at: at(6),
        run: Some(RunKey::named("k")),
        champion: Some("1".parse().unwrap()),
    };
    let done = |period, at_second| MaintenanceDone {
        model: model("m"),
        task: MaintenanceTask::PreventiveRetraining,
        period,
        at: at(at_second),
        by: "trainer".into(),
        category: Category::Corrective,
        note: None,
    };
    let report = |revision| RunCommit {
        run: Some(StoredRun { revision, run: stored.run.reported(Ok("2".parse().unwrap()), at(6)).unwrap() }),
        version: Some(version.clone()),
        done: vec![done(Period::Monthly, 6), done(Period::Monthly, 3), done(Period::Quarterly, 6)],
        audit: None,
    };
    assert!(store.commit_run(report(7)).await.is_err());
    let state = store.retraining_state().await.unwrap();
    assert!(state.versions.is_empty() && state.done.is_empty(), "all or nothing");
    store.commit_run(report(1)).await.unwrap();
    assert_eq!(store.plan_since(&model("m"), at(1)).await.unwrap(), at(1));
    assert_eq!(store.plan_since(&model("m"), at(0)).await.unwrap(), at(1), "the first word holds");
    drop(store);
    let (store, _) = place.open().await;
    let mut state = store.retraining_state().await.unwrap();
    state.done.sort_by_key(|done| done.period);
    assert_eq!(state.versions, [version]);
    assert_eq!(state.done, [done(Period::Monthly, 6), done(Period::Quarterly, 6)], "the last of each");
    assert_eq!(state.since[&model("m")], at(1));
    assert!(matches!(state.runs[0].run.state, RunState::Reported { .. }), "the newest of a model stays");
}

pub async fn as_many_versions_are_kept_as_there_may_be(place: &impl Place) {
    let (store, _) = place.open().await;
    let reported = |number: usize| RunCommit {
        run: None,
        version: Some(TrainedVersion {
            model: model("m"),
            version: format!("v{number}").parse().unwrap(),
            trained_at: at(0),
            reported_at: at(number as i64),
            run: None,
            champion: None,
        }),
        done: Vec::new(),
        audit: None,
    };
    for number in 0..VERSIONS_MAX + 2 {
        store.commit_run(reported(number)).await.unwrap();
    }
    let mut kept: Vec<_> = store.retraining_state().await.unwrap().versions;
    kept.sort_by_key(|version| version.reported_at);
    assert_eq!(kept.len(), VERSIONS_MAX);
    assert_eq!(kept[0].version.as_str(), "v2", "the first ones leave");
}

pub async fn decisions_are_paged_filtered_and_expire(place: &impl Place) {
    let (store, _) = place.open().await;
    for (id, of, cause, key) in [
        (1, "m", Cause::Scheduled, Some("k1")),
        (2, "m", Cause::Scheduled, None),
        (3, "n", Cause::Drift, Some("k3")),
        (4, "m", Cause::Scheduled, Some("k4")),
    ] {
        store.commit_decision(commit(decision(id, of, cause, key), Some(&format!("o{id}")))).await.unwrap();
    }
    let ids = async |query: DecisionQuery| -> Vec<u64> {
        let rows = store.read_decisions(DecisionQuery { limit: query.limit.max(1), ..query }).await.unwrap();
        rows.iter().for_each(|row| assert_eq!(row.run.is_some(), row.decision.order().is_some()));
        rows.iter().map(|row| row.decision.id.0).collect()
    };
    let any = DecisionQuery { limit: 9, ..DecisionQuery::default() };
    assert_eq!(ids(any.clone()).await, [4, 3, 2, 1]);
    assert_eq!(ids(DecisionQuery { limit: 2, ..any.clone() }).await, [4, 3]);
    assert_eq!(ids(DecisionQuery { before: Some(DecisionId(3)), ..any.clone() }).await, [2, 1]);
    assert_eq!(ids(DecisionQuery { model: Some(model("m")), ..any.clone() }).await, [4, 2, 1]);
    assert_eq!(ids(DecisionQuery { cause: Some(Cause::Drift), ..any.clone() }).await, [3]);
    assert_eq!(ids(DecisionQuery { outcome: Some("withhold"), ..any.clone() }).await, [2]);
    store.expire(expiry(&[], 100, 0)).await.unwrap();
    assert_eq!(ids(any).await, [4, 3], "the newest of a model and cause stays");
    assert_eq!(store.read_run(&RunKey::named("k1")).await.unwrap(), None, "and runs go with their decisions");
}

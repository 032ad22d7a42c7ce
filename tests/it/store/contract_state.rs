//! What every store keeps of a model's state: evaluations, references, control and audit.

use std::time::Duration;

use driftd::domain::TimeRange;
use driftd::store::{
    AuditRow, ControlCommit, Delta, DeltaBody, EvaluationCommit, Expired, Fold, Freeze, Guard, Store,
    StoreError, VerdictRow, VerdictSubject,
};

use super::contract::expiry;
use super::support::*;

const HOUR: Duration = Duration::from_secs(3600);

/// A verdict on the hours from `hour` on, so many of them.
fn verdict(hour: i64, hours: i64, revision: u32) -> VerdictRow {
    VerdictRow {
        subject: VerdictSubject::Data,
        window: TimeRange { start: at(hour * 3600), end: at((hour + hours) * 3600) },
        revision,
        at: at(hour * 3600),
        body: vec![hour as u8, revision as u8],
    }
}

fn evaluation(expected_revision: i64, verdicts: Vec<VerdictRow>) -> EvaluationCommit {
    EvaluationCommit {
        model: model("m"),
        expected_revision,
        state: vec![expected_revision as u8],
        verdicts,
        incidents: Default::default(),
        kpis: Vec::new(),
    }
}

pub async fn an_evaluation_needs_the_state_it_was_computed_from(place: &impl Place) {
    let (store, _) = place.open().await;
    let [first, second] = [verdict(1, 1, 0), verdict(2, 1, 0)];
    store.commit_evaluation(evaluation(0, vec![first.clone()])).await.unwrap();
    store.commit_evaluation(evaluation(1, vec![second.clone()])).await.unwrap();
    let third = store.commit_evaluation(evaluation(1, vec![verdict(3, 1, 0)])).await;
    assert!(matches!(third, Err(StoreError::Conflict(_))));
    assert_eq!(
        store.read_verdicts(&model("m"), VerdictSubject::Data, HOUR, 9).await.unwrap(),
        [second.clone(), first]
    );
    assert_eq!(
        store.read_verdicts(&model("m"), VerdictSubject::Data, HOUR, 1).await.unwrap(),
        std::slice::from_ref(&second)
    );
    drop(store);
    let (store, recovered) = place.open().await;
    assert_eq!(recovered.models[&model("m")].evaluation, Some((2, vec![1])));
    let expired = store.expire(expiry(&[], 2 * 3600, 0)).await.unwrap();
    assert_eq!(expired, Expired { verdicts: 1, ..Expired::default() });
    assert_eq!(store.read_verdicts(&model("m"), VerdictSubject::Data, HOUR, 9).await.unwrap(), [second]);
}

pub async fn a_window_keeps_its_first_verdict_and_its_last_revision(place: &impl Place) {
    let (store, _) = place.open().await;
    // Two lengths end together; the longer one is a window of its own.
    let judged = vec![verdict(1, 1, 0), verdict(0, 2, 0), verdict(2, 1, 0)];
    store.commit_evaluation(evaluation(0, judged)).await.unwrap();
    for (expected, revision) in (1..).zip(1..=3) {
        store.commit_evaluation(evaluation(expected, vec![verdict(1, 1, revision)])).await.unwrap();
    }
    store.commit_evaluation(evaluation(4, vec![verdict(0, 2, 1)])).await.unwrap();
    let of_an_hour = store.read_verdicts(&model("m"), VerdictSubject::Data, HOUR, 9).await.unwrap();
    assert_eq!(of_an_hour, [verdict(2, 1, 0), verdict(1, 1, 3), verdict(1, 1, 0)]);
    let of_two_hours = store.read_verdicts(&model("m"), VerdictSubject::Data, 2 * HOUR, 9).await.unwrap();
    assert_eq!(of_two_hours, [verdict(0, 2, 1), verdict(0, 2, 0)]);
    assert!(store.read_verdicts(&model("n"), VerdictSubject::Data, HOUR, 9).await.unwrap().is_empty());
}

pub async fn the_first_to_freeze_wins(place: &impl Place) {
    let (store, _) = place.open().await;
    let learnt = |hour| (key("m", hour), Delta::Learning(vec![hour as u8]));
    store.commit_ingest(commit(0, [unit(Guard::None, [learnt(0), learnt(1), learnt(2)])])).await.unwrap();
    let rows = store.read_deltas(&model("m"), always()).await.unwrap();
    let counts = tally(&ruler(0.0), &[1.0]);
    let freeze = |deleted: Vec<i64>, profile: &str| Freeze {
        model: model("m"),
        ruler_id: ruler(0.0).id(),
        profile: profile.into(),
        deleted,
        inserted: vec![(key("m", 0), DeltaBody::Counts(counts.encode()))],
        at: at(0),
    };
    let missing = store.freeze_reference(freeze(vec![rows[0].row, 999], "wrong")).await;
    assert!(matches!(missing, Err(StoreError::Conflict(_))));
    assert_eq!(store.read_deltas(&model("m"), always()).await.unwrap(), rows);

    store.freeze_reference(freeze(vec![rows[0].row, rows[1].row], "first")).await.unwrap();
    let second = store.freeze_reference(freeze(vec![rows[2].row], "second")).await;
    assert!(matches!(second, Err(StoreError::Conflict(_))));
    let after = store.read_deltas(&model("m"), always()).await.unwrap();
    assert_eq!(
        after.iter().map(|row| &row.body).collect::<Vec<_>>(),
        [&DeltaBody::Counts(counts.encode()), &rows[2].body]
    );
    // What came too late for the freeze becomes counts by a fold.
    let late = Fold {
        deleted: vec![rows[2].row],
        inserted: vec![(key("m", 2), DeltaBody::Counts(counts.encode()))],
    };
    store.fold(late).await.unwrap();
    assert_eq!(rows_counted(&store, "m").await, 2);
    assert_eq!(store.read_deltas(&model("m"), always()).await.unwrap().len(), 2);
    drop(store);
    let (_, recovered) = place.open().await;
    assert_eq!(recovered.models[&model("m")].profile.as_deref(), Some("first"));
}

pub async fn control_is_audited_and_can_forget_the_reference(place: &impl Place) {
    let (store, _) = place.open().await;
    let audit = |action: &str, of: Option<&str>| AuditRow {
        at: at(7),
        actor: "ops".into(),
        action: action.into(),
        model: of.map(model),
        detail: "why".into(),
    };
    let control = |action: &str, of: &str, forget_reference| ControlCommit {
        model: model(of),
        state: action.into(),
        audit: audit(action, Some(of)),
        forget_reference,
    };
    let freeze = Freeze {
        model: model("m"),
        ruler_id: ruler(0.0).id(),
        profile: "profile".into(),
        deleted: Vec::new(),
        inserted: Vec::new(),
        at: at(0),
    };
    let learnt = [(key("m", 0), Delta::Learning(vec![1])), (key("n", 0), Delta::Learning(vec![2]))];
    store.commit_ingest(commit(0, [unit(Guard::None, learnt)])).await.unwrap();
    store.freeze_reference(freeze).await.unwrap();
    store.commit_control(control("pause", "m", false)).await.unwrap();
    store.commit_control(control("pause", "n", false)).await.unwrap();
    assert_eq!(store.read_deltas(&model("m"), always()).await.unwrap().len(), 1);
    store.commit_control(control("learn", "m", true)).await.unwrap();
    assert!(store.read_deltas(&model("m"), always()).await.unwrap().is_empty());
    assert_eq!(store.read_deltas(&model("n"), always()).await.unwrap().len(), 1);

    let of_m = [audit("learn", Some("m")), audit("pause", Some("m"))];
    assert_eq!(store.read_audit(Some(&model("m")), 9).await.unwrap(), of_m);
    let newest = [audit("learn", Some("m")), audit("pause", Some("n"))];
    assert_eq!(store.read_audit(None, 2).await.unwrap(), newest);
    drop(store);
    let (_, recovered) = place.open().await;
    let m = &recovered.models[&model("m")];
    assert_eq!((m.control.as_deref(), m.profile.as_deref()), (Some(&b"learn"[..]), None));
}

//! Every kind of target against a stand-in that is as strict as the real one.

use std::time::Duration;

use driftd::retraining::{Answer, RunKey};
use driftd::trigger::*;

use super::stand_ins::{StandIn, all_differ, remote_of};
use super::{IDEMPOTENT, KINDS, about, made, order, parameters, sender, target, target_of};

const LONG: Duration = Duration::from_secs(30);

async fn asked(target: &Target, key: &str) -> Answer {
    let mut order = order();
    order.run_key = RunKey::named(key);
    target.trigger(&order, &about(), &sender(LONG)).await
}

#[tokio::test]
async fn every_target_takes_an_order_and_says_what_it_calls_the_run() {
    for (kind, _) in KINDS {
        let stand_in = StandIn::start(kind, 0).await;
        let answer = asked(&target(kind, &stand_in.url()), super::KEY).await;
        assert_eq!(answer, Answer::Taken { remote: remote_of(kind) }, "{kind}");
        assert_eq!(stand_in.runs().len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn an_order_that_is_asked_twice_is_one_run_where_the_target_can_tell() {
    for (kind, _) in KINDS {
        let stand_in = StandIn::start(kind, 0).await;
        let target = target(kind, &stand_in.url());
        let (first, second) = (asked(&target, super::KEY).await, asked(&target, super::KEY).await);
        let runs = stand_in.runs();
        if IDEMPOTENT.contains(&kind) {
            assert_eq!((&first, runs.len()), (&second, 1), "{kind}: {runs:?}");
        } else {
            assert_eq!(runs.len(), 2, "{kind}: that is why it is asked once");
        }
        asked(&target, "retrain-car_loan-2026-W49-drift").await;
        assert!(all_differ(&stand_in.runs()) || !IDEMPOTENT.contains(&kind), "{kind}");
        assert_eq!(stand_in.runs().len(), runs.len() + 1, "{kind}: another key is another run");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_is_unclear_and_no_second_run_where_the_target_can_tell() {
    for (kind, _) in KINDS {
        let stand_in = StandIn::start(kind, 1).await;
        let target = target(kind, &stand_in.url());
        let lost = asked(&target, super::KEY).await;
        assert!(matches!(lost, Answer::Unclear { .. }), "{kind}: {lost:?}");
        assert_eq!(stand_in.runs().len(), 1, "{kind} was asked");
        if IDEMPOTENT.contains(&kind) {
            let again = asked(&target, super::KEY).await;
            assert_eq!(again, Answer::Taken { remote: remote_of(kind) }, "{kind}");
            assert_eq!(stand_in.runs().len(), 1, "{kind}");
        }
    }
}

#[tokio::test]
async fn keys_that_are_long_or_odd_are_taken_all_the_same() {
    let long = format!("retrain-{}-2026-W48-manual-0123abcd", "A.b_".repeat(16));
    for (kind, _) in KINDS {
        let stand_in = StandIn::start(kind, 0).await;
        let target = target(kind, &stand_in.url());
        for key in [long.clone(), long.replace("A.b", "a.b"), long.replace("A.b", "A-b")] {
            let answer = asked(&target, &key).await;
            assert!(matches!(answer, Answer::Taken { .. }), "{kind}: {answer:?}");
        }
        assert_eq!(stand_in.runs().len(), 3, "{kind}");
        assert!(all_differ(&stand_in.runs()), "{kind}: {:?}", stand_in.runs());
    }
}

#[tokio::test]
async fn what_a_target_does_not_know_is_refused_with_what_it_says() {
    let refused = async |kind: &'static str, wrong: TargetKind| {
        let stand_in = StandIn::start(kind, 0).await;
        let answer = asked(&target_of(wrong, &stand_in.url()).unwrap(), super::KEY).await;
        assert!(stand_in.runs().is_empty(), "{kind}");
        match answer {
            Answer::Refused { why } => why,
            other => panic!("{kind}: {other:?}"),
        }
    };
    let more = || {
        let mut parameters = default_parameters();
        parameters.insert("more".to_owned(), "1".to_owned());
        parameters
    };
    let TargetKind::WorkflowDispatch(mut dispatch) = made("github_workflow_dispatch") else { unreachable!() };
    dispatch.inputs = parameters(&[("run_key", "{{ run_key }}"), ("more", "1")]);
    let why = refused("github_workflow_dispatch", TargetKind::WorkflowDispatch(dispatch)).await;
    assert!(why.starts_with("status 422: ") && why.contains("more"), "{why}");

    let TargetKind::Databricks(mut databricks) = made("databricks") else { unreachable!() };
    databricks.parameters = more();
    let why = refused("databricks", TargetKind::Databricks(databricks)).await;
    assert!(why.starts_with("status 400: "), "{why}");

    // A 409 of its own: Prefect's parameters do not fit the flow's.
    let TargetKind::Prefect(mut prefect) = made("prefect") else { unreachable!() };
    prefect.parameters = more();
    let why = refused("prefect", TargetKind::Prefect(prefect)).await;
    assert!(why.starts_with("status 409: "), "{why}");

    let TargetKind::Airflow(mut airflow) = made("airflow3") else { unreachable!() };
    airflow.dag = "gone".to_owned();
    let why = refused("airflow3", TargetKind::Airflow(airflow)).await;
    assert!(why.starts_with("status 404: "), "{why}");

    // An API of Airflow 2 behind a target of Airflow 3.
    let why = refused("airflow2", made("airflow3")).await;
    assert!(why.starts_with("status 404: "), "{why}");
}

//! What goes out, against golden files; what people are shown of it.

use driftd::notify::sign;
use driftd::trigger::*;
use serde_json::{Value, json};

use super::{IDEMPOTENT, KEY, KINDS, TOKEN, about, made, now, order, parameters, target, target_of};
use crate::support::golden::{compare, shown};

const BASE: &str = "https://training.example.org/base/?key=s3cret-s3cret";

#[test]
fn every_target_is_asked_in_its_own_way() {
    for (kind, _) in KINDS {
        let requests =
            target(kind, "https://training.example.org/base/").requests(&order(), &about()).unwrap();
        let search = requests.search.as_ref().map(shown);
        let all = json!({ "search": search, "create": shown(&requests.create) });
        compare(&format!("trigger/{kind}.json"), &format!("{all:#}\n"));
    }
}

#[test]
fn people_see_every_request_and_no_secret() {
    for (kind, _) in KINDS {
        let target = target(kind, BASE);
        let preview = target.preview(&order(), &about());
        let debug = format!("{target:?} {:?}", target.requests(&order(), &about()).unwrap());
        for secret in [TOKEN, "s3cret", "MfKQ", "/base", "v1,"] {
            assert!(!preview.contains(secret), "{kind} shows {secret}:\n{preview}");
            assert!(secret == "/base" || !debug.contains(secret), "{kind} shows {secret}: {debug}");
        }
        assert!(preview.contains("authorization: …\n") && preview.contains(KEY), "{kind}:\n{preview}");
    }
    compare("trigger/webhook.txt", &target("webhook", BASE).preview(&order(), &about()));
    compare(
        "trigger/kubeflow.txt",
        &target("kubeflow", "http://ml-pipeline:8888").preview(&order(), &about()),
    );
}

#[test]
fn an_attempt_is_as_the_one_before_but_for_the_time_it_is_signed_at() {
    for (kind, _) in KINDS {
        let requests = |about: &About| target(kind, BASE).requests(&order(), about).unwrap().create;
        let mut later = about();
        later.asked_at = later.asked_at.saturating_add(std::time::Duration::from_secs(3_600));
        let (first, second) = (requests(&about()), requests(&later));
        assert_eq!((&first.body, &first.url), (&second.body, &second.url), "{kind}");
        assert!(kind == "webhook" || first.headers == second.headers, "{kind}");
    }
    let request = target("webhook", BASE).requests(&order(), &about()).unwrap().create;
    let seconds = about().asked_at.micros() / 1_000_000;
    let keys = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap()];
    assert_eq!(request.headers["webhook-signature"], sign(&keys, KEY, seconds, &request.body));
    assert_eq!(
        (&request.headers["webhook-id"], &request.headers["idempotency-key"]),
        (&KEY.parse().unwrap(), &KEY.parse().unwrap())
    );
    assert_ne!(about().asked_at, now());
}

#[test]
fn a_kind_is_called_as_in_the_config_and_says_whether_it_may_be_asked_twice() {
    use driftd::retraining::Sending;
    for (kind, _) in KINDS {
        let target = target(kind, BASE);
        assert_eq!(target.kind(), kind);
        let is_idempotent = target.sending() == Sending::Idempotent;
        assert_eq!(is_idempotent, IDEMPOTENT.contains(&kind), "{kind}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused_when_it_is_read() {
    let wrong = |kind: TargetKind| target_of(kind, BASE).unwrap_err();
    let dag =
        |dag: &str| TargetKind::Airflow(Airflow { version: AirflowVersion::Three, dag: dag.to_owned() });
    let error = wrong(dag("{{ modl }}"));
    assert_eq!(error.key(), "dag");
    assert!(error.to_string().contains("an order does not have; it has category, "), "{error}");
    assert!(wrong(dag("{% if %}")).to_string().contains("syntax error"));
    assert!(wrong(dag("..")).to_string().contains("dots alone"));
    assert!(wrong(dag(" ")).to_string().contains("comes to nothing"));

    let event = "x".repeat(95) + "{{ model }}";
    let TargetKind::RepositoryDispatch(mut dispatch) = made("github_repository_dispatch") else {
        unreachable!()
    };
    dispatch.event_type = event;
    assert_eq!(
        wrong(TargetKind::RepositoryDispatch(dispatch)).to_string(),
        "`event_type` comes to 101 characters; at most 100"
    );
}

#[test]
fn a_long_order_stays_within_the_limits_of_its_target() {
    let mut long = order();
    long.reason = "\"é\"".repeat(9_000);
    long.drifted = (0..300).map(|_| long.drifted[0].clone()).collect();
    for (kind, _) in KINDS {
        let body = target(kind, BASE).requests(&long, &about()).unwrap().create.body;
        let most = if kind == "databricks" { 10_000 } else { 20_000 };
        assert!(body.len() < most, "{kind}: {}", body.len());
    }
}

#[test]
fn a_version_that_is_not_known_comes_to_nothing() {
    let mut order = order();
    order.version = None;
    let TargetKind::Prefect(mut prefect) = made("prefect") else { unreachable!() };
    prefect.parameters = parameters(&[("version", "{{ version }}"), ("first", "{{ drifted[0].incident }}")]);
    order.drifted.clear();
    let request = target_of(TargetKind::Prefect(prefect), BASE).unwrap().requests(&order, &about()).unwrap();
    let body: Value = serde_json::from_slice(&request.create.body).unwrap();
    assert_eq!(body["parameters"], json!({ "version": "", "first": "" }));
}

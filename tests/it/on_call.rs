//! People on call and the real daemon: incidents over HTTP, with a clock that a restart does not move.

use std::time::Duration;

use driftd::pipeline::{ModelOptions, ReferenceOptions};
use serde_json::{Value, json};

use crate::api::{at, model, profile, rows};
use crate::support::daemon::Daemon;

const HOUR: Duration = Duration::from_secs(3_600);

fn price() -> ModelOptions {
    model("price", ReferenceOptions::Profile(Box::new(profile())))
}

async fn posted(daemon: &Daemon, path: &str, body: Value) -> Value {
    let answer = daemon.post(path, &body).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn kinds(page: &Value) -> Vec<(&str, &str)> {
    let incidents = page["incidents"].as_array().unwrap().iter();
    incidents.map(|one| (one["kind"].as_str().unwrap(), one["state"].as_str().unwrap())).collect()
}

fn report() -> Value {
    json!({"kind": "security", "severity": "critical", "model": "price", "summary": "prompts leak"})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_one_incident_whose_deadline_passes_while_the_daemon_is_down() {
    let daemon = Daemon::start(at("22T00:00"), vec![price()]).await;
    let first = posted(&daemon, "/v1/incidents", report()).await;
    let again = posted(&daemon, "/v1/incidents", report()).await;
    assert_eq!(first["incident"]["id"], "inc-1", "{first:#}");
    assert_eq!(again["incident"]["id"], "inc-1", "{again:#}");
    let acked = posted(&daemon, "/v1/incidents/inc-1/ack", json!({"note": "looking"})).await;
    assert_eq!(acked["state"], "acknowledged", "{acked:#}");
    assert_eq!(daemon.post("/v1/incidents/inc-1/ack", &json!({})).await.status, 409);
    let deadline = "driftd_incident_sla_deadline_timestamp_seconds{incident=\"inc-1\",model=\"price\",kind=\"security\"}";
    daemon.until_sample(deadline, at("23T00:00").as_seconds_f64()).await;

    let clock = daemon.clock.clone();
    let restarting = daemon.restart(vec![price()]);
    clock.advance(25 * HOUR);
    let daemon = restarting.await;
    let breached = |page: &Value| kinds(page).contains(&("sla_breach", "open"));
    daemon.until("/v1/incidents", breached).await;
    daemon
        .until_sample(
            "driftd_incident_sla_breaches_total{model=\"price\",severity=\"critical\",kind=\"security\"}",
            1.0,
        )
        .await;
    let one = daemon.read("/v1/incidents/inc-1").await;
    let happened: Vec<_> =
        one["timeline"].as_array().unwrap().iter().map(|entry| &entry["happened"]).collect();
    assert_eq!(happened, ["opened", "acknowledged", "sla_breached"], "{one:#}");

    posted(&daemon, "/v1/incidents/inc-1/resolve", json!({"note": "patched"})).await;
    let page = daemon.read("/v1/incidents").await;
    assert_eq!(kinds(&page), [("sla_breach", "resolved"), ("security", "resolved")], "{page:#}");
    assert_eq!(kinds(&daemon.read("/v1/incidents?state=open").await), []);
    let audit = daemon.read("/v1/audit").await;
    let actions: Vec<_> = audit["entries"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
    assert!(actions.contains(&&json!("acknowledge")) && actions.contains(&&json!("resolve")), "{audit:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drift_opens_an_incident_that_says_what_moved_and_ends_with_its_alarm_by_a_person() {
    let daemon = Daemon::start(at("22T00:00"), vec![price()]).await;
    daemon.predict("price", &rows("21T00:00", 288, "1", 45.0)).await;
    daemon.clock.set(at("22T01:05"));
    let open = |page: &Value| kinds(page).contains(&("data_drift", "open"));
    let page = daemon.until("/v1/incidents?model=price&kind=data_drift", open).await;
    let id = page["incidents"][0]["id"].as_str().unwrap().to_owned();
    let one = daemon.read(&format!("/v1/incidents/{id}")).await;
    let seen = &one["incident"]["observation"];
    let seen = if seen.is_null() { &one["observation"] } else { seen };
    assert!(seen["moved"].as_array().is_some_and(|moved| !moved.is_empty()), "{one:#}");
    assert!(seen["value"].as_f64() >= seen["threshold"].as_f64(), "{one:#}");
    let text = one.to_string();
    assert!(text.contains("retrain on recent data") && text.contains("/runbooks/data_drift"), "{one:#}");
    let body = json!({"as": "false_alarm", "note": "a test of ours"});
    let resolved = posted(&daemon, &format!("/v1/incidents/{id}/resolve"), body).await;
    assert_eq!(resolved["state"], "resolved", "{resolved:#}");
    let counted =
        "driftd_incident_false_alarms_total{model=\"price\",severity=\"critical\",kind=\"data_drift\"}";
    daemon.until_sample(counted, 1.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_stored_did_not_happen() {
    use crate::support::faulty::Call;
    use driftd::store::StoreError;
    let daemon = Daemon::start(at("22T00:00"), vec![price()]).await;
    daemon.faults.order(Call::CommitIncidents, 1, || StoreError::Full("for a test".to_owned()));
    assert_eq!(daemon.post("/v1/incidents", &report()).await.status, 503);
    assert_eq!(kinds(&daemon.read("/v1/incidents").await), []);
    let opened = posted(&daemon, "/v1/incidents", report()).await;
    assert_eq!(opened["incident"]["id"], "inc-1", "{opened:#}");
}

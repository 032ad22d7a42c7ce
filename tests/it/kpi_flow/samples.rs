//! Samples: counted once, durable, rejected by line.

use driftd::kpi::{Empty, Period, Reading};
use serde_json::json;

use super::*;

fn tickets() -> Definition {
    kpi("tickets", Period::Day, Reading::Sum { empty: Empty::Zero })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_with_a_key_counts_once_and_is_there_after_a_restart() {
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options(vec![tickets()])).await;
    let lines = [
        json!({"kpi": "tickets", "ts": "2026-03-05T09:00:00Z", "value": 3}),
        json!({"kpi": "tickets", "ts": "2026-03-05T10:00:00Z", "value": 4.5}),
    ];
    let first = send(&daemon, Some("k-1"), &lines).await;
    assert_eq!((first.status, &first.json()["duplicate"]), (200, &json!(false)), "{}", first.text());
    let again = send(&daemon, Some("k-1"), &lines).await;
    assert_eq!((again.status, &again.json()["duplicate"]), (200, &json!(true)), "{}", again.text());
    let other = send(&daemon, Some("k-1"), &lines[..1]).await;
    assert_eq!(other.status, 422, "{}", other.text());
    let path = "/v1/kpis/tickets?range=2026-03-04T23:00:00Z/2026-03-05T23:00:00Z";
    assert_eq!(history(&daemon, path).await, ["7.5"]);
    assert_eq!(daemon.sample("driftd_kpi_samples_total{outcome=\"accepted\"}").await, Some(2.0));
    assert_eq!(daemon.sample("driftd_kpi_samples_total{outcome=\"duplicate\"}").await, Some(2.0));

    let daemon = daemon.restart_with_kpis(vec![], options(vec![tickets()])).await;
    assert_eq!(history(&daemon, path).await, ["7.5"]);
    let after = send(&daemon, Some("k-1"), &lines).await;
    assert_eq!(after.json()["duplicate"], true, "{}", after.text());
    assert_eq!(history(&daemon, path).await, ["7.5"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_counted_is_named_by_line_and_the_rest_counts() {
    let definitions = vec![
        tickets(),
        kpi("automation", Period::Day, Reading::Ratio),
        kpi("users", Period::Day, Reading::Distinct { empty: Empty::Zero }),
        kpi("claims/answers", Period::Month, Reading::Nps),
    ];
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options(definitions)).await;
    let ts = "2026-03-05T09:00:00Z";
    let body = [
        json!({"kpi": "tickets", "ts": ts, "value": 3}).to_string(),
        json!({"kpi": "ticket", "ts": ts, "value": 3}).to_string(),
        json!({"ts": ts, "value": 3}).to_string(),
        json!({"kpi": "tickets", "ts": ts}).to_string(),
        json!({"kpi": "tickets", "ts": ts, "value": "3"}).to_string(),
        json!({"kpi": "tickets", "ts": ts, "value": 1e300}).to_string(),
        json!({"kpi": "automation", "ts": ts, "numerator": 3}).to_string(),
        json!({"kpi": "users", "ts": ts, "user": ""}).to_string(),
        json!({"kpi": "users", "ts": ts, "user": "u1", "retract": true}).to_string(),
        json!({"kpi": "answers", "use_case": "claims", "ts": ts, "value": 11}).to_string(),
        json!({"kpi": "answers", "ts": ts, "value": 9}).to_string(),
        json!({"kpi": "tickets", "ts": "yesterday", "value": 3}).to_string(),
        json!({"kpi": "tickets", "ts": "2027-03-05T09:00:00Z", "value": 3}).to_string(),
        "[1]".to_owned(),
        "{\"kpi\":\"tickets\",\"value\":3".to_owned(),
        json!({"kpi": "users", "ts": ts, "user": "u1"}).to_string(),
        json!({"kpi": "answers", "use_case": "claims", "ts": ts, "value": 9}).to_string(),
    ];
    let answer =
        daemon.send(&request("POST", "/v1/kpis", &[], format!("{}\n", body.join("\n")).as_bytes())).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let answer = answer.json();
    assert_eq!((answer["accepted"].as_u64(), answer["rejected"].as_u64()), (Some(3), Some(14)), "{answer:#}");
    let reasons: Vec<(u64, &str)> = answer["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| (error["line"].as_u64().unwrap(), error["reason"].as_str().unwrap()))
        .collect();
    for ((line, reason), (wanted, words)) in reasons.iter().zip([
        (2, "names no KPI"),
        (3, "`kpi` is missing"),
        (4, "`value` is wanted"),
        (5, "`value` is no finite number"),
        (6, "beyond"),
        (7, "`numerator` and `denominator`"),
        (8, "`user` is neither"),
        (9, "users cannot be taken back"),
        (10, "0 to 10"),
        (11, "names no KPI"),
        (12, "`ts` is no RFC 3339"),
        (13, "too far ahead"),
        (14, "no JSON object"),
        (15, "ends within"),
    ]) {
        assert_eq!(*line, wanted, "{reason}");
        assert!(reason.contains(words), "line {line}: {reason}");
        assert!(!reason.contains("yesterday") && !reason.contains("1e300"), "a value is echoed: {reason}");
    }
    assert_eq!(
        daemon.read("/v1/kpis/tickets?range=2026-03-04T23:00:00Z/2026-03-05T23:00:00Z").await["history"][0]["n"],
        1
    );
    let none = daemon.post("/v1/kpis", &json!([{"kpi": "nothing", "value": 1}])).await;
    assert_eq!(none.status, 422, "{}", none.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn samples_are_taken_back_corrected_and_counted_by_team() {
    let by_team = Definition { by: Some("team".into()), ..tickets() };
    let price = kpi("price", Period::Day, Reading::Last);
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options(vec![by_team, price])).await;
    let ticket = |value: f64, team: &str| json!({"kpi": "tickets", "ts": "2026-03-05T09:00:00Z", "value": value, "segments": {"team": team}});
    counted(&daemon, &[ticket(3.0, "north"), ticket(4.0, "south"), ticket(100.0, "south")]).await;
    let mut back = ticket(100.0, "south");
    back["retract"] = json!(true);
    counted(&daemon, &[back]).await;
    let day = "range=2026-03-04T23:00:00Z/2026-03-05T23:00:00Z";
    assert_eq!(history(&daemon, &format!("/v1/kpis/tickets?{day}")).await, ["7"]);
    assert_eq!(history(&daemon, &format!("/v1/kpis/tickets?{day}&segment=team=south")).await, ["4"]);
    assert_eq!(history(&daemon, &format!("/v1/kpis/tickets?{day}&segment=team=north")).await, ["3"]);

    // The last one of the day counts, and of one instant the one with the higher revision, whenever it comes.
    let price = |ts: &str, value: f64, revision: u32| json!({"kpi": "price", "ts": ts, "value": value, "revision": revision});
    let late = "2026-03-05T11:00:00Z";
    counted(&daemon, &[price(late, 9.0, 1), price("2026-03-05T08:00:00Z", 5.0, 0), price(late, 7.0, 0)])
        .await;
    assert_eq!(history(&daemon, &format!("/v1/kpis/price?{day}")).await, ["9"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_counts_nothing_and_a_retry_counts_once() {
    use crate::support::faulty::Call;
    use driftd::store::StoreError;

    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options(vec![tickets()])).await;
    daemon.faults.order(Call::CommitIngest, 1, || StoreError::Unavailable("ordered".to_owned()));
    let lines = [json!({"kpi": "tickets", "ts": "2026-03-05T09:00:00Z", "value": 3})];
    // The daemon's own look at the store may meet the fault first.
    let first = send(&daemon, Some("k"), &lines).await;
    if first.status != 200 {
        assert_eq!(first.status, 503, "{}", first.text());
        let again = send(&daemon, Some("k"), &lines).await;
        assert_eq!((again.status, &again.json()["duplicate"]), (200, &json!(false)), "{}", again.text());
    }
    let day = "/v1/kpis/tickets?range=2026-03-04T23:00:00Z/2026-03-05T23:00:00Z";
    assert_eq!(history(&daemon, day).await, ["3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_be_misread_is_refused() {
    let definitions = vec![tickets(), kpi("claims/calls", Period::Hour, Reading::Sum { empty: Empty::Zero })];
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options(definitions)).await;
    // A second sample under the name of a correction.
    let corrected = json!({"kpi": "tickets", "ts": "2026-03-05T09:00:00Z", "value": 3, "revision": 1});
    let answer = send(&daemon, None, &[corrected]).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.text().contains("`revision` corrects KPIs of kind `last`"), "{}", answer.text());
    // A part of what was asked for.
    let hours = |to: &str| format!("/v1/kpis/calls?use_case=claims&range=2026-01-01T00:00:00Z/{to}");
    assert_eq!(history(&daemon, &hours("2026-02-11T16:00:00Z")).await.len(), 1_000);
    let more = daemon.get(&hours("2026-02-11T17:00:00Z")).await;
    assert_eq!(more.status, 400, "{}", more.text());
    assert!(more.text().contains("more than 1000 hours"), "{}", more.text());
    let unnamed = daemon.get("/v1/kpis/calls").await;
    assert_eq!(unnamed.status, 404);
    assert!(unnamed.text().contains("did you mean claims/calls? Name its use_case"), "{}", unnamed.text());
}

/// What is old is old for the replay, not for the wall.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_body_of_a_replay_may_be_of_any_time() {
    let year = Duration::from_secs(366 * 86_400);
    let replay = || KpiOptions {
        clock: driftd::window::ClockMode::Replay,
        retention: year,
        ..options(vec![tickets()])
    };
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], replay()).await;
    let of = |ts: &str| json!({"kpi": "tickets", "ts": ts, "value": 1});
    counted(&daemon, &[of("2019-01-01T00:00:00Z"), of("2019-06-01T00:00:00Z")]).await;
    let too_old = send(&daemon, None, &[of("2018-05-01T00:00:00Z")]).await;
    assert_eq!(too_old.status, 422, "{}", too_old.text());
    let live = KpiOptions { retention: year, ..options(vec![tickets()]) };
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], live).await;
    assert_eq!(send(&daemon, None, &[of("2019-01-01T00:00:00Z")]).await.status, 422);
}

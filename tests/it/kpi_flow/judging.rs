//! Periods that are over are judged once; late samples are shown and change no incident.

use driftd::incident::{Incident, IncidentKind};
use driftd::kpi::{Empty, Period, Reading};
use driftd::store::{IncidentQuery, Store};
use serde_json::json;

use super::*;
use crate::support::prometheus::look_again;

const LOOKS_MAX: usize = 300;

/// State and severity of each incident of KPIs, by subject.
async fn incidents(daemon: &Daemon) -> Vec<String> {
    let query = IncidentQuery {
        states: Default::default(),
        model: None,
        kind: Some(IncidentKind::Kpi),
        severity: None,
        before: None,
        limit: 100,
    };
    let incidents = daemon.store().read_incidents(query).await.unwrap();
    let words = |one: &Incident| {
        let gone = if one.quiet_since.is_some() { ", its cause is gone" } else { "" };
        let state = if one.is_resolved() { "resolved" } else { "open" };
        format!("{}: {} {state}{gone}", one.key.subject, one.severity)
    };
    let mut found: Vec<String> = incidents.iter().map(words).collect();
    found.sort();
    found
}

fn complaints() -> Definition {
    Definition {
        bounds: lower(2.0, 5.0, 10.0),
        ..kpi("complaints", Period::Month, Reading::Sum { empty: Empty::Unknown })
    }
}

fn complaint(ts: &str, value: f64) -> Value {
    json!({"kpi": "complaints", "ts": ts, "value": value})
}

/// By the calendar of Paris: the first quarter ends on 31 March at 22:00 UTC, the year on 31 December at 23:00.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quarters_and_years_are_judged_as_months_are() {
    let reading = || Reading::Sum { empty: Empty::Unknown };
    let quarterly = Definition { bounds: lower(2.0, 5.0, 10.0), ..kpi("audits", Period::Quarter, reading()) };
    let yearly = Definition { bounds: lower(20.0, 30.0, 60.0), ..kpi("fines", Period::Year, reading()) };
    let daemon =
        Daemon::with_kpis(at("2026-01-02T12:00:00Z"), vec![], options(vec![quarterly, yearly])).await;
    for (now, sample, said) in [
        ("2026-02-10T12:00:00Z", Some(3.0), vec![]),
        // 2026-03-31T21:30:00Z is the last half hour of March there.
        ("2026-03-31T21:30:00Z", Some(4.0), vec![]),
        ("2026-03-31T22:59:59Z", None, vec![]),
        ("2026-03-31T23:00:01Z", None, vec!["audits: warning open"]),
        ("2026-05-10T12:00:00Z", Some(1.0), vec!["audits: warning open"]),
        ("2026-06-30T23:00:01Z", None, vec!["audits: warning open, its cause is gone"]),
        ("2026-12-31T22:30:00Z", Some(60.0), vec!["audits: warning resolved"]),
        // It had ended just before: the same one is open again.
        ("2027-01-01T00:00:01Z", None, vec!["audits: critical open", "fines: critical open"]),
    ] {
        daemon.clock.set(at(now));
        if let Some(value) = sample {
            let of = |name: &str| json!({"kpi": name, "ts": now, "value": value});
            counted(&daemon, &[of("audits"), of("fines")]).await;
        }
        daemon.look_at_kpis().await;
        // What was quiet for long enough ends with the next look of the desk.
        let mut found = incidents(&daemon).await;
        for _ in 0..LOOKS_MAX {
            if found == said {
                break;
            }
            look_again().await;
            found = incidents(&daemon).await;
        }
        assert_eq!(found, said, "{now}");
    }
    let path = "/v1/kpis/audits?range=2025-12-31T23:00:00Z/2026-12-31T23:00:00Z";
    assert_eq!(history(&daemon, path).await, ["7", "1", "no_data", "60"]);
    assert_eq!(history(&daemon, &path.replace("audits", "fines")).await, ["68"]);
}

/// Users of the last seven days, each day; and the share of ten, over the same days though its input is read each day.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_is_judged_each_period_and_is_of_all_its_days() {
    let week = Some(7 * 24 * HOUR);
    let users = kpi("users", Period::Day, Reading::Distinct { empty: Empty::Zero });
    let bounds = Bounds { warning: Some(0.15), critical: Some(0.1), ..Bounds::default() };
    let share = Definition { window: week, bounds, ..formula("share", Period::Day, "users / 10") };
    let active = Definition {
        window: week,
        kind: Kind::Counted {
            stream: "users".parse().unwrap(),
            reading: Reading::Distinct { empty: Empty::Zero },
        },
        ..kpi("active", Period::Day, Reading::Distinct { empty: Empty::Zero })
    };
    let options = options(vec![users, share, active]);
    let daemon = Daemon::with_kpis(at("2026-03-26T12:00:00Z"), vec![], options).await;
    let uses = |day: u32, user: &str| json!({"kpi": "users", "ts": format!("2026-03-{day}T10:00:00Z"), "user": user});
    counted(&daemon, &[uses(23, "ann"), uses(23, "bob"), uses(24, "ann"), uses(26, "cy")]).await;
    daemon.look_at_kpis().await;
    assert!(incidents(&daemon).await.is_empty());
    let of = |kpi: &str| format!("/v1/kpis/{kpi}?range=2026-03-22T23:00:00Z/2026-04-01T22:00:00Z");
    // The 23rd leaves on the 30th; clocks change on the 29th.
    daemon.clock.set(at("2026-04-01T23:00:01Z"));
    assert_eq!(history(&daemon, &of("users")).await, ["2", "1", "0", "1", "0", "0", "0", "0", "0", "0"]);
    let within = ["2", "2", "2", "3", "3", "3", "3", "2", "1", "1"];
    assert_eq!(history(&daemon, &of("active")).await, within);
    assert_eq!(history(&daemon, &of("share")).await, within.map(|users| format!("0.{users}")));
    let answer = daemon.read(&of("active")).await;
    assert_eq!((&answer["kpi"]["period"], &answer["kpi"]["over"]), (&json!("day"), &json!("7d")));
    let last = &answer["history"][9];
    assert_eq!(
        last["window"],
        json!({"start": "2026-03-25T23:00:00Z", "end": "2026-04-01T22:00:00Z"}),
        "{last}"
    );
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["share: critical open"]);
    let page = daemon.read("/v1/incidents?kind=kpi").await;
    let said = page["incidents"][0].to_string();
    assert!(said.contains("share is 0.1 in the 7 days to 2026-04-01: at or below 0.1 (critical)"), "{said}");

    // Late, of a day that is in two windows.
    counted(&daemon, &[uses(24, "dee")]).await;
    let within = ["2", "3", "3", "4", "4", "4", "4", "3", "1", "1"];
    assert_eq!(history(&daemon, &of("active")).await, within);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_is_judged_an_hour_after_its_end_by_the_wall_and_a_late_sample_only_shows() {
    let daemon = Daemon::with_kpis(at("2026-03-15T12:00:00Z"), vec![], options(vec![complaints()])).await;
    counted(&daemon, &[complaint("2026-03-10T12:00:00Z", 7.0)]).await;
    daemon.look_at_kpis().await;
    assert!(incidents(&daemon).await.is_empty(), "March is not over");

    // March ends in Paris at 22:00 UTC, and is waited for until 23:00.
    daemon.clock.set(at("2026-03-31T22:59:59Z"));
    daemon.look_at_kpis().await;
    assert!(incidents(&daemon).await.is_empty(), "March is still waited for");
    daemon.clock.set(at("2026-03-31T23:00:01Z"));
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["complaints: warning open"]);
    let page = daemon.read("/v1/incidents?kind=kpi").await;
    let one = daemon.read(&format!("/v1/incidents/{}", page["incidents"][0]["id"].as_str().unwrap())).await;
    let text = one.to_string();
    assert!(text.contains("complaints is 7 in 2026-03: at or above 5 (warning); the target is 2"), "{one:#}");
    assert!(text.contains("Anne Martin"), "{one:#}");

    // Late: shown, but the month was judged.
    counted(&daemon, &[complaint("2026-03-20T12:00:00Z", 50.0)]).await;
    daemon.look_at_kpis().await;
    let path = "/v1/kpis/complaints?range=2026-02-28T23:00:00Z/2026-03-31T22:00:00Z";
    assert_eq!(history(&daemon, path).await, ["57"]);
    assert_eq!(daemon.read(path).await["history"][0]["status"], "critical");
    assert_eq!(incidents(&daemon).await, ["complaints: warning open"]);

    // A restart judges nothing again.
    let daemon = daemon.restart_with_kpis(vec![], options(vec![complaints()])).await;
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["complaints: warning open"]);

    // April is worse, May is well.
    daemon.clock.set(at("2026-04-10T12:00:00Z"));
    counted(&daemon, &[complaint("2026-04-10T12:00:00Z", 12.0)]).await;
    daemon.clock.set(at("2026-04-30T23:00:01Z"));
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["complaints: critical open"]);
    daemon.clock.set(at("2026-05-02T12:00:00Z"));
    counted(&daemon, &[complaint("2026-05-02T12:00:00Z", 1.0)]).await;
    daemon.clock.set(at("2026-05-31T23:00:01Z"));
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["complaints: critical open, its cause is gone"]);
    let status =
        "driftd_kpi_status{kpi=\"complaints\",family=\"strategic\",use_case=\"\",model=\"\",segment=\"all\"}";
    daemon.until_sample(status, 0.0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_month_without_samples_is_unknown_and_neither_opens_nor_ends_anything() {
    let daemon = Daemon::with_kpis(at("2026-01-10T00:00:00Z"), vec![], options(vec![complaints()])).await;
    counted(&daemon, &[complaint("2026-01-10T00:00:00Z", 7.0)]).await;
    daemon.clock.set(at("2026-01-31T23:59:00Z"));
    daemon.clock.advance(HOUR);
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["complaints: warning open"]);
    daemon.clock.set(at("2026-03-01T01:00:00Z"));
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["complaints: warning open"], "February is unknown");
    let path = "/v1/kpis/complaints?range=2025-12-31T23:00:00Z/2026-02-28T23:00:00Z";
    assert_eq!(history(&daemon, path).await, ["7", "no_data"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kpi_that_stops_coming_is_stale_and_says_so_until_it_comes_again() {
    let daily = Definition { stale_after: 2 * DAY, ..kpi("revenue", Period::Day, Reading::Mean) };
    let twin = Definition { id: id("revenue_max"), ..daily.clone() };
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options(vec![daily, twin])).await;
    counted(&daemon, &[json!({"kpi": "revenue", "ts": "2026-03-05T12:00:00Z", "value": 1})]).await;
    daemon.clock.set(at("2026-03-07T12:00:00Z"));
    daemon.look_at_kpis().await;
    assert!(incidents(&daemon).await.is_empty());
    daemon.clock.set(at("2026-03-07T12:00:01Z"));
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["revenue stale: warning open"], "once for a stream");
    assert_eq!(daemon.read("/v1/kpis/revenue").await["kpi"]["stale"], true);
    counted(&daemon, &[json!({"kpi": "revenue", "ts": "2026-03-07T12:00:01Z", "value": 1})]).await;
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["revenue stale: warning open, its cause is gone"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_missed_while_the_daemon_was_down_is_history_only_how_it_stands_is_told() {
    let daily = Definition {
        bounds: lower(1.0, 5.0, 10.0),
        ..kpi("errors", Period::Day, Reading::Sum { empty: Empty::Unknown })
    };
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![], options(vec![daily.clone()])).await;
    let errors = |ts: &str, value: f64| json!({"kpi": "errors", "ts": ts, "value": value});
    counted(&daemon, &[errors("2026-03-05T12:00:00Z", 1.0)]).await;
    daemon.clock.set(at("2026-03-10T12:00:00Z"));
    counted(&daemon, &[errors("2026-03-07T12:00:00Z", 50.0), errors("2026-03-09T12:00:00Z", 1.0)]).await;
    daemon.look_at_kpis().await;
    assert!(incidents(&daemon).await.is_empty(), "the 7th is history, the 9th is well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_judgement_that_could_not_be_stored_is_made_again() {
    use crate::support::faulty::Call;
    use driftd::store::StoreError;

    let daemon = Daemon::with_kpis(at("2026-03-15T12:00:00Z"), vec![], options(vec![complaints()])).await;
    counted(&daemon, &[complaint("2026-03-10T12:00:00Z", 70.0)]).await;
    daemon.look_at_kpis().await;
    daemon.faults.order(Call::CommitKpis, 1, || StoreError::Unavailable("ordered".to_owned()));
    daemon.clock.set(at("2026-04-01T00:00:00Z"));
    daemon.look_at_kpis().await;
    daemon.faults.until_met().await;
    daemon.look_at_kpis().await;
    assert_eq!(incidents(&daemon).await, ["complaints: critical open"]);
    assert_eq!(daemon.stored("SELECT count(*) FROM incident"), 1);
}

//! A config that is read again is taken up whole, or not at all.

use driftd::kpi::{Empty, Period, Reading};
use driftd::pipeline::ReferenceOptions;
use driftd::store::StoreError;
use serde_json::json;

use super::*;
use crate::api::{model, profile};
use crate::support::faulty::Call;

fn sums(names: &[&str]) -> KpiOptions {
    options(names.iter().map(|name| kpi(name, Period::Day, Reading::Sum { empty: Empty::Zero })).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_of_kpis_that_cannot_be_read_leave_everything_as_it_was() {
    let named = |id| model(id, ReferenceOptions::Profile(Box::new(profile())));
    let daemon = Daemon::with_kpis(at("2026-03-05T12:00:00Z"), vec![named("old")], sums(&["tickets"])).await;
    let sample = |kpi: &str| json!({"kpi": kpi, "ts": "2026-03-05T09:00:00Z", "value": 3});
    counted(&daemon, &[sample("tickets")]).await;

    daemon.faults.order(Call::ReadKpis, 1, || StoreError::Unavailable("a test".to_owned()));
    let refused = daemon.reload(vec![named("new")], sums(&["tickets", "calls"])).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("KPIs: ") && refused.text().contains("a test"), "{}", refused.text());
    assert_eq!(daemon.read("/v1/models").await["models"][0]["model"], "old");
    assert_eq!(send(&daemon, None, &[sample("calls")]).await.status, 422);
    counted(&daemon, &[sample("tickets")]).await;

    let taken = daemon.reload(vec![named("new")], sums(&["tickets", "calls"])).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let models = daemon.read("/v1/models").await;
    assert_eq!(
        (&models["models"][0]["model"], models["models"].as_array().unwrap().len()),
        (&json!("new"), 1)
    );
    counted(&daemon, &[sample("calls"), sample("tickets")]).await;
    let path = "/v1/kpis/tickets?range=2026-03-04T23:00:00Z/2026-03-05T23:00:00Z";
    assert_eq!(history(&daemon, path).await, ["9"]);
}

/// Days are dates: they are the same ones in another zone, and those who come later are counted by the days of then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_keep_their_date_in_another_zone() {
    let kpis = |zone| {
        let sum = Reading::Sum { empty: Empty::Zero };
        options_in(zone, vec![kpi("tickets", Period::Day, sum), kpi("calls", Period::Hour, sum)])
    };
    let daemon = Daemon::with_kpis(at("2026-03-05T22:45:00Z"), Vec::new(), kpis("Europe/Paris")).await;
    let sample = |kpi: &str, ts: &str, value: u32| json!({"kpi": kpi, "ts": ts, "value": value});
    // 00:30 on the 5th in Paris and 18:30 on the 4th in New York; then a quarter to midnight on the 5th in Paris.
    let (first, last) = ("2026-03-04T23:30:00Z", "2026-03-05T22:45:00Z");
    let samples = [sample("tickets", first, 3), sample("tickets", last, 40), sample("calls", first, 5)];
    counted(&daemon, &samples).await;
    let days = |from: &str, to: &str| format!("/v1/kpis/tickets?range={from}/{to}");
    let in_paris = days("2026-03-03T23:00:00Z", "2026-03-05T23:00:00Z");
    let in_new_york = days("2026-03-04T05:00:00Z", "2026-03-06T05:00:00Z");
    assert_eq!(history(&daemon, &in_paris).await, ["0", "43"]);

    let taken = daemon.reload(Vec::new(), kpis("America/New_York")).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    assert_eq!(history(&daemon, &in_new_york).await, ["0", "43"]);
    counted(&daemon, &[sample("tickets", first, 100), sample("calls", first, 7)]).await;
    assert_eq!(history(&daemon, &in_new_york).await, ["100", "43"]);
    let hours = "/v1/kpis/calls?range=2026-03-04T22:00:00Z/2026-03-05T00:00:00Z";
    assert_eq!(history(&daemon, hours).await, ["0", "12"]);

    daemon.reload(Vec::new(), kpis("Europe/Paris")).await;
    assert_eq!(history(&daemon, &in_paris).await, ["100", "43"]);
}

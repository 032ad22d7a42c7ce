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

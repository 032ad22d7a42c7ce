//! A config may name the classes of a model in another order than its reference has them.

use std::time::Duration;

use driftd::batch::{CodesBuilder, ColumnValues};
use driftd::domain::{ColumnKind, Task};
use driftd::pipeline::{ModelOptions, ReferenceOptions};
use driftd::reference::{BuildOptions, Builder, Profile, ReferenceColumn};
use serde_json::{Value, json};

use crate::api::{at, model};
use crate::support::daemon::Daemon;

fn names(of: impl Iterator<Item = &'static str>) -> ColumnValues {
    let mut codes = CodesBuilder::default();
    of.for_each(|name| codes.push(name));
    ColumnValues::Categorical(codes.take())
}

/// 400 rows: 200 low, 150 medium, 50 high. Every tenth is said to be medium, of which 20 are low.
fn profile() -> Profile {
    let actual = |row: usize| match row % 8 {
        0..4 => "low",
        4..7 => "medium",
        _ => "high",
    };
    let predicted = move |row: usize| if row.is_multiple_of(10) { "medium" } else { actual(row) };
    let task = Task::Multiclass;
    let options = BuildOptions { model: "price".parse().unwrap(), task: Some(task), windows: Vec::new() };
    let mut builder = Builder::new(options, 400, None).unwrap();
    builder.learn_outcomes(task, None, names((0..400).map(actual))).unwrap();
    let values = names((0..400).map(predicted));
    let id = "@prediction".parse().unwrap();
    builder.add(ReferenceColumn { id, kind: ColumnKind::Categorical, values }).unwrap();
    builder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_is_the_baseline_of_its_classes_in_any_order() {
    for classes in [["low", "medium", "high"], ["high", "medium", "low"], ["high", "low", "medium"]] {
        let mut options = ModelOptions {
            task: Task::Multiclass,
            classes: classes.map(Box::from).to_vec(),
            ..model("price", ReferenceOptions::Profile(Box::new(profile())))
        };
        options.plan.outcomes.label_wait = Duration::ZERO;
        let daemon = Daemon::start(at("01T23:59"), vec![options]).await;
        // 120 high, 60 medium, 60 low, and all of them right.
        let row = |row: usize| {
            let class = ["high", "medium", "high", "low"][row % 4];
            let ts = at("01T00:00").saturating_add(Duration::from_secs(350 * row as u64)).to_string();
            json!({"id": format!("p-{row}"), "ts": ts, "prediction": class, "actual": class})
        };
        daemon.predict("price", &(0..240).map(row).collect::<Vec<_>>()).await;
        daemon.until_sample("driftd_labels_total{model=\"price\",outcome=\"matched\"}", 240.0).await;
        daemon.clock.set(at("02T01:30"));
        let path = "/v1/models/price/performance";
        let judged = daemon.until(path, |of| of["versions"][0]["labelled"] == 240).await;
        let version = &judged["versions"][0];
        let accuracy = &version["metrics"].as_array().unwrap()[0];
        assert_eq!(
            (&accuracy["metric"], &accuracy["baseline"]),
            (&json!("accuracy"), &json!(0.95)),
            "{version:#}"
        );
        let shares = |class: &&str| {
            let shift = version["label_shift"]["classes"].as_array().unwrap();
            let shift = shift.iter().find(|of| of["class"] == **class).unwrap();
            [&shift["reference"], &shift["current"]].map(|share: &Value| share.as_f64().unwrap())
        };
        let expected = [[0.5, 0.25], [0.375, 0.25], [0.125, 0.5]];
        assert_eq!(["low", "medium", "high"].each_ref().map(shares), expected, "{classes:?}: {version:#}");
    }
}

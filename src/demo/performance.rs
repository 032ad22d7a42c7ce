//! What the demo ends with: how right the model was, week by week, and which drift explains it.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::setup::MODEL;
use crate::domain::Timestamp;
use crate::web::answer::{MetricPerformance, PerformanceAnswer};

/// What does not come is a fault to report, not to wait for.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(20);
const DAY: Duration = Duration::from_secs(86_400);
/// Four weeks lie between two lines.
const STEP: Duration = Duration::from_secs(28 * 86_400);

/// A line every four weeks, then the explanation of the last window. Waits until labels have decided on the whole of it.
pub async fn in_words(client: &reqwest::Client, base: &str, last: Timestamp) -> anyhow::Result<String> {
    let url = format!("{base}/v1/models/{MODEL}/performance");
    let deadline = Instant::now() + PATIENCE;
    let newest = loop {
        let answer: PerformanceAnswer = ask(client, &url).await?;
        let reached = answer.window.is_some_and(|window| last.since(window.end) <= DAY);
        if reached && answer.versions.iter().all(|version| !version.provisional) {
            break answer;
        }
        if Instant::now() > deadline {
            bail!("labels did not decide on the last window within {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    };
    let mut lines =
        vec![format!("{:<12}  {:>9}  {:>8}  {:>8}", "week to", "estimated", "realised", "baseline")];
    let window = newest.window.context("the last window is there")?;
    let length = window.end.since(window.start);
    for weeks in (0..10).rev() {
        let end = window.end.saturating_sub(STEP * weeks);
        let start = end.saturating_sub(length);
        let answer: PerformanceAnswer = ask(client, &format!("{url}?current={start}/{end}")).await?;
        let metrics = answer.versions.iter().flat_map(|version| &version.metrics);
        if let Some(metric) = metrics.into_iter().find(|metric| metric.metric == answer.primary) {
            lines.push(line(end, metric));
        }
    }
    let explained = newest.versions.first().map(|version| version.explanation.message.clone());
    lines.push(format!("\n{}", explained.unwrap_or_default()));
    Ok(lines.join("\n"))
}

fn line(end: Timestamp, metric: &MetricPerformance) -> String {
    let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
    let day = end.to_string();
    format!(
        "{:<12}  {:>9}  {:>8}  {:>8}",
        day.get(..10).unwrap_or(&day),
        number(metric.estimated.map(|of| of.value)),
        number(metric.realised.map(|of| of.value)),
        number(metric.baseline)
    )
}

async fn ask(client: &reqwest::Client, url: &str) -> anyhow::Result<PerformanceAnswer> {
    let answer = client.get(url).send().await.context("the daemon did not answer")?;
    Ok(answer.error_for_status()?.json().await?)
}

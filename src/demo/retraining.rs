//! The demo's last word: what was decided on retraining, why, and the request that it sent.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::setup::MODEL;
use super::sink::Sink;
use crate::web::answer::{DecisionAnswer, DecisionsAnswer};

/// What does not come is a fault to report, not to wait for.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// Every decision in a line, the reasons below, and the request of the one that was triggered. Waits for that one.
pub async fn in_words(client: &reqwest::Client, base: &str, sink: &mut Sink) -> anyhow::Result<String> {
    let deadline = Instant::now() + PATIENCE;
    let mut decisions = loop {
        let decisions = ask(client, base).await?;
        if decisions.iter().any(|decision| decision.run.as_ref().is_some_and(|run| run.state == "accepted")) {
            break decisions;
        }
        if Instant::now() > deadline {
            bail!("no run was decided and accepted within {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(POLL).await;
    };
    decisions.reverse();
    let mut text = decisions.iter().map(line).collect::<Vec<_>>().join("\n");
    let request = sink.trained().await.context("no request came for the run")?;
    text += &format!("\n\nThe request to the training pipeline:\n{request}");
    Ok(text)
}

async fn ask(client: &reqwest::Client, base: &str) -> anyhow::Result<Vec<DecisionAnswer>> {
    let answer = client.get(format!("{base}/v1/decisions?model={MODEL}")).send().await;
    let answer: DecisionsAnswer =
        answer.context("the daemon did not answer")?.error_for_status()?.json().await?;
    Ok(answer.decisions)
}

fn line(decision: &DecisionAnswer) -> String {
    let day = decision.occasion_at.to_string();
    let day = day.get(..10).unwrap_or(&day).to_owned();
    match &decision.order {
        Some(order) => {
            let roles: Vec<&str> = order.validators.iter().map(|role| role.as_str()).collect();
            format!(
                "  {day}  {}: retrain ({} update, {}), for {}\n      on {} to {}; agreed by {} before it serves",
                order.run_key,
                order.update.as_str(),
                order.category,
                order.reason,
                order.window.start,
                order.window.end,
                roles.join(", "),
            )
        }
        None => {
            let reasons: Vec<&str> = decision.withheld.iter().map(|reason| reason.message.as_str()).collect();
            format!("  {day}  {}: not retrained, for {}", decision.cause, reasons.join("; "))
        }
    }
}

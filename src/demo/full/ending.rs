//! What the year came to: the portfolio, what is open, what went together, where to look.

use anyhow::Context;
use serde_json::Value;

use super::generate::{Model, UseCase};
use crate::cli::{Daemon, portfolio_in_words};

/// Most open incidents that are listed.
const LISTED_MAX: usize = 20;

/// Everything, in the order in which somebody would ask.
pub async fn in_words(base: &str) -> anyhow::Result<String> {
    let daemon = Daemon::at(base.to_owned(), None);
    let [incidents, decisions, link] = [
        "/v1/incidents?state=open,acknowledged&limit=200".to_owned(),
        format!("/v1/decisions?model={}", Model::Churn.id()),
        format!("/v1/use_cases/{}/link", UseCase::Retention.id()),
    ];
    let incidents: Value = daemon.get(&incidents).await?;
    let decisions: Value = daemon.get(&decisions).await?;
    let link: Value = daemon.get(&link).await?;
    Ok(format!(
        "The portfolio (synthetic), as `driftd portfolio --url {base}` prints it:\n\n{}\n{}\n{}\n{}\n\nWhere to look:\n{}",
        portfolio_in_words(&daemon).await?,
        open(&incidents)?,
        decided(&decisions),
        linked(&link),
        places(base)
    ))
}

fn open(answer: &Value) -> anyhow::Result<String> {
    let incidents = answer["incidents"].as_array().context("the answer has no incidents")?;
    let mut incidents: Vec<&Value> = incidents.iter().collect();
    // Newest first, as they came; "critical" before "warning".
    incidents.sort_by_key(|incident| incident["severity"].as_str());
    let (shown, rest) = incidents.split_at(incidents.len().min(LISTED_MAX));
    let mut text = format!("{} incidents are open:\n", incidents.len());
    for incident in shown {
        let title = incident["title"].as_str().unwrap_or_default();
        let summary = incident["observation"]["summary"].as_str().unwrap_or_default();
        text += &format!("  {title}\n      {summary}\n");
    }
    if !rest.is_empty() {
        text += &format!("  and {} more\n", rest.len());
    }
    Ok(text)
}

/// The orders to train, not every reason against one.
fn decided(answer: &Value) -> String {
    let decisions = answer["decisions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ordered = decisions.iter().filter_map(|decision| decision["order"]["run_key"].as_str());
    let ordered: Vec<&str> = ordered.collect();
    format!("{} decisions on retraining; asked for: {}", decisions.len(), ordered.join(", "))
}

/// Recall of the model against customers who stay, at the lag where they go together most.
fn linked(answer: &Value) -> String {
    let links = answer["links"].as_array().map(Vec::as_slice).unwrap_or_default();
    let of_performance = links.iter().find(|link| link["technical"]["name"] == "performance");
    let Some(link) = of_performance.map(|link| &link["link"]).filter(|link| link.is_object()) else {
        return "recall and customers kept: no link to be told".to_owned();
    };
    let strongest = &link["strongest"];
    format!(
        "recall of {} and customers kept: rank correlation {:.2} over {} weeks where recall leads by {} ({})",
        Model::Churn.id(),
        strongest["correlation"]["rho"].as_f64().unwrap_or(f64::NAN),
        strongest["correlation"]["n"],
        strongest["lag"],
        link["caution"].as_str().unwrap_or_default()
    )
}

fn places(base: &str) -> String {
    let paths = [
        "/v1/portfolio",
        "/v1/use_cases/retention",
        "/v1/use_cases/retention/link",
        "/v1/kpis/usage_rate?use_case=claims",
        "/v1/models/churn",
        "/v1/decisions?model=churn",
        "/v1/maintenance",
        "/v1/incidents?kind=kpi",
        "/metrics",
    ];
    paths.map(|path| format!("  {base}{path}")).join("\n")
}

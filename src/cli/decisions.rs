//! `driftd decisions`: what was decided of retraining, why, and what became of it.

use std::io::{self, Write};
use std::process::ExitCode;

use super::client::Daemon;
use super::run::runtime;
use super::table::{Table, print_json};
use crate::domain::ModelId;
use crate::retraining::DecisionId;
use crate::web::answer::{DecisionAnswer, DecisionsAnswer};

/// List decisions of retraining, newest first: triggered or withheld, why, and how the run stands
#[derive(Debug, clap::Args)]
pub struct Decisions {
    #[arg(long)]
    model: Option<ModelId>,
    /// scheduled, drift, monthly, quarterly or manual
    #[arg(long)]
    cause: Option<String>,
    /// trigger or withhold
    #[arg(long)]
    outcome: Option<String>,
    /// Only those before this one: for the next page
    #[arg(long, value_name = "ID")]
    before: Option<DecisionId>,
    #[arg(long, default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    daemon: Daemon,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

impl Decisions {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mut query = vec![("limit", self.limit.to_string())];
        query.extend(self.model.map(|model| ("model", model.to_string())));
        query.extend(self.cause.map(|cause| ("cause", cause)));
        query.extend(self.outcome.map(|outcome| ("outcome", outcome)));
        query.extend(self.before.map(|id| ("before", id.to_string())));
        let answer: DecisionsAnswer = runtime()?.block_on(self.daemon.get_with("/v1/decisions", &query))?;
        match self.json {
            true => print_json(&answer)?,
            false => show(&mut io::stdout().lock(), &answer)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(out: &mut impl Write, answer: &DecisionsAnswer) -> io::Result<()> {
    let mut table = Table::of(["ID", "WHEN", "MODEL", "CAUSE", "CATEGORY", "OUTCOME", "RUN", "WHY"]);
    for decision in &answer.decisions {
        table.row([
            decision.id.map_or_else(|| "-".to_owned(), |id| id.to_string()),
            decision.at.to_string(),
            decision.model.to_string(),
            decision.cause.to_string(),
            decision.category.to_string(),
            decision.outcome.clone(),
            decision.run.as_ref().map_or_else(|| "-".to_owned(), |run| run.state.clone()),
            why(decision),
        ]);
    }
    table.print(out, "no decision")?;
    match answer.next {
        Some(next) => writeln!(out, "there are more: --before {next}"),
        None => Ok(()),
    }
}

/// What stood against it; where nothing did, what it was for, and how its run stands.
fn why(decision: &DecisionAnswer) -> String {
    if !decision.withheld.is_empty() {
        let against: Vec<&str> = decision.withheld.iter().map(|each| each.message.as_str()).collect();
        return against.join("; ");
    }
    let Some(run) = &decision.run else { return decision.reason.clone() };
    let stands = match (&run.trouble, run.report_by.filter(|_| run.open), &run.last_error) {
        (Some(trouble), _, _) => trouble.clone(),
        (None, Some(report_by), _) => format!("{} is to report by {report_by}", run.run_key),
        (None, None, Some(error)) if run.open => format!("{}: {error}", run.run_key),
        (None, None, _) => run.run_key.to_string(),
    };
    format!("{}; {stands}", decision.reason)
}

//! `driftd maintenance`: the calendar of what is done for models.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Daemon;
use super::run::runtime;
use super::table::{Table, print_json};
use crate::domain::ModelId;
use crate::retraining::{MaintenanceTask, Period};
use crate::web::answer::{MaintenanceAnswer, MaintenanceItemAnswer};

/// List what the calendar asks for, say that a task was done
#[derive(Debug, Args)]
pub struct Maintenance {
    #[command(subcommand)]
    action: Action,
    #[command(flatten)]
    daemon: Daemon,
    /// The answer as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Every task with its standing, and when runs are planned next
    List(List),
    /// Say that a task was done; it is kept with who said so
    Done(Done),
}

#[derive(Debug, Args)]
struct List {
    #[arg(long)]
    model: Option<ModelId>,
}

#[derive(Debug, Args)]
struct Done {
    model: ModelId,
    /// preventive_retraining, data_refresh, non_regression_tests or compliance_audit
    task: MaintenanceTask,
    /// monthly, quarterly or half_yearly
    period: Period,
    /// What was done, in one line
    #[arg(long)]
    note: Option<String>,
}

impl Maintenance {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Self { action, daemon, json } = self;
        runtime()?.block_on(async {
            match action {
                Action::List(List { model }) => {
                    let query: Vec<_> = model.map(|model| ("model", model.to_string())).into_iter().collect();
                    list(&daemon.get_with("/v1/maintenance", &query).await?, json)
                }
                Action::Done(done) => {
                    let Done { model, task, period, note } = done;
                    let body = json!({ "model": model, "task": task, "period": period, "note": note });
                    said(&daemon.post("/v1/maintenance", body).await?, json)
                }
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

fn list(answer: &MaintenanceAnswer, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(answer);
    }
    let mut out = io::stdout().lock();
    let head = ["MODEL", "TASK", "PERIOD", "STANDING", "DUE BY", "LAST DONE", "WHO", "NOTE"];
    let mut table = Table::of(head);
    for item in &answer.items {
        table.row([
            item.model.to_string(),
            item.task.to_string(),
            item.period.map_or("-", Period::as_str).to_owned(),
            item.standing.clone(),
            item.due_by.to_string(),
            item.last_done.map_or_else(|| "-".to_owned(), |at| at.to_string()),
            item.role.to_string(),
            item.note.clone().unwrap_or_default(),
        ]);
    }
    table.print(&mut out, "nothing is asked for by the calendar")?;
    for next in &answer.next_runs {
        writeln!(out, "next {} run of {}: {}", next.cause, next.model, next.at)?;
    }
    Ok(())
}

fn said(item: &MaintenanceItemAnswer, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(item);
    }
    let period = item.period.map_or_else(String::new, |period| format!("/{}", period.as_str()));
    let (task, model, standing) = (item.task, &item.model, &item.standing);
    let next = if standing == "done" { "next due" } else { "due" };
    writeln!(io::stdout(), "{task}{period} of {model} is {standing}, {next} by {}", item.due_by)?;
    Ok(())
}

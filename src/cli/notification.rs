//! `driftd notification`: who was told what, and what was given up.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Daemon;
use super::run::runtime;
use super::table::{Table, print_json};
use crate::incident::IncidentId;
use crate::notification::{NotificationId, ReceiverName};
use crate::web::answer::{NotificationAnswer, NotificationsAnswer};

/// Stands for what the daemon cannot read of what it has stored.
pub(super) const UNREADABLE: &str = "(unreadable)";

/// List notifications, send a dead one again
#[derive(Debug, Args)]
pub struct Notification {
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
    /// Notifications and what became of them, newest first
    List(List),
    /// Send a dead notification again, with its whole message and under the same id
    Retry {
        /// As in ntf-17
        id: NotificationId,
    },
}

#[derive(Debug, Args)]
struct List {
    /// pending, claimed, delivered or dead
    #[arg(long)]
    state: Option<String>,
    #[arg(long)]
    receiver: Option<ReceiverName>,
    #[arg(long, value_name = "ID")]
    incident: Option<IncidentId>,
    /// Only those before this one: for the next page
    #[arg(long, value_name = "ID")]
    before: Option<NotificationId>,
    #[arg(long, default_value_t = 100)]
    limit: u32,
}

impl Notification {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Self { action, daemon, json } = self;
        runtime()?.block_on(async {
            match action {
                Action::List(asked) => {
                    list(daemon.get_with("/v1/notifications", &asked.query()).await?, json)
                }
                Action::Retry { id } => {
                    said(daemon.post(&format!("/v1/notifications/{id}/retry"), json!({})).await?, json)
                }
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn query(self) -> Vec<(&'static str, String)> {
        let mut query = vec![("limit", self.limit.to_string())];
        query.extend(self.state.map(|state| ("state", state)));
        query.extend(self.receiver.map(|receiver| ("receiver", receiver.to_string())));
        query.extend(self.incident.map(|incident| ("incident", incident.to_string())));
        query.extend(self.before.map(|before| ("before", before.to_string())));
        query
    }
}

fn list(answer: NotificationsAnswer, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(&answer);
    }
    let mut table =
        Table::of(["ID", "STATE", "RECEIVER", "INCIDENT", "TELLS", "ATTEMPTS", "NEXT", "LAST ERROR"]);
    for told in &answer.notifications {
        table.row([
            told.id.to_string(),
            told.state.clone(),
            told.receiver.to_string(),
            told.incident.to_string(),
            told.happened.clone().unwrap_or_else(|| UNREADABLE.to_owned()),
            told.attempts.to_string(),
            told.next_attempt_at.map_or_else(|| "-".to_owned(), |at| at.to_string()),
            told.last_error.clone().unwrap_or_default(),
        ]);
    }
    let mut out = io::stdout().lock();
    table.print(&mut out, "no notification")?;
    if let Some(next) = answer.next {
        writeln!(out, "there are more: --before {next}")?;
    }
    Ok(())
}

fn said(told: NotificationAnswer, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(&told);
    }
    let title = told.title.as_deref().unwrap_or(UNREADABLE);
    writeln!(io::stdout(), "{} {}: {title} to {}", told.id, told.state, told.receiver)?;
    Ok(())
}

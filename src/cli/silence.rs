//! `driftd silence`: hold news of incidents back for a while.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Daemon;
use super::run::runtime;
use super::table::{Table, print_json};
use crate::domain::Timestamp;
use crate::incident::{IncidentKind, Role};
use crate::notification::{Matcher, ModelPattern, SilenceId};
use crate::web::answer::{SilenceAnswer, SilenceState, SilencesAnswer};

/// List silences, add one, end one early
#[derive(Debug, Args)]
pub struct Silence {
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
    /// Silences that are not over
    List,
    /// Hold back news of incidents that match; the incidents and their clocks go on
    Add(Add),
    /// End a silence early
    End(End),
}

#[derive(Debug, Args)]
struct Add {
    /// warning or critical; may be given twice
    #[arg(long)]
    severity: Vec<String>,
    #[arg(long)]
    kind: Vec<IncidentKind>,
    /// Who must act: data_engineer, model_owner, business_owner or security_officer
    #[arg(long)]
    role: Vec<Role>,
    /// A model's id, or the beginning of one and *
    #[arg(long)]
    model: Vec<ModelPattern>,
    /// NAME=VALUE; may be given several times
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = super::incident::tag)]
    tags: Vec<(String, String)>,
    /// From now on if left out
    #[arg(long)]
    from: Option<Timestamp>,
    #[arg(long, required_unless_present = "lasts", conflicts_with = "lasts")]
    until: Option<Timestamp>,
    /// As 90m, 24h or 7d
    #[arg(long)]
    lasts: Option<String>,
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
struct End {
    /// As in sil-3
    id: SilenceId,
    #[arg(long)]
    reason: String,
}

impl Silence {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Self { action, daemon, json } = self;
        runtime()?.block_on(async {
            match action {
                Action::List => list(daemon.get("/v1/silences").await?, json),
                Action::Add(add) => said(daemon.post("/v1/silences", add.body()).await?, json),
                Action::End(End { id, reason }) => {
                    let path = format!("/v1/silences/{id}/end");
                    said(daemon.post(&path, json!({ "reason": reason })).await?, json)
                }
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Add {
    fn body(self) -> serde_json::Value {
        let tags: BTreeMap<String, String> = self.tags.into_iter().collect();
        let mut matcher = json!({});
        for (name, values) in [
            ("severity", json!(self.severity)),
            ("kind", json!(self.kind)),
            ("role", json!(self.role)),
            ("model", json!(self.model)),
            ("tags", json!(tags)),
        ] {
            matcher[name] = values;
        }
        let mut body = json!({ "matcher": matcher, "reason": self.reason });
        for (name, value) in [
            ("from", self.from.map(|from| from.to_string())),
            ("until", self.until.map(|until| until.to_string())),
            ("lasts", self.lasts),
        ] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        body
    }
}

fn list(answer: SilencesAnswer, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(&answer);
    }
    let mut table = Table::of(["ID", "STATE", "FROM", "UNTIL", "BY", "WHAT", "REASON"]);
    for silence in &answer.silences {
        table.row([
            silence.id.to_string(),
            state(silence).to_owned(),
            silence.from.to_string(),
            silence.until.to_string(),
            silence.by.clone(),
            words(&silence.matcher),
            silence.reason.clone(),
        ]);
    }
    Ok(table.print(&mut io::stdout().lock(), "no silence")?)
}

fn said(silence: SilenceAnswer, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(&silence);
    }
    let (from, until) = (silence.from, silence.until);
    writeln!(
        io::stdout(),
        "{} {}: {} from {from} until {until}",
        silence.id,
        state(&silence),
        words(&silence.matcher)
    )?;
    Ok(())
}

fn state(silence: &SilenceAnswer) -> &'static str {
    match silence.state {
        SilenceState::Pending => "pending",
        SilenceState::Active => "active",
        SilenceState::Over => "over",
    }
}

/// `kind=data_drift|silence model=credit_* tags.team=risk`.
fn words(matcher: &Matcher) -> String {
    let list = |name: &str, values: Vec<String>| match values.is_empty() {
        true => None,
        false => Some(format!("{name}={}", values.join("|"))),
    };
    let lists = [
        list("severity", matcher.severity.iter().map(ToString::to_string).collect()),
        list("kind", matcher.kind.iter().map(ToString::to_string).collect()),
        list("role", matcher.role.iter().map(ToString::to_string).collect()),
        list("model", matcher.model.iter().map(|model| model.as_str().to_owned()).collect()),
    ];
    let tags = matcher.tags.iter().map(|(name, value)| format!("tags.{name}={value}"));
    lists.into_iter().flatten().chain(tags).collect::<Vec<_>>().join(" ")
}

//! `driftd incident`: what is wrong, and what people say of it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::client::Daemon;
use super::notification::UNREADABLE;
use super::run::runtime;
use super::table::{Table, left, print_json};
use crate::domain::{ModelId, Segment, Version};
use crate::incident::{Entry, IncidentId, IncidentKind, Subject};
use crate::web::answer::{IncidentAnswer, IncidentSummary, IncidentsAnswer, ReportAnswer, ReportOutcome};
use crate::web::{AcknowledgeRequest, ResolveRequest, ResolvedAs};

/// List and show incidents, report one, take one on, say that it is over
#[derive(Debug, Args)]
pub struct Incident {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Incidents that are not resolved, newest first
    List(List),
    /// One incident in full: what was seen, its clock, its timeline, who was told
    Show(Show),
    /// Report what driftd cannot see itself; the same report while it is open is the same incident
    Open(Box<Open>),
    /// Take an incident on
    Ack(Ack),
    /// Say that an incident is over
    Resolve(Resolve),
}

#[derive(Debug, Args)]
struct List {
    /// open, acknowledged, resolved, or several parted by commas
    #[arg(long, default_value = "open,acknowledged")]
    state: String,
    #[arg(long)]
    model: Option<ModelId>,
    #[arg(long)]
    kind: Option<IncidentKind>,
    /// warning or critical
    #[arg(long)]
    severity: Option<String>,
    /// Only those before this one: for the next page
    #[arg(long, value_name = "ID")]
    before: Option<IncidentId>,
    #[arg(long, default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Args)]
struct Show {
    /// As in inc-42
    id: IncidentId,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Args)]
struct Open {
    #[arg(long)]
    kind: IncidentKind,
    /// warning or critical
    #[arg(long)]
    severity: String,
    /// What is wrong, in one line
    #[arg(long)]
    summary: String,
    #[arg(long)]
    model: Option<ModelId>,
    #[arg(long = "model-version", value_name = "VERSION")]
    version: Option<Version>,
    /// all, or attribute=value
    #[arg(long, default_value = "all")]
    segment: Segment,
    /// What tells it from others of its kind: a KPI, a service, a group
    #[arg(long, default_value = "")]
    subject: Subject,
    #[arg(long, allow_negative_numbers = true)]
    value: Option<f64>,
    #[arg(long, allow_negative_numbers = true)]
    threshold: Option<f64>,
    /// How many cases it was seen in
    #[arg(long)]
    n: Option<u32>,
    /// NAME=VALUE; may be given several times
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = tag)]
    tags: Vec<(String, String)>,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Args)]
struct Ack {
    /// As in inc-42
    id: IncidentId,
    /// Kept in the timeline
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Args)]
struct Resolve {
    /// As in inc-42
    id: IncidentId,
    /// Nothing was wrong; also for one that is resolved already
    #[arg(long)]
    false_alarm: bool,
    /// Kept in the timeline
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    shared: Shared,
}

#[derive(Debug, Args)]
struct Shared {
    #[command(flatten)]
    daemon: Daemon,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

/// `NAME=VALUE`.
pub(super) fn tag(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("is not NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

impl Incident {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        runtime()?.block_on(async {
            match self.action {
                Action::List(list) => list.run().await,
                Action::Show(show) => show.run().await,
                Action::Open(open) => open.run().await,
                Action::Ack(ack) => ack.run().await,
                Action::Resolve(resolve) => resolve.run().await,
            }
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let mut query = vec![("state", self.state), ("limit", self.limit.to_string())];
        query.extend(self.model.map(|model| ("model", model.to_string())));
        query.extend(self.kind.map(|kind| ("kind", kind.to_string())));
        query.extend(self.severity.map(|severity| ("severity", severity)));
        query.extend(self.before.map(|id| ("before", id.to_string())));
        let answer: IncidentsAnswer = self.shared.daemon.get_with("/v1/incidents", &query).await?;
        if self.shared.json {
            return print_json(&answer);
        }
        let mut table = Table::of(["ID", "STATE", "DETECTED", "TIME LEFT", "WHAT"]);
        for incident in &answer.incidents {
            table.row([
                incident.id.to_string(),
                match incident.quiet_since.filter(|_| incident.resolved.is_none()) {
                    Some(_) => format!("{}, gone", incident.state),
                    None => incident.state.clone(),
                },
                incident.detected_at.to_string(),
                time_left(incident),
                format!("{}: {}", incident.title, incident.observation.summary),
            ]);
        }
        let mut out = io::stdout().lock();
        table.print(&mut out, "no incident")?;
        if let Some(next) = answer.next {
            writeln!(out, "there are more: --before {next}")?;
        }
        Ok(())
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let answer: IncidentAnswer = self.shared.daemon.get(&format!("/v1/incidents/{}", self.id)).await?;
        match self.shared.json {
            true => print_json(&answer),
            false => Ok(show(&mut io::stdout().lock(), &answer)?),
        }
    }
}

impl Open {
    async fn run(self) -> anyhow::Result<()> {
        let request = json!({
            "kind": self.kind, "severity": self.severity, "summary": self.summary, "model": self.model,
            "version": self.version, "segment": self.segment, "subject": self.subject, "value": self.value,
            "threshold": self.threshold, "n": self.n, "tags": self.tags.into_iter().collect::<BTreeMap<_, _>>(),
        });
        let answer: ReportAnswer = self.shared.daemon.post("/v1/incidents", request).await?;
        if self.shared.json {
            return print_json(&answer);
        }
        let outcome = match answer.outcome {
            ReportOutcome::Opened => "opened",
            ReportOutcome::Reopened => "reopened",
            ReportOutcome::Updated => "is open already",
            ReportOutcome::Resolved => "resolved",
        };
        writeln!(io::stdout(), "{} {outcome}: {}", answer.incident.id, answer.incident.title)?;
        Ok(())
    }
}

impl Ack {
    async fn run(self) -> anyhow::Result<()> {
        let body = serde_json::to_value(AcknowledgeRequest { note: self.note })?;
        let answer = self.shared.daemon.post(&format!("/v1/incidents/{}/ack", self.id), body).await?;
        said(&answer, self.shared.json)
    }
}

impl Resolve {
    async fn run(self) -> anyhow::Result<()> {
        let outcome = if self.false_alarm { ResolvedAs::FalseAlarm } else { ResolvedAs::Resolved };
        let body = serde_json::to_value(ResolveRequest { outcome, note: self.note })?;
        let answer = self.shared.daemon.post(&format!("/v1/incidents/{}/resolve", self.id), body).await?;
        said(&answer, self.shared.json)
    }
}

fn said(incident: &IncidentSummary, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(incident);
    }
    writeln!(io::stdout(), "{} {}: {}", incident.id, incident.state, incident.title)?;
    Ok(())
}

fn time_left(incident: &IncidentSummary) -> String {
    match &incident.sla {
        Some(sla) if sla.breached_at.is_some() => "breached".to_owned(),
        Some(sla) => sla.seconds_left.map_or_else(|| "-".to_owned(), left),
        None => "-".to_owned(),
    }
}

fn show(out: &mut impl Write, answer: &IncidentAnswer) -> io::Result<()> {
    let incident = &answer.incident;
    writeln!(out, "{} {}: {}", incident.id, incident.state, incident.title)?;
    let seen = &incident.observation;
    writeln!(out, "  seen      {}", seen.summary)?;
    for moved in seen.moved.iter().filter(|moved| **moved != seen.summary) {
        writeln!(out, "            {moved}")?;
    }
    if let (Some(statistic), Some(value)) = (&seen.statistic, seen.value) {
        let threshold =
            seen.threshold.map_or_else(String::new, |threshold| format!(", threshold {threshold}"));
        writeln!(out, "  measured  {statistic} {value:.4}{threshold}")?;
    }
    writeln!(
        out,
        "  detected  {}, last seen {} ({} times)",
        incident.detected_at, incident.seen_at, incident.times_seen
    )?;
    if let Some(quiet_since) = incident.quiet_since.filter(|_| incident.resolved.is_none()) {
        writeln!(out, "  gone      since {quiet_since}: it resolves itself after the quiet period")?;
    }
    if let Some(sla) = &incident.sla {
        writeln!(out, "  resolve   by {} ({})", sla.resolve_by, time_left(incident))?;
    }
    for deadline in &incident.deadlines {
        let met = deadline.met_at.map_or_else(String::new, |at| format!(", met {at}"));
        writeln!(out, "  deadline  {} by {}{met}", deadline.basis.as_str(), deadline.due_at)?;
    }
    if let Some(until) = incident.held_until {
        writeln!(out, "  silent    until {until}")?;
    }
    writeln!(out, "  who       {}", incident.role)?;
    writeln!(out, "  do        {}", incident.corrective_action)?;
    writeln!(out, "  runbook   {}", incident.runbook_url)?;
    writeln!(out, "timeline")?;
    answer.timeline.iter().try_for_each(|entry| show_entry(out, entry))?;
    if !answer.notifications.is_empty() {
        writeln!(out, "told")?;
    }
    for told in &answer.notifications {
        let error = told.last_error.as_ref().map_or_else(String::new, |error| format!(": {error}"));
        let happened = told.happened.as_deref().unwrap_or(UNREADABLE);
        writeln!(out, "  {} {} {happened} {}{error}", told.id, told.receiver, told.state)?;
    }
    Ok(())
}

fn show_entry(out: &mut impl Write, entry: &Entry) -> io::Result<()> {
    let particulars = serde_json::to_value(&entry.happening)?;
    let particulars: Vec<String> = particulars
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "happened")
        .map(|(name, value)| match value.as_str() {
            Some(text) => format!("{name} {text}"),
            None => format!("{name} {value}"),
        })
        .collect();
    let note = entry.note.as_ref().map_or_else(String::new, |note| format!("; {note}"));
    writeln!(out, "  {} {} {}{note}", entry.at, entry.happening.as_str(), particulars.join(", "))
}

//! `driftd status`: why is there no verdict, and what is wrong where there is one?

use std::io::{self, Write};
use std::process::ExitCode;

use super::client::Daemon;
use super::run::runtime;
use crate::domain::ModelId;
use crate::web::answer::{
    Concern, Explanation, KindStatus, KpiConcern, KpiTrouble, ModelAnswer, ModelStatus, OpenIncidents,
    ReferenceState, RunConcern, Status, StatusAnswer, StatusReason, Wait,
};

/// Say how each model stands, what moved, what it waits for, and why there is no verdict
#[derive(Debug, clap::Args)]
pub struct ShowStatus {
    /// One model, in detail
    model: Option<ModelId>,
    #[command(flatten)]
    daemon: Daemon,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

impl ShowStatus {
    /// Exit code 1 where the daemon is not ready.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let runtime = runtime()?;
        let mut out = io::stdout().lock();
        let Some(model) = &self.model else {
            let answer: StatusAnswer = runtime.block_on(self.daemon.get("/v1/status"))?;
            match self.json {
                true => writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?,
                false => show(&mut out, &answer)?,
            }
            return Ok(if answer.ready { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        };
        let answer: ModelAnswer = runtime.block_on(self.daemon.get(&format!("/v1/models/{model}")))?;
        match self.json {
            true => writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?,
            false => show_in_detail(&mut out, &answer)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(out: &mut impl Write, answer: &StatusAnswer) -> io::Result<()> {
    let ready = if answer.ready { "ready" } else { "not ready" };
    writeln!(out, "driftd {} is {ready} ({})", answer.driftd_version, answer.at)?;
    for Explanation { code, message } in &answer.problems {
        writeln!(out, "  {code}: {message}")?;
    }
    show_incidents(out, &answer.incidents)?;
    if answer.models.is_empty() {
        writeln!(out, "no model is configured")?;
    }
    answer.models.iter().try_for_each(|model| show_model(out, model))?;
    if !answer.kpis.is_empty() {
        writeln!(out, "KPIs out of their bounds, or without samples:")?;
    }
    for KpiConcern { status, message, .. } in &answer.kpis {
        let status = match status {
            KpiTrouble::Critical => "critical",
            KpiTrouble::Warning => "warning",
            KpiTrouble::Stale => "stale",
        };
        writeln!(out, "    {status}: {message}")?;
    }
    if !answer.runs.is_empty() {
        writeln!(out, "retraining on its way, or in trouble:")?;
    }
    answer.runs.iter().try_for_each(|run| show_run(out, run))
}

fn show_incidents(out: &mut impl Write, incidents: &OpenIncidents) -> io::Result<()> {
    let OpenIncidents { critical, warning, next } = incidents;
    if critical + warning == 0 {
        return Ok(());
    }
    write!(out, "open incidents: {critical} critical, {warning} warning")?;
    match next {
        Some(next) => writeln!(out, "; {} is to be resolved by {}", next.incident, next.resolve_by),
        None => writeln!(out),
    }
}

fn show_run(out: &mut impl Write, RunConcern { model, run }: &RunConcern) -> io::Result<()> {
    write!(out, "    {model}: {} is {}", run.run_key, run.state)?;
    match (&run.trouble, run.report_by) {
        (Some(trouble), _) => writeln!(out, ": {trouble}"),
        (None, Some(by)) => writeln!(out, ", to be reported by {by}"),
        (None, None) => writeln!(out),
    }
}

fn show_model(out: &mut impl Write, model: &ModelStatus) -> io::Result<()> {
    write!(out, "{:<24} {}", model.model.to_string(), word(model.status))?;
    match model.watermark {
        Some(watermark) => writeln!(out, "   complete to {watermark}")?,
        None => writeln!(out)?,
    }
    model.reasons.iter().try_for_each(|reason| show_reason(out, reason))?;
    model.waits_for.iter().try_for_each(|wait| show_wait(out, wait))
}

fn show_reason(out: &mut impl Write, reason: &StatusReason) -> io::Result<()> {
    let concern = match reason.concern {
        Concern::Data => "data",
        Concern::Traffic => "traffic",
        Concern::Silence => "silence",
        Concern::Schema => "schema",
        Concern::Concept => "concept drift",
        Concern::Model => "model drift",
        Concern::Bias => "bias",
    };
    write!(out, "    {} ({concern}", word(reason.status))?;
    if let Some(version) = &reason.version {
        write!(out, ", version {version}")?;
    }
    match reason.since {
        Some(since) => write!(out, ", alarm since {since}")?,
        None => write!(out, ", no alarm")?,
    }
    writeln!(out, "): {}", reason.message)
}

fn show_wait(out: &mut impl Write, wait: &Wait) -> io::Result<()> {
    write!(out, "    waits: {}", wait.why.message)?;
    if let Some(progress) = wait.progress {
        write!(out, " ({:.0} %)", progress * 100.0)?;
    }
    match wait.until {
        Some(until) => writeln!(out, ", until {until}"),
        None => writeln!(out),
    }
}

fn show_in_detail(out: &mut impl Write, model: &ModelAnswer) -> io::Result<()> {
    writeln!(out, "{:<14} {}", model.model.to_string(), word(model.status))?;
    model.reasons.iter().try_for_each(|reason| show_reason(out, reason))?;
    model.waits_for.iter().try_for_each(|wait| show_wait(out, wait))?;
    let kinds = [
        ("data drift", &model.drift.data),
        ("concept drift", &model.drift.concept),
        ("model drift", &model.drift.model),
        ("traffic", &model.traffic),
        ("silence", &model.silence),
        ("schema", &model.schema),
    ];
    for (name, kind) in kinds {
        show_kind(out, name, kind)?;
    }
    for window in &model.windows {
        write!(out, "window {:<7} {}", window.length, word(window.status))?;
        if let (Some(last), Some(rows)) = (window.last, window.rows) {
            write!(out, ": {rows} rows from {} to {}", last.start, last.end)?;
        }
        match window.next_at {
            Some(next) => writeln!(out, "; the next at {next}")?,
            None => writeln!(out)?,
        }
    }
    for version in &model.versions {
        write!(
            out,
            "version {:<6} {}: {} rows",
            version.version.to_string(),
            word(version.status),
            version.rows
        )?;
        match version.newest_row {
            Some(newest) => writeln!(out, ", the newest pane at {newest}")?,
            None => writeln!(out)?,
        }
    }
    show_reference(out, model)
}

fn show_kind(out: &mut impl Write, name: &str, kind: &KindStatus) -> io::Result<()> {
    write!(out, "{name:<14} {}", word(kind.status))?;
    if let Some(since) = kind.since {
        write!(out, ", alarm since {since}")?;
    }
    match &kind.reason {
        Some(reason) => writeln!(out, ": {}", reason.message),
        None => writeln!(out),
    }
}

fn show_reference(out: &mut impl Write, model: &ModelAnswer) -> io::Result<()> {
    let state = match model.reference.state {
        ReferenceState::None => "none",
        ReferenceState::Learning => "being learnt",
        ReferenceState::Learnt => "learnt from traffic",
        ReferenceState::Profile => "from a profile",
        ReferenceState::Baseline => "a baseline that was set",
    };
    write!(out, "reference      {state}")?;
    if let Some(rows) = model.reference.rows {
        write!(out, ", {rows} rows")?;
    }
    match model.reference.range {
        Some(range) => writeln!(out, " from {} to {}", range.start, range.end),
        None => writeln!(out),
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::InsufficientData => "no verdict",
        Status::Ok => "ok",
        Status::Warning => "warning",
        Status::Critical => "critical",
    }
}

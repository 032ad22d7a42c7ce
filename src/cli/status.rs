//! `driftd status`: why is there no verdict?

use std::io::{self, Write};
use std::process::ExitCode;

use super::client::Daemon;
use super::run::runtime;
use crate::web::answer::{Explanation, ModelStatus, Status, StatusAnswer};

/// Say what each model waits for, and why there is no verdict
#[derive(Debug, clap::Args)]
pub struct ShowStatus {
    #[command(flatten)]
    daemon: Daemon,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

impl ShowStatus {
    /// Exit code 1 where the daemon is not ready.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let answer: StatusAnswer = runtime()?.block_on(self.daemon.get("/v1/status"))?;
        let mut out = io::stdout().lock();
        match self.json {
            true => writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?,
            false => show(&mut out, &answer)?,
        }
        Ok(if answer.ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn show(out: &mut impl Write, answer: &StatusAnswer) -> io::Result<()> {
    let ready = if answer.ready { "ready" } else { "not ready" };
    writeln!(out, "driftd {} is {ready} ({})", answer.driftd_version, answer.at)?;
    for Explanation { code, message } in &answer.problems {
        writeln!(out, "  {code}: {message}")?;
    }
    if answer.models.is_empty() {
        writeln!(out, "no model is configured")?;
    }
    answer.models.iter().try_for_each(|model| show_model(out, model))
}

fn show_model(out: &mut impl Write, model: &ModelStatus) -> io::Result<()> {
    let status = match model.status {
        Status::InsufficientData => "no verdict",
        Status::Ok => "ok",
        Status::Warning => "warning",
        Status::Critical => "critical",
    };
    write!(out, "{:<24} {status}", model.model.to_string())?;
    match model.watermark {
        Some(watermark) => writeln!(out, "   complete to {watermark}")?,
        None => writeln!(out)?,
    }
    for wait in &model.waits_for {
        write!(out, "    waits: {}", wait.why.message)?;
        if let Some(progress) = wait.progress {
            write!(out, " ({:.0} %)", progress * 100.0)?;
        }
        match wait.until {
            Some(until) => writeln!(out, ", until {until}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

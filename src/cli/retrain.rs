//! `driftd retrain`: ask for a run, and hear whether it is triggered.

use std::io::{self, Write};
use std::process::ExitCode;

use super::client::Daemon;
use super::run::runtime;
use super::table::print_json;
use crate::domain::ModelId;
use crate::incident::Role;
use crate::retraining::Category;
use crate::web::RetrainRequest;
use crate::web::answer::{DecisionAnswer, RetrainAnswer};

/// The exit code where nothing failed and no run is triggered.
const WITHHELD: u8 = 3;

const EXIT_CODES: &str = "Exit codes: 0 where the run is triggered (with --dry-run: would be), 3 where it is withheld, \
                          1 where something failed";

/// Ask for a run of training: it is decided at once, and every reason against it is said
#[derive(Debug, clap::Args)]
#[command(after_help = EXIT_CODES)]
pub struct Retrain {
    model: ModelId,
    /// Why, in one line; the same reason within a week is the same run
    #[arg(long)]
    reason: String,
    /// corrective, preventive, evolutive or adaptive; corrective if left out
    #[arg(long)]
    category: Option<Category>,
    /// Say what would be decided and show the request; nothing is sent or kept
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    daemon: Daemon,
    /// The answer as JSON
    #[arg(long)]
    json: bool,
}

impl Retrain {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let Self { model, reason, category, dry_run, daemon, json } = self;
        let body = serde_json::to_value(RetrainRequest { reason, category, dry_run })?;
        let path = format!("/v1/models/{model}/retrain");
        let answer: RetrainAnswer = runtime()?.block_on(daemon.post(&path, body))?;
        match json {
            true => print_json(&answer)?,
            false => show(&mut io::stdout().lock(), &answer)?,
        }
        Ok(match answer.decision.is_triggered() {
            true => ExitCode::SUCCESS,
            false => ExitCode::from(WITHHELD),
        })
    }
}

fn show(out: &mut impl Write, answer: &RetrainAnswer) -> io::Result<()> {
    let decision = &answer.decision;
    let id = decision.id.map_or_else(|| "dry run".to_owned(), |id| id.to_string());
    let said = match (decision.is_triggered(), answer.dry_run) {
        (true, true) => "would be triggered",
        (true, false) => "triggered",
        (false, true) => "would be withheld",
        (false, false) => "withheld",
    };
    writeln!(out, "{id}: {} run of {} {said}", decision.category, decision.model)?;
    writeln!(out, "  reason     {}", decision.reason)?;
    show_ruling(out, decision)?;
    if let Some(run) = &decision.run {
        writeln!(out, "  target     {}, {}", run.target, run.state)?;
    }
    if let Some(request) = &answer.request {
        writeln!(out, "request")?;
        request.lines().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(())
}

fn show_ruling(out: &mut impl Write, decision: &DecisionAnswer) -> io::Result<()> {
    for against in &decision.withheld {
        writeln!(out, "  withheld   {}", against.message)?;
    }
    let window = decision.inputs.window;
    let Some(order) = &decision.order else {
        return writeln!(out, "  window     {} to {}", window.start, window.end);
    };
    let validators: Vec<&str> = order.validators.iter().map(|role: &Role| role.as_str()).collect();
    writeln!(out, "  run        {}", order.run_key)?;
    writeln!(out, "  window     {} to {}", order.window.start, order.window.end)?;
    writeln!(out, "  update     {}", order.update.as_str())?;
    writeln!(out, "  validators {}", validators.join(", "))
}

//! `driftd check`: the config's errors, or what it comes to; what a reload would lose.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::client::Daemon;
use super::run::runtime;
use crate::app::{self, Findings};
use crate::config::{self, ConfigErrors, Forecast, Settings, UseCaseSettings, forecast};
use crate::kpi::{Definition, Family};

/// Reads the config and its references as `driftd run` would, environment included, and starts nothing.
///
/// Exit code 0: the config is good; hints may be on stderr. 1: it is not, or does not fit a reference (with that alone
/// `driftd run` starts, and warns); every error is on stderr.
#[derive(Debug, Args)]
pub struct Check {
    /// Main config file; models and use cases are read from `models/` and `use_cases/` beside it [default: config/driftd.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "DRIFTD_CONFIG")]
    config: Option<PathBuf>,

    /// Print the effective config as TOML, defaults and environment included, secrets redacted
    #[arg(long)]
    print: bool,

    /// Ask the daemon that runs there what it would lose by taking this config up (reload)
    #[arg(long, value_name = "URL")]
    against: Option<String>,

    /// A file with the token to send to it
    #[arg(long, value_name = "FILE", env = "DRIFTD_TOKEN_FILE")]
    token_file: Option<PathBuf>,
}

impl Check {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let settings = match config::load(self.config.as_deref()) {
            Ok(settings) => settings,
            Err(errors) => {
                report(&errors, &mut io::stderr().lock())?;
                return Ok(ExitCode::FAILURE);
            }
        };
        let (models, findings) = app::examined(&settings);
        tell(&findings, &mut io::stderr().lock())?;
        if !findings.faults.is_empty() || !findings.misfits.is_empty() {
            return Ok(ExitCode::FAILURE);
        }
        let mut out = io::stdout().lock();
        match self.print {
            true => print(&settings, &mut out)?,
            false => summarise(&settings, &mut out)?,
        }
        if let Some(url) = &self.against {
            let daemon = Daemon::at(url.clone(), self.token_file.clone());
            let running = runtime()?.block_on(daemon.get("/v1/models"))?;
            compare(url, &app::losses(&models, &running), &mut out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(findings: &Findings, err: &mut impl Write) -> io::Result<()> {
    findings.faults.iter().chain(&findings.misfits).try_for_each(|error| writeln!(err, "{error}"))?;
    if findings.faults.is_empty() && !findings.misfits.is_empty() {
        let misfits = findings.misfits.len();
        writeln!(
            err,
            "misfits with the reference: {misfits}; `driftd run` would start all the same, and warn"
        )?;
    }
    findings.hints.iter().try_for_each(|hint| writeln!(err, "hint: {hint}"))
}

fn compare(url: &str, losses: &[String], out: &mut impl Write) -> io::Result<()> {
    if losses.is_empty() {
        return writeln!(
            out,
            "# by a reload the daemon at {url} would lose no window of a model; KPIs are not compared"
        );
    }
    writeln!(out, "# by a reload the daemon at {url} would lose:")?;
    losses.iter().try_for_each(|loss| writeln!(out, "#   {loss}"))
}

fn report(errors: &ConfigErrors, err: &mut impl Write) -> io::Result<()> {
    writeln!(err, "{errors}")?;
    match errors.list().len() {
        1 => writeln!(err, "1 error"),
        count => writeln!(err, "{count} errors"),
    }
}

fn print(settings: &Settings, out: &mut impl Write) -> io::Result<()> {
    for (path, text) in &settings.effective.files {
        writeln!(out, "# {}\n{}", path.display(), text.trim_end())?;
        writeln!(out)?;
    }
    Ok(())
}

fn summarise(settings: &Settings, out: &mut impl Write) -> io::Result<()> {
    let windows: usize = settings.models.iter().map(|model| model.plan.windows.len()).sum();
    writeln!(out, "config is good: {}, {}", count(settings.models.len(), "model"), count(windows, "window"))?;
    for name in settings.unrouted() {
        writeln!(out, "  hint: no route names receivers.{name}; it is never told of anything")?;
    }
    for (key, model) in settings.strangers_of_routes() {
        writeln!(out, "  hint: {key} names `{model}`, which is no model of this config")?;
    }
    for name in settings.unasked() {
        writeln!(out, "  hint: no model's [retraining] names targets.{name}; it is never asked for a run")?;
    }
    let mut total = 0;
    for model in &settings.models {
        let disk = forecast(settings, model);
        total += disk.bytes;
        writeln!(
            out,
            "  {}: about {} ({})",
            model.id,
            megabytes(disk.bytes),
            basis(&disk, model.plan.pane().as_str())
        )?;
    }
    if !settings.models.is_empty() {
        writeln!(out, "disk once history is full: about {}", megabytes(total))?;
        writeln!(out, "assumed: 16 kB a pane of 25 columns, one version a model, rows in every pane")?;
    }
    summarise_kpis(settings, out)
}

/// One line a use case, and one of all KPIs.
fn summarise_kpis(settings: &Settings, out: &mut impl Write) -> io::Result<()> {
    let catalogue = &settings.kpis.catalogue;
    for UseCaseSettings { use_case, .. } in &settings.use_cases {
        let of_it = |kpi: &&Definition| kpi.id.use_case.as_ref() == Some(&use_case.id);
        let kpis = count(catalogue.definitions().filter(of_it).count(), "KPI");
        let models = count(use_case.models.len(), "model");
        let star = use_case.north_star.as_ref();
        let star =
            star.map_or_else(|| "no north-star KPI".to_owned(), |id| format!("north star {}", id.name));
        let owner = use_case.owner.as_ref().map_or("no owner", |owner| owner.as_str());
        writeln!(out, "  use case {}: {kpis}, {models}, {star}, {owner}", use_case.id)?;
    }
    let all = catalogue.order().len();
    if all > 0 {
        let of_family = Family::ALL.map(|family| {
            let kpis = catalogue.definitions().filter(|kpi| kpi.family == family).count();
            format!("{kpis} {}", family.as_str())
        });
        let streams = count(catalogue.streams().len(), "stream");
        writeln!(out, "{} from {streams}: {}", count(all, "KPI"), of_family.join(", "))?;
    }
    Ok(())
}

fn basis(disk: &Forecast, pane: &str) -> String {
    let mut parts = Vec::new();
    if disk.panes > 0 {
        parts.push(format!("{} panes of {pane}", disk.panes));
    }
    parts.push(format!("{} days", disk.days));
    parts.push(format!("{} columns{}", disk.columns, if disk.columns_assumed { " assumed" } else { "" }));
    if disk.slices > 0 {
        parts.push(format!("up to {} slices", disk.slices));
    }
    parts.join(", ")
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// Decimal, as disks are sold.
fn megabytes(bytes: u64) -> String {
    match bytes.div_ceil(1_000_000) {
        megabytes @ ..10_000 => format!("{megabytes} MB"),
        megabytes => format!("{} GB", megabytes.div_ceil(1_000)),
    }
}

//! `driftd check`: the config's errors, or what it comes to.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::app;
use crate::config::{self, ConfigErrors, Forecast, Settings, forecast};

/// Reads the config as `driftd run` would, environment included, and starts nothing.
///
/// Exit code 0: the config is good. 1: it is not; every error is on stderr.
#[derive(Debug, Args)]
pub struct Check {
    /// Main config file; models are read from `models/` beside it [default: config/driftd.toml, if there is one]
    #[arg(long, value_name = "FILE", env = "DRIFTD_CONFIG")]
    config: Option<PathBuf>,

    /// Print the effective config as TOML, defaults and environment included, secrets redacted
    #[arg(long)]
    print: bool,
}

impl Check {
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        match config::load(self.config.as_deref()) {
            Ok(settings) => {
                let faults = app::faults(&settings);
                if !faults.is_empty() {
                    let mut err = io::stderr().lock();
                    faults.iter().try_for_each(|fault| writeln!(err, "{fault}"))?;
                    return Ok(ExitCode::FAILURE);
                }
                let mut out = io::stdout().lock();
                if self.print {
                    print(&settings, &mut out)?
                } else {
                    summarise(&settings, &mut out)?
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(errors) => {
                report(&errors, &mut io::stderr().lock())?;
                Ok(ExitCode::FAILURE)
            }
        }
    }
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

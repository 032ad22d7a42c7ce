//! `driftd demo`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use super::run::{runtime, stop_signal};
use crate::demo;
use crate::demo::full::Year;
use crate::telemetry::{self, LogFormat, LogOptions};

/// Start a daemon and replay a published data set through it, from nothing to an alarm; or a synthetic year of a portfolio
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Where the daemon listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8440")]
    listen: String,
    /// Where data and config are written; a temporary folder if left out
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Stop once all rows were judged
    #[arg(long)]
    once: bool,
    /// A synthetic year of a portfolio instead: three use cases, four models, business figures
    #[arg(long)]
    full: bool,
    /// Another synthetic year than the one that is documented
    #[arg(long, value_name = "NUMBER", requires = "full", default_value_t = Year::SEED)]
    seed: u64,
}

impl Demo {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        telemetry::start(&LogOptions { format: LogFormat::Text, filter: "warn".to_owned() })?;
        let (full, year) = (self.full, Year { seed: self.seed });
        let options = demo::Options { listen: self.listen, folder: self.folder, once: self.once };
        let say = |line: &str| {
            // Whoever closed the terminal reads no more; the demo goes on until it is stopped.
            let _ = writeln!(std::io::stdout(), "{line}");
        };
        runtime()?.block_on(async {
            match full {
                true => demo::full::run(options, year, stop_signal()?, say).await,
                false => demo::run(options, stop_signal()?, say).await,
            }
        })
    }
}

//! `driftd backup FILE`.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use serde_json::json;

use super::client::Daemon;
use super::run::runtime;
use crate::web::answer::BackupAnswer;

/// Have the running daemon write a consistent copy of its store to a new file on its machine
#[derive(Debug, clap::Args)]
pub struct Backup {
    /// The new file; must not exist
    file: PathBuf,
    #[command(flatten)]
    daemon: Daemon,
}

impl Backup {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let path = std::path::absolute(&self.file).context("the file's path cannot be resolved")?;
        let body = json!({ "path": path.to_str().context("the file's path is no UTF-8")? });
        let answer: BackupAnswer = runtime()?.block_on(self.daemon.post("/-/backup", body))?;
        writeln!(std::io::stdout(), "{}: {} bytes", answer.path, answer.bytes)?;
        Ok(ExitCode::SUCCESS)
    }
}

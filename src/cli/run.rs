//! `driftd run`: the daemon.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, Start};
use crate::clock::SystemClock;
use crate::config::{self, Settings};
use crate::telemetry::{self, LogFormat, LogOptions};

/// Start the daemon; SIGTERM and SIGINT stop it, SIGHUP reads the config again
#[derive(Debug, clap::Args)]
pub struct Run {
    /// The config; the models are in `models/` beside it
    #[arg(long, value_name = "FILE", env = "DRIFTD_CONFIG")]
    config: Option<PathBuf>,
}

impl Run {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let settings = config::load(self.config.as_deref()).map_err(|errors| anyhow!("{errors}"))?;
        start_logs(&settings)?;
        runtime()?.block_on(async {
            let app =
                App::start(Start { settings, config: self.config, clock: Arc::new(SystemClock) }).await?;
            let mut hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
            let pipeline = app.pipeline().clone();
            let reloads = tokio::spawn(async move {
                while hangup.recv().await.is_some() {
                    App::reload(&pipeline).await;
                }
            });
            let ran = app.run(stop_signal()?).await;
            reloads.abort();
            ran
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Logs as the config wants them.
pub fn start_logs(settings: &Settings) -> anyhow::Result<()> {
    let format = match settings.telemetry.log_format {
        config::LogFormat::Text => LogFormat::Text,
        config::LogFormat::Json => LogFormat::Json,
    };
    telemetry::start(&LogOptions { format, filter: settings.telemetry.log_filter.clone() })?;
    Ok(())
}

/// The runtime of every command that waits for something.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start the runtime")
}

/// Resolves at SIGTERM or SIGINT.
pub fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

//! The binary: parse the command line, run one command, say what went wrong.

use std::io::{Error, ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use driftd::cli::{Cli, Command, profile};

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Run(run) => run.run(),
        Command::Demo(demo) => demo.run(),
        Command::Check(check) => check.run(),
        Command::Status(status) => status.run(),
        Command::Incident(incident) => incident.run(),
        Command::Silence(silence) => silence.run(),
        Command::Notification(notification) => notification.run(),
        Command::Retrain(retrain) => retrain.run(),
        Command::Decisions(decisions) => decisions.run(),
        Command::Maintenance(maintenance) => maintenance.run(),
        Command::Portfolio(portfolio) => portfolio.run(),
        Command::Backup(backup) => backup.run(),
        Command::Profile(args) => profile::run(*args).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        // Whoever reads has read enough, as `head` does.
        if error.downcast_ref::<Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        // Where even stderr is gone, the exit code is all there is left to say.
        let _ = writeln!(std::io::stderr(), "driftd: {error:#}");
        ExitCode::FAILURE
    })
}

//! The command line: one subcommand a file.

mod backup;

mod check;

mod client;

mod decisions;

mod demo;

mod incident;

mod maintenance;

mod notification;

mod portfolio;

pub mod profile;

mod retrain;

mod run;

mod silence;

mod status;

mod table;

pub(crate) use client::Daemon;
pub(crate) use portfolio::in_words as portfolio_in_words;

pub use backup::Backup;
pub use check::Check;
pub use decisions::Decisions;
pub use demo::Demo;
pub use incident::Incident;
pub use maintenance::Maintenance;
pub use notification::Notification;
pub use portfolio::Portfolio;
pub use retrain::Retrain;
pub use run::Run;
pub use silence::Silence;
pub use status::ShowStatus;

use clap::{Parser, Subcommand};

/// Watches machine-learning models in production: counts their predictions once, says what drifted and how sure that is.
#[derive(Debug, Parser)]
#[command(name = "driftd", version, arg_required_else_help = true, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the daemon; SIGTERM and SIGINT stop it, SIGHUP reads the config again
    Run(Run),
    /// Start a daemon and replay a published data set through it, from nothing to an alarm
    Demo(Demo),
    /// Check the config, print every error and a forecast of disk
    Check(Check),
    /// Make a profile, what a model's traffic is compared with, from reference data
    Profile(Box<profile::Args>),
    /// Say how each model stands, what moved, what it waits for, and why there is no verdict
    Status(ShowStatus),
    /// List and show incidents, report one, take one on, say that it is over
    Incident(Incident),
    /// List silences, add one, end one early
    Silence(Box<Silence>),
    /// List notifications, send a dead one again
    Notification(Notification),
    /// Ask for a run of training: it is decided at once, and every reason against it is said
    Retrain(Retrain),
    /// List decisions of retraining, newest first: triggered or withheld, why, and how the run stands
    Decisions(Decisions),
    /// List what the calendar asks for, say that a task was done
    Maintenance(Maintenance),
    /// Show the portfolio: indicators, signs and decisions, each use case with its closing grid and what is proposed
    Portfolio(Portfolio),
    /// Have the running daemon write a consistent copy of its store to a new file
    Backup(Backup),
}

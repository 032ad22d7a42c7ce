//! From a decision to a training pipeline: the targets that a run is asked of, and what each of them takes for an order.
//!
//! An order becomes the requests of its target ([`Target::requests`], pure: golden files test it), is sent through the
//! guard of notifications ([`Sender::ask`]), and what is said is an [`Answer`]. Whether a second request of a key is
//! taken for the first is the target's matter ([`Target::sending`]).
//!
//! Invariants: every request of an order carries its run key, the same each time; where a target may have taken an order
//! the answer says so, and never that it did not; no secret and no path of a secret address stands in an answer or a
//! preview.

mod payload;

mod sample;

mod told;

mod kind;

mod judge;

mod preview;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use kind::{
    Airflow, AirflowVersion, ArgoWorkflowEvents, ArgoWorkflows, Databricks, Kubeflow, Prefect, Repository,
    RepositoryDispatch, RepositoryError, TargetKind, Webhook, WorkflowDispatch,
};
pub use told::{Parameters, default_parameters};

use secrecy::SecretString;

use crate::domain::Timestamp;
use crate::notify::{Header, Request, Sender, TargetUrl};
use crate::retraining::{Answer, DecisionId, Order, Sending, TargetName};
use told::{Strictness, Told};

/// The targets that exist.
pub type Targets = BTreeMap<TargetName, Arc<Target>>;

/// A training pipeline that runs are asked of.
#[derive(Debug)]
pub struct Target {
    pub name: TargetName,
    url: TargetUrl,
    /// Of every request, as for `Authorization`.
    headers: Vec<Header>,
    kind: TargetKind,
}

/// What goes with an order, beside itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub decision: DecisionId,
    /// When it was decided: the same in every attempt.
    pub at: Timestamp,
    /// The clock, of this attempt: signatures are of this time, and those who check them take no older ones.
    pub asked_at: Timestamp,
    pub decision_url: String,
    /// Where the pipeline reports to.
    pub report_url: String,
}

/// What is sent for an order.
#[derive(Debug)]
pub struct Requests {
    /// Asks for a run of this key first: only where there is none, one is created.
    pub search: Option<Request>,
    pub create: Request,
}

/// Why no request can be made of an order; in a config, what of the target is wrong.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum TargetError {
    #[error("`{part}`: {why}")]
    Template { part: String, why: String },
    #[error("`{part}` comes to nothing")]
    Empty { part: String },
    #[error("`{part}` comes to dots alone, which would lead to another path")]
    Dots { part: String },
    #[error("`{part}` comes to {chars} characters; at most {chars_max}")]
    TooLong { part: String, chars: usize, chars_max: usize },
    #[error("`{part}` are {count}; at most {count_max}")]
    TooMany { part: String, count: usize, count_max: usize },
}

impl TargetError {
    /// The key of the config that it is about.
    pub fn key(&self) -> &str {
        let (Self::Template { part, .. }
        | Self::Empty { part }
        | Self::Dots { part }
        | Self::TooLong { part, .. }
        | Self::TooMany { part, .. }) = self;
        part.split('.').next().unwrap_or_default()
    }
}

impl Target {
    /// Tries it on a sample in which every field is given: an unknown name is an error here, and empty later.
    pub fn new(
        name: TargetName,
        url: TargetUrl,
        headers: Vec<Header>,
        kind: TargetKind,
    ) -> Result<Self, TargetError> {
        let target = Self { name, url, headers, kind };
        let (order, about) = sample::sample();
        target.made(&Told::new(&order, &about, Strictness::Strict))?;
        Ok(target)
    }

    /// As configs call it.
    pub const fn kind(&self) -> &'static str {
        self.kind.as_str()
    }

    pub const fn sending(&self) -> Sending {
        self.kind.sending()
    }

    /// What goes out for an order.
    pub fn requests(&self, order: &Order, about: &About) -> Result<Requests, TargetError> {
        self.made(&Told::new(order, about, Strictness::Lenient))
    }

    /// Asks for a run. Nothing is tried again here.
    pub async fn trigger(&self, order: &Order, about: &About, sender: &Sender) -> Answer {
        let requests = match self.requests(order, about) {
            Ok(requests) => requests,
            Err(error) => return Answer::Refused { why: format!("the order cannot be made: {error}") },
        };
        if let Some(search) = requests.search {
            let found = judge::search(sender.ask(search).await, order.run_key.as_str());
            if let Some(answer) = found {
                return answer;
            }
        }
        judge::create(&self.kind, sender.ask(requests.create).await, &order.run_key)
    }

    /// What [`Target::trigger`] would send, for people: secrets are shown as `…`.
    pub fn preview(&self, order: &Order, about: &About) -> String {
        match self.requests(order, about) {
            Ok(requests) => preview::preview(&requests, &self.url),
            Err(error) => format!("The order cannot be made: {error}.\n"),
        }
    }

    fn made(&self, told: &Told<'_>) -> Result<Requests, TargetError> {
        let Requests { search, create } = self.kind.requests(&self.url, told)?;
        // An error may hold the address without the path that was added.
        let path = SecretString::from(self.url.url().path());
        let whole = |request: Request| request.with(&self.headers).hiding(&path);
        Ok(Requests { search: search.map(whole), create: whole(create) })
    }
}

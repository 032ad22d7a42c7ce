//! `[targets]`: the training pipelines that runs are asked of. What is secret comes from files or variables.

mod kind;

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;

use super::receiver::{headers, url, url_or};
use super::table::Table;
use crate::notify::Header;
use crate::retraining::TargetName;
use crate::trigger::{AirflowVersion, Target, TargetKind, Targets};

/// Most targets.
const TARGETS_MAX: usize = 100;

const GITHUB: &str = "https://api.github.com";

/// How a target is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Webhook,
    Airflow(AirflowVersion),
    ArgoWorkflows,
    ArgoEvents,
    ArgoWorkflowEvents,
    RepositoryDispatch,
    WorkflowDispatch,
    Kubeflow,
    Prefect,
    Databricks,
}

const KINDS: [(&str, Kind); 11] = [
    ("webhook", Kind::Webhook),
    ("airflow2", Kind::Airflow(AirflowVersion::Two)),
    ("airflow3", Kind::Airflow(AirflowVersion::Three)),
    ("argo_workflows", Kind::ArgoWorkflows),
    ("argo_events", Kind::ArgoEvents),
    ("argo_workflow_events", Kind::ArgoWorkflowEvents),
    ("github_repository_dispatch", Kind::RepositoryDispatch),
    ("github_workflow_dispatch", Kind::WorkflowDispatch),
    ("kubeflow", Kind::Kubeflow),
    ("prefect", Kind::Prefect),
    ("databricks", Kind::Databricks),
];

/// All targets that are whole, and the names of all, so that a model that asks one that is not is no error too.
pub(super) fn read(table: &Table<'_>) -> (Targets, BTreeSet<TargetName>) {
    let (mut targets, mut names) = (Targets::new(), BTreeSet::new());
    let mut count = 0;
    table.named("targets", |entry, name| {
        count += 1;
        let name = name.parse::<TargetName>().map_err(|error| entry.error("", error.to_string()));
        names.extend(name.clone().ok());
        let target = read_target(entry, name.ok());
        targets.extend(target.map(|target| (target.name.clone(), Arc::new(target))));
    });
    if count > TARGETS_MAX {
        table.error("targets", format!("are {count}; at most {TARGETS_MAX}"));
    }
    (targets, names)
}

fn read_target(table: &Table<'_>, name: Option<TargetName>) -> Option<Target> {
    let kind = table.optional_choice("type", "type of target", &KINDS);
    if !table.has("type") {
        let all: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
        table.error("type", format!("is missing; one of {}", all.join(", ")));
    }
    let Some(kind) = kind else {
        table.pass_over();
        return None;
    };
    let url = match kind {
        Kind::RepositoryDispatch | Kind::WorkflowDispatch => url_or(table, GITHUB),
        _ => url(table),
    };
    let headers = credentials(table);
    let kind = match kind {
        Kind::Webhook => Some(TargetKind::Webhook(kind::webhook(table))),
        Kind::Airflow(version) => kind::airflow(table, version).map(TargetKind::Airflow),
        Kind::ArgoWorkflows => kind::argo_workflows(table).map(TargetKind::ArgoWorkflows),
        Kind::ArgoEvents => Some(TargetKind::ArgoEvents),
        Kind::ArgoWorkflowEvents => kind::argo_workflow_events(table).map(TargetKind::ArgoWorkflowEvents),
        Kind::RepositoryDispatch => kind::repository_dispatch(table).map(TargetKind::RepositoryDispatch),
        Kind::WorkflowDispatch => kind::workflow_dispatch(table).map(TargetKind::WorkflowDispatch),
        Kind::Kubeflow => kind::kubeflow(table).map(TargetKind::Kubeflow),
        Kind::Prefect => kind::prefect(table).map(TargetKind::Prefect),
        Kind::Databricks => kind::databricks(table).map(TargetKind::Databricks),
    };
    let (name, url, kind) = (name?, url?, kind?);
    if !table.is_sound() {
        return None;
    }
    let wrong = |error: crate::trigger::TargetError| table.error(error.key(), error.to_string());
    Target::new(name, url, headers, kind).map_err(wrong).ok()
}

/// Further headers, and one for the token.
fn credentials(table: &Table<'_>) -> Vec<Header> {
    let token = table.secret_as("token", |token| {
        let token = token.trim();
        if token.is_empty() || token.contains(char::is_whitespace) {
            return Err("is no token, which is one word".to_owned());
        }
        let value = SecretString::from(format!("Bearer {token}"));
        Header::new("authorization", &value).map_err(|error| error.to_string())
    });
    let mut headers = headers(table);
    if token.is_some() && headers.iter().any(|header| header.name() == "authorization") {
        let message = "has a header Authorization, and the token makes one too; drop one of them";
        // Without its value, which is a secret where a variable gave it.
        table.secret_error("headers", message);
    }
    headers.extend(token);
    headers
}

//! The kinds of targets: what each of them takes for an order. Pure.

mod webhook;

mod airflow;

mod argo;

mod github;

mod kubeflow;

mod prefect;

mod databricks;

pub use airflow::{Airflow, AirflowVersion};
pub use argo::{ArgoWorkflowEvents, ArgoWorkflows};
pub use databricks::Databricks;
pub use github::{Repository, RepositoryDispatch, RepositoryError, WorkflowDispatch};
pub use kubeflow::Kubeflow;
pub use prefect::Prefect;
use serde_json::Value;
pub use webhook::Webhook;

use super::judge::name_of;
use super::told::Told;
use super::{Requests, TargetError};
use crate::notify::{Reply, Request, TargetUrl};
use crate::retraining::{Answer, RunKey, Sending};

/// How a run is asked for.
#[derive(Debug)]
pub enum TargetKind {
    /// Anything that takes Standard Webhooks.
    Webhook(Webhook),
    Airflow(Airflow),
    /// Argo Workflows: a template is submitted.
    ArgoWorkflows(ArgoWorkflows),
    /// Argo Events: an event source of the sort `webhook`.
    ArgoEvents,
    /// Argo Workflows: an event that bindings wait for.
    ArgoWorkflowEvents(ArgoWorkflowEvents),
    RepositoryDispatch(RepositoryDispatch),
    WorkflowDispatch(WorkflowDispatch),
    Kubeflow(Kubeflow),
    Prefect(Prefect),
    Databricks(Databricks),
}

impl TargetKind {
    /// As configs call it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Airflow(Airflow { version: AirflowVersion::Two, .. }) => "airflow2",
            Self::Airflow(Airflow { version: AirflowVersion::Three, .. }) => "airflow3",
            Self::ArgoWorkflows(_) => "argo_workflows",
            Self::ArgoEvents => "argo_events",
            Self::ArgoWorkflowEvents(_) => "argo_workflow_events",
            Self::RepositoryDispatch(_) => "github_repository_dispatch",
            Self::WorkflowDispatch(_) => "github_workflow_dispatch",
            Self::Kubeflow(_) => "kubeflow",
            Self::Prefect(_) => "prefect",
            Self::Databricks(_) => "databricks",
        }
    }

    pub(super) const fn sending(&self) -> Sending {
        match self {
            Self::Webhook(_)
            | Self::Airflow(_)
            | Self::ArgoWorkflows(_)
            | Self::Kubeflow(_)
            | Self::Prefect(_)
            | Self::Databricks(_) => Sending::Idempotent,
            Self::ArgoEvents
            | Self::ArgoWorkflowEvents(_)
            | Self::RepositoryDispatch(_)
            | Self::WorkflowDispatch(_) => Sending::Once,
        }
    }

    pub(super) fn requests(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Requests, TargetError> {
        let create = match self {
            Self::Webhook(webhook) => webhook.request(url, told),
            Self::Airflow(airflow) => airflow.request(url, told)?,
            Self::ArgoWorkflows(argo) => argo.request(url, told)?,
            Self::ArgoEvents => Request::json(url.url().clone(), &told.payload),
            Self::ArgoWorkflowEvents(argo) => argo.request(url, told)?,
            Self::RepositoryDispatch(github) => github.request(url, told)?,
            Self::WorkflowDispatch(github) => github.request(url, told)?,
            Self::Kubeflow(kubeflow) => return kubeflow.requests(url, told),
            Self::Prefect(prefect) => prefect.request(url, told)?,
            Self::Databricks(databricks) => databricks.request(url, told)?,
        };
        Ok(Requests { search: None, create })
    }

    /// Whether every good answer is JSON: a page of HTML is another one's.
    pub(super) const fn speaks_json(&self) -> bool {
        !matches!(self, Self::Webhook(_) | Self::ArgoEvents)
    }

    /// What the target calls the run, where its answer says so.
    /// Whether a success always has the target's own name of the run, and a second request gives it again.
    pub(super) const fn names_runs(&self) -> bool {
        matches!(
            self,
            Self::Airflow(_)
                | Self::ArgoWorkflows(_)
                | Self::Kubeflow(_)
                | Self::Databricks(_)
                | Self::Prefect(_)
        )
    }

    pub(super) fn remote(&self, reply: &Reply) -> Option<String> {
        let place = match self {
            Self::Airflow(_) => "/dag_run_id",
            Self::ArgoWorkflows(_) => "/metadata/name",
            Self::WorkflowDispatch(_) => "/workflow_run_id",
            Self::Kubeflow(_) | Self::Databricks(_) => "/run_id",
            Self::Prefect(_) => "/id",
            Self::Webhook(_)
            | Self::ArgoEvents
            | Self::ArgoWorkflowEvents(_)
            | Self::RepositoryDispatch(_) => return None,
        };
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        body.pointer(place).and_then(name_of)
    }

    /// What 409 means where it means something of its own.
    pub(super) fn conflict(&self, reply: &Reply, key: &RunKey) -> Option<Answer> {
        match self {
            Self::Airflow(_) => Some(Answer::Taken { remote: Some(key.to_string()) }),
            Self::ArgoWorkflows(_) => Some(argo::conflict(reply, key)),
            _ => None,
        }
    }

    /// A status that says otherwise, where the target is merely asked too often.
    pub(super) fn rate_limited(&self, reply: &Reply) -> Option<Answer> {
        match self {
            Self::RepositoryDispatch(_) | Self::WorkflowDispatch(_) => github::rate_limited(reply),
            _ => None,
        }
    }
}

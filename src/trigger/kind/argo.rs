//! Argo Workflows: a template that is submitted, or an event that bindings wait for.

use serde_json::{Value, json};

use crate::notify::{Reply, Request, TargetUrl};
use crate::retraining::{Answer, RunKey};
use crate::trigger::TargetError;
use crate::trigger::told::{Parameters, Told};

/// Longest name of an object of Kubernetes.
const NAME_CHARS_MAX: usize = 253;

/// Submits a `WorkflowTemplate`. The workflow's name is made of the run key: a second one is 409.
#[derive(Debug)]
pub struct ArgoWorkflows {
    pub namespace: String,
    /// Template of the `WorkflowTemplate`'s name.
    pub template: String,
    pub parameters: Parameters,
}

/// An event for `WorkflowEventBinding`s. Whether one took it is not told.
#[derive(Debug)]
pub struct ArgoWorkflowEvents {
    pub namespace: String,
    /// Template of the discriminator.
    pub discriminator: String,
}

impl ArgoWorkflows {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Request, TargetError> {
        let namespace = told.path_part("namespace", &self.namespace)?;
        let parameters = told.parameters(&self.parameters)?;
        let parameters: Vec<String> =
            parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let body = json!({
            "resourceKind": "WorkflowTemplate",
            "resourceName": told.name("template", &self.template, NAME_CHARS_MAX)?,
            "submitOptions": { "name": told.order.run_key.dns_name(), "parameters": parameters },
        });
        Ok(Request::json(url.with_path_after(&format!("/api/v1/workflows/{namespace}/submit")), &body))
    }
}

impl ArgoWorkflowEvents {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Request, TargetError> {
        let namespace = told.path_part("namespace", &self.namespace)?;
        let discriminator = told.path_part("discriminator", &self.discriminator)?;
        let url = url.with_path_after(&format!("/api/v1/events/{namespace}/{discriminator}"));
        Ok(Request::json(url, &told.payload))
    }
}

/// 409 is a workflow that is there already, or (gRPC's `ABORTED`) one that another request was in the way of.
pub(super) fn conflict(reply: &Reply, key: &RunKey) -> Answer {
    const ABORTED: u64 = 10;
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    match body["code"].as_u64() {
        Some(ABORTED) => Answer::NotYet { why: reply.said.clone(), retry_after: reply.retry_after },
        _ => Answer::Taken { remote: Some(key.dns_name()) },
    }
}

//! GitHub: an event for a repository, or a run of one workflow. Neither knows a run that was asked for before.

use std::str::FromStr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, HeaderValue};
use serde_json::{Value, json};

use crate::notify::{Reply, Request, TargetUrl};
use crate::retraining::Answer;
use crate::trigger::TargetError;
use crate::trigger::told::{Parameters, Told};

/// Longest `event_type`.
const EVENT_TYPE_CHARS_MAX: usize = 100;
/// Inputs of a workflow.
const INPUTS_MAX: usize = 25;
/// Longest name of a branch or tag.
const REF_CHARS_MAX: usize = 250;

/// `owner/name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    owner: String,
    name: String,
}

#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("is no repository; write it as owner/name")]
pub struct RepositoryError;

/// `repository_dispatch`. The order lies one level down: ten properties at the top are the most.
#[derive(Debug)]
pub struct RepositoryDispatch {
    pub repository: Repository,
    /// Template of what workflows listen for.
    pub event_type: String,
}

/// `workflow_dispatch`. Inputs that the workflow does not declare are refused.
#[derive(Debug)]
pub struct WorkflowDispatch {
    pub repository: Repository,
    /// Template of the workflow's file name.
    pub workflow: String,
    /// Template of the branch or tag.
    pub git_ref: String,
    pub inputs: Parameters,
    /// Whether the run's id is asked for, which older servers refuse.
    pub run_details: bool,
}

impl RepositoryDispatch {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Request, TargetError> {
        let body = json!({
            "event_type": told.name("event_type", &self.event_type, EVENT_TYPE_CHARS_MAX)?,
            "client_payload": {
                "run_key": told.run_key(),
                "model": told.order.model,
                "order": told.payload,
            },
        });
        Ok(request(self.repository.at(url, "/dispatches"), &body))
    }
}

impl WorkflowDispatch {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Request, TargetError> {
        let count = self.inputs.len();
        if count > INPUTS_MAX {
            return Err(TargetError::TooMany { part: "parameters".to_owned(), count, count_max: INPUTS_MAX });
        }
        let workflow = told.path_part("workflow", &self.workflow)?;
        let mut body = json!({
            "ref": told.name("ref", &self.git_ref, REF_CHARS_MAX)?,
            "inputs": told.parameters(&self.inputs)?,
        });
        if self.run_details {
            body["return_run_details"] = json!(true);
        }
        let path = format!("/actions/workflows/{workflow}/dispatches");
        Ok(request(self.repository.at(url, &path), &body))
    }
}

fn request(url: Url, body: &Value) -> Request {
    let mut request = Request::json(url, body);
    request.headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
    request.headers.insert("x-github-api-version", HeaderValue::from_static("2022-11-28"));
    request
}

/// 403 and 429 of someone who asks too often: with `Retry-After`, or with nothing remaining until `x-ratelimit-reset`.
pub(super) fn rate_limited(reply: &Reply) -> Option<Answer> {
    let number = |name: &str| reply.headers.get(name)?.to_str().ok()?.trim().parse::<i64>().ok();
    let is_used_up = number("x-ratelimit-remaining") == Some(0);
    if !matches!(reply.status, 403 | 429) || !(is_used_up || reply.retry_after.is_some()) {
        return None;
    }
    let until_reset = || {
        let seconds = number("x-ratelimit-reset")?.checked_sub(reply.date()?.as_second())?;
        u64::try_from(seconds).ok().map(Duration::from_secs)
    };
    Some(Answer::NotYet { why: reply.said.clone(), retry_after: reply.retry_after.or_else(until_reset) })
}

impl Repository {
    fn at(&self, url: &TargetUrl, path: &str) -> Url {
        url.with_path_after(&format!("/repos/{}/{}{path}", self.owner, self.name))
    }
}

impl FromStr for Repository {
    type Err = RepositoryError;

    fn from_str(text: &str) -> Result<Self, RepositoryError> {
        const PART_BYTES_MAX: usize = 100;
        let is_part = |part: &str| {
            (1..=PART_BYTES_MAX).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
                && !part.bytes().all(|b| b == b'.')
        };
        match text.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err(RepositoryError),
        }
    }
}

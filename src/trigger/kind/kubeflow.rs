//! Kubeflow Pipelines, API v2beta1. It starts whatever it is asked for: a run of the name is looked for first.

use reqwest::Method;
use serde_json::json;

use crate::notify::{Request, TargetUrl};
use crate::trigger::told::{Parameters, Told, percent_encoded};
use crate::trigger::{Requests, TargetError};

/// Runs that a search gives: one of a name, and what was made by hand.
const PAGE_SIZE: usize = 10;
/// Longest id, which is a UUID as a rule.
const ID_CHARS_MAX: usize = 100;

/// The run's `display_name` is the run key.
#[derive(Debug)]
pub struct Kubeflow {
    pub pipeline_id: String,
    /// The newest where there is none.
    pub pipeline_version_id: Option<String>,
    /// The default one where there is none.
    pub experiment_id: Option<String>,
    /// Where runs are looked for, if several people share the installation.
    pub namespace: Option<String>,
    pub parameters: Parameters,
}

impl Kubeflow {
    pub(super) fn requests(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Requests, TargetError> {
        let id = |part: &str, template: &Option<String>| {
            template.as_ref().map(|template| told.name(part, template, ID_CHARS_MAX)).transpose()
        };
        let experiment = id("experiment_id", &self.experiment_id)?;
        let namespace = id("namespace", &self.namespace)?;
        let mut pipeline =
            json!({ "pipeline_id": told.name("pipeline_id", &self.pipeline_id, ID_CHARS_MAX)? });
        if let Some(version) = id("pipeline_version_id", &self.pipeline_version_id)? {
            pipeline["pipeline_version_id"] = json!(version);
        }
        let mut body = json!({
            "display_name": told.run_key(),
            "pipeline_version_reference": pipeline,
            "runtime_config": { "parameters": told.parameters(&self.parameters)? },
        });
        if let Some(experiment) = &experiment {
            body["experiment_id"] = json!(experiment);
        }

        let runs = url.with_path_after("/apis/v2beta1/runs");
        let filter = json!({
            "predicates": [
                { "key": "display_name", "operation": "EQUALS", "string_value": told.run_key() },
            ],
        });
        let mut query = format!("page_size={PAGE_SIZE}&filter={}", percent_encoded(&filter.to_string()));
        for (name, value) in [("experiment_id", experiment), ("namespace", namespace)] {
            if let Some(value) = value {
                query += &format!("&{name}={}", percent_encoded(&value));
            }
        }
        let mut searched = runs.clone();
        searched.set_query(Some(&query));
        let search = Request::new(Method::GET, searched, Vec::new());
        Ok(Requests { search: Some(search), create: Request::json(runs, &body) })
    }
}

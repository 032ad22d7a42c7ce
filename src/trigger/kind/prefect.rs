//! Prefect: a flow run of a deployment. Of one `idempotency_key` there is one.

use serde_json::json;

use crate::notify::{Request, TargetUrl};
use crate::trigger::TargetError;
use crate::trigger::told::{Parameters, Told};

/// The address is that of the API, as in `PREFECT_API_URL`.
#[derive(Debug)]
pub struct Prefect {
    /// Template of the deployment's id.
    pub deployment: String,
    pub parameters: Parameters,
}

impl Prefect {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Request, TargetError> {
        let deployment = told.path_part("deployment", &self.deployment)?;
        let body = json!({
            "name": told.run_key(),
            "parameters": told.parameters(&self.parameters)?,
            "idempotency_key": told.run_key(),
        });
        let path = format!("/deployments/{deployment}/create_flow_run");
        Ok(Request::json(url.with_path_after(&path), &body))
    }
}

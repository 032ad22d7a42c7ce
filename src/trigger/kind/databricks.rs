//! Databricks: a run of a job. Of one `idempotency_token` there is one.

use serde_json::json;

use crate::notify::{Request, TargetUrl};
use crate::trigger::TargetError;
use crate::trigger::told::{Parameters, Told};

/// Longest `idempotency_token`.
const TOKEN_CHARS_MAX: usize = 64;

/// The job declares the parameters.
#[derive(Debug)]
pub struct Databricks {
    pub job_id: u64,
    pub parameters: Parameters,
}

impl Databricks {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Request, TargetError> {
        let body = json!({
            "job_id": self.job_id,
            "job_parameters": told.parameters(&self.parameters)?,
            "idempotency_token": told.order.run_key.within(TOKEN_CHARS_MAX),
        });
        Ok(Request::json(url.with_path_after("/api/2.1/jobs/run-now"), &body))
    }
}

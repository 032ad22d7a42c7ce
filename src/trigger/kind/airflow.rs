//! Apache Airflow: a run of a DAG. Its id is the run key: a second one is 409.

use serde_json::json;

use crate::notify::{Request, TargetUrl};
use crate::trigger::TargetError;
use crate::trigger::told::Told;

/// `conf` has the payload.
#[derive(Debug)]
pub struct Airflow {
    pub version: AirflowVersion,
    /// Template of the DAG's id.
    pub dag: String,
}

/// Which API is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AirflowVersion {
    /// `/api/v1`.
    Two,
    /// `/api/v2`: `logical_date` must be there, and nothing that it does not know.
    Three,
}

impl Airflow {
    pub(super) fn request(&self, url: &TargetUrl, told: &Told<'_>) -> Result<Request, TargetError> {
        let dag = told.path_part("dag", &self.dag)?;
        let mut body = json!({ "dag_run_id": told.run_key(), "conf": told.payload });
        let api = match self.version {
            AirflowVersion::Two => "v1",
            AirflowVersion::Three => {
                body["logical_date"] = json!(null);
                "v2"
            }
        };
        Ok(Request::json(url.with_path_after(&format!("/api/{api}/dags/{dag}/dagRuns")), &body))
    }
}

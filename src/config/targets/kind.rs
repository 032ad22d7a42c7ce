//! The keys of each type of target.

use crate::config::receiver::signing_keys;
use crate::config::setting::Texts;
use crate::config::table::Table;
use crate::trigger::{
    Airflow, AirflowVersion, ArgoWorkflowEvents, ArgoWorkflows, Databricks, Kubeflow, Parameters, Prefect,
    Repository, RepositoryDispatch, Webhook, WorkflowDispatch, default_parameters,
};

/// Parameters of one target.
const PARAMETERS_MAX: usize = 50;

pub(super) fn webhook(table: &Table<'_>) -> Webhook {
    Webhook { keys: table.secret_as("secrets", signing_keys).unwrap_or_default() }
}

pub(super) fn airflow(table: &Table<'_>, version: AirflowVersion) -> Option<Airflow> {
    let dag = required(table, "dag", "name the DAG, as in \"retrain_{{ model }}\"");
    Some(Airflow { version, dag: dag? })
}

pub(super) fn argo_workflows(table: &Table<'_>) -> Option<ArgoWorkflows> {
    let namespace = namespace(table);
    let template = required(table, "template", "name the WorkflowTemplate, as in \"retrain\"");
    let parameters = parameters(table);
    Some(ArgoWorkflows { namespace: namespace?, template: template?, parameters })
}

pub(super) fn argo_workflow_events(table: &Table<'_>) -> Option<ArgoWorkflowEvents> {
    let namespace = namespace(table);
    let discriminator = table.read("discriminator", "driftd-retraining".to_owned());
    Some(ArgoWorkflowEvents { namespace: namespace?, discriminator })
}

pub(super) fn repository_dispatch(table: &Table<'_>) -> Option<RepositoryDispatch> {
    let repository = repository(table);
    let event_type = table.read("event_type", "driftd-retraining".to_owned());
    Some(RepositoryDispatch { repository: repository?, event_type })
}

pub(super) fn workflow_dispatch(table: &Table<'_>) -> Option<WorkflowDispatch> {
    let repository = repository(table);
    let workflow = required(table, "workflow", "name its file, as in \"retrain.yml\"");
    let git_ref = table.read("ref", "main".to_owned());
    let run_details = table.read("run_details", true);
    let inputs = table.optional_if("parameters", not_too_many);
    if !table.has("parameters") {
        let example = "{ run_key = \"{{ run_key }}\", order = \"{{ order }}\" }";
        let message = "is missing; name the inputs that the workflow declares, as GitHub refuses others:";
        table.error("parameters", format!("{message} {example}"));
    }
    let (repository, workflow, inputs) = (repository?, workflow?, inputs?.0);
    Some(WorkflowDispatch { repository, workflow, git_ref, inputs, run_details })
}

pub(super) fn kubeflow(table: &Table<'_>) -> Option<Kubeflow> {
    let pipeline_id = required(table, "pipeline_id", "it stands on the pipeline's page");
    let pipeline_version_id = table.optional("pipeline_version_id");
    let experiment_id = table.optional("experiment_id");
    let namespace = table.optional("namespace");
    let parameters = parameters(table);
    Some(Kubeflow { pipeline_id: pipeline_id?, pipeline_version_id, experiment_id, namespace, parameters })
}

pub(super) fn prefect(table: &Table<'_>) -> Option<Prefect> {
    let deployment = required(table, "deployment", "the deployment's id, which stands on its page");
    let parameters = parameters(table);
    Some(Prefect { deployment: deployment?, parameters })
}

pub(super) fn databricks(table: &Table<'_>) -> Option<Databricks> {
    let job_id = table.optional_if("job_id", |id: &u64| match *id {
        0 => Err("is no job; its id is a number above 0".to_owned()),
        _ => Ok(()),
    });
    if !table.has("job_id") {
        table.error("job_id", "is missing; the job's id is a number, as 620512345678");
    }
    let parameters = parameters(table);
    Some(Databricks { job_id: job_id?, parameters })
}

fn namespace(table: &Table<'_>) -> Option<String> {
    required(table, "namespace", "name the namespace of Kubernetes, as in \"argo\"")
}

fn repository(table: &Table<'_>) -> Option<Repository> {
    let parse = |text: &String| text.parse::<Repository>().map_err(|error| error.to_string());
    let repository = table.optional_if("repository", |text| parse(text).map(drop));
    if !table.has("repository") {
        table.error("repository", "is missing; write it as owner/name");
    }
    parse(&repository?).ok()
}

fn required(table: &Table<'_>, key: &str, right: &str) -> Option<String> {
    if !table.has(key) {
        table.error(key, format!("is missing; {right}"));
    }
    table.optional(key)
}

fn parameters(table: &Table<'_>) -> Parameters {
    table.read_if("parameters", Texts(default_parameters()), not_too_many).0
}

fn not_too_many(parameters: &Texts) -> Result<(), String> {
    match parameters.0.len() {
        0..=PARAMETERS_MAX => Ok(()),
        count => Err(format!("are {count}; at most {PARAMETERS_MAX}")),
    }
}

//! Stand-ins for training pipelines that hold a request to the contract of the real one, and keep the runs they started.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use reqwest::Url;
use serde_json::{Value, json};

use super::{KEY, TOKEN};
use crate::support::sink::{Reply, Sink, Taken};

/// Runs by the name that tells them apart, in the order in which they were started.
pub type Runs = Arc<Mutex<Vec<String>>>;

pub struct StandIn {
    pub sink: Sink,
    pub runs: Runs,
}

/// A refusal, or what it says to a request that it takes.
type Judged = Result<Reply, Reply>;

impl StandIn {
    /// `losing` answers: so many requests start a run, and the connection breaks before that is said.
    pub async fn start(kind: &'static str, losing: usize) -> Self {
        let runs = Runs::default();
        let (kept, lost) = (runs.clone(), Mutex::new(losing));
        let sink = Sink::answering(move |taken| {
            let mut runs = kept.lock().unwrap();
            let before = runs.len();
            let reply = judge(kind, taken, &mut runs).unwrap_or_else(|refused| refused);
            let mut lost = lost.lock().unwrap();
            if runs.len() > before && *lost > 0 {
                *lost -= 1;
                return Reply::Cut;
            }
            reply
        });
        Self { sink: sink.await, runs }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.sink.address)
    }

    pub fn runs(&self) -> Vec<String> {
        self.runs.lock().unwrap().clone()
    }
}

pub fn says(status: u16, body: &Value) -> Reply {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Reply::Answer { status, headers, body: body.to_string() }
}

fn refuse(status: u16, why: &str) -> Reply {
    says(status, &json!({ "message": why }))
}

fn ensure(holds: bool, status: u16, why: &str) -> Result<(), Reply> {
    if holds { Ok(()) } else { Err(refuse(status, why)) }
}

fn judge(kind: &str, taken: &Taken, runs: &mut Vec<String>) -> Judged {
    let authorization = taken.headers.get("authorization").map(String::as_str);
    ensure(authorization == Some(&format!("Bearer {TOKEN}")), 401, "who are you?")?;
    if taken.method == "POST" {
        let is_json = taken.headers.get("content-type").is_some_and(|kind| kind == "application/json");
        ensure(is_json, 415, "JSON is wanted")?;
    }
    let body: Value = match taken.method.as_str() {
        "GET" => Value::Null,
        _ => serde_json::from_slice(&taken.body).map_err(|_| refuse(400, "no JSON"))?,
    };
    match kind {
        "webhook" => webhook(taken, &body, runs),
        "airflow2" => airflow(taken, &body, runs, "v1"),
        "airflow3" => airflow(taken, &body, runs, "v2"),
        "argo_workflows" => argo_workflows(taken, &body, runs),
        "argo_events" => event(taken, &body, runs, "/"),
        "argo_workflow_events" => event(taken, &body, runs, "/api/v1/events/ml/retrain%20car_loan"),
        "github_repository_dispatch" => repository_dispatch(taken, &body, runs),
        "github_workflow_dispatch" => workflow_dispatch(taken, &body, runs),
        "kubeflow" => kubeflow(taken, &body, runs),
        "prefect" => prefect(taken, &body, runs),
        "databricks" => databricks(taken, &body, runs),
        _ => unreachable!("{kind}"),
    }
}

fn only(body: &Value, known: &[&str], status: u16) -> Result<(), Reply> {
    let fields = body.as_object().ok_or_else(|| refuse(status, "no object"))?;
    let unknown: Vec<&String> = fields.keys().filter(|field| !known.contains(&field.as_str())).collect();
    ensure(unknown.is_empty(), status, &format!("extra fields: {unknown:?}"))
}

fn post_to(taken: &Taken, path: &str) -> Result<(), Reply> {
    ensure(taken.path == path, 404, "nothing is here")?;
    ensure(taken.method == "POST", 405, "POST is wanted")
}

fn text(value: &Value, status: u16) -> Result<String, Reply> {
    value.as_str().map(str::to_owned).ok_or_else(|| refuse(status, "a text is wanted"))
}

fn texts(parameters: &Value, declared: &[&str], status: u16) -> Result<(), Reply> {
    only(parameters, declared, status)?;
    ensure(parameters.as_object().unwrap().values().all(Value::is_string), status, "texts are wanted")
}

const DECLARED: [&str; 8] =
    ["run_key", "model", "version", "window_start", "window_end", "update", "cause", "order"];

/// Takes a message once, by its id.
fn webhook(taken: &Taken, body: &Value, runs: &mut Vec<String>) -> Judged {
    post_to(taken, "/")?;
    only(body, &["type", "timestamp", "data"], 400)?;
    ensure(taken.headers.contains_key("webhook-signature"), 401, "unsigned")?;
    let id = taken.headers.get("webhook-id").filter(|id| !id.contains('.'));
    let id = id.ok_or_else(|| refuse(400, "no id"))?;
    if !runs.contains(id) {
        runs.push(id.clone());
    }
    Ok(Reply::Answer { status: 202, headers: Vec::new(), body: String::new() })
}

fn airflow(taken: &Taken, body: &Value, runs: &mut Vec<String>, api: &str) -> Judged {
    post_to(taken, &format!("/api/{api}/dags/retrain_car_loan/dagRuns"))?;
    let known = ["dag_run_id", "logical_date", "data_interval_start", "data_interval_end", "conf", "note"];
    let invalid = if api == "v2" { 422 } else { 400 };
    only(body, &known, invalid)?;
    ensure(api == "v1" || body.get("logical_date").is_some(), 422, "logical_date: field required")?;
    ensure(body["conf"].is_object(), invalid, "conf: an object is wanted")?;
    let id = text(&body["dag_run_id"], invalid)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.~:+-".contains(c);
    ensure(id.chars().all(fits), invalid, "dag_run_id: another pattern is wanted")?;
    ensure(!runs.contains(&id), 409, "the DAG run exists already")?;
    runs.push(id.clone());
    Ok(says(200, &json!({ "dag_run_id": id, "state": "queued", "conf": body["conf"] })))
}

fn argo_workflows(taken: &Taken, body: &Value, runs: &mut Vec<String>) -> Judged {
    post_to(taken, "/api/v1/workflows/ml/submit")?;
    only(body, &["namespace", "resourceKind", "resourceName", "submitOptions"], 400)?;
    only(&body["submitOptions"], &["name", "generateName", "parameters", "labels", "entryPoint"], 400)?;
    let template = body["resourceKind"] == "WorkflowTemplate" && body["resourceName"] == "retrain-car_loan";
    ensure(template, 404, "no such template")?;
    let parameters = body["submitOptions"]["parameters"].as_array().cloned().unwrap_or_default();
    let is_pair = |pair: &Value| {
        pair.as_str().and_then(|pair| pair.split_once('=')).is_some_and(|(name, _)| DECLARED.contains(&name))
    };
    ensure(parameters.len() == DECLARED.len() && parameters.iter().all(is_pair), 400, "expected name=value")?;
    let name = text(&body["submitOptions"]["name"], 400)?;
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    ensure(name.len() <= 63 && name.chars().all(fits) && !name.ends_with('-'), 422, "no RFC 1123 name")?;
    if runs.contains(&name) {
        let why = format!("workflows.argoproj.io \"{name}\" already exists");
        return Err(says(409, &json!({ "code": 6, "message": why })));
    }
    runs.push(name.clone());
    Ok(says(200, &json!({ "metadata": { "name": name, "namespace": "ml" }, "spec": {} })))
}

/// Argo's events: whatever comes starts another run.
fn event(taken: &Taken, body: &Value, runs: &mut Vec<String>, path: &str) -> Judged {
    post_to(taken, path)?;
    let key = text(&body["run_key"], 400)?;
    runs.push(key);
    Ok(if path == "/" { Reply::status(200) } else { says(200, &json!({})) })
}

fn github(taken: &Taken) -> Result<(), Reply> {
    let header = |name: &str| taken.headers.get(name).map(String::as_str).unwrap_or_default();
    ensure(header("user-agent").starts_with("driftd/"), 403, "no User-Agent")?;
    ensure(header("accept") == "application/vnd.github+json", 403, "another Accept is wanted")?;
    ensure(header("x-github-api-version") == "2022-11-28", 400, "another version is wanted")
}

fn repository_dispatch(taken: &Taken, body: &Value, runs: &mut Vec<String>) -> Judged {
    github(taken)?;
    post_to(taken, "/repos/example/models/dispatches")?;
    only(body, &["event_type", "client_payload"], 422)?;
    ensure(
        (1..=100).contains(&text(&body["event_type"], 422)?.chars().count()),
        422,
        "event_type is too long",
    )?;
    let properties = body["client_payload"].as_object().map_or(0, serde_json::Map::len);
    ensure(properties <= 10, 422, "No more than 10 properties are allowed")?;
    runs.push(text(&body["client_payload"]["order"]["run_key"], 422)?);
    Ok(Reply::Answer { status: 204, headers: Vec::new(), body: String::new() })
}

fn workflow_dispatch(taken: &Taken, body: &Value, runs: &mut Vec<String>) -> Judged {
    github(taken)?;
    post_to(taken, "/repos/example/models/actions/workflows/retrain.yml/dispatches")?;
    only(body, &["ref", "inputs", "return_run_details"], 422)?;
    ensure(body["ref"] == "main", 422, "No ref found")?;
    texts(&body["inputs"], &["run_key", "order"], 422)?;
    runs.push(text(&body["inputs"]["run_key"], 422)?);
    match body["return_run_details"] == true {
        true => Ok(says(200, &json!({ "workflow_run_id": 7_000_000_000_u64 + runs.len() as u64 }))),
        false => Ok(Reply::Answer { status: 204, headers: Vec::new(), body: String::new() }),
    }
}

/// Starts a run whatever its name; finds those of a name.
fn kubeflow(taken: &Taken, body: &Value, runs: &mut Vec<String>) -> Judged {
    let url = Url::parse("http://kubeflow").unwrap().join(&taken.path).unwrap();
    ensure(url.path() == "/apis/v2beta1/runs", 404, "nothing is here")?;
    let run = |at: usize, name: &str| json!({ "run_id": format!("run-{at}"), "display_name": name });
    if taken.method == "GET" {
        let query =
            |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let scoped = query("namespace").is_some_and(|namespace| namespace == "team a");
        ensure(scoped && query("experiment_id").is_some(), 400, "namespace and experiment are wanted")?;
        let filter: Value = serde_json::from_str(&query("filter").unwrap_or_default())
            .map_err(|_| refuse(400, "the filter is no JSON"))?;
        let predicate = &filter["predicates"][0];
        let is_known = predicate["key"] == "display_name" && predicate["operation"] == "EQUALS";
        ensure(is_known, 400, "no such filter")?;
        let found = runs.iter().enumerate().filter(|(_, name)| predicate["string_value"] == **name);
        let found: Vec<Value> = found.map(|(at, name)| run(at, name)).collect();
        // Nothing is left out of protobuf's JSON but what is empty.
        return Ok(says(200, &if found.is_empty() { json!({}) } else { json!({ "runs": found }) }));
    }
    post_to(taken, "/apis/v2beta1/runs")?;
    let known = ["display_name", "experiment_id", "pipeline_version_reference", "runtime_config"];
    only(body, &known, 400)?;
    ensure(body["pipeline_version_reference"]["pipeline_id"] == "9f1c", 404, "no such pipeline")?;
    texts(&body["runtime_config"]["parameters"], &DECLARED, 400)?;
    let name = text(&body["display_name"], 400)?;
    runs.push(name.clone());
    Ok(says(200, &run(runs.len() - 1, &name)))
}

fn prefect(taken: &Taken, body: &Value, runs: &mut Vec<String>) -> Judged {
    post_to(taken, "/deployments/3d0a-car_loan/create_flow_run")?;
    only(body, &["name", "parameters", "idempotency_key", "tags", "state", "context"], 422)?;
    texts(&body["parameters"], &DECLARED, 409)?;
    let key = text(&body["idempotency_key"], 422)?;
    let is_new = !runs.contains(&key);
    if is_new {
        runs.push(key.clone());
    }
    let at = runs.iter().position(|run| *run == key);
    Ok(says(if is_new { 201 } else { 200 }, &json!({ "id": format!("flow-run-{}", at.unwrap()) })))
}

fn databricks(taken: &Taken, body: &Value, runs: &mut Vec<String>) -> Judged {
    post_to(taken, "/api/2.1/jobs/run-now")?;
    only(body, &["job_id", "job_parameters", "idempotency_token"], 400)?;
    ensure(body["job_id"] == 620_512_345_678_u64, 400, "Job does not exist")?;
    texts(&body["job_parameters"], &DECLARED, 400)?;
    ensure(body["job_parameters"].to_string().len() <= 10_000, 400, "job_parameters are too long")?;
    let token = text(&body["idempotency_token"], 400)?;
    ensure(token.len() <= 64, 400, "idempotency_token is too long")?;
    if !runs.contains(&token) {
        runs.push(token.clone());
    }
    let at = runs.iter().position(|run| *run == token).unwrap();
    Ok(says(200, &json!({ "run_id": 455_644_833_u64 + at as u64, "number_in_job": 1 })))
}

/// What each stand-in calls the run of [`KEY`], where it says so.
pub fn remote_of(kind: &str) -> Option<String> {
    let own = match kind {
        "airflow2" | "airflow3" => KEY.to_owned(),
        "argo_workflows" => super::order().run_key.dns_name(),
        "github_workflow_dispatch" => "7000000001".to_owned(),
        "kubeflow" => "run-0".to_owned(),
        "prefect" => "flow-run-0".to_owned(),
        "databricks" => "455644833".to_owned(),
        _ => return None,
    };
    Some(own)
}

/// Whether each of them is another one.
pub fn all_differ(runs: &[String]) -> bool {
    runs.iter().collect::<BTreeSet<_>>().len() == runs.len()
}

//! Targets of retraining: their requests against golden files, stand-ins that hold them to their contracts, answers of
//! every kind.

mod golden;

mod contracts;

mod answers;

mod stand_ins;

use std::time::Duration;

use driftd::domain::{TimeRange, Timestamp};
use driftd::incident::{IncidentId, IncidentKind};
use driftd::notify::{Egress, EgressOptions, Header, Sender};
use driftd::retraining::{Category, Cause, DecisionId, Drifted, LabelInputs, Order, RunKey, Update};
use driftd::trigger::*;
use driftd::verdict::Severity;

const KEY: &str = "retrain-car_loan-2026-W48-drift";
const TOKEN: &str = "t0ken-0123456789";

/// A kind at an address, as a config would have it.
type Made = (&'static str, fn() -> TargetKind);

/// All kinds, each with what the stand-ins declare.
const KINDS: [Made; 11] = [
    ("webhook", || {
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        TargetKind::Webhook(Webhook { keys: vec![key] })
    }),
    ("airflow2", || airflow(AirflowVersion::Two)),
    ("airflow3", || airflow(AirflowVersion::Three)),
    ("argo_workflows", || {
        let (namespace, template) = ("ml".to_owned(), "retrain-{{ model }}".to_owned());
        TargetKind::ArgoWorkflows(ArgoWorkflows { namespace, template, parameters: default_parameters() })
    }),
    ("argo_events", || TargetKind::ArgoEvents),
    ("argo_workflow_events", || {
        let (namespace, discriminator) = ("ml".to_owned(), "retrain {{ model }}".to_owned());
        TargetKind::ArgoWorkflowEvents(ArgoWorkflowEvents { namespace, discriminator })
    }),
    ("github_repository_dispatch", || {
        let (repository, event_type) = (repository(), "driftd-retraining".to_owned());
        TargetKind::RepositoryDispatch(RepositoryDispatch { repository, event_type })
    }),
    ("github_workflow_dispatch", || {
        TargetKind::WorkflowDispatch(WorkflowDispatch {
            repository: repository(),
            workflow: "retrain.yml".to_owned(),
            git_ref: "main".to_owned(),
            inputs: parameters(&[("run_key", "{{ run_key }}"), ("order", "{{ order }}")]),
            run_details: true,
        })
    }),
    ("kubeflow", || {
        TargetKind::Kubeflow(Kubeflow {
            pipeline_id: "9f1c".to_owned(),
            pipeline_version_id: Some("77ab".to_owned()),
            experiment_id: Some("e0".to_owned()),
            namespace: Some("team a".to_owned()),
            parameters: default_parameters(),
        })
    }),
    ("prefect", || {
        let deployment = "3d0a-{{ model }}".to_owned();
        TargetKind::Prefect(Prefect { deployment, parameters: default_parameters() })
    }),
    ("databricks", || {
        TargetKind::Databricks(Databricks { job_id: 620_512_345_678, parameters: default_parameters() })
    }),
];

/// Those that may be asked twice.
const IDEMPOTENT: [&str; 7] =
    ["webhook", "airflow2", "airflow3", "argo_workflows", "kubeflow", "prefect", "databricks"];

fn airflow(version: AirflowVersion) -> TargetKind {
    TargetKind::Airflow(Airflow { version, dag: "retrain_{{ model }}".to_owned() })
}

fn repository() -> Repository {
    "example/models".parse().unwrap()
}

fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn made(kind: &str) -> TargetKind {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, made)| made()).unwrap()
}

fn target_of(kind: TargetKind, url: &str) -> Result<Target, TargetError> {
    let header = Header::new("Authorization", &format!("Bearer {TOKEN}").into()).unwrap();
    Target::new("training".parse().unwrap(), url.parse().unwrap(), vec![header], kind)
}

fn target(kind: &str, url: &str) -> Target {
    target_of(made(kind), url).unwrap()
}

fn now() -> Timestamp {
    "2026-11-25T10:00:00Z".parse().unwrap()
}

fn order() -> Order {
    let day = Duration::from_secs(86_400);
    let drifted = Drifted {
        incident: IncidentId(7),
        kind: IncidentKind::ConceptDrift,
        severity: Severity::Critical,
        since: now().saturating_sub(day),
        window: Some(TimeRange { start: now().saturating_sub(2 * day), end: now().saturating_sub(day) }),
        summary: "the loss rose by 12 %; \"psi\" {{ of }} é".to_owned(),
        moved: vec!["`income` rose by 12 %".to_owned()],
    };
    Order {
        run_key: RunKey::named(KEY),
        model: "car_loan".parse().unwrap(),
        version: Some("3".parse().unwrap()),
        cause: Cause::Drift,
        category: Category::Corrective,
        reason: "critical concept drift".to_owned(),
        update: Update::Major,
        window: TimeRange { start: now().saturating_sub(90 * day), end: now() },
        labels: Some(LabelInputs { new: 1_200, predicted: 20_000, labelled: 16_000 }),
        validators: vec![drifted.kind.role()],
        drifted: vec![drifted],
    }
}

fn about() -> About {
    About {
        decision: DecisionId(42),
        at: now(),
        asked_at: now().saturating_add(Duration::from_secs(300)),
        decision_url: "https://driftd.example.org/v1/decisions/dec-42".to_owned(),
        report_url: format!("https://driftd.example.org/v1/runs/{KEY}/report"),
    }
}

/// A sender that gives up after so long.
fn sender(timeout: Duration) -> Sender {
    Sender::new(Egress::new(EgressOptions::default()), timeout).unwrap()
}

//! Retraining and maintenance: what is understood, and what is refused in which words.

use driftd::web::answer::{
    DecisionsAnswer, MaintenanceAnswer, MaintenanceItemAnswer, RetrainAnswer, VersionAnswer, VersionsAnswer,
};

use super::*;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn post(path: &str, body: &str) -> Vec<u8> {
    request("POST", path, &[JSON], body.as_bytes())
}

/// The answer as its type reads it, which must lose nothing.
fn whole<T: serde::de::DeserializeOwned + serde::Serialize>(answer: &Answer) -> T {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let read: T = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), answer.json());
    read
}

#[tokio::test]
async fn decisions_come_in_pages_with_reasons_and_runs() {
    let server = Server::start(options()).await;
    let path = "/v1/decisions?model=fraud&cause=manual&outcome=withhold&before=dec-42&limit=2";
    let answer = server.send(&get(path)).await;
    let page: DecisionsAnswer = whole(&answer);
    assert_eq!((page.decisions.len(), page.next.map(|id| id.0)), (2, Some(2)));
    let all = server.send(&get("/v1/decisions")).await.json();
    assert_eq!((all["decisions"].as_array().unwrap().len(), all["next"].is_null()), (3, true));
    let pages = server.fake.pages.lock().unwrap().clone();
    for said in ["fraud", "Some(Manual)", "Some(\"withhold\")", "DecisionId(42)", "limit: 2"] {
        assert!(pages[0].contains(said), "{said} in {}", pages[0]);
    }
    assert!(pages[1].contains("limit: 100"), "{}", pages[1]);

    let json = answer.json();
    for (pointer, value) in [
        ("/decisions/0/id", "dec-3"),
        ("/decisions/0/outcome", "trigger"),
        ("/decisions/0/order/update", "major"),
        ("/decisions/0/order/validators/1", "business_owner"),
        ("/decisions/0/inputs/drifted/0/incident", "inc-3"),
        ("/decisions/0/run/state", "accepted"),
        ("/decisions/0/run/remote", "dag-7"),
        ("/decisions/0/run/report_by", "2025-11-21T10:00:00Z"),
        ("/decisions/1/outcome", "withhold"),
        ("/decisions/1/withheld/0/why", "too_few_new_labels"),
        ("/decisions/1/withheld/0/message", "120 new labels, 500 are needed"),
        ("/decisions/1/withheld/1/until", "2025-11-28T10:00:00Z"),
    ] {
        assert_eq!(json.pointer(pointer).and_then(|found| found.as_str()), Some(value), "{pointer}: {json}");
    }
    let run = &json["decisions"][0]["run"];
    assert_eq!((&run["open"], &run["attempts"]), (&false.into(), &1.into()));
    assert!(run["trouble"].as_str().unwrap().contains("has not reported by 2025-11-21T10:00:00Z"), "{run}");
    assert_eq!(json["decisions"][1]["withheld"][0]["needed"], 500);
    assert!(json["decisions"][1]["order"].is_null() && json["decisions"][1]["run"].is_null());
}

#[tokio::test]
async fn a_wish_is_decided_and_a_dry_run_has_no_id() {
    let server = Server::start(options()).await;
    let ask = async |body: &str| server.send(&post("/v1/models/fraud/retrain", body)).await;
    let answer: RetrainAnswer = whole(&ask(r#"{"reason":"new tariff","category":"evolutive"}"#).await);
    assert!(answer.decision.is_triggered() && answer.request.is_some() && !answer.dry_run);
    assert_eq!(
        (answer.decision.id.map(|id| id.0), answer.decision.category.as_str()),
        (Some(3), "evolutive")
    );
    let dry: RetrainAnswer = whole(&ask(r#"{"reason":"new tariff","dry_run":true}"#).await);
    assert_eq!((dry.decision.id, dry.dry_run, dry.decision.run), (None, true, None));
    let against: RetrainAnswer = whole(&ask(r#"{"reason":"never mind"}"#).await);
    assert_eq!((against.decision.outcome.as_str(), against.request), ("withhold", None));
    assert_eq!(against.decision.withheld.len(), 2);
}

#[tokio::test]
async fn what_is_said_reaches_the_service_under_its_name() {
    let server = Server::start(with_tokens()).await;
    let versions = "/v1/models/fraud/versions";
    let run = r#""run_key":"retrain-fraud-2025-W47-drift""#;
    let done = r#"{"model":"fraud","task":"data_refresh","period":"half_yearly","note":"sources moved"}"#;
    for (role, path, body, said) in [
        (
            "operate",
            "/v1/models/fraud/retrain",
            r#"{"reason":"season","dry_run":true}"#.to_owned(),
            "dry_run: true",
        ),
        ("ingest", versions, r#"{"version":"4"}"#.to_owned(), "trained_at: None"),
        (
            "ingest",
            versions,
            format!(r#"{{"status":"succeeded","version":"4","trained_at":"2025-11-22T09:00:00Z",{run}}}"#),
            "RunKey(\"retrain-fraud-2025-W47-drift\")",
        ),
        ("operate", versions, format!(r#"{{"status":"failed",{run}}}"#), "does not say why"),
        (
            "ingest",
            versions,
            r#"{"status":"failed","why":"out\n of memory"}"#.to_owned(),
            "\"out of memory\"",
        ),
        ("operate", "/v1/maintenance", done.to_owned(), "HalfYearly"),
    ] {
        let auth = ("Authorization", &*format!("Bearer {role}-token"));
        let answer = server.send(&request("POST", path, &[auth, JSON], body.as_bytes())).await;
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        let last = server.fake.done.lock().unwrap().last().cloned().unwrap();
        let name = if role == "operate" { "ann " } else { "fraud-api " };
        assert!(last.starts_with(name) && last.contains(said), "{said} in {last}");
    }
}

#[tokio::test]
async fn a_version_is_reported_by_a_pipeline_or_a_person_who_operates() {
    let server = Server::start(with_tokens()).await;
    let ask = async |role: &str| {
        let auth = ("Authorization", &*format!("Bearer {role}-token"));
        let path = "/v1/models/fraud/versions";
        server.send(&request("POST", path, &[auth, JSON], br#"{"version":"4"}"#)).await
    };
    for role in ["ingest", "operate", "admin"] {
        assert_eq!(ask(role).await.status, 200, "{role}");
    }
    let answer = ask("read").await;
    let message = "this needs the role ingest or operate; the token `grafana` has the role read";
    assert_eq!((answer.status, answer.text()), (403, error("role_missing", message).as_str()));
}

#[tokio::test]
async fn answers_of_versions_and_of_the_calendar_read_back() {
    let server = Server::start(options()).await;
    let reported: VersionAnswer =
        whole(&server.send(&post("/v1/models/fraud/versions", r#"{"version":"4"}"#)).await);
    assert_eq!(reported.version.unwrap().as_str(), "4");
    let versions: VersionsAnswer = whole(&server.send(&get("/v1/models/fraud/versions")).await);
    assert_eq!((versions.versions.len(), versions.versions[0].rows_seen), (1, Some(7)));
    let calendar: MaintenanceAnswer = whole(&server.send(&get("/v1/maintenance?model=fraud")).await);
    let [refresh, age] = &calendar.items[..] else { panic!("{calendar:?}") };
    assert_eq!((refresh.standing.as_str(), refresh.role.as_str()), ("overdue", "data_engineer"));
    assert_eq!((age.period, age.standing.as_str()), (None, "done"));
    assert_eq!(calendar.next_runs[0].cause.as_str(), "scheduled");
    assert_eq!(server.send(&get("/v1/maintenance")).await.status, 200);
    let body = r#"{"model":"fraud","task":"compliance_audit","period":"quarterly"}"#;
    let item: MaintenanceItemAnswer = whole(&server.send(&post("/v1/maintenance", body)).await);
    assert_eq!((item.task.as_str(), item.standing.as_str()), ("compliance_audit", "done"));
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_the_expected_words() {
    let server = Server::start(options()).await;
    let bad = |message: &str| (400, error("bad_query", message));
    let fields = |message: &str| (400, error("bad_fields", message));
    let json = |what: &str| (400, error("bad_json", &format!("the JSON is not what this takes: {what}")));
    let retrain = |body: &str| post("/v1/models/fraud/retrain", body);
    let version = |body: &str| post("/v1/models/fraud/versions", body);
    let done = |body: &str| post("/v1/maintenance", body);
    let reason =
        (400, error("bad_reason", "`reason` has 1 to 500 characters, no control characters, and says why"));
    let run_key = "`run_key` is no run's key, as in retrain-car_loan-2026-W49-scheduled";
    let extra = "`version` and `trained_at` go with `status` succeeded; what failed has none";
    let tasks =
        "`preventive_retraining`, `data_refresh`, `non_regression_tests`, `compliance_audit`, `model_age`";
    let cases = vec![
        (
            "unknown parameter",
            get("/v1/decisions?state=open"),
            bad("the query may have model, cause, outcome, before and limit, each once"),
        ),
        ("no model's id", get("/v1/decisions?model="), bad("`model` is empty")),
        (
            "no cause",
            get("/v1/decisions?cause=weekly"),
            bad("`cause` is none of scheduled, drift, monthly, quarterly and manual"),
        ),
        (
            "no outcome",
            get("/v1/decisions?outcome=triggered"),
            bad("`outcome` is neither trigger nor withhold"),
        ),
        ("no before", get("/v1/decisions?before=inc-1"), bad("`before` is no decision's id, as in dec-42")),
        ("too many", get("/v1/decisions?limit=1001"), bad("`limit` is no whole number from 1 to 1000")),
        (
            "unknown parameter of the calendar",
            get("/v1/maintenance?task=model_age"),
            bad("the query may have model, each once"),
        ),
        ("no reason", retrain("{}"), json("missing field `reason` at line 1 column 2")),
        ("blank reason", retrain(r#"{"reason":" "}"#), reason.clone()),
        ("reason of two lines", retrain(r#"{"reason":"a\nb"}"#), reason.clone()),
        ("long reason", retrain(&format!(r#"{{"reason":"{}"}}"#, "x".repeat(501))), reason),
        (
            "no category",
            retrain(r#"{"reason":"x","category":"urgent"}"#),
            json(
                "unknown word, expected one of `corrective`, `preventive`, `evolutive`, `adaptive` at line 1 column 33",
            ),
        ),
        (
            "unknown field",
            retrain(r#"{"reason":"x","dry":true}"#),
            json("unknown field, expected one of `reason`, `category`, `dry_run` at line 1 column 19"),
        ),
        (
            "a query",
            post("/v1/models/fraud/retrain?dry_run=true", r#"{"reason":"x"}"#),
            (400, error("bad_query", "there is no query here: what is asked stands in the body")),
        ),
        (
            "no plan",
            post("/v1/models/unplanned/retrain", r#"{"reason":"x"}"#),
            (409, error("conflict", "the model has no [retraining]")),
        ),
        (
            "no model",
            post("/v1/models/absent/retrain", r#"{"reason":"x"}"#),
            (404, error("unknown_model", "no model has this id: fraud is one")),
        ),
        (
            "no version",
            version("{}"),
            fields("`version` is missing: name the version that was trained, or `status` failed"),
        ),
        (
            "no status",
            version(r#"{"status":"done"}"#),
            json("unknown word, expected `succeeded` or `failed` at line 1 column 16"),
        ),
        ("version of a failure", version(r#"{"status":"failed","version":"4"}"#), fields(extra)),
        (
            "time of a failure",
            version(r#"{"status":"failed","trained_at":"2026-01-01T00:00:00Z"}"#),
            fields(extra),
        ),
        (
            "why it succeeded",
            version(r#"{"version":"4","why":"luck"}"#),
            fields("`why` goes with `status` failed; a version that is there needs none"),
        ),
        ("empty key", version(r#"{"version":"4","run_key":""}"#), fields(run_key)),
        ("odd key", version(r#"{"version":"4","run_key":"a b"}"#), fields(run_key)),
        (
            "long key",
            version(&format!(r#"{{"version":"4","run_key":"{}"}}"#, "x".repeat(256))),
            fields(run_key),
        ),
        (
            "unknown run",
            version(r#"{"version":"4","run_key":"retrain-nothing"}"#),
            (
                404,
                error(
                    "unknown_run",
                    "driftd asked for no such run of this model; GET /v1/decisions lists those that it asked for",
                ),
            ),
        ),
        (
            "empty version",
            version(r#"{"version":""}"#),
            json("`version` is of the wrong type or form, at line 1 column 14"),
        ),
        (
            "no task",
            done(r#"{"model":"fraud","task":"audit","period":"monthly"}"#),
            json(&format!("unknown word, expected one of {tasks} at line 1 column 31")),
        ),
        (
            "no period",
            done(r#"{"model":"fraud","task":"data_refresh"}"#),
            fields("`period` is missing: monthly, quarterly or half_yearly"),
        ),
        (
            "a period that is none",
            done(r#"{"model":"fraud","task":"data_refresh","period":"weekly"}"#),
            json("unknown word, expected one of `monthly`, `quarterly`, `half_yearly` at line 1 column 56"),
        ),
        (
            "note of two lines",
            done(r#"{"model":"fraud","task":"data_refresh","period":"monthly","note":"a\nb"}"#),
            fields("`note` has 1 to 500 characters, no control characters, and is not blank"),
        ),
        (
            "age by word",
            done(r#"{"model":"fraud","task":"model_age"}"#),
            (
                422,
                error(
                    "not_by_word",
                    "`task` model_age is not done by saying so: report a younger version with POST /v1/models/{model}/versions",
                ),
            ),
        ),
        (
            "calendar of no model",
            done(r#"{"model":"absent","task":"data_refresh","period":"monthly"}"#),
            (404, error("unknown_model", "no model has this id: fraud is one")),
        ),
    ];
    for (name, request, (status, body)) in cases {
        let answer = server.send(&request).await;
        assert_eq!((answer.status, answer.text()), (status, body.as_str()), "{name}");
    }
    assert_eq!(*server.fake.done.lock().unwrap(), Vec::<String>::new());
}

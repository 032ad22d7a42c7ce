//! What can be read: answers, metrics, probes, and the list of it all.

use std::io::Read;

use driftd::domain::{Segment, TimeRange};
use driftd::web::answer::{DriftAnswer, FeatureAnswer, ModelsAnswer, StatusAnswer};
use driftd::web::{DriftQuery, ReferenceChoice, routes};

use super::*;

/// The face of this stage, as it was promised.
const PROMISED: [(&str, &str); 47] = [
    ("post", "/v1/models/{model}/predictions"),
    ("post", "/v1/models/{model}/labels"),
    ("get", "/v1/models"),
    ("get", "/v1/models/{model}"),
    ("get", "/v1/models/{model}/drift"),
    ("get", "/v1/models/{model}/performance"),
    ("get", "/v1/models/{model}/features/{feature}"),
    ("get", "/v1/models/{model}/rejections"),
    ("get", "/v1/status"),
    ("get", "/v1/audit"),
    ("post", "/v1/models/{model}/baseline"),
    ("post", "/v1/models/{model}/pause"),
    ("post", "/v1/models/{model}/exclude"),
    ("post", "/v1/models/{model}/learn"),
    ("get", "/v1/decisions"),
    ("post", "/v1/models/{model}/retrain"),
    ("get", "/v1/models/{model}/versions"),
    ("post", "/v1/models/{model}/versions"),
    ("get", "/v1/maintenance"),
    ("post", "/v1/maintenance"),
    ("post", "/v1/kpis"),
    ("get", "/v1/kpis"),
    ("get", "/v1/kpis/{kpi}"),
    ("get", "/v1/use_cases"),
    ("get", "/v1/use_cases/{id}"),
    ("get", "/v1/use_cases/{id}/link"),
    ("get", "/v1/portfolio"),
    ("get", "/v1/incidents"),
    ("post", "/v1/incidents"),
    ("get", "/v1/incidents/{id}"),
    ("post", "/v1/incidents/{id}/ack"),
    ("post", "/v1/incidents/{id}/resolve"),
    ("post", "/v1/incidents/{id}/deadline"),
    ("get", "/v1/silences"),
    ("post", "/v1/silences"),
    ("post", "/v1/silences/{id}/end"),
    ("get", "/v1/notifications"),
    ("post", "/v1/notifications/{id}/retry"),
    ("get", "/v1/receivers"),
    ("post", "/v1/receivers/{name}/enable"),
    ("get", "/runbooks/{kind}"),
    ("get", "/openapi.json"),
    ("get", "/metrics"),
    ("get", "/-/healthy"),
    ("get", "/-/ready"),
    ("post", "/-/reload"),
    ("post", "/-/backup"),
];

#[tokio::test]
async fn openapi_lists_every_route_and_refers_to_nothing_missing() {
    let server = Server::start(options()).await;
    let document = server.send(&get("/openapi.json")).await.json();
    let table = routes::<Fake>();
    assert_eq!(table.len(), PROMISED.len());
    for (method, path) in PROMISED {
        let operation = &document["paths"][path][method];
        assert!(operation["summary"].is_string(), "{method} {path}");
        let named = path.matches('{').count();
        let parameters = operation["parameters"].as_array().map_or(0, Vec::len);
        assert!(parameters >= named, "{method} {path}");
        assert!(table.iter().any(|(m, p, _)| m.as_str().eq_ignore_ascii_case(method) && *p == path));
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#/").skip(1) {
        let pointer = format!("/{}", reference.split('"').next().unwrap());
        assert!(document.pointer(&pointer).is_some(), "{pointer}");
    }
    assert!(document["components"]["schemas"]["DriftAnswer"]["properties"]["verdict"].is_object());
}

#[tokio::test]
async fn answers_read_back_as_they_were() {
    let server = Server::start(options()).await;
    let models: ModelsAnswer = serde_json::from_slice(&server.send(&get("/v1/models")).await.body).unwrap();
    assert_eq!(models.models[0].rows, 12);
    let drift = server.send(&get("/v1/models/fraud/drift")).await;
    let read: DriftAnswer = serde_json::from_slice(&drift.body).unwrap();
    assert_eq!(read.columns[0].statistics[0].value, Some(0.31));
    assert_eq!(drift.json()["segment"], "all");
    assert_eq!(drift.json()["columns"][0]["status"], "critical");
    let feature = server.send(&get("/v1/models/fraud/features/@score%3Acat")).await;
    let read: FeatureAnswer = serde_json::from_slice(&feature.body).unwrap();
    assert_eq!(read.drift.column.to_string(), "@score:cat");
    let status: StatusAnswer = serde_json::from_slice(&server.send(&get("/v1/status")).await.body).unwrap();
    assert!(status.ready);
    let audit = server.send(&get("/v1/audit?model=fraud&limit=7")).await.json();
    assert_eq!(audit["entries"][0]["detail"], "limit 7");
    let head = server.send(&request("HEAD", "/v1/models", &[], b"")).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[tokio::test]
async fn drift_queries_are_understood() {
    let server = Server::start(options()).await;
    let day = |day: u8| format!("2026-01-{day:02}T00:00:00Z");
    let range =
        |from: u8, to: u8| TimeRange { start: day(from).parse().unwrap(), end: day(to).parse().unwrap() };
    let slice = Segment::Slice { attribute: "region".into(), value: "a&b=c".into() };
    let none = DriftQuery::default();
    let cases = [
        (String::new(), none.clone()),
        (
            "?version=3&segment=all".into(),
            DriftQuery { version: Some("3".parse().unwrap()), segment: Some(Segment::All), ..none.clone() },
        ),
        ("?segment=region%3Da%26b%3Dc".into(), DriftQuery { segment: Some(slice), ..none.clone() }),
        (
            "?window=24h&reference=last_week".into(),
            DriftQuery {
                window: Some(Duration::from_secs(86_400)),
                reference: Some(ReferenceChoice::LastWeek),
                ..none.clone()
            },
        ),
        (
            format!("?current={}/{}&reference={}%2F{}", day(3), day(4), day(1), day(2)),
            DriftQuery {
                current: Some(range(3, 4)),
                reference: Some(ReferenceChoice::Range(range(1, 2))),
                ..none.clone()
            },
        ),
    ];
    for (query, _) in &cases {
        let answer = server.send(&get(&format!("/v1/models/fraud/drift{query}"))).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    }
    assert_eq!(*server.fake.asked.lock().unwrap(), cases.map(|(_, query)| query));
}

#[tokio::test]
async fn metrics_are_in_the_format_that_is_asked_for() {
    let server = Server::start(options()).await;
    let ask = async |headers: &[(&str, &str)]| server.send(&request("GET", "/metrics", headers, b"")).await;
    let plain = ask(&[]).await;
    assert_eq!(plain.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(plain.text(), "driftd_up 1\n");
    let open = ask(&[("Accept", "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.2")]).await;
    let expected = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(open.header("content-type"), Some(expected));
    assert_eq!(open.text(), "driftd_up 1\n# EOF\n");
    let packed = ask(&[("Accept-Encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, "driftd_up 1\n");
}

#[tokio::test]
async fn probes_tell_how_it_is() {
    let server = Server::start(with_tokens()).await;
    assert_eq!(server.send(&get("/-/healthy")).await.text(), "healthy\n");
    assert_eq!(server.send(&get("/-/ready")).await.text(), "ready\n");
    *server.fake.not_ready.lock().unwrap() = Some("the store is being recovered".into());
    let answer = server.send(&get("/-/ready")).await;
    let expected = error("not_ready", "the store is being recovered");
    assert_eq!((answer.status, answer.text()), (503, expected.as_str()));
    assert_eq!(server.send(&get("/-/healthy")).await.status, 200);
}

#[tokio::test]
async fn operations_reach_the_service() {
    let server = Server::start(options()).await;
    let range = r#""range":{"start":"2026-01-01T00:00:00Z","end":"2026-01-02T00:00:00Z"}"#;
    for (path, body) in [
        ("/v1/models/fraud/baseline", format!(r#"{{"version":"3",{range},"reason":"retrained"}}"#)),
        ("/v1/models/fraud/pause", r#"{"until":"2026-01-02T00:00:00Z","reason":"migration"}"#.to_owned()),
        ("/v1/models/fraud/exclude", format!(r#"{{{range},"reason":"outage"}}"#)),
        ("/v1/models/fraud/learn", r#"{"reason":"new season"}"#.to_owned()),
        ("/-/backup", r#"{"path":"/tmp/copy"}"#.to_owned()),
        ("/-/reload", String::new()),
    ] {
        let headers = [("Content-Type", "application/json")];
        let answer = server.send(&request("POST", path, &headers, body.as_bytes())).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let done =
        ["baseline", "pause", "exclude", "learn", "backup", "reload"].map(|word| format!("anonymous {word}"));
    assert_eq!(*server.fake.done.lock().unwrap(), done);
}

//! Incidents, silences and notifications: what is understood, and what is refused in which words.

use driftd::incident::IncidentKind;
use driftd::web::answer::{IncidentAnswer, IncidentsAnswer};

use super::*;

const JSON: (&str, &str) = ("Content-Type", "application/json");

fn post(path: &str, body: &str) -> Vec<u8> {
    request("POST", path, &[JSON], body.as_bytes())
}

#[tokio::test]
async fn an_incident_is_shown_with_its_clock_its_links_and_who_was_told() {
    let server = Server::start(options()).await;
    let answer = server.send(&get("/v1/incidents/inc-1")).await;
    let json = answer.json();
    for (pointer, value) in [
        ("/id", "inc-1"),
        ("/title", "critical bias of fraud"),
        ("/state", "open"),
        ("/role", "security_officer"),
        ("/found_by", "auditor"),
        ("/url", "https://drift.example.com/v1/incidents/inc-1"),
        ("/runbook_url", "https://drift.example.com/runbooks/bias"),
        ("/observation/summary", "unequal"),
        ("/deadlines/0/basis", "death"),
        ("/timeline/0/happened", "opened"),
        ("/notifications/0/last_error", "status 500"),
    ] {
        assert_eq!(json.pointer(pointer).and_then(|found| found.as_str()), Some(value), "{pointer}: {json}");
    }
    assert_eq!(json["sla"]["seconds_left"], 23 * 3_600);
    let read: IncidentAnswer = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), json);
}

#[tokio::test]
async fn pages_are_asked_for_by_what_they_hold() {
    let server = Server::start(options()).await;
    let path =
        "/v1/incidents?state=open,acknowledged&model=fraud&kind=bias&severity=critical&before=inc-9&limit=2";
    let answer = server.send(&get(path)).await;
    let page: IncidentsAnswer = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!((page.incidents.len(), page.next.map(|id| id.0)), (2, Some(2)));
    let whole = server.send(&get("/v1/incidents")).await.json();
    assert_eq!((whole["incidents"].as_array().unwrap().len(), whole["next"].is_null()), (3, true));
    server.send(&get("/v1/notifications?state=dead&receiver=hook&incident=inc-1&before=ntf-9&limit=5")).await;
    let pages = server.fake.pages.lock().unwrap().clone();
    for said in ["{Open, Acknowledged}", "fraud", "Some(Bias)", "Some(Critical)", "IncidentId(9)", "limit: 2"]
    {
        assert!(pages[0].contains(said), "{said} in {}", pages[0]);
    }
    for said in ["Some(Dead)", "hook", "IncidentId(1)", "NotificationId(9)", "limit: 5"] {
        assert!(pages[2].contains(said), "{said} in {}", pages[2]);
    }
}

#[tokio::test]
async fn what_people_do_reaches_the_service_under_their_name() {
    let server = Server::start(with_tokens()).await;
    let auth = ("Authorization", "Bearer operate-token");
    let until = r#"{"matcher":{"model":["fraud*"]},"lasts":"2h","reason":"migration"}"#;
    let report =
        r#"{"kind":"hallucination","severity":"critical","summary":"made up a law","subject":"chat","n":3}"#;
    for (path, body) in [
        ("/v1/incidents", report),
        ("/v1/incidents", r#"{"kind":"hallucination","state":"resolved","subject":"chat"}"#),
        ("/v1/incidents/inc-1/ack", r#"{"note":"on it"}"#),
        ("/v1/incidents/inc-1/resolve", r#"{"as":"false_alarm"}"#),
        ("/v1/incidents/inc-1/deadline", r#"{"basis":"death","aware_at":"2026-01-01T00:00:00Z"}"#),
        ("/v1/incidents/inc-1/deadline", r#"{"basis":"death","met":true}"#),
        ("/v1/silences", until),
        ("/v1/silences/sil-1/end", r#"{"reason":"done"}"#),
        ("/v1/notifications/ntf-1/retry", ""),
        ("/v1/receivers/hook/enable", ""),
    ] {
        let answer = server.send(&request("POST", path, &[auth, JSON], body.as_bytes())).await;
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
    }
    let done = server.fake.done.lock().unwrap().clone();
    assert_eq!(done.len(), 10);
    for (line, said) in done.iter().zip([
        "made up a law",
        "Resolved { note: None }",
        "on it",
        "FalseAlarm",
        "Set { basis: Death",
        "Met { basis: Death }",
        "After(7200s)",
        "done",
        "NotificationId(1)",
        "hook",
    ]) {
        assert!(line.starts_with("ann ") && line.contains(said), "{said} in {line}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_in_the_expected_words() {
    let server = Server::start(options()).await;
    let query = |known: &str| error("bad_query", &format!("the query may have {known}, each once"));
    let bad = |message: &str| error("bad_query", message);
    let fields = |message: &str| error("bad_fields", message);
    let json = |what: &str| error("bad_json", &format!("the JSON is not what this takes: {what}"));
    let id = |what: &str| error("bad_id", &format!("the id in the path {what}"));
    let report = |more: &str| post("/v1/incidents", &format!(r#"{{"kind":"bias"{more}}}"#));
    let kinds = "data_drift, concept_drift, model_drift, data_quality, silence, performance, kpi, bias, hallucination, security, availability, notification_failure, sla_breach, retraining, maintenance";
    let quoted = format!("`{}`", kinds.replace(", ", "`, `"));
    let silence = |body: &str| post("/v1/silences", &format!(r#"{{"reason":"x",{body}}}"#));
    let matcher = r#""matcher":{"kind":["bias"]}"#;
    let both = r#","until":"2026-01-01T00:00:00Z","lasts":"1h""#;
    let note = "`note` has 1 to 500 characters, no control characters, and is not blank";
    let blank = "`summary` is blank, longer than 500 bytes, or holds control characters";
    let tags = "`tags` have a name that is none: 1 to 64 of a-z, 0-9 and `_`, the first a letter";
    let deadline = "give either `aware_at`, to set the deadline, or `met`: true";
    let open = r#","severity":"warning","summary":"x""#;
    let cases = vec![
        ("no id", get("/v1/incidents/42"), 400, id("is no incident's id, as in inc-42")),
        ("another's id", post("/v1/silences/inc-1/end", "{}"), 400, id("is no silence's id, as in sil-3")),
        (
            "unknown incident",
            get("/v1/incidents/inc-7"),
            404,
            error(
                "unknown_incident",
                "there is no such incident; GET /v1/incidents lists those that there are",
            ),
        ),
        (
            "resolved already",
            post("/v1/incidents/inc-2/ack", "{}"),
            409,
            error("conflict", "the incident is resolved already"),
        ),
        (
            "unknown silence",
            post("/v1/silences/sil-7/end", r#"{"reason":"x"}"#),
            404,
            error(
                "unknown_silence",
                "there is no such silence, or it is over; GET /v1/silences lists those that are not",
            ),
        ),
        (
            "unknown notification",
            post("/v1/notifications/ntf-7/retry", ""),
            404,
            error(
                "unknown_notification",
                "there is no such notification; GET /v1/notifications lists those that are kept",
            ),
        ),
        ("not dead", post("/v1/notifications/ntf-2/retry", ""), 409, error("conflict", "it is not dead")),
        (
            "unknown receiver",
            post("/v1/receivers/absent/enable", ""),
            404,
            error(
                "unknown_receiver",
                "the config has no such receiver; GET /v1/receivers lists those that it has",
            ),
        ),
        (
            "no receiver's name",
            post("/v1/receivers/On%20Call/enable", ""),
            400,
            error(
                "bad_name",
                "the name in the path is no receiver's name: 1 to 64 of a-z, 0-9, `_` and `-`, the first a letter",
            ),
        ),
        (
            "no runbook",
            get("/runbooks/nothing"),
            400,
            error("bad_kind", &format!("the kind in the path is no kind of incident; one of {kinds}")),
        ),
        (
            "parameter unknown",
            get("/v1/incidents?status=open"),
            400,
            query("state, model, kind, severity, before and limit"),
        ),
        (
            "no state",
            get("/v1/incidents?state=open,closed"),
            400,
            bad("`state` is no list of open, acknowledged and resolved, as open,acknowledged"),
        ),
        (
            "no severity",
            get("/v1/incidents?severity=high"),
            400,
            bad("`severity` is neither warning nor critical"),
        ),
        (
            "no before",
            get("/v1/incidents?before=ntf-1"),
            400,
            bad("`before` is no incident's id, as in inc-42"),
        ),
        ("too many", get("/v1/incidents?limit=0"), 400, bad("`limit` is no whole number from 1 to 1000")),
        (
            "no such state of a notification",
            get("/v1/notifications?state=sent"),
            400,
            bad("`state` is none of pending, claimed, delivered and dead"),
        ),
        (
            "unknown kind",
            post("/v1/incidents", r#"{"kind":"fire"}"#),
            400,
            json(&format!("unknown word, expected one of {quoted} at line 1 column 14")),
        ),
        (
            "driftd's own kind",
            post("/v1/incidents", r#"{"kind":"sla_breach"}"#),
            400,
            fields("`kind` sla_breach is driftd's own: it opens and ends these itself"),
        ),
        (
            "no summary",
            report(r#","severity":"warning""#),
            400,
            fields("`summary` is missing: say in one line what is wrong"),
        ),
        (
            "no severity said",
            report(r#","summary":"x""#),
            400,
            fields("`severity` is missing: warning or critical"),
        ),
        ("summary of two lines", report(r#","severity":"warning","summary":"a\nb""#), 400, fields(blank)),
        ("blank summary", report(r#","severity":"warning","summary":" ""#), 400, fields(blank)),
        (
            "version of no model",
            report(&format!(r#"{open},"version":"3""#)),
            400,
            fields("`version` is given without `model`"),
        ),
        ("odd tag", report(&format!(r#"{open},"tags":{{"Team":"x"}}"#)), 400, fields(tags)),
        (
            "deadline of what is over",
            report(r#","state":"resolved","deadline":{"basis":"death","aware_at":"2026-01-01T00:00:00Z"}"#),
            400,
            fields("`deadline` goes with an open report; use POST /v1/incidents/{id}/deadline"),
        ),
        ("note of two lines", post("/v1/incidents/inc-1/ack", r#"{"note":"a\nb"}"#), 400, fields(note)),
        (
            "note too long",
            post("/v1/incidents/inc-1/resolve", &format!(r#"{{"note":"{}"}}"#, "x".repeat(501))),
            400,
            fields(note),
        ),
        (
            "deadline of neither",
            post("/v1/incidents/inc-1/deadline", r#"{"basis":"death"}"#),
            400,
            fields(deadline),
        ),
        (
            "deadline not met",
            post("/v1/incidents/inc-1/deadline", r#"{"basis":"death","met":false}"#),
            400,
            fields(deadline),
        ),
        (
            "silence of everything",
            silence(r#""matcher":{},"lasts":"1h""#),
            400,
            fields("`matcher` matches every incident: name severity, kind, role, model or tags"),
        ),
        ("silence without an end", silence(matcher), 400, fields("give either `until` or `lasts`")),
        (
            "silence with two ends",
            silence(&format!("{matcher}{both}")),
            400,
            fields("give either `until` or `lasts`"),
        ),
        (
            "silence of no length",
            silence(&format!(r#"{matcher},"lasts":"soon""#)),
            400,
            fields("`lasts` is no length such as 90m, 24h or 7d"),
        ),
        (
            "silence too long",
            silence(&format!(r#"{matcher},"lasts":"91d""#)),
            400,
            error("invalid", "a silence lasts 90 days at most"),
        ),
        (
            "silence of the past",
            silence(&format!(r#"{matcher},"until":"2020-01-01T00:00:00Z""#)),
            400,
            error("invalid", "the silence is over before it begins, or by now"),
        ),
        (
            "silence of all models",
            silence(r#""matcher":{"model":["*"]},"lasts":"1h""#),
            400,
            json("`matcher.model[0]` is of the wrong type or form, at line 1 column 38"),
        ),
    ];
    for (name, request, status, body) in cases {
        let answer = server.send(&request).await;
        assert_eq!((answer.status, answer.text()), (status, body.as_str()), "{name}");
    }
    assert_eq!(*server.fake.done.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn runbooks_need_no_token() {
    let server = Server::start(with_tokens()).await;
    for kind in IncidentKind::ALL {
        let answer = server.send(&get(&format!("/runbooks/{kind}"))).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/markdown; charset=utf-8"))
        );
        assert!(answer.text().starts_with("# "), "{kind}");
    }
}

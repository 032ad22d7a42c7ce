//! The commands for people on call, against a daemon that is a fake: what they print, and their exit codes.

use std::process::Command;

use super::*;

/// Exit code, stdout and stderr.
async fn run(server: &Server, words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftd"));
    command.env_clear().args(words).arg("--url").arg(format!("http://{}", server.addr));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn incidents_are_listed_shown_and_moved() {
    let server = Server::start(options()).await;
    let (code, out, err) = run(&server, &["incident", "list", "--limit", "1"]).await;
    let line = "inc-3  open   2025-11-22T10:00:00Z  1d 0h      critical bias of fraud: unequal";
    let head = "ID     STATE  DETECTED              TIME LEFT  WHAT";
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert_eq!(out, format!("{head}\n{line}\nthere are more: --before inc-3\n"));
    assert!(server.fake.pages.lock().unwrap()[0].contains("{Open, Acknowledged}"));

    let (code, out, _) = run(&server, &["incident", "show", "inc-1"]).await;
    assert_eq!(code, Some(0));
    for said in [
        "inc-1 open: critical bias of fraud",
        "  resolve   by 2025-11-23T10:00:00Z (23h 0m)",
        "  deadline  death by 2025-12-02T10:00:00Z",
        "  who       security_officer",
        "  runbook   https://drift.example.com/runbooks/bias",
        "  2025-11-22T10:00:00Z opened as critical",
        "  ntf-1 hook opened dead: status 500",
    ] {
        assert!(out.lines().any(|line| line == said), "{said} in\n{out}");
    }
    let (_, out, _) = run(&server, &["incident", "show", "inc-1", "--json"]).await;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap()["id"], "inc-1");

    let words = [
        "incident",
        "open",
        "--kind",
        "bias",
        "--severity",
        "warning",
        "--summary",
        "x",
        "--tag",
        "team=risk",
    ];
    let (code, out, err) = run(&server, &words).await;
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "inc-1 opened: critical bias of fraud\n", ""));
    let (code, _, _) = run(&server, &["incident", "ack", "inc-1", "--note", "on it"]).await;
    assert_eq!(code, Some(0));
    let (code, _, _) = run(&server, &["incident", "resolve", "inc-1", "--false-alarm"]).await;
    assert_eq!(code, Some(0));
    let done = server.fake.done.lock().unwrap().join("\n");
    assert!(["risk", "on it", "FalseAlarm"].iter().all(|said| done.contains(said)), "{done}");

    let (code, out, err) = run(&server, &["incident", "ack", "inc-2"]).await;
    let expected = "driftd: 409 Conflict: the incident is resolved already\n";
    assert_eq!((code, out.as_str(), err.as_str()), (Some(1), "", expected));
    let (code, _, err) = run(&server, &["incident", "show", "42"]).await;
    assert_eq!(code, Some(2));
    assert!(err.contains("is no incident's id, as in inc-42"), "{err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silences_and_notifications_too() {
    let server = Server::start(options()).await;
    let (code, out, err) = run(&server, &["silence", "list"]).await;
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        out.lines()
            .nth(1)
            .is_some_and(|line| line.starts_with("sil-1  active") && line.contains("kind=bias")),
        "{out}"
    );
    let words = [
        "silence",
        "add",
        "--model",
        "fraud*",
        "--role",
        "model_owner",
        "--lasts",
        "2h",
        "--reason",
        "migration",
    ];
    let (code, out, err) = run(&server, &words).await;
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let (code, _, err) = run(&server, &["silence", "add", "--model", "fraud", "--reason", "x"]).await;
    assert_eq!(code, Some(2), "{err}");
    let (code, out, _) = run(&server, &["silence", "end", "sil-1", "--reason", "done"]).await;
    assert_eq!((code, out.starts_with("sil-1 ")), (Some(0), true));

    let (code, out, _) = run(&server, &["notification", "list", "--state", "dead"]).await;
    assert_eq!(code, Some(0));
    assert!(out.contains("ntf-1  dead   hook      inc-1     opened  3         -     status 500"), "{out}");
    let (code, out, _) = run(&server, &["notification", "retry", "ntf-1"]).await;
    assert_eq!((code, out.as_str()), (Some(0), "ntf-1 dead: critical bias of fraud to hook\n"));
    let (code, _, err) = run(&server, &["notification", "retry", "ntf-7"]).await;
    assert_eq!((code, err.contains("there is no such notification")), (Some(1), true));
    let done = server.fake.done.lock().unwrap().join("\n");
    assert!(
        ["fraud*", "ModelOwner", "After(7200s)", "\"done\"", "NotificationId(1)"]
            .iter()
            .all(|said| done.contains(said)),
        "{done}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_asked_for_and_the_exit_code_says_what_was_decided() {
    let server = Server::start(options()).await;
    let (code, out, err) = run(&server, &["retrain", "fraud", "--reason", "new tariff"]).await;
    let head = "dec-3: corrective run of fraud triggered";
    let rest = "
  reason     new tariff
  run        retrain-fraud-2025-W47-manual-0a1b2c3d
  window     2025-10-23T10:00:00Z to 2025-11-22T10:00:00Z
  update     major
  validators model_owner, business_owner";
    let request = "
request
  POST https://airflow.example/dags
  Authorization: ***
  
  {}
";
    let target = "\n  target     airflow, accepted";
    assert_eq!((code, out, err.as_str()), (Some(0), format!("{head}{rest}{target}{request}"), ""));
    let words = ["retrain", "fraud", "--reason", "new tariff", "--category", "evolutive", "--dry-run"];
    let (code, out, _) = run(&server, &words).await;
    let head = "dry run: evolutive run of fraud would be triggered";
    assert_eq!((code, out), (Some(0), format!("{head}{rest}{request}")));

    let (code, out, err) = run(&server, &["retrain", "fraud", "--reason", "never mind"]).await;
    let expected = "dec-2: corrective run of fraud withheld
  reason     never mind
  withheld   120 new labels, 500 are needed
  withheld   the last run was at 2025-11-21T10:00:00Z; none before 2025-11-28T10:00:00Z
  window     2025-10-23T10:00:00Z to 2025-11-22T10:00:00Z
";
    assert_eq!((code, out.as_str(), err.as_str()), (Some(3), expected, ""));
    let (code, out, _) =
        run(&server, &["retrain", "fraud", "--reason", "never", "--dry-run", "--json"]).await;
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &json["decision"]["outcome"], &json["dry_run"]),
        (Some(3), &"withhold".into(), &true.into())
    );

    let (code, out, err) = run(&server, &["retrain", "unplanned", "--reason", "x"]).await;
    let expected = "driftd: 409 Conflict: the model has no [retraining]\n";
    assert_eq!((code, out.as_str(), err.as_str()), (Some(1), "", expected));
    let (code, _, err) = run(&server, &["retrain", "fraud", "--reason", "x", "--category", "urgent"]).await;
    assert_eq!(
        (code, err.contains("is no category of maintenance; one of corrective")),
        (Some(2), true),
        "{err}"
    );
    let (code, _, err) = run(&server, &["retrain", "fraud"]).await;
    assert_eq!((code, err.contains("--reason")), (Some(2), true), "{err}");
    let (_, help, _) = run(&server, &["retrain", "--help"]).await;
    assert!(help.contains("3 where it is withheld"), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_and_the_calendar_are_listed_and_a_task_is_done() {
    let server = Server::start(options()).await;
    let words = ["decisions", "--model", "fraud", "--outcome", "trigger", "--limit", "2"];
    let (code, out, err) = run(&server, &words).await;
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = out.lines().collect();
    let columns = |line: &str| {
        line.split("  ")
            .filter(|text| !text.is_empty())
            .map(|text| text.trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(columns(lines[0]), ["ID", "WHEN", "MODEL", "CAUSE", "CATEGORY", "OUTCOME", "RUN", "WHY"]);
    let trouble = "drift; retrain-fraud-2025-W47-manual-0a1b2c3d was accepted by airflow and has not reported by 2025-11-21T10:00:00Z";
    let when = "2025-11-22T10:00:00Z";
    assert_eq!(
        columns(lines[1]),
        ["dec-3", when, "fraud", "manual", "corrective", "trigger", "accepted", trouble]
    );
    let against = "120 new labels, 500 are needed; the last run was at 2025-11-21T10:00:00Z; none before 2025-11-28T10:00:00Z";
    assert_eq!(columns(lines[2]), ["dec-2", when, "fraud", "manual", "corrective", "withhold", "-", against]);
    assert_eq!(lines[3..], ["there are more: --before dec-2"]);
    let pages = server.fake.pages.lock().unwrap().join("\n");
    assert!(["fraud", "Some(\"trigger\")", "limit: 2"].iter().all(|said| pages.contains(said)), "{pages}");
    let (code, _, err) = run(&server, &["decisions", "--cause", "weekly"]).await;
    assert_eq!((code, err.contains("`cause` is none of scheduled")), (Some(1), true), "{err}");

    let (code, out, err) = run(&server, &["maintenance", "list", "--model", "fraud"]).await;
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = out.lines().collect();
    let overdue = [
        "fraud",
        "data_refresh",
        "monthly",
        "overdue",
        "2025-11-21T10:00:00Z",
        "2025-10-13T10:00:00Z",
        "data_engineer",
        "sources are gone through",
    ];
    assert_eq!(columns(lines[1]), overdue);
    assert!(lines[2].contains("model_age     -        done"), "{out}");
    assert_eq!(lines[3], "next scheduled run of fraud: 2025-11-24T10:00:00Z");
    let words = ["maintenance", "done", "fraud", "data_refresh", "half_yearly", "--note", "sources moved"];
    let (code, out, err) = run(&server, &words).await;
    let expected = "data_refresh/half_yearly of fraud is done, next due by 2025-12-22T10:00:00Z\n";
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), expected, ""));
    let done = server.fake.done.lock().unwrap().join("\n");
    assert!(["HalfYearly", "sources moved"].iter().all(|said| done.contains(said)), "{done}");
    let (code, _, err) = run(&server, &["maintenance", "done", "fraud", "model_age", "monthly"]).await;
    assert_eq!(
        (code, err.contains("422") && err.contains("report a younger version")),
        (Some(1), true),
        "{err}"
    );
    let (code, _, err) = run(&server, &["maintenance", "done", "fraud", "audit", "monthly"]).await;
    assert_eq!((code, err.contains("is no task of maintenance; one of")), (Some(2), true), "{err}");
}

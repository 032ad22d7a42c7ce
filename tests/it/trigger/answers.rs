//! What each answer of a target means for the run.

use std::net::TcpListener;
use std::time::Duration;

use driftd::notify::Header;
use driftd::retraining::{Answer, Sending};
use driftd::trigger::*;
use serde_json::{Value, json};

use super::stand_ins::says;
use super::{KINDS, TOKEN, about, made, order, sender, target};
use crate::support::sink::{Reply, Sink};

const LONG: Duration = Duration::from_secs(30);
const MINUTE: Duration = Duration::from_secs(60);

fn with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Reply::Answer { status, headers, body: body.to_owned() }
}

/// What it makes of a reply to the request for a run.
async fn answered(kind: &str, reply: Reply) -> Answer {
    let found_none = if kind == "kubeflow" { vec![says(200, &json!({}))] } else { Vec::new() };
    let sink = Sink::start([found_none.clone(), vec![reply]].concat()).await;
    let target = target(kind, &format!("http://{}/", sink.address));
    let answer = target.trigger(&order(), &about(), &sender(LONG)).await;
    assert_eq!(sink.taken().len(), found_none.len() + 1, "{kind}: nothing is tried again here");
    answer
}

#[tokio::test]
async fn a_status_is_taken_refused_put_off_or_unclear() {
    for (kind, _) in KINDS {
        for status in [400, 401, 403, 404, 405, 410, 413, 415, 422] {
            let answer = answered(kind, with(status, &[], "no")).await;
            assert_eq!(answer, Answer::Refused { why: format!("status {status}: no") }, "{kind}");
        }
        for status in [408, 425, 429, 503] {
            let answer = answered(kind, with(status, &[("Retry-After", "60")], "busy")).await;
            let why = format!("status {status}: busy");
            // Something before the target may say so too, and have passed the request on.
            let once = target(kind, "http://x/").sending() == Sending::Once && matches!(status, 408 | 503);
            let expected = match once {
                true => Answer::Unclear { why },
                false => Answer::NotYet { why, retry_after: Some(MINUTE) },
            };
            // What is searched for first starts nothing.
            assert_eq!(answer, expected, "{kind}");
        }
        for status in [500, 501, 502, 504] {
            let answer = answered(kind, with(status, &[], "")).await;
            assert_eq!(answer, Answer::Unclear { why: format!("status {status}") }, "{kind}");
        }
        for status in [200, 201, 202, 204] {
            let answer = answered(kind, with(status, &[], "")).await;
            match ["airflow2", "airflow3", "argo_workflows", "databricks", "prefect", "kubeflow"]
                .contains(&kind)
            {
                true => assert!(matches!(answer, Answer::Unclear { .. }), "{kind}: {status}, without a name"),
                false => {
                    assert_eq!(answer, Answer::Taken { remote: None }, "{kind}: {status}, whatever it says")
                }
            }
        }
    }
}

#[tokio::test]
async fn a_conflict_is_a_run_that_is_there_where_names_are_the_runs_own() {
    for (kind, _) in KINDS {
        let answer = answered(kind, says(409, &json!({ "code": 6, "message": "already exists" }))).await;
        let is_there = ["airflow2", "airflow3", "argo_workflows"].contains(&kind);
        match answer {
            Answer::Taken { remote } if is_there => assert_eq!(remote, super::stand_ins::remote_of(kind)),
            Answer::Refused { why } if !is_there => assert!(why.starts_with("status 409"), "{why}"),
            other => panic!("{kind}: {other:?}"),
        }
    }
    let aborted = answered("argo_workflows", says(409, &json!({ "code": 10, "message": "modified" }))).await;
    assert!(matches!(aborted, Answer::NotYet { .. }), "{aborted:?}");
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_page_for_people_is_no_answer() {
    let elsewhere = Sink::start(vec![Reply::status(200)]).await;
    let to = format!("http://{}/secret/path", elsewhere.address);
    for (kind, _) in KINDS {
        for status in [301, 302, 303, 307, 308] {
            let answer = answered(kind, with(status, &[("Location", &to)], "")).await;
            let Answer::Refused { why } = answer else { panic!("{kind}: {answer:?}") };
            assert!(why.contains("redirects are not followed: http://") && !why.contains("secret"), "{why}");
        }
        let page = with(200, &[("Content-Type", "text/html; charset=utf-8")], "<title>Sign in</title>");
        let answer = answered(kind, page).await;
        let may_be_anything = ["webhook", "argo_events"].contains(&kind);
        assert_eq!(matches!(answer, Answer::Taken { .. }), may_be_anything, "{kind}: {answer:?}");
    }
    assert!(elsewhere.taken().is_empty());
}

#[tokio::test]
async fn github_that_is_asked_too_often_is_asked_later() {
    for kind in ["github_repository_dispatch", "github_workflow_dispatch"] {
        let limited = with(403, &[("Retry-After", "60")], "secondary rate limit");
        let later =
            Answer::NotYet { why: "status 403: secondary rate limit".to_owned(), retry_after: Some(MINUTE) };
        assert_eq!(answered(kind, limited).await, later);
        let until = [
            ("Date", "Wed, 25 Nov 2026 10:00:00 GMT"),
            ("X-RateLimit-Remaining", "0"),
            ("X-RateLimit-Reset", "1795600860"),
        ];
        for status in [403, 429] {
            let answer = answered(kind, with(status, &until, "")).await;
            assert!(
                matches!(answer, Answer::NotYet { retry_after: Some(MINUTE), .. }),
                "{status}: {answer:?}"
            );
        }
        let used_up = answered(kind, with(403, &until[1..2], "")).await;
        assert!(matches!(used_up, Answer::NotYet { retry_after: None, .. }), "{used_up:?}");
        let forbidden = answered(kind, with(403, &[("X-RateLimit-Remaining", "4999")], "no access")).await;
        assert!(matches!(forbidden, Answer::Refused { .. }), "{forbidden:?}");
    }
}

#[tokio::test]
async fn what_was_sent_and_not_answered_is_unclear_and_what_was_not_sent_is_not() {
    for (kind, _) in KINDS {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refusing = target(kind, &format!("http://{free}/"));
        let answer = refusing.trigger(&order(), &about(), &sender(LONG)).await;
        let Answer::NotYet { why, retry_after: None } = answer else { panic!("{kind}: {answer:?}") };
        assert!(why.contains("refused"), "{kind}: {why}");

        let unknown = target(kind, "http://nowhere.invalid/");
        let answer = unknown.trigger(&order(), &about(), &sender(LONG)).await;
        assert!(matches!(answer, Answer::NotYet { .. }), "{kind}: {answer:?}");

        let forbidden = target(kind, "http://169.254.169.254/");
        let answer = forbidden.trigger(&order(), &about(), &sender(LONG)).await;
        assert!(matches!(answer, Answer::Refused { .. }), "{kind}: {answer:?}");

        let cut = answered(kind, Reply::Cut).await;
        assert!(matches!(cut, Answer::Unclear { .. }), "{kind}: {cut:?}");
    }
    for kind in ["argo_events", "airflow3"] {
        let sink = Sink::start(vec![Reply::Hang]).await;
        let target = target(kind, &format!("http://{}/", sink.address));
        let answer = target.trigger(&order(), &about(), &sender(Duration::from_millis(500))).await;
        assert_eq!(answer, Answer::Unclear { why: "no answer within 0.5 s".to_owned() }, "{kind}");
    }
}

#[tokio::test]
async fn a_search_that_does_not_answer_creates_nothing() {
    let searched = async |reply: Reply| {
        let sink = Sink::start(vec![reply]).await;
        let target = target("kubeflow", &format!("http://{}/", sink.address));
        let answer = target.trigger(&order(), &about(), &sender(Duration::from_secs(5))).await;
        assert!(sink.taken().iter().all(|taken| taken.method == "GET"), "{answer:?}");
        answer
    };
    for reply in [with(500, &[], ""), with(503, &[], ""), Reply::Cut] {
        let answer = searched(reply).await;
        assert!(matches!(answer, Answer::NotYet { .. }), "{answer:?}");
    }
    for reply in [with(401, &[], ""), with(302, &[], ""), with(200, &[], "<html>")] {
        let answer = searched(reply).await;
        assert!(matches!(answer, Answer::Refused { .. }), "{answer:?}");
    }
    // More than is read of an answer: the name is seen all the same.
    let run = json!({ "display_name": super::KEY, "run_id": "r", "z": "x".repeat(70_000) });
    let large = searched(says(200, &json!({ "runs": [run] }))).await;
    assert_eq!(large, Answer::Taken { remote: None });
}

#[tokio::test]
async fn an_answer_is_cut_and_shows_no_secret() {
    let said =
        format!("bad token {TOKEN}, Bearer {TOKEN} at /hooks/s3cret-path\r\n\u{7}{}", "x".repeat(90_000));
    let sink = Sink::start(vec![with(400, &[], &said)]).await;
    let header = Header::new("Authorization", &format!("Bearer {TOKEN}").into()).unwrap();
    let url = format!("http://{}/hooks/s3cret-path", sink.address);
    let target =
        Target::new("training".parse().unwrap(), url.parse().unwrap(), vec![header], made("airflow3"));
    let answer = target.unwrap().trigger(&order(), &about(), &sender(LONG)).await;
    let Answer::Refused { why } = answer else { panic!("{answer:?}") };
    assert!(!why.contains("s3cret") && !why.contains(TOKEN), "{why}");
    assert!(why.chars().count() < 250 && !why.contains(['\r', '\n', '\u{7}']), "{why}");
}

#[tokio::test]
async fn a_name_that_a_target_gives_is_cut_and_is_a_name() {
    let id: Value = json!({ "dag_run_id": "r".repeat(10_000) });
    let Answer::Taken { remote: Some(remote) } = answered("airflow3", says(200, &id)).await else { panic!() };
    assert_eq!(remote, "r".repeat(200));
    // What no name looks like may be anything: a header that was sent back.
    for odd in ["Bearer SECRET", "a\nb", "é"] {
        let answer = answered("airflow3", says(200, &json!({ "dag_run_id": odd }))).await;
        assert!(matches!(answer, Answer::Unclear { .. }), "{odd}: {answer:?}");
    }
}

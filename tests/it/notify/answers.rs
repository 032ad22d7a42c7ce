//! What each answer of a receiver means.

use std::time::{Duration, Instant};

use driftd::notify::*;
use driftd::store::Delivery;
use driftd::verdict::Severity;

use super::{HOUR, claimed, opened, send, sender, start, url, webhook};
use crate::support::sink::{Reply, Sink};

const LONG: Duration = Duration::from_secs(30);

async fn answered(reply: Reply) -> Result<(), Failure> {
    let sink = Sink::start(vec![reply]).await;
    let result = send(&sender(LONG), webhook(&sink.url())).await;
    assert_eq!(sink.taken().len(), 1, "once, and nowhere else");
    result
}

async fn failed(reply: Reply) -> Failure {
    answered(reply).await.unwrap_err()
}

fn with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| (*name, value.to_string())).collect();
    Reply::Answer { status, headers, body: body.to_owned() }
}

#[tokio::test]
async fn every_2xx_is_a_delivery_whatever_it_says() {
    for status in [200, 201, 202, 204] {
        answered(with(status, &[], if status == 204 { "" } else { "error?" })).await.unwrap();
    }
}

#[tokio::test]
async fn a_4xx_is_for_good_but_for_three() {
    for status in [400, 401, 403, 404, 409, 413, 422] {
        assert!(failed(Reply::status(status)).await.is_permanent(), "{status}");
    }
    for status in [408, 425, 429, 500, 502, 503, 504] {
        assert!(!failed(Reply::status(status)).await.is_permanent(), "{status}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_disabled() {
    let gone = failed(with(410, &[], "no such channel")).await;
    assert!(gone.disables() && gone.is_permanent());
    assert_eq!(gone.to_string(), "status 410: the receiver is gone: no such channel");
    assert!(!failed(Reply::status(404)).await.disables());
}

#[tokio::test]
async fn redirects_are_not_followed_and_say_where_they_point() {
    let elsewhere = Sink::start(vec![Reply::status(200)]).await;
    for status in [301, 302, 303, 307, 308] {
        let to = format!("http://{}/secret/path", elsewhere.address);
        let redirect = failed(with(status, &[("Location", &to)], "")).await;
        assert!(redirect.is_permanent());
        let said = redirect.to_string();
        assert!(
            said.contains(&format!("http://{}/…", elsewhere.address)) && !said.contains("secret"),
            "{said}"
        );
    }
    assert!(elsewhere.taken().is_empty());
}

#[tokio::test]
async fn retry_after_is_heard_in_both_forms() {
    let now = "Wed, 25 Nov 2026 10:00:00 GMT";
    let seconds = failed(with(429, &[("Retry-After", "7200")], "")).await;
    assert_eq!(seconds.retry_after(), Some(2 * HOUR));
    let until = [("Date", now), ("Retry-After", "Wed, 25 Nov 2026 10:30:00 GMT")];
    assert_eq!(failed(with(503, &until, "")).await.retry_after(), Some(HOUR / 2));

    let mut message = claimed(1, "any", vec![opened(1)]);
    let delivery = delivery_of(Err(&seconds), &message, start());
    assert!(
        matches!(delivery, Delivery::Retry { due_at, .. } if due_at == start().saturating_add(HOUR)),
        "an hour at most for a critical one: {delivery:?}"
    );
    message.severity = Severity::Warning;
    let delivery = delivery_of(Err(&seconds), &message, start());
    assert!(matches!(delivery, Delivery::Retry { due_at, .. } if due_at == start().saturating_add(2 * HOUR)));
}

#[tokio::test]
async fn a_receiver_that_hangs_or_cuts_is_tried_again() {
    let hangs = Sink::start(vec![Reply::Hang]).await;
    let started = Instant::now();
    let failure = send(&sender(Duration::from_millis(300)), webhook(&hangs.url())).await.unwrap_err();
    assert_eq!(failure.to_string(), "no answer within 0.3 s");
    assert!(!failure.is_permanent() && started.elapsed() < Duration::from_secs(20));

    let cut = failed(Reply::Cut).await;
    assert!(matches!(cut, Failure::Connection(_)) && !cut.is_permanent(), "{cut:?}");

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = send(&sender(LONG), webhook(&format!("http://{free}/secret"))).await.unwrap_err();
    assert!(!refused.is_permanent() && refused.to_string().contains("refused"), "{refused}");
    assert!(!refused.to_string().contains("secret"));
}

#[tokio::test]
async fn an_error_shows_a_little_of_the_answer_and_no_secret() {
    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let sink = Sink::start(vec![with(
        400,
        &[],
        &format!("bad: /hooks/T0K3N?key=s3cret Bearer t0ken\r\n\u{7}{}", "x".repeat(40_000)),
    )])
    .await;
    let channel = Channel::Webhook(Webhook {
        url: url(&format!("http://{}/hooks/T0K3N?key=s3cret", sink.address)),
        keys: vec![key.parse().unwrap()],
        headers: vec![Header::new("Authorization", &"Bearer t0ken".into()).unwrap()],
    });
    let said = send(&sender(LONG), channel).await.unwrap_err().to_string();
    assert!(said.starts_with("status 400: bad: …?… …  "), "{said}");
    assert!(said.chars().count() < 250 && !said.contains(['\r', '\n', '\u{7}']));
    let taken = &sink.taken()[0];
    assert_eq!(taken.headers["authorization"], "Bearer t0ken");
    let seconds = start().micros() / 1_000_000;
    assert_eq!(taken.headers["webhook-timestamp"], seconds.to_string());
    let signature = sign(&[key.parse().unwrap()], &taken.headers["webhook-id"], seconds, &taken.body);
    assert_eq!(taken.headers["webhook-signature"], signature);
}

#[tokio::test]
async fn slack_has_taken_it_only_where_it_says_ok() {
    let slack = |sink: &Sink| Channel::Slack(Slack { url: url(&sink.url()) });
    let ok = Sink::start(vec![with(200, &[], "ok")]).await;
    send(&sender(LONG), slack(&ok)).await.unwrap();
    let not = Sink::start(vec![with(200, &[], "invalid_blocks")]).await;
    let failure = send(&sender(LONG), slack(&not)).await.unwrap_err();
    assert_eq!(failure, Failure::NotOk { said: "invalid_blocks".to_owned() });
}

#[tokio::test]
async fn one_replica_that_takes_it_is_enough_and_one_that_hangs_delays_no_other() {
    let (hangs, takes) = (Sink::start(vec![Reply::Hang]).await, Sink::start(vec![Reply::status(200)]).await);
    let both = |first: &Sink, second: &Sink| {
        let replicas = [first, second].map(|sink| url(&format!("http://{}", sink.address))).into();
        Channel::Alertmanager(Alertmanager { replicas, headers: Vec::new() })
    };
    let sender = sender(Duration::from_millis(500));
    send(&sender, both(&hangs, &takes)).await.unwrap();
    assert_eq!(takes.taken()[0].path, "/api/v2/alerts");
    assert_eq!(hangs.taken().len(), 1);
    let broken = Sink::start(vec![Reply::status(500)]).await;
    assert!(send(&sender, both(&hangs, &broken)).await.is_err());
}

//! What goes out, against golden files; the signature against the published vector stands with `sign`.

use driftd::notification::Announcement;
use driftd::notify::*;
use serde_json::{Value, json};

use super::{message, opened, reminder, resolved, start, three, url};
use crate::support::golden;

/// Where each kind of receiver is, and how it is told.
fn channels() -> Vec<(&'static str, Channel)> {
    let key = |byte: u8| {
        format!(
            "whsec_{}",
            ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"][byte as usize]
        )
    };
    let header = Header::new("Authorization", &"Bearer abc".into()).unwrap();
    let server = SmtpServer {
        host: "mail.example.org".to_owned(),
        port: 587,
        security: SmtpSecurity::StartTls,
        login: None,
    };
    let email = EmailOptions {
        server,
        from: "driftd <driftd@example.org>".parse().unwrap(),
        to: vec!["mlops@example.org".parse().unwrap(), "Ada <ada@example.org>".parse().unwrap()],
    };
    let template = TemplateOptions {
        url: url("https://argo.example.org/api/v1/events/ml/"),
        method: "PUT".parse().unwrap(),
        path: Some("/drift/{{ data.model }}/{{ data.title }}?run={{ id }}".to_owned()),
        content_type: "application/json".to_owned(),
        headers: vec![("X-Group".to_owned(), "{{ events|length }} of {{ installation }}".to_owned())],
        secret_headers: vec![header.clone()],
        body: r#"{"text": {{ data.title }}, "all": [{% for e in events %}{{ e.data.incident }}{% if not loop.last %}, {% endif %}{% endfor %}]}"#.to_owned(),
    };
    vec![
        (
            "webhook",
            Channel::Webhook(Webhook {
                url: url("https://hooks.example.org/drift"),
                keys: vec![key(0).parse().unwrap(), key(1).parse().unwrap()],
                headers: vec![header],
            }),
        ),
        (
            "alertmanager",
            Channel::Alertmanager(Alertmanager {
                replicas: vec![url("http://am-0:9093"), url("http://am-1:9093/prefix/")],
                headers: Vec::new(),
            }),
        ),
        ("slack", Channel::Slack(Slack { url: url("https://hooks.slack.example/services/T/B/X") })),
        (
            "pagerduty",
            Channel::PagerDuty(PagerDuty {
                url: url("https://events.pagerduty.com/v2/enqueue"),
                routing_key: "R0UT1NGKEY".into(),
            }),
        ),
        ("teams", Channel::Teams(Teams { url: url("https://flow.example.org/workflows/1?sig=s") })),
        ("email", Channel::Email(Email::new(email))),
        ("template", Channel::Template(Box::new(Template::new(template).unwrap()))),
    ]
}

fn shown(dispatch: Dispatch) -> Value {
    match dispatch {
        Dispatch::Http { requests, need, accepted } => {
            let requests: Vec<Value> = requests.iter().map(golden::shown).collect();
            json!({ "need": format!("{need:?}"), "accepted": format!("{accepted:?}"), "requests": requests })
        }
        Dispatch::Mail(mail) => json!({
            "server": format!("{}:{}", mail.server.host, mail.server.port),
            "from": mail.from.to_string(),
            "to": mail.to.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "message_id": mail.message_id,
            "thread": mail.thread,
            "date": mail.date,
            "subject": mail.subject,
            "body": mail.body.lines().collect::<Vec<_>>(),
        }),
    }
}

#[test]
fn every_receiver_is_told_in_its_own_way() {
    let cases: [(&str, Vec<Announcement>); 4] = [
        ("opened", vec![opened(7)]),
        ("reminder", vec![reminder(7)]),
        ("resolved", vec![resolved(7)]),
        ("three", three()),
    ];
    for (channel_name, channel) in channels() {
        let receiver = super::receiver(channel_name, channel);
        for (case, news) in &cases {
            let now = news.iter().map(|news| news.entry.at).max().unwrap();
            let dispatch = receiver.dispatch(&message(news.clone()), now).unwrap();
            golden::compare(
                &format!("notify/{channel_name}_{case}.json"),
                &format!("{:#}\n", shown(dispatch)),
            );
        }
    }
}

#[test]
fn nothing_secret_is_shown() {
    for (channel_name, channel) in channels() {
        let receiver = super::receiver(channel_name, channel);
        let dispatch = receiver.dispatch(&message(vec![opened(7)]), start()).unwrap();
        let debug = format!("{receiver:?} {dispatch:?}");
        for secret in ["services/T", "sig=s", "R0UT1NGKEY", "Bearer", "MfKQ"] {
            assert!(!debug.contains(secret), "{secret} in {debug}");
        }
    }
}

#[test]
fn the_same_message_is_the_same_but_for_the_time_it_is_signed_at() {
    let (_, channel) = channels().remove(0);
    let receiver = super::receiver("webhook", channel);
    let at = |seconds: u64| {
        let now = start().saturating_add(std::time::Duration::from_secs(seconds));
        match receiver.dispatch(&message(three()), now).unwrap() {
            Dispatch::Http { mut requests, .. } => requests.remove(0),
            Dispatch::Mail(_) => unreachable!("a webhook"),
        }
    };
    let (first, later) = (at(0), at(3_600));
    assert_eq!(first.body, later.body);
    assert_eq!(first.headers["webhook-id"], "prod-1-ntf-17");
    assert_eq!(first.headers["webhook-id"], later.headers["webhook-id"]);
    assert_ne!(first.headers["webhook-signature"], later.headers["webhook-signature"]);
}

#[test]
fn bodies_stay_below_20_kb_and_say_what_they_lack() {
    let many: Vec<Announcement> = (0..100).map(opened).collect();
    let envelope = message(many).envelope();
    assert!(envelope.to_string().len() < 20_000);
    let (told, left_out) = (
        envelope["data"]["events"].as_array().unwrap().len(),
        envelope["data"]["left_out"].as_u64().unwrap(),
    );
    assert!(told > 5, "{told}");
    assert_eq!(told as u64 + left_out, 100);

    let mut long = opened(7);
    long.entry.note = Some("é".repeat(30_000));
    long.tags = (0..50).map(|tag| (format!("tag{tag}"), "x".repeat(100))).collect();
    let envelope = message(vec![long]).envelope();
    assert!(envelope.to_string().len() < 20_000);
    assert_eq!(envelope["data"]["cut"], json!(["tags", "note"]));
    assert_eq!(envelope["data"]["incident"], "inc-7");
}

#[test]
fn other_bodies_stay_within_the_limits_of_their_receivers() {
    for (channel_name, channel) in channels() {
        let receiver = super::receiver(channel_name, channel);
        let mut many: Vec<Announcement> = (0..100).map(opened).collect();
        for news in &mut many {
            news.entry.note = Some("n".repeat(5_000));
            news.observation.summary = "s".repeat(500);
        }
        let dispatch = receiver.dispatch(&message(many), start()).unwrap();
        let Dispatch::Http { requests, .. } = dispatch else { continue };
        let longest = requests.iter().map(|request| request.body.len()).max().unwrap();
        let most = match channel_name {
            "teams" => 28_000,
            "pagerduty" | "alertmanager" => 512_000,
            "slack" => 100_000,
            _ => 20_000,
        };
        assert!(longest < most, "{channel_name}: {longest}");
        if channel_name == "slack" {
            let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
            assert!(body["blocks"].as_array().unwrap().len() <= 50);
        }
    }
}

//! Mail, to a server in the test.

use std::time::Duration;

use driftd::notify::*;

use super::{message, opened, receiver, resolved, sender, start};
use crate::support::smtp::MailServer;

const LONG: Duration = Duration::from_secs(30);

fn email(server: &MailServer, security: SmtpSecurity) -> Channel {
    Channel::Email(Email::new(EmailOptions {
        server: SmtpServer {
            host: "localhost".to_owned(),
            port: server.address.port(),
            security,
            login: Some(SmtpLogin { user: "driftd".to_owned(), password: "pass".into() }),
        },
        from: "driftd@example.org".parse().unwrap(),
        to: vec!["ada@example.org".parse().unwrap(), "grace@example.org".parse().unwrap()],
    }))
}

async fn send(channel: Channel, news: Vec<driftd::notification::Announcement>) -> Result<(), Failure> {
    let dispatch = receiver("mail", channel).dispatch(&message(news), start())?;
    sender(LONG).send(dispatch).await
}

#[tokio::test]
async fn a_mail_comes_under_its_id_in_the_thread_of_its_incident() {
    let server = MailServer::start("250 ok").await;
    send(email(&server, SmtpSecurity::None), vec![opened(7)]).await.unwrap();
    send(email(&server, SmtpSecurity::None), vec![resolved(7)]).await.unwrap();
    let taken = server.taken();
    assert_eq!(taken.len(), 2);
    assert!(taken[0].from.contains("<driftd@example.org>"), "{}", taken[0].from);
    assert_eq!(taken[0].to.len(), 2);
    assert_eq!(taken[0].login.len(), 1, "it logged in");
    for line in [
        "Subject: [driftd] Opened: critical data drift of car_loan, version 3",
        "Message-ID: <prod-1-ntf-17@example.org>",
        "References: <prod-1-inc-7@example.org>",
        "Date: Wed, 25 Nov 2026 10:00:00 +0000",
        "  To do: retrain on recent data",
    ] {
        assert!(taken[0].text.lines().any(|each| each == line), "{line} in\n{}", taken[0].text);
    }
    // Who resolved it tried to add a header.
    let head = taken[1].text.split("\n\n").next().unwrap();
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
}

#[tokio::test]
async fn a_server_that_refuses_for_good_or_for_now() {
    let never = MailServer::start("550 no such user").await;
    let failure = send(email(&never, SmtpSecurity::None), vec![opened(7)]).await.unwrap_err();
    assert!(failure.is_permanent() && failure.to_string().contains("550"), "{failure}");
    let later = MailServer::start("451 greylisted").await;
    let failure = send(email(&later, SmtpSecurity::None), vec![opened(7)]).await.unwrap_err();
    assert!(!failure.is_permanent() && failure.to_string().contains("451"), "{failure}");
}

#[tokio::test]
async fn nothing_is_said_in_clear_where_encryption_is_wanted() {
    let plain = MailServer::start("250 ok").await;
    let failure = send(email(&plain, SmtpSecurity::StartTls), vec![opened(7)]).await.unwrap_err();
    assert!(!failure.to_string().contains("pass"), "{failure}");
    assert!(plain.taken().is_empty());
}

#[tokio::test]
async fn a_mail_server_is_checked_as_every_address() {
    let server = SmtpServer {
        host: "169.254.169.254".to_owned(),
        port: 25,
        security: SmtpSecurity::None,
        login: None,
    };
    let to = vec!["ada@example.org".parse().unwrap()];
    let email = Email::new(EmailOptions { server, from: "driftd@example.org".parse().unwrap(), to });
    let failure = send(Channel::Email(email), vec![opened(7)]).await.unwrap_err();
    assert!(matches!(failure, Failure::Forbidden(_)), "{failure:?}");
}

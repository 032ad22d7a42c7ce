//! Mail: one for each message, in plain text. Mails about one incident make a thread.

use lettre::Address;
use lettre::message::Mailbox;
use secrecy::SecretString;

use crate::domain::Timestamp;
use crate::notification::Announcement;
use crate::notify::message::Message;
use crate::notify::request::Dispatch;
use crate::notify::text::line;
use crate::notify::words::{facts, headline};

const SUBJECT_CHARACTERS_MAX: usize = 200;
/// Announcements in one mail.
const NEWS_MAX: usize = 50;

/// A mail server, which is spoken to in SMTP.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub security: SmtpSecurity,
    pub login: Option<SmtpLogin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// Encrypted from the first byte (port 465).
    Tls,
    /// Encrypted before anything is said (port 587); a server that cannot is refused.
    StartTls,
    /// In clear: for a relay on this machine or network.
    None,
}

#[derive(Debug, Clone)]
pub struct SmtpLogin {
    pub user: String,
    pub password: SecretString,
}

#[derive(Debug, Clone)]
pub struct EmailOptions {
    pub server: SmtpServer,
    pub from: Mailbox,
    /// At least one.
    pub to: Vec<Mailbox>,
}

#[derive(Debug)]
pub struct Email {
    pub(in crate::notify) server: SmtpServer,
    from: Mailbox,
    to: Vec<Mailbox>,
}

/// A mail to be sent.
#[derive(Debug, Clone)]
pub struct Mail {
    pub server: SmtpServer,
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
    /// The same in every attempt.
    pub message_id: String,
    /// The thread: an id that no mail has.
    pub thread: Option<String>,
    pub date: Timestamp,
    pub subject: String,
    pub body: String,
}

impl Email {
    pub fn new(options: EmailOptions) -> Self {
        let EmailOptions { server, from, to } = options;
        Self { server, from, to }
    }

    pub(super) fn dispatch(&self, message: &Message, now: Timestamp) -> Dispatch {
        let domain = domain(&self.from.email);
        let thread = match message.newest()[..] {
            [only] => Some(format!("<{}-{}@{domain}>", message.installation, only.incident)),
            _ => None,
        };
        Dispatch::Mail(Box::new(Mail {
            server: self.server.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            message_id: format!("<{}@{domain}>", message.id),
            thread,
            date: now,
            subject: line(&subject(message), SUBJECT_CHARACTERS_MAX),
            body: body(message),
        }))
    }
}

fn domain(address: &Address) -> &str {
    address.domain()
}

fn subject(message: &Message) -> String {
    match &message.news[..] {
        [only] => format!("[driftd] {}", headline(only)),
        several => {
            format!(
                "[driftd] {} news of {} incidents ({})",
                several.len(),
                message.newest().len(),
                message.severity
            )
        }
    }
}

fn body(message: &Message) -> String {
    let mut parts: Vec<String> = message.news.iter().take(NEWS_MAX).map(part).collect();
    let left_out = message.news.len().saturating_sub(NEWS_MAX);
    if left_out > 0 {
        parts.push(format!("And {left_out} more.\n"));
    }
    parts.join("\n")
}

fn part(news: &Announcement) -> String {
    let mut part = format!("{}\n", headline(news));
    for (name, value) in facts(news) {
        part += &format!("  {name}: {value}\n");
    }
    part + &format!("  Incident: {}\n  Runbook: {}\n", news.url, news.runbook_url)
}

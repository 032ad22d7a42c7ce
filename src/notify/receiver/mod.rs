//! Receivers: what each of them makes of a message. Pure; [`super::Sender`] sends it.

mod webhook;

mod alertmanager;

mod slack;

mod pagerduty;

mod teams;

mod email;

mod sample;

mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use alertmanager::Alertmanager;
pub use email::{Email, EmailOptions, Mail, SmtpLogin, SmtpSecurity, SmtpServer};
pub use pagerduty::PagerDuty;
pub use slack::Slack;
pub use teams::Teams;
pub use template::{Template, TemplateError, TemplateOptions};
pub use webhook::Webhook;

use super::message::Message;
use super::outcome::Failure;
use super::request::Dispatch;
use super::target::digest;
use crate::domain::Timestamp;
use crate::notification::ReceiverName;

/// The receivers that exist.
pub type Receivers = BTreeMap<ReceiverName, Arc<Receiver>>;

/// Someone who is told.
#[derive(Debug)]
pub struct Receiver {
    pub name: ReceiverName,
    pub channel: Channel,
}

/// How it is told.
#[derive(Debug)]
pub enum Channel {
    Webhook(Webhook),
    Alertmanager(Alertmanager),
    Slack(Slack),
    PagerDuty(PagerDuty),
    Teams(Teams),
    Email(Email),
    Template(Box<Template>),
}

impl Channel {
    /// As configs call it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Webhook(_) => "webhook",
            Self::Alertmanager(_) => "alertmanager",
            Self::Slack(_) => "slack",
            Self::PagerDuty(_) => "pagerduty",
            Self::Teams(_) => "teams",
            Self::Email(_) => "email",
            Self::Template(_) => "template",
        }
    }
}

impl Receiver {
    /// What goes out for a message, at `now`.
    pub fn dispatch(&self, message: &Message, now: Timestamp) -> Result<Dispatch, Failure> {
        match &self.channel {
            Channel::Webhook(webhook) => Ok(webhook.dispatch(message, now)),
            Channel::Alertmanager(alertmanager) => Ok(alertmanager.dispatch(message, now)),
            Channel::Slack(slack) => Ok(slack.dispatch(message)),
            Channel::PagerDuty(pagerduty) => Ok(pagerduty.dispatch(message)),
            Channel::Teams(teams) => Ok(teams.dispatch(message)),
            Channel::Email(email) => Ok(email.dispatch(message, now)),
            Channel::Template(template) => template.dispatch(message),
        }
    }

    /// Tells its target from others without holding it: a receiver that said that it is gone is only disabled there.
    pub fn target(&self) -> String {
        match &self.channel {
            Channel::Webhook(webhook) => digest([webhook.url.url().as_str()]),
            Channel::Alertmanager(alertmanager) => {
                digest(alertmanager.replicas.iter().map(|replica| replica.url().as_str()))
            }
            Channel::Slack(slack) => digest([slack.url.url().as_str()]),
            Channel::PagerDuty(pagerduty) => digest([pagerduty.url.url().as_str(), pagerduty.key()]),
            Channel::Teams(teams) => digest([teams.url.url().as_str()]),
            Channel::Email(email) => digest([email.server.host.as_str()]),
            Channel::Template(template) => digest([template.url().url().as_str()]),
        }
    }
}

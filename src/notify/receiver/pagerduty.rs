//! PagerDuty, Events API v2. All events of an incident go under one `dedup_key`, so that sending one again changes
//! nothing. Of a message with several announcements of an incident the last one counts: what was acknowledged or over
//! before it was told pages nobody.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::incident::Happening;
use crate::notification::Announcement;
use crate::notify::message::{Installation, Message};
use crate::notify::request::{Accepted, Dispatch, Need, Request};
use crate::notify::target::TargetUrl;
use crate::notify::text::line;
use crate::notify::words::{facts, headline};
use crate::verdict::Severity;

const SUMMARY_CHARACTERS_MAX: usize = 1_024;

#[derive(Debug)]
pub struct PagerDuty {
    /// `https://events.pagerduty.com/v2/enqueue`, or one that speaks like it.
    pub url: TargetUrl,
    pub routing_key: SecretString,
}

impl PagerDuty {
    pub(super) fn dispatch(&self, message: &Message) -> Dispatch {
        let keyed = message.news.iter().map(|news| (dedup_key(news, &message.installation), news));
        let newest: BTreeMap<String, &Announcement> = keyed.collect();
        let request = |(key, news): (String, &Announcement)| {
            let event = self.event(key, news, &message.installation);
            Request::json(self.url.url().clone(), &event).hiding(&self.routing_key)
        };
        let requests = newest.into_iter().map(request).collect();
        Dispatch::Http { requests, need: Need::All, accepted: Accepted::Success }
    }

    pub(super) fn key(&self) -> &str {
        self.routing_key.expose_secret()
    }

    fn event(&self, dedup_key: String, news: &Announcement, installation: &Installation) -> Value {
        let severity = match news.severity {
            Severity::Critical => "critical",
            Severity::Warning => "warning",
        };
        let source = news.model.as_ref().map_or("driftd", |model| model.as_str());
        let details: serde_json::Map<String, Value> =
            facts(news).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        json!({
            "routing_key": self.key(),
            "event_action": action(news),
            "dedup_key": dedup_key,
            "client": "driftd",
            "client_url": news.url,
            "links": [
                { "href": news.url, "text": news.incident.to_string() },
                { "href": news.runbook_url, "text": "Runbook" },
            ],
            "payload": {
                "summary": line(&headline(news), SUMMARY_CHARACTERS_MAX),
                "source": source,
                "severity": severity,
                "timestamp": news.entry.at,
                "component": source,
                "group": installation.as_str(),
                "class": news.kind,
                "custom_details": details,
            },
        })
    }
}

fn action(news: &Announcement) -> &'static str {
    match news.entry.happening {
        Happening::Acknowledged { .. } => "acknowledge",
        Happening::Resolved { .. } => "resolve",
        _ => "trigger",
    }
}

/// A regulatory deadline outlives its incident: under the incident's key its reminder would open that one again.
fn dedup_key(news: &Announcement, installation: &Installation) -> String {
    match &news.entry.happening {
        Happening::DeadlineReminder { basis, .. } => {
            format!("{installation}-{}-{}", news.incident, basis.as_str())
        }
        _ => format!("{installation}-{}", news.incident),
    }
}

//! `[receivers]`: who is told of incidents, and how. What is secret comes from files or variables.

mod http;

mod email;

mod template;

use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) use http::{headers, signing_keys, url, url_or};

use super::table::Table;
use crate::notification::{ReceiverName, Route};
use crate::notify::{Channel, Receiver, Receivers};

/// Most receivers.
const RECEIVERS_MAX: usize = 100;

/// How a receiver is told.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Webhook,
    Alertmanager,
    Slack,
    PagerDuty,
    Teams,
    Email,
    Template,
}

const KINDS: [(&str, Kind); 7] = [
    ("webhook", Kind::Webhook),
    ("alertmanager", Kind::Alertmanager),
    ("slack", Kind::Slack),
    ("pagerduty", Kind::PagerDuty),
    ("teams", Kind::Teams),
    ("email", Kind::Email),
    ("template", Kind::Template),
];

/// All receivers that are whole, and the names of all, so that a route to one that is not is no error too.
pub(super) fn read(table: &Table<'_>) -> (Receivers, BTreeSet<ReceiverName>) {
    let (mut receivers, mut names) = (Receivers::new(), BTreeSet::new());
    let mut count = 0;
    table.named("receivers", |entry, name| {
        count += 1;
        let name = name.parse::<ReceiverName>().map_err(|error| entry.error("", error.to_string()));
        let channel = read_channel(entry);
        let Ok(name) = name else { return };
        names.insert(name.clone());
        if let Some(channel) = channel {
            receivers.insert(name.clone(), Arc::new(Receiver { name, channel }));
        }
    });
    if count > RECEIVERS_MAX {
        table.error("receivers", format!("are {count}; at most {RECEIVERS_MAX}"));
    }
    (receivers, names)
}

/// Receivers that no route names: they are never told of anything.
pub(super) fn unrouted(receivers: &Receivers, routes: &[Route]) -> Vec<ReceiverName> {
    let named: BTreeSet<&ReceiverName> = routes.iter().flat_map(|route| &route.receivers).collect();
    receivers.keys().filter(|name| !named.contains(name)).cloned().collect()
}

fn read_channel(table: &Table<'_>) -> Option<Channel> {
    let kind = table.optional_choice("type", "type of receiver", &KINDS);
    if !table.has("type") {
        let all: Vec<&str> = KINDS.iter().map(|(word, _)| *word).collect();
        table.error("type", format!("is missing; one of {}", all.join(", ")));
    }
    let Some(kind) = kind else {
        table.pass_over();
        return None;
    };
    match kind {
        Kind::Webhook => http::webhook(table).map(Channel::Webhook),
        Kind::Alertmanager => http::alertmanager(table).map(Channel::Alertmanager),
        Kind::Slack => http::slack(table).map(Channel::Slack),
        Kind::PagerDuty => http::pagerduty(table).map(Channel::PagerDuty),
        Kind::Teams => http::teams(table).map(Channel::Teams),
        Kind::Email => email::read(table).map(Channel::Email),
        Kind::Template => template::read(table).map(|template| Channel::Template(Box::new(template))),
    }
}

//! Which receivers an incident is told to.

use std::collections::BTreeSet;
use std::time::Duration;

use super::matcher::Matcher;
use super::quiet_hours::QuietHours;
use super::receiver_name::ReceiverName;
use crate::incident::Incident;

/// All routes, in the order in which they are tried.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Routing {
    pub routes: Vec<Route>,
    /// The receivers that exist.
    pub receivers: BTreeSet<ReceiverName>,
}

/// The first route that matches takes an incident; the next are tried where it says so.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    pub matcher: Matcher,
    pub receivers: Vec<ReceiverName>,
    /// Whether routes after it are tried too.
    pub go_on: bool,
    pub grouping: Grouping,
    /// Hours in which warnings of this route wait.
    pub quiet_hours: Option<QuietHours>,
}

/// Which news go out as one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grouping {
    /// News with the same values of these; empty: of the same incident only.
    pub by: Vec<GroupLabel>,
    /// How long the first of a group waits for others.
    pub wait: Duration,
    /// The least time between two messages of a group.
    pub interval: Duration,
}

/// What news may be grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupLabel {
    Model,
    Version,
    Kind,
    Severity,
    Role,
    Tag(String),
}

impl Routing {
    /// The routes that take an incident.
    pub fn matching(&self, incident: &Incident) -> Vec<&Route> {
        let mut taken = Vec::new();
        for route in self.routes.iter().filter(|route| route.matcher.matches(incident)) {
            taken.push(route);
            if !route.go_on {
                break;
            }
        }
        taken
    }
}

impl Grouping {
    /// The group of an incident's news, as text; different groups have different texts.
    pub fn group_of(&self, incident: &Incident) -> String {
        if self.by.is_empty() {
            return incident.id.to_string();
        }
        let values = self.by.iter().map(|label| label.with_value(incident));
        values.collect::<Vec<_>>().join(",")
    }
}

impl GroupLabel {
    fn with_value(&self, incident: &Incident) -> String {
        let key = &incident.key;
        match self {
            Self::Model => format!("model={:?}", key.model.as_ref().map_or("", |model| model.as_str())),
            Self::Version => format!("version={:?}", key.version.as_ref().map_or("", |v| v.as_str())),
            Self::Kind => format!("kind={}", key.kind),
            Self::Severity => format!("severity={}", incident.severity),
            Self::Role => format!("role={}", key.role()),
            Self::Tag(name) => {
                format!("tag:{name}={:?}", incident.tags.get(name).map_or("", String::as_str))
            }
        }
    }
}

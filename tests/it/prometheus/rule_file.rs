//! The alerts of the rule file: what each is labelled, and who is to get it.

use std::collections::BTreeMap;

use crate::support::prometheus::deployed;

/// An alerting rule, as far as it is checked here.
#[derive(Debug)]
pub struct Rule {
    pub alert: String,
    /// As written: values may be templates.
    pub labels: BTreeMap<String, String>,
}

impl Rule {
    /// The label, where it is the same for all alerts of the rule.
    pub fn fixed(&self, label: &str) -> Option<&str> {
        self.labels.get(label).map(String::as_str).filter(|value| !value.contains("{{"))
    }

    /// Whether an alert may be this rule's.
    pub fn may_give(&self, labels: &BTreeMap<String, String>) -> bool {
        let same = |label: &String| {
            self.fixed(label).is_none_or(|value| labels.get(label).is_some_and(|of| of == value))
        };
        labels["alertname"] == self.alert
            && self.labels.keys().all(|label| labels.contains_key(label) && same(label))
    }
}

pub fn alerting_rules() -> Vec<Rule> {
    let text = deployed("prometheus/rules/driftd.yaml");
    text.split("\n      - alert: ").skip(1).map(rule).collect()
}

fn rule(text: &str) -> Rule {
    let (alert, rest) = text.split_once('\n').unwrap();
    let labels = rest.split_once("        labels:\n").unwrap().1.lines();
    let labels = labels.map_while(|line| line.strip_prefix("          ")?.split_once(": "));
    let labels = labels.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()));
    Rule { alert: alert.to_owned(), labels: labels.collect() }
}

/// The receiver of `deploy/alertmanager` that is told by role.
pub fn team(labels: &BTreeMap<String, String>) -> &'static str {
    match (labels["alertname"].as_str(), labels["role"].as_str()) {
        ("DriftdWatchdog", _) => "dead-man",
        (_, "data_engineer") => "data-engineers",
        (_, "model_owner") => "model-owners",
        (_, "business_owner") => "business-owners",
        (_, "security_officer") => "security-officers",
        (alert, role) => panic!("{alert} is for {role}, who is nobody"),
    }
}

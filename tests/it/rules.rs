//! What `deploy/` has for Prometheus and Alertmanager: judged by promtool and amtool, and by the table of metrics.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use driftd::incident::IncidentKind;
use driftd::metrics::names::{Family, Kind, families};

use crate::support::promtool::{amtool, promtool};

const RULES: &str = "prometheus/rules/driftd.yaml";
const RUNBOOKS: &str = "https://driftd.example.com/runbooks/";

fn deploy(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)
}

fn text(name: &str) -> String {
    let path = deploy(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn path(name: &str) -> String {
    deploy(name).to_str().unwrap().to_owned()
}

/// The values of a key, one a line.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix(key)).collect()
}

/// The text of all expressions, whether they stand on one line or in a block.
fn expressions(rules: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = rules.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(value) = line.trim_start().strip_prefix("expr: ") else { continue };
        if value != "|-" {
            found.push(value.to_owned());
            continue;
        }
        let indented = |line: &str| line.len() - line.trim_start().len();
        let outer = indented(line);
        let mut block = String::new();
        while let Some(next) = lines.next_if(|next| indented(next) > outer) {
            block = block + next + "\n";
        }
        found.push(block);
    }
    found
}

/// Words of an expression that begin with `driftd_`; the names of recording rules have a level and a colon before it.
fn metrics_named(expression: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    expression.split(move |c| !is_part(c)).filter(|word| word.starts_with("driftd_"))
}

/// Whether a sample of this name is one of the family's.
pub fn is_sample_of(name: &str, family: &Family) -> bool {
    match family.kind {
        Kind::Histogram => ["_bucket", "_sum", "_count"]
            .iter()
            .any(|suffix| name.strip_suffix(suffix).is_some_and(|name| name == family.name)),
        _ => name == family.name,
    }
}

#[test]
fn promtool_takes_the_rules_and_the_configuration() {
    promtool(&["check", "rules", "--lint=all", "--lint-fatal", &path(RULES)]);
    promtool(&["check", "config", &path("prometheus/prometheus.yaml")]);
}

#[test]
fn alerts_fire_when_they_should_and_not_otherwise() {
    let tests = ["fires", "waits", "silent"].map(|name| path(&format!("prometheus/tests/{name}.yaml")));
    promtool(&["test", "rules", &tests[0], &tests[1], &tests[2]]);
}

#[test]
fn every_alert_is_tested() {
    let tested = text("prometheus/tests/fires.yaml") + &text("prometheus/tests/waits.yaml");
    let rules = text(RULES);
    let alerts: BTreeSet<&str> = values(&rules, "alert: ").into_iter().collect();
    assert!(alerts.len() > 30, "{}", alerts.len());
    for alert in alerts {
        assert!(alert.starts_with("Driftd"), "{alert}");
        assert!(tested.contains(&format!("alertname=\"{alert}\"")), "{alert} fires in no test");
    }
}

#[test]
fn every_alert_says_who_acts_what_it_is_and_where_its_runbook_is() {
    let rules = text(RULES);
    let alerts = values(&rules, "alert: ").len();
    for key in ["severity: ", "role: ", "summary: ", "description: ", "corrective_action: ", "runbook_url: "]
    {
        assert_eq!(values(&rules, key).len(), alerts, "{key}");
    }
    for url in values(&rules, "runbook_url: ") {
        let kind = url.trim_matches('\'').strip_prefix(RUNBOOKS).unwrap_or_else(|| panic!("{url}"));
        // Where the kind comes from the alert, `kind` or `kind_drift`, it is one that the metrics have.
        assert!(kind.starts_with("{{ $labels.kind }}") || kind.parse::<IncidentKind>().is_ok(), "{url}");
    }
}

#[test]
fn every_metric_of_the_rules_exists() {
    let families = families();
    let expressions = expressions(&text(RULES));
    assert!(expressions.len() > 50, "{}", expressions.len());
    let mut checked = BTreeSet::new();
    for expression in &expressions {
        for name in metrics_named(expression) {
            assert!(families.iter().any(|family| is_sample_of(name, family)), "{name} in: {expression}");
            checked.insert(name);
        }
    }
    assert!(checked.len() > 25, "{checked:?}");
    // What is not given to the test of silence is silent for want of it.
    let silent = text("prometheus/tests/silent.yaml");
    let not_given: Vec<_> = checked.iter().filter(|name| !silent.contains(&format!("'{name}{{"))).collect();
    assert!(not_given.is_empty(), "{not_given:?} are not in silent.yaml");
}

#[test]
fn the_operator_gets_the_same_groups() {
    let (plain, wrapped) = (text(RULES), text("prometheus/prometheusrule.yaml"));
    let groups = plain.split_once("\ngroups:\n").unwrap().1.lines();
    let spec = wrapped.split_once("\nspec:\n  groups:\n").unwrap().1.lines();
    let mut spec = spec.map(|line| line.strip_prefix("  ").unwrap_or(line));
    for line in groups {
        assert_eq!(
            spec.next(),
            Some(line),
            "prometheusrule.yaml is behind; its first lines say how it is made"
        );
    }
    assert_eq!(spec.next(), None);
}

#[test]
fn alertmanager_routes_by_role_and_tells_the_dead_man() {
    let config = path("alertmanager/alertmanager.yaml");
    amtool(&["check-config", &config]);
    for (labels, receivers) in [
        ("alertname=DriftdWatchdog severity=info role=model_owner", "dead-man"),
        ("alertname=DriftdDataDrift severity=warning role=model_owner kind=data_drift", "model-owners"),
        ("alertname=DriftdDataDrift severity=critical role=model_owner kind=data_drift", "model-owners"),
        ("alertname=DriftdSilence severity=critical role=data_engineer kind=silence", "data-engineers"),
        ("alertname=DriftdBias severity=warning role=security_officer kind=bias", "security-officers"),
        (
            "alertname=DriftdSlaBreach severity=critical role=business_owner kind=sla_breach",
            "on-call,business-owners",
        ),
        (
            "alertname=DriftdSlaDeadlineNear severity=warning role=business_owner kind=sla_breach",
            "business-owners",
        ),
        ("alertname=DriftdDown severity=critical role=model_owner kind=availability", "on-call,model-owners"),
        ("alertname=Unknown", "model-owners"),
    ] {
        let file = format!("--config.file={config}");
        let verify = format!("--verify.receivers={receivers}");
        let words = ["config", "routes", "test", &file, &verify].into_iter().chain(labels.split(' '));
        amtool(&words.collect::<Vec<_>>());
    }
}

//! Every query asks for what driftd has.

use std::collections::BTreeSet;
use std::fs;

use driftd::metrics::names::{Family, Kind, families};
use serde_json::{Value, json};

use super::promql::{Asked, RANGE, RATE_INTERVAL, Selector, asked, substituted};
use super::{all, panels};
use crate::rules::is_sample_of;
use crate::support::promtool::promtool;

/// Labels that Prometheus adds when it scrapes.
const SCRAPED: [&str; 2] = ["instance", "job"];

/// Families whose samples a selector may read; `up` is Prometheus' own.
fn read_by<'f>(selector: &Selector, known: &'f [Family]) -> Vec<&'f Family> {
    let is_read = |family: &&Family| match family.kind {
        Kind::Histogram => is_sample_of(&selector.name.value, family),
        _ => selector.name.is_match(family.name),
    };
    known.iter().filter(is_read).collect()
}

/// Whether samples have the label once they are scraped: one of theirs that a scrape gives too is `exported_…`.
fn has_label(families: &[&Family], label: &str) -> bool {
    let own = label.strip_prefix("exported_").filter(|label| SCRAPED.contains(label)).unwrap_or(label);
    let of_bucket = |family: &Family| label == "le" && family.kind == Kind::Histogram;
    SCRAPED.contains(&label)
        || families.iter().any(|family| family.labels.contains(&own) || of_bucket(family))
}

/// Every expression of panels and annotations, with where it stands.
pub fn expressions() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (file, dashboard) in all() {
        let place = |of: &Value| format!("{file}: {of}");
        for panel in panels(&dashboard) {
            for target in panel["targets"].as_array().unwrap() {
                found.push((place(&panel["title"]), target["expr"].as_str().unwrap().to_owned()));
            }
        }
        for annotation in dashboard["annotations"]["list"].as_array().unwrap() {
            let expr = annotation["target"]["expr"].as_str().unwrap();
            found.push((place(&annotation["name"]), expr.to_owned()));
        }
        for variable in dashboard["templating"]["list"].as_array().unwrap() {
            let query = variable["query"].as_str().unwrap();
            if let Some(arguments) = query.strip_prefix("label_values(") {
                let (series, _) = arguments.rsplit_once(", ").unwrap();
                found.push((place(&variable["name"]), series.to_owned()));
            }
        }
    }
    found
}

fn each(mut check: impl FnMut(&str, &str, &Asked)) {
    let expressions = expressions();
    assert!(expressions.len() > 300, "{}", expressions.len());
    for (place, expr) in &expressions {
        check(place, expr, &asked(expr));
    }
}

#[test]
fn every_metric_and_every_label_exists() {
    let known = families();
    let mut read = BTreeSet::new();
    each(|place, expr, asked| {
        for selector in asked.selectors.iter().filter(|selector| selector.name.value != "up") {
            let families = read_by(selector, &known);
            assert!(!families.is_empty(), "{place}: no metric {} in: {expr}", selector.name);
            for label in &selector.labels {
                assert!(has_label(&families, label), "{place}: {} has no {label}: {expr}", selector.name);
            }
            read.extend(families.iter().map(|family| family.name));
        }
        for grouping in &asked.groupings {
            let families: Vec<&Family> =
                grouping.of.iter().flat_map(|selector| read_by(selector, &known)).collect();
            for label in &grouping.labels {
                let has = has_label(&families, label) || grouping.made.contains(label);
                assert!(has, "{place}: nothing has {label} in: {expr}");
            }
        }
    });
    assert!(read.len() > 100, "{}", read.len());
}

/// Prometheus' own parser beside the one that looks into them.
#[test]
fn prometheus_takes_every_expression() {
    let expressions = expressions().into_iter().filter(|(_, expr)| !expr.starts_with('{'));
    let rules: Vec<Value> = expressions
        .enumerate()
        .map(|(at, (place, expr))| {
            let labels = json!({ "place": format!("{at} {place}") });
            json!({ "record": "dashboard:query:now", "expr": substituted(&expr), "labels": labels })
        })
        .collect();
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    fs::write(&file, json!({ "groups": [{ "name": "dashboards", "rules": rules }] }).to_string()).unwrap();
    promtool(&["check", "rules", file.path().to_str().unwrap()]);
}

/// A counter has no sample before its first event: `increase` alone would not see it. By hand: of 3, all where nothing was
/// before the range; of 5 that were there, none; of 7 that were 5, two.
#[test]
fn first_events_of_a_counter_are_counted() {
    let counter = "driftd_incident_sla_breaches_total";
    let (_, expr) = expressions().into_iter().find(|(_, expr)| expr.contains(counter)).unwrap();
    assert!(expr.contains("$__range"), "{expr}");
    let cases = [("_x500 1 1 3x10", "3"), ("5x600", "0"), ("5x500 7x99", "2")];
    let tests: Vec<Value> = cases
        .iter()
        .map(|(values, expected)| {
            json!({
                "interval": "1m",
                "input_series": [{ "series": format!("{counter}{{job=\"driftd\"}}"), "values": values }],
                "promql_expr_test": [{
                    "expr": format!("round({})", substituted(&expr)),
                    "eval_time": "510m",
                    "exp_samples": [{ "labels": "{}", "value": expected.parse::<f64>().unwrap() }],
                }],
            })
        })
        .collect();
    let file = tempfile::NamedTempFile::with_suffix(".yaml").unwrap();
    fs::write(&file, json!({ "tests": tests }).to_string()).unwrap();
    promtool(&["test", "rules", file.path().to_str().unwrap()]);
}

/// A grouping by `job` would group by what is scraped, whatever a metric means by it.
#[test]
fn labels_that_a_scrape_overwrites_are_asked_for_by_their_new_name() {
    let known = families();
    each(|place, expr, asked| {
        for grouping in &asked.groupings {
            for family in grouping.of.iter().flat_map(|selector| read_by(selector, &known)) {
                let taken = family
                    .labels
                    .iter()
                    .find(|label| SCRAPED.contains(label) && grouping.labels.iter().any(|of| of == *label));
                assert!(taken.is_none(), "{place}: {taken:?} of {} is exported_…: {expr}", family.name);
            }
        }
    });
}

#[test]
fn every_selector_goes_by_job_and_instance() {
    each(|place, expr, asked| {
        let is_variable = expr.starts_with("driftd_build_info");
        for selector in &asked.selectors {
            let has = |label: &&str| selector.labels.iter().any(|of| of == label);
            assert!(is_variable || SCRAPED.iter().all(has), "{place}: {expr}");
        }
    });
}

#[test]
fn rates_go_over_the_interval_that_grafana_gives() {
    let mut seen = BTreeSet::new();
    each(|place, expr, asked| {
        for selector in &asked.selectors {
            let allowed: &[_] = match selector.function {
                Some("rate" | "irate") => &[RATE_INTERVAL],
                Some("increase") => &[RATE_INTERVAL, RANGE],
                _ => continue,
            };
            assert!(allowed.contains(&selector.range.unwrap()), "{place}: {expr}");
            seen.extend(selector.range);
        }
    });
    assert_eq!(seen, [RATE_INTERVAL, RANGE].into());
}

#[test]
fn counters_are_aggregated() {
    let known = families();
    let mut counters = 0;
    each(|place, expr, asked| {
        for selector in &asked.selectors {
            let is_counter = read_by(selector, &known).iter().any(|family| family.kind != Kind::Gauge);
            counters += usize::from(is_counter);
            assert!(!is_counter || selector.aggregated, "{place}: {expr}");
        }
    });
    assert!(counters > 50, "{counters}");
}

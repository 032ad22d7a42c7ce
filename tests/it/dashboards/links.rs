//! Links lead somewhere, and take along what was chosen.

use std::collections::{BTreeMap, BTreeSet};

use super::{all, strings};

#[test]
fn links_lead_to_dashboards_and_to_variables_that_these_have() {
    let dashboards = all();
    let known: BTreeMap<String, BTreeSet<&str>> = dashboards
        .iter()
        .map(|(_, dashboard)| {
            let list = dashboard["templating"]["list"].as_array().unwrap();
            let names = list.iter().map(|variable| variable["name"].as_str().unwrap());
            (dashboard["uid"].as_str().unwrap().to_owned(), names.collect())
        })
        .collect();
    let mut drilled = BTreeSet::new();
    for (file, dashboard) in &dashboards {
        strings(dashboard, &mut Vec::new(), &mut |path, text| {
            if path.last() != Some(&"url") {
                return;
            }
            let (page, query) = text.split_once('?').unwrap_or((text, ""));
            let uid = page.strip_prefix("/d/").unwrap_or_else(|| panic!("{file}: {text}"));
            let variables = known.get(uid).unwrap_or_else(|| panic!("{file}: no dashboard {uid}"));
            if query.is_empty() {
                return;
            }
            for kept in ["${__url_time_range}", "${datasource:queryparam}", "${job:queryparam}"] {
                assert!(query.contains(kept), "{file}: {text}");
            }
            for set in query.split('&').filter_map(|part| part.strip_prefix("var-")) {
                let (name, value) = set.split_once('=').unwrap();
                assert!(variables.contains(name), "{file}: {uid} has no {name}");
                assert!(value.ends_with(&format!(".{name}}}")), "{file}: {text}");
                drilled.insert(name.to_owned());
            }
        });
    }
    assert_eq!(drilled, ["model", "use_case"].map(str::to_owned).into());
}

#[test]
fn every_dashboard_links_to_the_other_levels_and_keeps_the_time() {
    for (file, dashboard) in all() {
        let links = dashboard["links"].as_array().unwrap();
        assert_eq!(links.len(), 3, "{file}: two levels and the other language");
        let urls: BTreeSet<&str> = links.iter().map(|link| link["url"].as_str().unwrap()).collect();
        assert_eq!(urls.len(), 3, "{file}");
        assert!(!urls.contains(format!("/d/{}", dashboard["uid"].as_str().unwrap()).as_str()), "{file}");
        for link in links {
            assert!(link["keepTime"] == true && link["includeVars"] == true, "{file}: {link}");
        }
    }
}

/// The label of a link is one that the series or rows of its panel have.
#[test]
fn what_a_link_takes_is_in_its_panel() {
    for (file, dashboard) in all() {
        for panel in super::panels(&dashboard) {
            let mut labels = BTreeSet::new();
            strings(panel, &mut Vec::new(), &mut |path, text| {
                if path.last() == Some(&"url") {
                    let taken = text.rsplit('.').next().unwrap().trim_end_matches('}');
                    labels.insert(taken.to_owned());
                }
            });
            for label in labels {
                for target in panel["targets"].as_array().unwrap() {
                    let expr = target["expr"].as_str().unwrap();
                    let has = expr.split("by (").skip(1).any(|grouping| {
                        grouping.split(')').next().unwrap().split(", ").any(|by| by == label)
                    });
                    assert!(has, "{file}: {} links by {label}: {expr}", panel["title"]);
                }
            }
        }
    }
}

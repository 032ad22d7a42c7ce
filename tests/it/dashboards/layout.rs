//! What a dashboard has to have, and where its panels lie.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{all, panels, strings};

const COLUMNS: u64 = 24;

/// Variables that Grafana has itself, `__url_time_range` and the like, are no dashboard's.
fn variables_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for after in text.split('$').skip(1) {
        let name = after.strip_prefix('{').unwrap_or(after);
        let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        // `$1` is a group of a regular expression.
        let is_group = name.starts_with(|c: char| c.is_ascii_digit());
        if !name.is_empty() && !name.starts_with("__") && !is_group {
            found.push(name);
        }
    }
    found
}

fn names(dashboard: &Value) -> Vec<&str> {
    let list = dashboard["templating"]["list"].as_array().unwrap();
    list.iter().map(|variable| variable["name"].as_str().unwrap()).collect()
}

fn cells(panel: &Value) -> [u64; 4] {
    ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap())
}

#[test]
fn every_dashboard_keeps_the_conventions() {
    let mut uids = BTreeSet::new();
    for (file, dashboard) in all() {
        let uid = dashboard["uid"].as_str().unwrap().to_owned();
        assert!((8..=40).contains(&uid.len()), "{uid}");
        assert!(uids.insert(uid), "{file}: its uid is another's");
        assert!(dashboard["title"].as_str().unwrap().starts_with("driftd / "), "{file}");
        assert!(dashboard["tags"].as_array().unwrap().iter().any(|tag| tag == "driftd"), "{file}");
        assert_eq!(dashboard["editable"], false, "{file}");
        assert_eq!(dashboard["graphTooltip"], 1, "{file}");
        assert_eq!(dashboard["schemaVersion"], 39, "{file}");
        assert_eq!(names(&dashboard)[..3], ["datasource", "job", "instance"], "{file}");
    }
}

#[test]
fn every_panel_says_what_it_shows() {
    for (file, dashboard) in all() {
        let mut ids = BTreeSet::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{file}: an id twice: {}", panel["id"]);
            assert!(!panel["title"].as_str().unwrap().is_empty(), "{file}: panel {}", panel["id"]);
        }
        assert!(panels(&dashboard).count() >= 20, "{file}");
        for panel in panels(&dashboard) {
            let title = &panel["title"];
            let description = panel["description"].as_str().unwrap();
            assert!(description.ends_with('.') && description.len() > 3, "{file}: {title}: {description}");
            assert!(
                !panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap().is_empty(),
                "{file}: {title}"
            );
            assert!(!panel["targets"].as_array().unwrap().is_empty(), "{file}: {title}");
        }
    }
}

#[test]
fn panels_lie_side_by_side() {
    for (file, dashboard) in all() {
        let mut taken = BTreeSet::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            let [x, y, width, height] = cells(panel);
            assert!(width > 0 && height > 0 && x + width <= COLUMNS, "{file}: {}", panel["title"]);
            for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
                assert!(taken.insert(cell), "{file}: {} lies on another", panel["title"]);
            }
        }
    }
}

#[test]
fn variables_are_defined_and_used() {
    for (file, dashboard) in all() {
        let defined = names(&dashboard);
        assert_eq!(defined.iter().collect::<BTreeSet<_>>().len(), defined.len(), "{file}: {defined:?}");
        let mut used = BTreeSet::new();
        strings(&dashboard, &mut Vec::new(), &mut |path, text| {
            for name in variables_in(text) {
                assert!(defined.contains(&name.as_str()), "{file}: ${name} in {}: {text}", path.join("."));
            }
            if path.first() == Some(&"panels") {
                used.extend(variables_in(text));
            }
        });
        for name in defined {
            assert!(used.contains(name), "{file}: no panel uses ${name}");
        }
    }
}

#[test]
fn variables_are_asked_from_those_before_them() {
    for (file, dashboard) in all() {
        let list = dashboard["templating"]["list"].as_array().unwrap();
        for (at, variable) in list.iter().enumerate() {
            let before = &names(&dashboard)[..at];
            for name in variables_in(variable["query"].as_str().unwrap()) {
                assert!(before.contains(&name.as_str()), "{file}: {} needs ${name}", variable["name"]);
            }
        }
    }
}

#[test]
fn a_variable_is_found_in_each_of_its_spellings() {
    let text = r#"up{job=~"$job"} ${model:queryparam} $__range ${__field.labels.model} "$1" ${metric}"#;
    assert_eq!(variables_in(text), ["job", "model", "metric"]);
}

//! English and French are one dashboard in two languages.

use serde_json::Value;

use super::{all, panels, strings};

/// Keys whose strings are words; everything else is the same in both.
const WORDS: [&str; 8] =
    ["description", "label", "legendFormat", "name", "text", "title", "titleFormat", "tooltip"];

/// Without words, and with the same uids.
fn without_words(value: &Value, parent: &str) -> Value {
    match value {
        Value::Object(fields) => {
            // A column's title is the value of a property.
            let is_title = fields.get("id").is_some_and(|id| id == "displayName");
            let kept = fields.iter().filter(|(key, value)| {
                let is_name_of_variable = key.as_str() == "name" && parent == "templating";
                let is_word = WORDS.contains(&key.as_str()) && value.is_string() && !is_name_of_variable;
                !(is_word || is_title && key.as_str() == "value")
            });
            let inside = |key: &str| if parent == "templating" { "templating" } else { key }.to_owned();
            kept.map(|(key, value)| (key.clone(), without_words(value, &inside(key)))).collect()
        }
        Value::Array(values) => values.iter().map(|value| without_words(value, parent)).collect(),
        Value::String(text) => text.replace("driftd-fr-", "driftd-").into(),
        other => other.clone(),
    }
}

/// English and French of the same level.
fn pairs() -> Vec<(Value, Value)> {
    let all = all();
    let french = |file: &str| all.iter().find(|(of, _)| *of == format!("fr/{file}")).unwrap().1.clone();
    let english = all.iter().filter(|(file, _)| !file.starts_with("fr/"));
    english.map(|(file, dashboard)| (dashboard.clone(), french(file))).collect()
}

#[test]
fn they_differ_in_words_only() {
    assert_eq!(pairs().len(), 3);
    for (english, french) in pairs() {
        let mut both = [without_words(&english, ""), without_words(&french, "")];
        both.iter_mut().for_each(Value::sort_all_objects);
        let lines = both.map(|value| serde_json::to_string_pretty(&value).unwrap());
        for (english, french) in lines[0].lines().zip(lines[1].lines()) {
            assert_eq!(english, french);
        }
        assert_eq!(lines[0].len(), lines[1].len());
        assert!(lines[0].contains("driftd_incidents_total"), "queries are compared");
    }
}

#[test]
fn every_description_is_translated() {
    for (english, french) in pairs() {
        assert_ne!(english["title"], french["title"]);
        for (of_english, of_french) in panels(&english).zip(panels(&french)) {
            assert_ne!(of_english["description"], of_french["description"]);
        }
    }
}

#[test]
fn french_has_its_typography() {
    for (_, french) in pairs() {
        strings(&french, &mut Vec::new(), &mut |path, text| {
            // The title of a column is a `value`.
            if path.last().is_some_and(|key| WORDS.contains(key) || *key == "value") {
                assert!(!text.contains('\''), "a straight apostrophe: {text}");
                // API paths have colons of their own: only those that end a word count.
                for sign in [": ", ";", "?"] {
                    for (at, _) in text.match_indices(sign) {
                        let before = text[..at].chars().last();
                        let is_address = sign == "?" && text.contains("/d/");
                        assert!(is_address || before == Some(' '), "no blank before {sign:?}: {text}");
                    }
                }
            }
        });
    }
}

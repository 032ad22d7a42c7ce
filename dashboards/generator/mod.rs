//! The dashboards for Grafana, in English and French from one source. `dashboards/*.json` and `dashboards/fr/*.json`
//! are its output: `UPDATE_GOLDEN=1 cargo test --test it dashboards` writes them.
//!
//! Three levels: operational (does it run?), tactical (is this model still right?), strategic (is it worth it?). No
//! other `.json` file may lie below `dashboards/`: Grafana takes each for a dashboard.

mod dashboard;

mod operational;

mod panel;

mod query;

mod strategic;

mod table;

mod tactical;

mod values;

mod variable;

mod words;

use std::path::PathBuf;

use serde_json::Value;

use words::Language;

/// Every file below `dashboards/` with what it says.
pub fn all() -> Vec<(PathBuf, Value)> {
    let levels = [operational::dashboard(), tactical::dashboard(), strategic::dashboard()];
    let files = Language::ALL.into_iter().flat_map(|language| {
        levels.iter().map(move |level| {
            let file = format!("{}{}.json", language.folder(), level.level.as_str());
            (file.into(), level.json(language))
        })
    });
    files.collect()
}

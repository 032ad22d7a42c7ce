//! A dashboard: rows of panels laid out on the grid, variables, links between the levels, annotations.

use serde_json::{Value, json};

use super::panel::Panel;
use super::query::{datasource, events, expand};
use super::variable::{INSTANCE, JOB, Variable, data_source};
use super::words::{Language, Text, t};

/// Columns of Grafana's grid.
const COLUMNS: u64 = 24;

/// Whose question a dashboard answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Operational,
    Tactical,
    Strategic,
}

pub struct Dashboard {
    pub level: Level,
    pub description: Text,
    /// As in `now-24h`.
    pub from: &'static str,
    /// Beside the data source, job and instance.
    pub variables: Vec<Variable>,
    pub rows: Vec<Row>,
}

/// Panels under a heading.
pub struct Row {
    title: Text,
    panels: Vec<Panel>,
}

pub fn row(title: Text, panels: impl IntoIterator<Item = Panel>) -> Row {
    Row { title, panels: panels.into_iter().collect() }
}

impl Level {
    const ALL: [Self; 3] = [Self::Operational, Self::Tactical, Self::Strategic];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operational => "operational",
            Self::Tactical => "tactical",
            Self::Strategic => "strategic",
        }
    }

    pub fn uid(self, language: Language) -> String {
        let language = match language {
            Language::English => "",
            Language::French => "fr-",
        };
        format!("driftd-{language}{}", self.as_str())
    }

    fn title(self) -> Text {
        match self {
            Self::Operational => t("driftd / Operational", "driftd / Opérationnel"),
            Self::Tactical => t("driftd / Tactical", "driftd / Tactique"),
            Self::Strategic => t("driftd / Strategic", "driftd / Stratégique"),
        }
    }

    fn question(self) -> Text {
        match self {
            Self::Operational => t("Does it run?", "Est-ce que cela fonctionne ?"),
            Self::Tactical => t("Is the model still right?", "Le modèle est-il encore juste ?"),
            Self::Strategic => t("Is it worth it?", "Cela en vaut-il la peine ?"),
        }
    }
}

impl Dashboard {
    pub fn json(&self, language: Language) -> Value {
        let chosen = [JOB, INSTANCE].into_iter().chain(self.variables.iter().copied());
        let variables: Vec<Value> =
            [data_source(language)].into_iter().chain(chosen.map(|each| each.json(language))).collect();
        json!({
            "annotations": { "list": annotations(self.follows_models(), language) },
            "description": self.description.of(language),
            "editable": false,
            "fiscalYearStartMonth": 0,
            "graphTooltip": 1,
            "links": self.links(language),
            "panels": self.panels(language),
            "refresh": "1m",
            "schemaVersion": 39,
            "tags": ["driftd"],
            "templating": { "list": variables },
            "time": { "from": self.from, "to": "now" },
            "timezone": "browser",
            "title": self.level.title().of(language),
            "uid": self.level.uid(language),
            "version": 1,
            "weekStart": "",
        })
    }

    fn follows_models(&self) -> bool {
        self.variables.iter().any(|variable| variable.name == "model")
    }

    /// Left to right, then down, each row below the panels of the one before.
    fn panels(&self, language: Language) -> Vec<Value> {
        let (mut panels, mut id, mut y) = (Vec::new(), 0, 0);
        for row in &self.rows {
            id += 1;
            panels.push(json!({
                "collapsed": false,
                "gridPos": { "h": 1, "w": COLUMNS, "x": 0, "y": y },
                "id": id,
                "panels": [],
                "title": row.title.of(language),
                "type": "row",
            }));
            y += 1;
            let (mut x, mut height) = (0, 0);
            for panel in &row.panels {
                if x + panel.width() > COLUMNS {
                    y += height;
                    (x, height) = (0, 0);
                }
                id += 1;
                panels.push(panel.json(id, (x, y), language));
                x += panel.width();
                height = height.max(panel.height());
            }
            y += height;
        }
        panels
    }

    /// To the other levels, and to the same in the other language.
    fn links(&self, language: Language) -> Vec<Value> {
        let levels = Level::ALL.into_iter().filter(|level| *level != self.level);
        let levels = levels
            .map(|level| (level.uid(language), level.title().of(language), level.question().of(language)));
        let other = language.other();
        let same = (self.level.uid(other), other.name(), self.level.title().of(other));
        let link = |(uid, title, tooltip): (String, &str, &str)| {
            json!({
                "asDropdown": false,
                "icon": "dashboard",
                "includeVars": true,
                "keepTime": true,
                "tags": [],
                "targetBlank": false,
                "title": title,
                "tooltip": tooltip,
                "type": "link",
                "url": format!("/d/{uid}"),
            })
        };
        levels.chain([same]).map(link).collect()
    }
}

/// Incidents, retraining and versions: of the models chosen, or of all.
fn annotations(of_models: bool, language: Language) -> Vec<Value> {
    let selector = if of_models { "@model" } else { "@daemon" };
    let opened = events(&format!("driftd_incidents_total{{{selector}}}"), "$__rate_interval");
    let decided = events(&format!("driftd_retraining_triggers_total{{{selector}}}"), "$__rate_interval");
    let annotation = |name: Text, colour: &str, expr: &str, title: Text, tags: &str, at_value: bool| {
        json!({
            "datasource": datasource(),
            "enable": true,
            "hide": false,
            "iconColor": colour,
            "name": name.of(language),
            "tagKeys": tags,
            "target": { "expr": expand(expr), "refId": "Anno" },
            "textFormat": "{{model}}",
            "titleFormat": title.of(language),
            "useValueForTime": at_value,
        })
    };
    vec![
        annotation(
            t("Incidents", "Incidents"),
            "red",
            &format!("sum by (model, kind, severity) ({opened}) > 0"),
            t("Incident opened: {{kind}}, {{severity}}", "Incident ouvert : {{kind}}, {{severity}}"),
            "kind,severity",
            false,
        ),
        annotation(
            t("Retraining", "Réentraînements"),
            "purple",
            &format!("sum by (model, reason) ({decided}) > 0"),
            t("Retraining decided: {{reason}}", "Réentraînement décidé : {{reason}}"),
            "reason",
            false,
        ),
        annotation(
            t("Versions", "Versions"),
            "blue",
            &format!("max by (model, version) (driftd_model_trained_timestamp_seconds{{{selector}}}) * 1000"),
            t("Version {{version}} trained", "Version {{version}} entraînée"),
            "version",
            true,
        ),
    ]
}

//! One panel: what it is called, what it asks, how it looks.

use serde_json::{Value, json};

use super::dashboard::Level;
use super::query::{Answer, Query, datasource};
use super::table::Column;
use super::values::{NEUTRAL, Steps, Unit, Words, thresholds};
use super::words::{Language, Text};

/// One panel. Every one has a title, a description and a unit.
#[derive(Debug, Clone)]
pub struct Panel {
    title: Text,
    description: Text,
    unit: Unit,
    pub(super) shape: Shape,
    width: u64,
    height: u64,
    pub(super) queries: Vec<Query>,
    steps: Steps,
    words: Option<Words>,
    bounds: Option<(f64, f64)>,
    link: Option<Link>,
}

#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// Large numbers, one a series.
    Numbers,
    /// Lines over time.
    Lines {
        stacked: bool,
    },
    /// One bar a series.
    Bars,
    /// Bands of states over time.
    Timeline,
    Table(Vec<Column>),
}

/// To another dashboard, with what was clicked on as its choice; time and data source stay.
#[derive(Debug, Clone, Copy)]
pub struct Link {
    pub to: Level,
    pub title: Text,
    /// The label that is clicked on, and the variable that takes its value.
    pub label: &'static str,
}

impl Panel {
    fn new(shape: Shape, title: Text, description: Text, unit: Unit, size: (u64, u64)) -> Self {
        let (width, height) = size;
        Self {
            title,
            description,
            unit,
            shape,
            width,
            height,
            queries: Vec::new(),
            steps: NEUTRAL,
            words: None,
            bounds: None,
            link: None,
        }
    }

    pub fn numbers(title: Text, description: Text, unit: Unit) -> Self {
        Self::new(Shape::Numbers, title, description, unit, (4, 4))
    }

    pub fn lines(title: Text, description: Text, unit: Unit) -> Self {
        Self::new(Shape::Lines { stacked: false }, title, description, unit, (8, 8))
    }

    pub fn bars(title: Text, description: Text, unit: Unit) -> Self {
        Self::new(Shape::Bars, title, description, unit, (8, 8))
    }

    pub fn timeline(title: Text, description: Text, words: Words) -> Self {
        let panel = Self::new(Shape::Timeline, title, description, Unit::Word, (12, 8));
        Self { words: Some(words), ..panel }
    }

    pub fn table(title: Text, description: Text) -> Self {
        Self::new(Shape::Table(Vec::new()), title, description, Unit::Plain, (24, 8))
    }

    /// In columns (24 make a row) and rows of the grid.
    pub fn size(self, width: u64, height: u64) -> Self {
        Self { width, height, ..self }
    }

    pub fn query(mut self, legend: Text, expr: impl AsRef<str>) -> Self {
        self.queries.push(Query::new(expr, Some(legend)));
        self
    }

    pub fn steps(self, steps: Steps) -> Self {
        Self { steps, ..self }
    }

    pub fn words(self, words: Words) -> Self {
        Self { unit: Unit::Word, words: Some(words), ..self }
    }

    /// The ends of the scale.
    pub fn between(self, least: f64, most: f64) -> Self {
        Self { bounds: Some((least, most)), ..self }
    }

    pub fn stacked(self) -> Self {
        Self { shape: Shape::Lines { stacked: true }, ..self }
    }

    pub fn link(self, link: Link) -> Self {
        Self { link: Some(link), ..self }
    }

    pub(super) fn width(&self) -> u64 {
        self.width
    }

    pub(super) fn height(&self) -> u64 {
        self.height
    }

    pub(super) fn json(&self, id: u64, (x, y): (u64, u64), language: Language) -> Value {
        let answer = match self.shape {
            Shape::Lines { .. } | Shape::Timeline => Answer::Range,
            Shape::Numbers | Shape::Bars => Answer::Instant,
            Shape::Table(_) => Answer::Rows,
        };
        let targets = self.queries.iter().enumerate();
        let mut panel = json!({
            "datasource": datasource(),
            "description": self.description.of(language),
            "fieldConfig": { "defaults": self.defaults(language), "overrides": self.overrides(language) },
            "gridPos": { "h": self.height, "w": self.width, "x": x, "y": y },
            "id": id,
            "options": self.shape.options(),
            "targets": targets.map(|(at, query)| query.json(at, answer, language)).collect::<Vec<_>>(),
            "title": self.title.of(language),
            "type": self.shape.plugin(),
        });
        if let Shape::Table(columns) = &self.shape {
            panel["transformations"] = super::table::transformations(columns, self.queries.len());
        }
        panel
    }

    fn defaults(&self, language: Language) -> Value {
        let colour = match self.shape {
            Shape::Lines { .. } => "palette-classic",
            _ => "thresholds",
        };
        let mut defaults = json!({
            "color": { "mode": colour },
            "custom": self.shape.custom(),
            "links": self.link.iter().map(|link| link.of_series(language)).collect::<Vec<_>>(),
            "mappings": self.words.map_or_else(|| json!([]), |words| words.mappings(language)),
            "thresholds": thresholds(self.steps),
            "unit": self.unit.as_str(),
        });
        if let Some((least, most)) = self.bounds {
            (defaults["min"], defaults["max"]) = (least.into(), most.into());
        }
        defaults
    }

    fn overrides(&self, language: Language) -> Value {
        match &self.shape {
            Shape::Table(columns) => {
                columns.iter().map(|column| column.overrides(self.queries.len(), language)).collect()
            }
            _ => json!([]),
        }
    }
}

impl Shape {
    fn plugin(&self) -> &'static str {
        match self {
            Self::Numbers => "stat",
            Self::Lines { .. } => "timeseries",
            Self::Bars => "bargauge",
            Self::Timeline => "state-timeline",
            Self::Table(_) => "table",
        }
    }

    fn options(&self) -> Value {
        let last = json!({ "calcs": ["lastNotNull"], "fields": "", "values": false });
        let legend = json!({
            "calcs": ["lastNotNull"],
            "displayMode": "list",
            "placement": "bottom",
            "showLegend": true,
        });
        match self {
            Self::Numbers => json!({
                "colorMode": "value",
                "graphMode": "none",
                "justifyMode": "auto",
                "orientation": "auto",
                "reduceOptions": last,
                "textMode": "auto",
                "wideLayout": true,
            }),
            Self::Lines { .. } => {
                json!({ "legend": legend, "tooltip": { "mode": "multi", "sort": "desc" } })
            }
            Self::Bars => json!({
                "displayMode": "basic",
                "orientation": "horizontal",
                "reduceOptions": last,
                "showUnfilled": true,
                "valueMode": "color",
            }),
            Self::Timeline => json!({
                "alignValue": "left",
                "legend": { "calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": false },
                "mergeValues": true,
                "rowHeight": 0.9,
                "showValue": "auto",
                "tooltip": { "mode": "single", "sort": "none" },
            }),
            Self::Table(_) => json!({ "cellHeight": "sm", "showHeader": true }),
        }
    }

    fn custom(&self) -> Value {
        match self {
            Self::Numbers | Self::Bars => json!({}),
            Self::Lines { stacked } => json!({
                "drawStyle": "line",
                "fillOpacity": if *stacked { 30 } else { 0 },
                "lineInterpolation": "linear",
                "lineWidth": 1,
                "showPoints": "auto",
                "spanNulls": false,
                "stacking": { "group": "A", "mode": if *stacked { "normal" } else { "none" } },
            }),
            Self::Timeline => json!({ "fillOpacity": 80, "lineWidth": 0 }),
            Self::Table(_) => {
                json!({
                    "align": "auto",
                    "cellOptions": { "type": "auto" },
                    "filterable": true,
                    "inspect": false,
                })
            }
        }
    }
}

impl Link {
    /// From a value whose series has the label.
    fn of_series(self, language: Language) -> Value {
        self.json(&format!("${{__field.labels.{}}}", self.label), language)
    }

    /// From a row that has the label as a column.
    pub(super) fn of_row(self, language: Language) -> Value {
        self.json(&format!("${{__data.fields.{}}}", self.label), language)
    }

    fn json(self, value: &str, language: Language) -> Value {
        let (uid, label) = (self.to.uid(language), self.label);
        let kept = "${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}";
        json!({
            "targetBlank": false,
            "title": self.title.of(language),
            "url": format!("/d/{uid}?{kept}&var-{label}={value}"),
        })
    }
}

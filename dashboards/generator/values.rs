//! What values mean: units, colours, words for numbers.

use serde_json::{Map, Value, json};

use super::words::{Language, Text, t};

/// How Grafana writes a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A count, or what has no unit that is known here.
    Plain,
    /// 0 to 1, written as a percentage.
    Ratio,
    Seconds,
    Milliseconds,
    Bytes,
    RowsPerSecond,
    PerSecond,
    /// Milliseconds since 1970, as a date.
    Instant,
    /// A number that stands for a word.
    Word,
}

/// Words that stand for numbers, or for values of a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    Status,
    /// Of a criterion or a horizon of the closing grid.
    Reached,
    Trend,
    Sign,
    Enabled,
    YesNo,
    Maintenance,
    Proposal,
    Level,
    Category,
}

/// From a value on, this colour; the first from everywhere below.
pub type Steps = &'static [(f64, &'static str)];

pub const GREEN: &str = "green";
pub const ORANGE: &str = "orange";
pub const RED: &str = "red";
pub const BLUE: &str = "blue";
const GREY: &str = "#8e8e8e";

/// Nothing wrong at 0 only.
pub const NONE_IS_GOOD: Steps = &[(f64::NEG_INFINITY, GREEN), (1.0, RED)];
/// Seconds left to a deadline.
pub const TIME_LEFT: Steps = &[(f64::NEG_INFINITY, RED), (0.0, ORANGE), (4.0 * 3600.0, GREEN)];
/// What should not be negative.
pub const GAIN: Steps = &[(f64::NEG_INFINITY, RED), (0.0, GREEN)];
pub const NEUTRAL: Steps = &[(f64::NEG_INFINITY, BLUE)];

impl Unit {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "short",
            Self::Ratio => "percentunit",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Bytes => "bytes",
            Self::RowsPerSecond => "rowsps",
            Self::PerSecond => "cps",
            Self::Instant => "dateTimeAsIso",
            Self::Word => "none",
        }
    }
}

impl Words {
    fn entries(self) -> Vec<(&'static str, Text, &'static str)> {
        match self {
            Self::Status => vec![
                ("-1", t("insufficient data", "données insuffisantes"), GREY),
                ("0", t("ok", "normal"), GREEN),
                ("1", t("warning", "avertissement"), ORANGE),
                ("2", t("critical", "critique"), RED),
            ],
            Self::Reached => vec![
                ("-1", t("unknown", "inconnu"), GREY),
                ("0", t("met", "atteint"), GREEN),
                ("1", t("on its way", "en bonne voie"), BLUE),
                ("2", t("missed", "manqué"), RED),
            ],
            Self::Trend => vec![
                ("-1", t("falls", "recule"), RED),
                ("0", t("stagnates", "stagne"), ORANGE),
                ("1", t("grows", "progresse"), GREEN),
            ],
            Self::Sign => vec![("0", t("no", "non"), GREEN), ("1", t("yes", "oui"), RED)],
            Self::Enabled => vec![("0", t("gone", "parti"), RED), ("1", t("told", "informé"), GREEN)],
            Self::YesNo => vec![("0", t("no", "non"), RED), ("1", t("yes", "oui"), GREEN)],
            Self::Maintenance => vec![
                ("0", t("done or not begun", "fait ou pas commencé"), GREEN),
                ("1", t("due", "à faire"), ORANGE),
                ("2", t("overdue", "en retard"), RED),
            ],
            Self::Proposal => vec![
                ("continue", t("continue", "poursuivre"), BLUE),
                ("iterate", t("iterate", "itérer"), ORANGE),
                ("scale", t("scale", "généraliser"), GREEN),
                ("stop", t("stop", "arrêter"), RED),
            ],
            Self::Level => vec![
                ("low", t("low", "faible"), GREEN),
                ("medium", t("medium", "moyen"), ORANGE),
                ("high", t("high", "élevé"), RED),
            ],
            Self::Category => vec![
                ("quick_win", t("quick win", "gain rapide"), BLUE),
                ("foundation", t("foundation", "socle"), BLUE),
                ("differentiator", t("differentiator", "différenciant"), BLUE),
                ("risk_and_compliance", t("risk and compliance", "risque et conformité"), BLUE),
            ],
        }
    }

    pub fn mappings(self, language: Language) -> Value {
        let options: Map<String, Value> = self
            .entries()
            .into_iter()
            .enumerate()
            .map(|(index, (value, text, color))| {
                let text = text.of(language);
                (value.to_owned(), json!({ "color": color, "index": index, "text": text }))
            })
            .collect();
        json!([{ "options": options, "type": "value" }])
    }
}

pub fn thresholds(steps: Steps) -> Value {
    let step =
        |(from, color): &(f64, &str)| json!({ "color": color, "value": from.is_finite().then_some(*from) });
    json!({ "mode": "absolute", "steps": steps.iter().map(step).collect::<Vec<_>>() })
}

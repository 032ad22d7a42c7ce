//! `[[windows]]`, `[budget]`, `[schema]` and `silence_after`: when a model is judged, and how strictly.

use std::time::Duration;

use figment::value::Value;

use super::statistics::ordered;
use crate::config::setting::Setting;
use crate::config::storage::Retention;
use crate::config::table::Table;
use crate::config::units::duration_text;
use crate::domain::PaneLength;
use crate::statistic::Thresholds;
use crate::verdict::{
    Against, Budget, MonitoringPlan, OutcomePlan, Shares, SilenceAfter, StatisticsPlan, WindowPlan,
};

const DAY: Duration = Duration::from_secs(86_400);

/// Most windows of a model: each more thins the budget of all.
const WINDOWS_MAX: usize = 8;

/// False incidents in 30 days that may be asked for.
const INCIDENTS_MAX: f64 = 1_000.0;

pub(super) fn read(
    table: &Table<'_>,
    silence_after: SilenceAfter,
    references: Vec<Against>,
    windows: Vec<WindowPlan>,
    statistics: StatisticsPlan,
    outcomes: OutcomePlan,
) -> MonitoringPlan {
    let budget = table.section("budget", read_budget);
    let schema_violations = table.section("schema", read_schema);
    MonitoringPlan { windows, references, statistics, budget, schema_violations, silence_after, outcomes }
}

/// Reads `[[windows]]`: one of every default where none is given.
pub(super) fn read_windows(
    table: &Table<'_>,
    references: &[Against],
    retention: &Retention,
) -> Vec<WindowPlan> {
    let windows = table.list("windows", |table| read_window(table, references, retention));
    if windows.len() > WINDOWS_MAX {
        table.error("windows", format!("are {}; at most {WINDOWS_MAX}", windows.len()));
    }
    let is_sound = table.is_sound_below("windows");
    for (index, window) in windows.iter().enumerate() {
        if is_sound && windows[..index].iter().any(|earlier| earlier.length == window.length) {
            let length = duration_text(window.length);
            table.error("windows", format!("has the length {length} twice; give each a length of its own"));
        }
    }
    windows
}

pub(super) fn read_silence(table: &Table<'_>) -> SilenceAfter {
    table.read("silence_after", SilenceAfter::Auto)
}

fn read_window(table: &Table<'_>, references: &[Against], retention: &Retention) -> WindowPlan {
    let panes = PaneLength::ALL.map(|pane| (pane.as_str(), pane));
    let default = WindowPlan::default();
    let window = WindowPlan {
        length: table.read_within("length", default.length, Duration::from_secs(60)..=400 * DAY),
        pane: table.choice("pane", "pane length", default.pane, &panes),
        lateness: table.read_within("lateness", default.lateness, Duration::ZERO..=30 * DAY),
        min_samples: table.read_within("min_samples", default.min_samples, 1..=1_000_000_000),
        consecutive: u32::try_from(table.read_within("for", u64::from(default.consecutive), 1..=100))
            .unwrap_or(u32::MAX),
    };
    if table.is_sound()
        && let Err(message) = fits(&window, references, retention)
    {
        table.error("length", message);
    }
    window
}

fn fits(window: &WindowPlan, references: &[Against], retention: &Retention) -> Result<(), String> {
    let (length, pane) = (duration_text(window.length), window.pane);
    if !window.length.as_millis().is_multiple_of(pane.duration().as_millis()) {
        return Err(format!("{length} is no whole number of panes of {pane}; make it a multiple"));
    }
    if window.panes() > WindowPlan::PANES_MAX {
        let most = WindowPlan::PANES_MAX;
        return Err(format!(
            "{length} has {} panes of {pane}, at most {most}; take longer panes",
            window.panes()
        ));
    }
    let (kept, key) = kept(pane, retention);
    let back = references.iter().map(|against| match against {
        Against::Static => Duration::ZERO,
        Against::Previous => window.length,
        Against::LastWeek => 7 * DAY,
    });
    let reach = window.length * window.consecutive + back.max().unwrap_or_default();
    if reach > kept {
        return Err(format!(
            "{length} reaches back {} with `for` and references, panes of {pane} are kept {}; shorten it, or raise storage.retention.{key}",
            duration_text(reach),
            duration_text(kept),
        ));
    }
    Ok(())
}

/// How long panes of a length are kept, and the key below `storage.retention` that says so.
pub(super) fn kept(pane: PaneLength, retention: &Retention) -> (Duration, &'static str) {
    match pane {
        PaneLength::Day => (retention.daily, "daily"),
        _ => (retention.hourly, "hourly"),
    }
}

fn read_budget(table: &Table<'_>) -> Budget {
    let incidents = table.read_if("incidents", Budget::default().incidents, |incidents| {
        if *incidents > 0.0 && *incidents <= INCIDENTS_MAX {
            return Ok(());
        }
        Err(format!("is out of range; above 0, at most {INCIDENTS_MAX} false incidents in 30 days"))
    });
    let shares = table.section("shares", |table| {
        let default = Shares::default();
        let shares = Shares {
            data: table.read_within("data", default.data, 0.0..=1.0),
            concept: table.read_within("concept", default.concept, 0.0..=1.0),
            model: table.read_within("model", default.model, 0.0..=1.0),
            bias: table.read_within("bias", default.bias, 0.0..=1.0),
        };
        let sum = shares.data + shares.concept + shares.model + shares.bias;
        if table.is_sound() && (sum - 1.0).abs() > 1e-9 {
            let sum = (sum * 1e6).round() / 1e6;
            table.error("", format!("sum to {sum}; data, concept, model and bias together make 1"));
        }
        shares
    });
    Budget { incidents, shares }
}

fn read_schema(table: &Table<'_>) -> Thresholds {
    let warning = table.read_within("warning", 0.01, 0.0..=1.0);
    let critical = table.read_within("critical", 0.05, 0.0..=1.0);
    match ordered(warning, critical) {
        Ok(thresholds) => thresholds,
        Err(message) => {
            if table.is_sound() {
                table.error("", message);
            }
            Thresholds { warning, critical }
        }
    }
}

impl Setting for SilenceAfter {
    fn read(value: &Value) -> Result<Self, String> {
        match value.as_str() {
            Some("off") => Ok(Self::Off),
            Some("auto") => Ok(Self::Auto),
            _ => match Duration::read(value) {
                Ok(after) if !after.is_zero() => Ok(Self::After(after)),
                _ => {
                    Err("is no silence; write \"auto\", \"off\" or a duration above 0, as \"6h\"".to_owned())
                }
            },
        }
    }

    fn to_toml(&self) -> String {
        match self {
            Self::Off => "\"off\"".to_owned(),
            Self::Auto => "\"auto\"".to_owned(),
            Self::After(after) => after.to_toml(),
        }
    }
}

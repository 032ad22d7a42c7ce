//! What is said of a ready-made KPI: whether it is watched, and within which bounds.

use std::time::Duration;

use super::{DAY, HOUR, LATENESS_MAX, longest};
use crate::config::nearest;
use crate::config::table::Table;
use crate::config::units::duration_text;
use crate::kpi::families::stale_after;
use crate::kpi::{Bounds, Definition, PaneUnit, Period};

const MINUTE: Duration = Duration::from_secs(60);
/// Longest time without a sample that is not stale.
const STALE_MAX: Duration = Duration::from_secs(3_650 * 86_400);

/// Longest window.
const WINDOW_MAX: Duration = Duration::from_secs(1_098 * 86_400);

/// When a KPI is read.
pub(super) struct Rhythm {
    pub period: Period,
    pub window: Option<Duration>,
    pub stale_after: Duration,
    pub lateness: Option<Duration>,
}

impl Rhythm {
    /// `usual`: how long samples may stay away where the period is the default.
    pub fn read(table: &Table<'_>, period: Period, usual: Duration) -> Self {
        let read = table.read("period", period);
        let usual = if read == period { usual } else { stale_after(read) };
        Self {
            period: read,
            window: table.optional_if("window", |window| is_window(*window, read)),
            stale_after: table.read_within("stale_after", usual, MINUTE..=STALE_MAX),
            lateness: table.optional_if("lateness", |lateness| match *lateness <= LATENESS_MAX {
                true => Ok(()),
                false => {
                    Err(format!("is out of range; from 0s to {}d", LATENESS_MAX.as_secs() / DAY.as_secs()))
                }
            }),
        }
    }
}

/// Whole panes, and more than the period has.
fn is_window(window: Duration, period: Period) -> Result<(), String> {
    let (pane, what) = match period.pane_unit() {
        PaneUnit::Hour => (HOUR, "hours"),
        PaneUnit::Day => (DAY, "days"),
    };
    if !window.as_secs().is_multiple_of(pane.as_secs()) || window.subsec_nanos() != 0 {
        return Err(format!("is no number of whole {what}, which is what samples are counted by"));
    }
    let shortest = longest(period) + pane;
    match (shortest..=WINDOW_MAX).contains(&window) {
        true => Ok(()),
        false => Err(format!(
            "is out of range; from {} (without it a value is of its period, the {period}) to {}",
            duration_text(shortest),
            duration_text(WINDOW_MAX)
        )),
    }
}

/// The keys `target`, `warning` and `critical`; whether they are in order is seen with all KPIs.
pub(super) fn read_bounds(table: &Table<'_>, bounds: Bounds) -> Bounds {
    let bound = |key, default: Option<f64>| table.optional(key).or(default);
    Bounds {
        direction: bounds.direction,
        target: bound("target", bounds.target),
        warning: bound("warning", bounds.warning),
        critical: bound("critical", bounds.critical),
    }
}

/// A ready-made KPI with what a table says of it; `None` where it is switched off.
pub(in crate::config) fn adjust(table: &Table<'_>, definition: &Definition) -> Option<Definition> {
    if table.has("kind") {
        table.error("kind", "is that of the ready-made KPI; drop the key, or call this KPI by another name");
        table.pass_over();
        return Some(definition.clone());
    }
    let enabled = table.read("enabled", true);
    let bounds = read_bounds(table, definition.bounds);
    let owner = table.optional::<String>("owner").or_else(|| definition.owner.clone());
    let Rhythm { period, window, stale_after, lateness } =
        Rhythm::read(table, definition.period, definition.stale_after);
    enabled.then(|| Definition {
        bounds,
        owner,
        period,
        window: window.or(definition.window),
        stale_after,
        lateness: lateness.or(definition.lateness),
        ..definition.clone()
    })
}

/// The ready-made KPIs with what the tables below `key` say of them, without those switched off.
pub(in crate::config) fn adjust_each(
    table: &Table<'_>,
    key: &str,
    ready: Vec<Definition>,
) -> Vec<Definition> {
    let mut adjusted: Vec<Option<Definition>> = ready.iter().cloned().map(Some).collect();
    table.named(key, |entry, name| {
        match ready.iter().position(|definition| definition.id.name.as_str() == name) {
            Some(at) => adjusted[at] = adjust(entry, &ready[at]),
            None => {
                entry.pass_over();
                entry.error("", unknown(name, &ready));
            }
        }
    });
    adjusted.into_iter().flatten().collect()
}

fn unknown(name: &str, ready: &[Definition]) -> String {
    let names: Vec<&str> = ready.iter().map(|definition| definition.id.name.as_str()).collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("is no ready-made KPI; did you mean `{near}`?"),
        None => format!("is no ready-made KPI; those are {}", names.join(", ")),
    }
}

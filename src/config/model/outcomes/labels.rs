//! `[labels]`: how long labels are waited for.

use std::time::Duration;

use crate::config::model::watch::kept;
use crate::config::storage::Retention;
use crate::config::table::Table;
use crate::config::units::duration_text;
use crate::verdict::{OutcomePlan, WindowPlan};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

pub(super) struct LabelSettings {
    /// How long a prediction waits for its label, and a label for its prediction.
    pub ttl: Duration,
    /// How long after its end a window waits for labels.
    pub wait: Duration,
    pub min_coverage: f64,
}

pub(super) fn read(table: &Table<'_>, windows: &[WindowPlan], retention: &Retention) -> LabelSettings {
    let ttl = table.read_within("ttl", 30 * DAY, MINUTE..=400 * DAY);
    let wait = table.read_within("wait", OutcomePlan::LABEL_WAIT, Duration::ZERO..=400 * DAY);
    let min_coverage = table.read_within("min_coverage", OutcomePlan::MIN_COVERAGE, 0.0..=1.0);
    if table.is_sound() && ttl < wait {
        let (ttl, wait) = (duration_text(ttl), duration_text(wait));
        let key = if table.has("wait") { "wait" } else { "ttl" };
        let message = format!(
            "windows wait {wait} for labels, predictions only {ttl} (ttl); raise ttl, or shorten wait"
        );
        table.error(key, message);
    }
    if table.is_sound()
        && let Some(message) = windows.iter().find_map(|window| gone(window, wait, retention))
    {
        table.error("wait", message);
    }
    LabelSettings { ttl, wait, min_coverage }
}

/// That panes of a window fold or end before their labels were waited for. A window too long by itself is said to be so
/// where it stands.
fn gone(window: &WindowPlan, wait: Duration, retention: &Retention) -> Option<String> {
    let (kept, key) = kept(window.pane, retention);
    let reach = window.length * window.consecutive;
    (reach <= kept && reach + wait > kept).then(|| {
        let [length, wait, reach, kept] = [window.length, wait, reach + wait, kept].map(duration_text);
        format!(
            "a window of {length} that waits {wait} for labels reaches back {reach}, panes of {} are kept {kept}; shorten either, or raise storage.retention.{key}",
            window.pane
        )
    })
}

//! An announcement in words, for people: the same ones by mail, chat and pager.

use super::text::line;
use crate::incident::{Happening, Resolution};
use crate::notification::Announcement;
use crate::verdict::Severity;

/// Longest value of a fact, in characters.
const VALUE_CHARACTERS_MAX: usize = 600;
const TITLE_CHARACTERS_MAX: usize = 300;

/// How urgent a line is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Critical,
    Warning,
    Good,
}

pub(super) fn mood(news: &Announcement) -> Mood {
    match (&news.entry.happening, news.severity) {
        (Happening::Resolved { .. }, _) => Mood::Good,
        (_, Severity::Critical) => Mood::Critical,
        (_, Severity::Warning) => Mood::Warning,
    }
}

/// `Opened: critical data drift of car_loan, version 3`.
pub(super) fn headline(news: &Announcement) -> String {
    line(&format!("{}: {}", happening(&news.entry.happening), news.title), TITLE_CHARACTERS_MAX)
}

fn happening(happening: &Happening) -> String {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    match happening {
        Happening::Opened { .. } => "Opened".to_owned(),
        Happening::Escalated { from, to } => format!("Escalated from {from} to {to}"),
        Happening::Returned => "Seen again".to_owned(),
        Happening::Quiet { .. } => "Quiet".to_owned(),
        Happening::Acknowledged { by } => format!("Acknowledged by {by}"),
        Happening::Resolved { resolution: Resolution::Quiet } => "Resolved, its cause is gone".to_owned(),
        Happening::Resolved { resolution: Resolution::By { by } } => format!("Resolved by {by}"),
        Happening::Resolved { resolution: Resolution::FalseAlarm { by } } | Happening::MarkedFalse { by } => {
            format!("A false alarm, says {by}")
        }
        Happening::Reopened { .. } => "Reopened".to_owned(),
        Happening::Flapping { reopenings } => format!("Comes and goes, reopened {reopenings} times"),
        Happening::Reminder { share, due_at } => {
            format!("Reminder, {} of the time to resolve it is over, due {due_at}", percent(*share))
        }
        Happening::SlaBreached { target, due_at } => format!("Not {} by {due_at}", target.participle()),
        Happening::DeadlineSet { basis, due_at, .. } => {
            format!("Deadline {} set, due {due_at}", basis.as_str())
        }
        Happening::DeadlineReminder { basis, share, due_at } => {
            format!("Deadline {}, {} of its time is over, due {due_at}", basis.as_str(), percent(*share))
        }
        Happening::DeadlineMet { basis, by } => format!("Deadline {} met, says {by}", basis.as_str()),
        Happening::Unheld => "Still there after its silence".to_owned(),
    }
}

/// What there is to know, as names and values of one line each.
pub(super) fn facts(news: &Announcement) -> Vec<(&'static str, String)> {
    let seen = &news.observation;
    let measured = seen.statistic.as_ref().zip(seen.value).map(|(statistic, value)| {
        let threshold = seen.threshold.map(|threshold| format!(", threshold {}", number(threshold)));
        let p_value = seen.p_value.map(|p| format!(", p = {}", number(p)));
        let n = seen.n.map(|n| format!(", n = {n}"));
        let more = [threshold, p_value, n].into_iter().flatten().collect::<String>();
        format!("{statistic} = {}{more}", number(value))
    });
    let facts = [
        ("Seen", Some(seen.summary.clone()).filter(|summary| !summary.is_empty())),
        ("Measured", measured),
        ("Window", seen.window.map(|window| format!("{} to {}", window.start, window.end))),
        ("Moved most", Some(seen.moved.join("; ")).filter(|moved| !moved.is_empty())),
        ("Note", news.entry.note.clone()),
        ("To do", Some(news.corrective_action.clone())),
        ("Who must act", Some(news.role.as_str().replace('_', " "))),
        ("Detected", Some(news.detected_at.to_string())),
        ("Resolve by", news.sla.map(|sla| sla.resolve_by.to_string())),
    ];
    let given = facts.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given.map(|(name, value)| (name, line(&value, VALUE_CHARACTERS_MAX))).collect()
}

/// Three or four digits that count: `0.31`, `1.2e-9`.
fn number(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        small if small < 1e-3 => format!("{value:.1e}"),
        large if large >= 1e6 => format!("{value:.3e}"),
        large if large >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.3}").trim_end_matches('0').trim_end_matches('.').to_owned(),
    }
}

//! The four criteria of the closing grid, each judged with the figures that it rests on.

use std::fmt::Write;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::adoption::{Curve, Trend};
use super::closing::{Finding, Standing};
use super::reason::{Answer, Reason};
use super::register::{Audit, Documentation, Register};
use super::roi::{MONTHS_OF_MEAN, Roi, WAY_MONTH};
use super::scalar::Share;
use crate::domain::ModelId;

/// Most names in one sentence.
const NAMED_MAX: usize = 5;

/// Something technical that is watched: a technical KPI, or the status of one of the use case's models.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Watched {
    /// As it is to be read: `latency_p95`, `fraud: concept drift`.
    pub what: String,
    /// The model that it is of, if it is of one.
    pub model: Option<ModelId>,
    pub status: WatchedStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchedStatus {
    InRange,
    /// Beyond its warning bound.
    Warning,
    Critical,
    /// Stale, not computable, too little data.
    Unknown,
}

/// Adoption: both are to be exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    pub usage_above: Share,
    pub satisfaction_above: Share,
}

impl Default for Limits {
    fn default() -> Self {
        Self { usage_above: Share::of_percent(60), satisfaction_above: Share::of_percent(70) }
    }
}

/// Met: all in range. Missed: something critical. On its way: something beyond a warning bound, nothing critical.
/// Unknown: nothing is watched, or something of it is not known and nothing critical.
pub fn technique(watched: &[Watched]) -> Finding {
    let named = |status| -> Vec<String> {
        watched.iter().filter(|one| one.status == status).map(|one| one.what.clone()).collect()
    };
    let (critical, warning, unknown) =
        (named(WatchedStatus::Critical), named(WatchedStatus::Warning), named(WatchedStatus::Unknown));
    let all = watched.len();
    let mut words = match (critical.is_empty(), warning.is_empty()) {
        (false, _) => format!("{} of {all} critical: {}", critical.len(), listed(&critical)),
        (true, false) => format!("{} of {all} in warning: {}", warning.len(), listed(&warning)),
        (true, true) => format!("{} of {all} in range", all - unknown.len()),
    };
    if !unknown.is_empty() {
        let _ = write!(words, "; not known: {}", listed(&unknown));
    }
    if watched.is_empty() {
        return Finding::unknown(Reason::NothingWatched);
    }
    let standing = match (critical.is_empty(), unknown.is_empty(), warning.is_empty()) {
        (false, ..) => Standing::Missed,
        (true, false, _) => Standing::Unknown(Reason::StatusUnknown { unknown: unknown.len(), of: all }),
        (true, true, false) => Standing::OnItsWay,
        (true, true, true) => Standing::Met,
    };
    Finding { standing, words }
}

/// The first few by name, the rest by number.
fn listed(names: &[String]) -> String {
    let (first, rest) = names.split_at(names.len().min(NAMED_MAX));
    match rest.len() {
        0 => first.join(", "),
        rest => format!("{} and {rest} more", first.join(", ")),
    }
}

/// Met: the newest ROI is at least 0. On its way: the mean gain of the last 3 months, going on, brings the net
/// to at least 0 by month 12. Missed: it does not, or month 12 is over.
pub fn roi(roi: &Answer<Roi>) -> Finding {
    let (newest, roi) = match roi {
        Answer::NotComputable(reason) => return Finding::unknown(reason.clone()),
        Answer::Computed(roi) => match &roi.newest {
            Answer::NotComputable(reason) => return Finding::unknown(reason.clone()),
            Answer::Computed(newest) => (newest, roi),
        },
    };
    let Some(value) = newest.roi else { return Finding::unknown(Reason::NoCosts) };
    let mut words = format!(
        "ROI {} after month {}: {:.0} came of {:.0} spent",
        percent(value),
        newest.number,
        newest.benefits,
        newest.costs
    );
    if value >= 0.0 {
        return Finding { standing: Standing::Met, words };
    }
    let by_twelve = match &roi.net_at_month_twelve {
        Answer::NotComputable(reason) => {
            return Finding { standing: Standing::Unknown(reason.clone()), words };
        }
        Answer::Computed(net) => *net,
    };
    if newest.number < WAY_MONTH {
        let _ = write!(
            words,
            "; the mean of the last {MONTHS_OF_MEAN} months, going on, makes {by_twelve:.0} net by month {WAY_MONTH}"
        );
    }
    let standing = if by_twelve >= 0.0 { Standing::OnItsWay } else { Standing::Missed };
    Finding { standing, words }
}

/// Usage and satisfaction, the worse of the two. Each is met above its limit, on its way where its curve grows, and
/// else missed.
pub fn adoption(usage: &Answer<Curve>, satisfaction: &Answer<Curve>, limits: &Limits) -> Finding {
    let usage = above("usage", usage, limits.usage_above, Reason::NoUsage);
    let satisfaction = above("satisfaction", satisfaction, limits.satisfaction_above, Reason::NoSatisfaction);
    let words = format!("{}; {}", usage.words, satisfaction.words);
    Finding { standing: usage.standing.worse(satisfaction.standing), words }
}

fn above(name: &str, curve: &Answer<Curve>, limit: Share, unknown: Reason) -> Finding {
    let curve = match curve {
        Answer::NotComputable(reason) => {
            return Finding {
                standing: Standing::Unknown(reason.clone()),
                words: format!("{name}: {reason}"),
            };
        }
        Answer::Computed(curve) => curve,
    };
    let Some(value) = curve.newest() else {
        return Finding { standing: Standing::Unknown(unknown), words: format!("{name} is not known") };
    };
    let against = format!("{name} {}, to be above {}", percent(value), percent(limit.get()));
    let (standing, way) = match (value > limit.get(), curve.trend) {
        (true, _) => (Standing::Met, ""),
        (false, Trend::Grows) => (Standing::OnItsWay, " (it grows)"),
        (false, Trend::Falls) => (Standing::Missed, " (it falls)"),
        (false, Trend::Stagnates | Trend::NotEnough) => (Standing::Missed, ""),
    };
    Finding { standing, words: format!("{against}{way}") }
}

/// Met: documented, audited, and the next audit is still to come. On its way: documented, the first audit is
/// still to come. Missed: not documented, or an audit is overdue. Unknown: documented, no audit planned.
pub fn register(register: &Register, today: Date) -> Finding {
    let standing = register.standing(today);
    let audit = match standing.audit {
        Audit::UpToDate { last, due } => format!("audited on {last}, again due by {due}"),
        Audit::First { due } => format!("first audit due by {due}"),
        Audit::Overdue { due, days: 1 } => format!("audit overdue since {due}, for 1 day"),
        Audit::Overdue { due, days } => format!("audit overdue since {due}, for {days} days"),
        Audit::NotPlanned => "no audit planned".to_owned(),
    };
    let (standing, documented) = match (standing.documented, standing.audit) {
        (Documentation::Incomplete, _) => (Standing::Missed, "register incomplete"),
        (_, Audit::Overdue { .. }) => (Standing::Missed, "register complete"),
        (_, Audit::First { .. }) => (Standing::OnItsWay, "register complete"),
        (_, Audit::NotPlanned) => (Standing::Unknown(Reason::NoAuditPlanned), "register complete"),
        (_, Audit::UpToDate { .. }) => (Standing::Met, "register complete"),
    };
    Finding { standing, words: format!("{documented}, {audit}") }
}

/// `−12 %`, `61.5 %`: to a tenth, so that a limit and what is just above it differ.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text).replace('-', "−"))
}

//! A KPI of one's own: `[kpis.NAME]` of a use case, `[kpis.define.NAME]` of the main file.

use std::time::Duration;

use super::ready::{Rhythm, read_bounds};
use super::setting::read_satisfied;
use crate::config::nearest;
use crate::config::table::Table;
use crate::kpi::families::{self, AdoptionOptions, TechnicalOptions, stale_after};
use crate::kpi::{
    Bounds, Definition, Direction, Empty, Family, Formula, Kind, KpiId, KpiName, Period, Reading, Unit,
    UseCaseId,
};

const DAY: Duration = Duration::from_secs(86_400);

/// Whose KPIs are read.
pub(in crate::config) struct Scope {
    pub use_case: Option<UseCaseId>,
    /// Of those that name none.
    pub owner: Option<String>,
}

/// The words of `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Last,
    Mean,
    Sum,
    Ratio,
    Quantile,
    Rate,
    Distinct,
    Frequency,
    Nps,
    Satisfaction,
    Uptime,
    Formula,
}

const WORDS: [(&str, Word); 12] = [
    ("last", Word::Last),
    ("mean", Word::Mean),
    ("sum", Word::Sum),
    ("ratio", Word::Ratio),
    ("quantile", Word::Quantile),
    ("rate", Word::Rate),
    ("distinct", Word::Distinct),
    ("frequency", Word::Frequency),
    ("nps", Word::Nps),
    ("satisfaction", Word::Satisfaction),
    ("uptime", Word::Uptime),
    ("formula", Word::Formula),
];

/// `None` where it has no kind or no name; the table holds the error. `ready`: names that only adjust a KPI, for one
/// that was misspelt.
pub(in crate::config) fn read(
    table: &Table<'_>,
    name: &str,
    scope: &Scope,
    ready: &[&str],
) -> Option<Definition> {
    let name = name.parse::<KpiName>().map_err(|error| table.error("", error.to_string()));
    let word = table.optional_choice("kind", "kind of KPI", &WORDS);
    if !table.has("kind") {
        let near = name.as_ref().ok().and_then(|name| nearest(name.as_str(), ready.iter().copied()));
        table.error("kind", missing_kind(name.as_ref().ok(), near));
    }
    let (Ok(name), Some(word)) = (name, word) else {
        table.pass_over();
        return None;
    };
    let id = KpiId { use_case: scope.use_case.clone(), model: None, name };
    let kind = read_kind(table, word, &id);
    let unit = table.read("unit", Unit::one());
    let families = Family::ALL.map(|family| (family.as_str(), family));
    let family = table.choice("family", "family", Family::Strategic, &families);
    let Rhythm { period, window, stale_after, lateness } =
        Rhythm::read(table, Period::Month, stale_after(Period::Month));
    let directions = [("higher", Direction::HigherIsBetter), ("lower", Direction::LowerIsBetter)];
    let direction = table.choice("direction", "direction", Direction::HigherIsBetter, &directions);
    let bounds = read_bounds(table, Bounds { direction, ..Bounds::default() });
    let owner = table.optional::<String>("owner").or_else(|| scope.owner.clone());
    let by = read_by(table);
    let description = table.optional::<String>("description").unwrap_or_default();
    Some(Definition {
        id,
        family,
        unit,
        kind: kind?,
        bounds,
        owner,
        period,
        window,
        lateness,
        stale_after,
        description,
        by,
    })
}

/// The attribute that samples are also counted by.
pub(in crate::config) fn read_by(table: &Table<'_>) -> Option<Box<str>> {
    let by =
        table.optional_if::<String>("by", |by| match by.contains(|c: char| c == '=' || c.is_control()) {
            true => Err("is no attribute, which has no `=` and no control character".to_owned()),
            false => Ok(()),
        });
    by.map(Into::into)
}

fn missing_kind(name: Option<&KpiName>, near: Option<&str>) -> String {
    if let Some(switch) = name.and_then(|name| families::switch_of(name.as_str())) {
        return format!("is missing: the ready-made KPI of this name is there only with {switch}");
    }
    let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
    let words = words.join(", ");
    match near {
        Some(near) => format!("is missing; one of {words}; or did you mean the ready-made `{near}`?"),
        None => format!("is missing; one of {words}"),
    }
}

/// `None` where what it cannot be without is missing or wrong.
fn read_kind(table: &Table<'_>, word: Word, id: &KpiId) -> Option<Kind> {
    if word == Word::Formula {
        let expression = table.optional::<Formula>("expression");
        if !table.has("expression") {
            table.error("expression", "is missing; what it is computed by, as \"gain / cost\"");
        }
        return expression.map(Kind::Formula);
    }
    let stream = table.optional::<KpiId>("of").map(|of| within(of, id)).unwrap_or_else(|| id.clone());
    let empty = || {
        let words = [("unknown", Empty::Unknown), ("zero", Empty::Zero)];
        table.choice("empty", "meaning of a period without a sample", Empty::Unknown, &words)
    };
    let reading = match word {
        Word::Last => Reading::Last,
        Word::Mean => Reading::Mean,
        Word::Sum => Reading::Sum { empty: empty() },
        Word::Ratio => Reading::Ratio,
        Word::Quantile => {
            let q = table.read_within("q", 0.5, 0.0..=1.0);
            if !table.has("q") {
                table.error("q", "is missing; 0.95 for the 95th percentile");
            }
            Reading::Quantile(q)
        }
        Word::Rate => {
            let per = table.read_within("per", DAY, Duration::from_millis(1)..=366 * DAY);
            Reading::Rate { per, empty: empty() }
        }
        Word::Distinct => Reading::Distinct { empty: empty() },
        Word::Frequency => Reading::Frequency,
        Word::Nps => Reading::Nps,
        Word::Satisfaction => Reading::Satisfaction(read_satisfied(table, AdoptionOptions::SATISFIED)),
        Word::Uptime => Reading::Uptime {
            errors_max: table.read_within("errors_max", TechnicalOptions::ERRORS_MAX, 0.0..=1.0),
        },
        Word::Formula => return None,
    };
    Some(Kind::Counted { stream, reading })
}

/// A bare name is that of a stream beside the KPI.
fn within(of: KpiId, id: &KpiId) -> KpiId {
    match (&of.use_case, &of.model) {
        (None, None) => KpiId { use_case: id.use_case.clone(), ..of },
        _ => of,
    }
}

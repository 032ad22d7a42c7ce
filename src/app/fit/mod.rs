//! Whether a model's config fits the reference that it names: what is declared must be there.

mod outcomes;

use crate::config::{ConfigError, ModelSettings, ReferenceSource, key_of, nearest};
use crate::domain::ColumnId;
use crate::pipeline::length_text;
use crate::reference::{IidReason, NullKind, Profile, SegmentGrid};
use crate::statistic::Statistic;
use crate::verdict::{Against, WindowPlan};

/// Names shown in a hint.
const NAMES_MAX: usize = 20;

/// What does not fit. The daemon runs all the same: what is not in the reference is not watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    /// The config says what cannot be: a setting without effect.
    Error(ConfigError),
    /// It can be meant, and something is missing for it.
    Hint(ConfigError),
}

/// What of the config does not fit the profile, which comes from `reference`.
pub fn misfits(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    let mut found = Vec::new();
    found.extend(task(settings, profile));
    found.extend(features(settings, profile));
    found.extend(derived(settings, profile));
    found.extend(windows(settings, profile));
    found.extend(segments(settings, profile));
    found.extend(outcomes::misfits(settings, profile));
    found
}

/// The key that names the reference.
pub fn reference_key(settings: &ModelSettings) -> &'static str {
    match settings.reference {
        ReferenceSource::Profile(_) => "reference.profile",
        ReferenceSource::Data(_) => "reference.data",
        ReferenceSource::Learn { .. } => "reference.learn",
    }
}

fn task(settings: &ModelSettings, profile: &Profile) -> Option<Misfit> {
    let found = profile.facts.task.filter(|task| *task != settings.task)?;
    let (wanted, found) = (task_name(settings.task), task_name(found));
    let message = format!(
        "is {wanted}, and the reference was made for {found}; profile it with --task {wanted}, or write \"{found}\""
    );
    Some(Misfit::Error(settings.places.error("task", message)))
}

fn task_name(task: crate::domain::Task) -> &'static str {
    use crate::domain::Task::{Binary, Multiclass, Regression};
    match task {
        Binary => "binary",
        Multiclass => "multiclass",
        Regression => "regression",
    }
}

fn features(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    let mut found = Vec::new();
    for (name, feature) in &settings.features {
        let id = ColumnId::feature(name.as_str());
        if settings.ignored.contains(&id) {
            continue;
        }
        let Some(place) = profile.ruler.position(&id) else {
            found.push(absent(settings, profile, &id, &key_of(&["features", name])));
            continue;
        };
        let counted = profile.columns[place].kind;
        if let Some(kind) = feature.kind.filter(|kind| *kind != counted) {
            let message = format!(
                "is {kind}, and the reference counts it as {counted}; profile it with --kind {name}={kind}, or write \"{counted}\""
            );
            found.push(Misfit::Error(settings.places.error(&key_of(&["features", name, "kind"]), message)));
        }
    }
    found
}

/// Derived columns of which something is said.
fn derived(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    let said = settings.plan.statistics.of_column.keys();
    let said = said.filter(|id| !id.is_feature() && !settings.ignored.contains(id));
    let absent_ones = said.filter(|id| profile.ruler.position(id).is_none());
    absent_ones
        .map(|id| {
            let name = id.to_string();
            absent(settings, profile, id, &key_of(&["derived", name.trim_start_matches('@')]))
        })
        .collect()
}

fn absent(settings: &ModelSettings, profile: &Profile, id: &ColumnId, key: &str) -> Misfit {
    if profile.without_values.contains(id) {
        let message = "has no number in the reference, so it has no grid and is not watched; profile data that has some, or ignore it";
        return Misfit::Hint(settings.places.error(key, message.to_owned()));
    }
    let same_sort = profile.ruler.columns().iter().map(|(known, _)| known);
    let names: Vec<String> =
        same_sort.filter(|known| known.is_feature() == id.is_feature()).map(ToString::to_string).collect();
    let meant = match nearest(&id.to_string(), names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it has {}", in_short(&names)),
    };
    let message =
        format!("is not in the reference: {meant} Correct it, drop it, or profile data that has it");
    Misfit::Error(settings.places.error(key, message))
}

fn in_short(names: &[String]) -> String {
    match names.len() {
        0 => "none of the kind.".to_owned(),
        1..=NAMES_MAX => format!("{}.", names.join(", ")),
        more => format!("{} and {} more.", names[..NAMES_MAX].join(", "), more - NAMES_MAX),
    }
}

fn windows(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    let hint = |key: &str, why: IidReason, right: String| {
        let message = format!("{why}: rows are taken for independent and no budget is promised; {right}");
        Misfit::Hint(settings.places.error(key, message))
    };
    let mut found = Vec::new();
    for (place, plan) in settings.plan.windows.iter().enumerate() {
        let key = format!("windows[{place}].length");
        let right = match unmeasured(profile, plan) {
            None => continue,
            Some(why @ IidReason::NoTimestamps) => {
                let right = match settings.reference {
                    ReferenceSource::Data(_) => "name their column with columns.timestamp",
                    _ => "profile data that has some with --timestamp COLUMN",
                };
                return vec![hint(reference_key(settings), why, right.to_owned())];
            }
            Some(why @ IidReason::WindowNotProfiled) => {
                (why, format!("profile it with --window {}/{}", length_text(plan.length), plan.pane))
            }
            Some(why) => (why, "take a longer reference, or a shorter window".to_owned()),
        };
        found.push(hint(&key, right.0, right.1));
    }
    found
}

/// Why nothing was measured for windows of this length; `None` where something was.
fn unmeasured(profile: &Profile, plan: &WindowPlan) -> Option<IidReason> {
    let mut reason = None;
    for place in 0..profile.columns.len() {
        for statistic in Statistic::ALL {
            match profile.null(place, plan.length, statistic) {
                NullKind::Measured(_) => return None,
                NullKind::Iid { reason: IidReason::Untested } => {}
                NullKind::Iid { reason: found } => reason = Some(found),
            }
        }
    }
    reason
}

fn segments(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    if !settings.plan.references.contains(&Against::Static) {
        return Vec::new();
    }
    let known = &profile.segments;
    let mut found = Vec::new();
    let (watched, unknown): (Vec<&String>, Vec<&String>) =
        settings.segments.attributes.iter().partition(|name| known.attributes.contains(name.as_str()));
    for name in unknown {
        let right = match settings.reference {
            ReferenceSource::Data(_) => "add the column to the data".to_owned(),
            _ => format!("profile it with --segment {name}"),
        };
        let message =
            format!("`{name}` is not in the reference: its segments are not compared with it; {right}");
        found.push(Misfit::Hint(settings.places.error("segments.by", message)));
    }
    if settings.segments.full_grid && known.grid == SegmentGrid::Groups && !watched.is_empty() {
        let message = "is true, and the reference counts segments by their groups only: they are not compared with it; profile it with --full-grid";
        found.push(Misfit::Hint(settings.places.error("segments.full_grid", message.to_owned())));
    }
    found
}

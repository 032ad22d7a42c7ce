//! Whether a model's outcomes can be counted and judged on its reference.

use super::{Misfit, in_short, reference_key};
use crate::app::profiles::POSITIVE_CLASS;
use crate::config::{ModelSettings, ReferenceSource, key_of};
use crate::domain::Task;
use crate::performance::{Metric, Yardstick};
use crate::reference::{NamedClasses, NoYardstick, Profile, usual_other, yardstick};

pub(super) fn misfits(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    // A reference made for another task is said to be so; nothing that it has of outcomes fits.
    if profile.facts.task.is_some_and(|task| task != settings.task) {
        return Vec::new();
    }
    let all: Vec<Box<str>> = settings.classes.iter().map(|class| class.as_str().into()).collect();
    let named = NamedClasses { positive: settings.positive_class.as_deref(), all: &all };
    let mut found = classes(settings, profile);
    match yardstick(settings.task, named, &profile.ruler, profile.outcomes.as_ref()) {
        Err(why) => found.push(uncounted(settings, &why)),
        Ok(yardstick) => {
            found.extend(unlabelled(settings, profile));
            found.extend(unscored(settings, &yardstick));
            found.extend(groups(settings, profile));
        }
    }
    found
}

fn uncounted(settings: &ModelSettings, why: &NoYardstick) -> Misfit {
    use NoYardstick::{NoPositiveClass, NoPredictions, OneClass, StrangePositiveClass, TooManyClasses};
    let (key, right) = match (why, &settings.reference) {
        (NoPredictions, ReferenceSource::Data(_)) => {
            (reference_key(settings), Some("name their column with columns.prediction".to_owned()))
        }
        (NoPredictions, _) => {
            (reference_key(settings), Some("profile data that has some with --prediction COLUMN".to_owned()))
        }
        (NoPositiveClass { .. } | StrangePositiveClass { .. } | OneClass { .. }, _) => {
            ("positive_class", why.remedy(POSITIVE_CLASS))
        }
        (TooManyClasses { .. }, _) => ("classes", None),
    };
    let right = right.map(|right| format!("; {right}")).unwrap_or_default();
    hint(settings, key, format!("outcomes are not counted: {why}{right}"))
}

fn classes(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    let known: Vec<String> = profile.classes().iter().map(ToString::to_string).collect();
    match (settings.task, &settings.positive_class) {
        _ if known.is_empty() => Vec::new(),
        (Task::Binary, Some(positive)) => strange_positive(settings, profile, positive, &known)
            .or_else(|| only_positive(settings, positive, &known))
            .or_else(|| other_positive(settings, profile, positive))
            .into_iter()
            .collect(),
        (Task::Multiclass, _) if !settings.classes.is_empty() => differing(settings, &known),
        _ => Vec::new(),
    }
}

/// A positive class that no row of the reference has. Beside one other class it may be a rare one.
fn strange_positive(
    settings: &ModelSettings,
    profile: &Profile,
    positive: &String,
    known: &[String],
) -> Option<Misfit> {
    if known.contains(positive) && !is_unseen(profile, positive) {
        return None;
    }
    let others: Vec<String> = known.iter().filter(|class| *class != positive).cloned().collect();
    Some(match &others[..] {
        [only] => {
            let message = format!("is `{positive}`, and all of the reference is `{only}`; check the name");
            hint(settings, "positive_class", message)
        }
        _ => {
            let message = format!(
                "is `{positive}`, and the reference's classes are {} Name one of them",
                in_short(&others)
            );
            error(settings, "positive_class", message)
        }
    })
}

/// A reference of one class that says nothing of what the other is called.
fn only_positive(settings: &ModelSettings, positive: &str, known: &[String]) -> Option<Misfit> {
    let known: Vec<Box<str>> = known.iter().map(|class| class.as_str().into()).collect();
    let is_alone = known.iter().all(|class| **class == *positive) && usual_other(positive, &known).is_none();
    is_alone.then(|| {
        let message = format!(
            "is `{positive}`, and all of the reference is of it: labels of any other class are rejected; profile data that has both"
        );
        hint(settings, "positive_class", message)
    })
}

/// A positive class that is the negative one of the reference: what that says of performance is of no use.
fn other_positive(settings: &ModelSettings, profile: &Profile, positive: &str) -> Option<Misfit> {
    let made_for = profile.outcomes.as_ref()?.classes.first().filter(|class| ***class != *positive)?;
    let message = format!(
        "is `{positive}`, and the reference was made for `{made_for}`: performance has no baseline and no estimates; profile it with --positive-class {positive}, or write \"{made_for}\""
    );
    Some(hint(settings, "positive_class", message))
}

/// Whether a labelled reference was made for this positive class, and no row is or was predicted to be of it.
fn is_unseen(profile: &Profile, positive: &str) -> bool {
    let outcomes = profile
        .outcomes
        .as_ref()
        .filter(|outcomes| outcomes.classes.first().is_some_and(|class| **class == *positive));
    let baseline = outcomes.and_then(|outcomes| outcomes.baseline(Task::Binary, &profile.ruler));
    let confusion = baseline.and_then(|baseline| baseline.record.confusion());
    confusion.is_some_and(|rows| rows.predicted_positives() + rows.actual_positives() == 0)
}

fn differing(settings: &ModelSettings, known: &[String]) -> Vec<Misfit> {
    let listed = &settings.classes;
    let missing = known.iter().filter(|class| !listed.contains(class)).map(|class| {
        let message =
            format!("lack `{class}`, which the reference has: its outcomes are not counted; add it");
        error(settings, "classes", message)
    });
    let unseen = listed.iter().filter(|class| !known.contains(class)).map(|class| {
        let message = format!("name `{class}`, which no row of the reference has; check the name");
        hint(settings, "classes", message)
    });
    missing.chain(unseen).collect()
}

fn unlabelled(settings: &ModelSettings, profile: &Profile) -> Option<Misfit> {
    if profile.outcomes.is_some() {
        return None;
    }
    let outcomes = &settings.plan.outcomes;
    let lacking = match outcomes.baselines.contains_key(&outcomes.primary) {
        true => "no estimates",
        false => "no baseline and no estimates",
    };
    let right = match settings.reference {
        ReferenceSource::Data(_) => "name their column with columns.actual",
        _ => "profile it with --label COLUMN",
    };
    let message = format!("the reference has no labels: performance has {lacking}; {right}");
    Some(hint(settings, reference_key(settings), message))
}

/// Metrics that count and are of scores, where the reference has none.
fn unscored(settings: &ModelSettings, yardstick: &Yardstick) -> Vec<Misfit> {
    let has_scores = match yardstick {
        Yardstick::Binary(of) => of.score_grid.is_some(),
        Yardstick::Multiclass(of) => of.score_grids.iter().all(Option::is_some),
        Yardstick::Regression(_) => true,
    };
    if has_scores {
        return Vec::new();
    }
    let right = match (settings.task, &settings.reference) {
        (Task::Multiclass, _) => "profile it with --score CLASS=COLUMN for each class",
        (_, ReferenceSource::Data(_)) => "name their column with columns.score",
        _ => "profile it with --score COLUMN",
    };
    let outcomes = &settings.plan.outcomes;
    let of_scores = outcomes.losses.keys().filter(|metric| metric.needs_scores());
    let misfit = |metric: &Metric| {
        let key = match *metric == outcomes.primary {
            true => "performance.primary".to_owned(),
            false => key_of(&["performance", metric.as_str()]),
        };
        let message = format!("{metric} is of scores, and the reference has none; {right}, or judge another");
        error(settings, &key, message)
    };
    of_scores.map(misfit).collect()
}

fn groups(settings: &ModelSettings, profile: &Profile) -> Vec<Misfit> {
    let attributes = settings.plan.outcomes.fairness.iter().map(|fairness| &*fairness.attribute).enumerate();
    let unknown = attributes.filter(|(_, name)| !profile.segments.attributes.contains(*name));
    let misfit = |(place, name): (usize, &str)| {
        let right = match settings.reference {
            ReferenceSource::Data(_) => "add the column to the data".to_owned(),
            _ => format!("profile it with --segment {name}"),
        };
        let message = format!(
            "`{name}` is not in the reference: how far apart its groups were before is not known; {right}"
        );
        hint(settings, &format!("fairness[{place}].attribute"), message)
    };
    unknown.map(misfit).collect()
}

fn hint(settings: &ModelSettings, key: &str, message: String) -> Misfit {
    Misfit::Hint(settings.places.error(key, message))
}

fn error(settings: &ModelSettings, key: &str, message: String) -> Misfit {
    Misfit::Error(settings.places.error(key, message))
}

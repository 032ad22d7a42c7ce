//! What a running daemon would lose by taking this config up: windows that reach back before a change of what rows are
//! counted by.

use std::time::Duration;

use crate::domain::ModelId;
use crate::pipeline::{LearnOptions, ModelOptions, ReferenceOptions, Rulers, length_text};
use crate::verdict::{Against, WindowPlan};
use crate::web::answer::{Counting, ModelAnswer, ModelsAnswer, ReferenceState};

const DAY: Duration = Duration::from_secs(86_400);

/// One line a loss, each after its model's id; empty where nothing is lost.
pub fn losses(wanted: &[ModelOptions], running: &ModelsAnswer) -> Vec<String> {
    let known = |id: &ModelId| running.models.iter().find(|model| model.model == *id);
    let of_wanted = wanted.iter().filter_map(|options| Some((options, known(&options.id)?)));
    let mut lines: Vec<String> = of_wanted
        .flat_map(|(options, model)| {
            of_model(options, model).into_iter().map(|loss| format!("{}: {loss}", options.id))
        })
        .collect();
    let gone = running.models.iter().filter(|model| wanted.iter().all(|of| of.id != model.model));
    lines.extend(gone.map(|model| {
        format!("{}: is no longer watched; what was counted of it stays until its retention", model.model)
    }));
    lines
}

fn of_model(wanted: &ModelOptions, running: &ModelAnswer) -> Vec<String> {
    let counting = &running.counting;
    let mut found = Vec::new();
    let pane = wanted.plan.pane();
    let mut across = |code: &str, what: String| {
        let spans = spans(wanted);
        found.push(format!("{code}: {what}; what reaches back before the reload is not computable: {spans}"));
    };
    if counting.pane != pane {
        across("pane_mismatch", format!("rows are counted in panes of {pane} instead of {}", counting.pane));
    }
    match grids_of(wanted) {
        Some((whole, _)) if counting.grid.as_ref().is_some_and(|grid| *grid != whole) => {
            across("grid_changed", "the reference has other grids than rows were counted on".to_owned());
            if running.reference.state == ReferenceState::Baseline {
                found.push(
                    "grid_changed: the baseline lies on the old grids and no longer applies".to_owned(),
                );
            }
        }
        Some((_, slices)) if counting.segment_grid.as_ref().is_some_and(|grid| *grid != slices) => {
            let what = "segments are counted on other bins (full_grid)".to_owned();
            across("grid_changed", what);
        }
        Some(_) => {}
        None => found.extend(learnt_anew(wanted, running.reference.state)),
    }
    found.extend(segments(wanted, counting));
    let judged = |length: &String| wanted.plan.windows.iter().any(|plan| length_text(plan.length) == *length);
    let dropped = running.windows.iter().map(|window| &window.length).filter(|length| !judged(length));
    found.extend(dropped.map(|length| format!("windows of {length} are no longer judged")));
    found
}

/// The ids of the grids that rows would be counted on, and those of segments; `None` where they are learnt.
fn grids_of(wanted: &ModelOptions) -> Option<(String, String)> {
    let ReferenceOptions::Profile(profile) = &wanted.reference else { return None };
    let Rulers { ruler, segment_ruler, .. } = Rulers::of(wanted, profile);
    Some((ruler.id().to_string(), segment_ruler.id().to_string()))
}

fn learnt_anew(wanted: &ModelOptions, state: ReferenceState) -> Option<String> {
    let ReferenceOptions::Learn(LearnOptions { length, .. }) = &wanted.reference else { return None };
    (state == ReferenceState::Profile).then(|| {
        format!(
            "grid_changed: the reference is learnt for {}, unless the store still has one that was; no verdict until then",
            span(*length)
        )
    })
}

fn segments(wanted: &ModelOptions, counting: &Counting) -> Vec<String> {
    let names = wanted.segments.iter().map(|name| &**name);
    let new = names.filter(|name| !counting.segments.iter().any(|known| known == name)).map(|name| {
        let spans = spans(wanted);
        format!(
            "no_history: segments by {name} are counted from the reload on; not whole until then: {spans}"
        )
    });
    let kept = |name: &&String| wanted.segments.iter().any(|known| **known == ***name);
    let gone = counting.segments.iter().filter(|name| !kept(name)).map(|name| {
        format!("segments by {name} are no longer counted; what was counted stays until its retention")
    });
    new.chain(gone).collect()
}

/// How long windows of each length go on reaching back before the reload, their references included.
fn spans(wanted: &ModelOptions) -> String {
    let back = |plan: &WindowPlan, against: Against| match against {
        Against::Static => Duration::ZERO,
        Against::Previous => plan.length,
        Against::LastWeek => 7 * DAY,
    };
    let reach = |plan: &WindowPlan| {
        let back = wanted.plan.references.iter().map(|against| back(plan, *against)).max();
        plan.length + back.unwrap_or_default()
    };
    let spans = wanted.plan.windows.iter();
    let spans: Vec<String> =
        spans.map(|plan| format!("{} windows for {}", length_text(plan.length), span(reach(plan)))).collect();
    spans.join(", ")
}

/// A duration in the largest unit that it is whole in.
fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds >= 2 * 86_400 && seconds % 86_400 == 0 => format!("{} days", seconds / 86_400),
        seconds if seconds >= 3_600 && seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

//! What stands between a model and a verdict.

use super::models::{next_end, paused_until};
use super::{drift, words};
use crate::domain::Timestamp;
use crate::pipeline::learn;
use crate::pipeline::model::{Live, Model};
use crate::pipeline::series::length_text;
use crate::statistic::Reason;
use crate::verdict::{Status, WindowPlan};
use crate::web::answer::{Explanation, Wait};

/// All that the model waits for; empty where its last verdict is fresh.
pub fn waits(model: &Model, now: Timestamp) -> Vec<Wait> {
    let progress = learn::progress(model);
    let unlearnt = progress.map(|_| drift::no_reference(model));
    let live = model.live();
    let mut waits = Vec::new();
    if let Some(until) = paused_until(model, &live, now) {
        waits.push(wait("paused", "the model is paused: windows open no alarm".to_owned(), Some(until)));
    }
    if live.watermark.newest().is_none() {
        waits.push(wait("no_rows", "no row came yet; send some to /predictions".to_owned(), None));
    }
    if let (Some((progress, period)), Some(why)) = (progress, unlearnt) {
        let why = Explanation::new("learning", why.message);
        let until = period.map(|period| period.end.saturating_add(model.lateness()));
        waits.push(Wait { why, until, progress: Some(progress) });
        if let Some(period) = period {
            waits.extend(overdue(model, &live, period.end, model.lateness(), now));
        }
        return waits;
    }
    if live.watermark.newest().is_some() {
        for (place, plan) in model.options.plan.windows.iter().enumerate() {
            waits.extend(for_window(model, &live, place, plan, now));
        }
    }
    waits.extend(for_labels(model, &live));
    waits
}

/// Of a replay that has ended: what was predicted and is not labelled yet.
fn for_labels(model: &Model, live: &Live) -> Option<Wait> {
    (live.labels_lacked_at == Some(live.labels_booked)).then_some(())?;
    let plan = &model.options.plan;
    let window = plan.windows.iter().min_by_key(|window| window.length)?;
    let after = live.state.outcomes_evaluated_to(window);
    let after = after.map_or_else(String::new, |end| format!(" that end after {end}"));
    let message = format!(
        "the replay has ended; windows{after} are judged on outcomes, in order, once {:.0} % of each version's predictions \
         have their labels (labels.min_coverage)",
        plan.outcomes.min_coverage * 100.0
    );
    Some(wait("labels", message, None))
}

fn for_window(model: &Model, live: &Live, place: usize, plan: &WindowPlan, now: Timestamp) -> Vec<Wait> {
    let mut waits = Vec::new();
    let next = next_end(live, plan);
    let until = next.map(|end| end.saturating_add(plan.lateness));
    let window = length_text(plan.length);
    let verdicts = live.latest.get(&place).map(|evaluation| &evaluation.verdicts[..]);
    match verdicts {
        None | Some([]) => {
            let message = match next {
                Some(end) => format!("the {window} window that ends at {end} is still open"),
                None => format!("no row is counted yet that a {window} window could hold"),
            };
            waits.push(wait("window_open", message, until));
        }
        Some(verdicts) if verdicts.iter().all(|verdict| verdict.status == Status::InsufficientData) => {
            let have = verdicts.iter().map(|verdict| words::rows(verdict.n_current)).max().unwrap_or(0);
            let need = plan.min_samples;
            let reason = verdicts.iter().find_map(|verdict| verdict.reason);
            let few = matches!(reason, None | Some(Reason::InsufficientData | Reason::EmptyCurrent));
            waits.push(if few && have < need {
                let message = format!(
                    "the last {window} window has {have} rows of a version; min_samples asks for {need}"
                );
                let progress = Some(have as f64 / need as f64);
                Wait { why: Explanation::new("min_samples", message), until: None, progress }
            } else {
                let why = words::reason(reason.unwrap_or(Reason::InsufficientData));
                Wait { why, until: None, progress: None }
            });
        }
        Some(_) => {}
    }
    waits.extend(next.and_then(|end| overdue(model, live, end, plan.lateness, now)));
    waits
}

/// By the clock this should have closed, by the rows it has not: who holds it back.
fn overdue(
    model: &Model,
    live: &Live,
    end: Timestamp,
    lateness: std::time::Duration,
    now: Timestamp,
) -> Option<Wait> {
    let closed = live.watermark.at(lateness).is_some_and(|at| at >= end);
    if closed || end.saturating_add(lateness) > now {
        return None;
    }
    let idle_after = model.options.idle_timeout.as_secs();
    let message = match live.watermark.held_by(now) {
        Some(source) => {
            format!(
                "source {source} has sent nothing from {end} on yet; it is waited for until it was idle for {idle_after} s"
            )
        }
        None => format!("no row from {end} on came yet, and a replay does not close panes by the clock"),
    };
    Some(wait("watermark", message, None))
}

fn wait(code: &str, message: String, until: Option<Timestamp>) -> Wait {
    Wait { why: Explanation::new(code, message), until, progress: None }
}

//! How right a model is over one window: recomputed from the counts of now, whatever was judged when.

use super::asked::{Asked, Kept};
use super::performance_answer::{CountedVersion, comparisons, version};
use super::words;
use crate::domain::{ModelId, Segment, TimeRange};
use crate::pipeline::Pipeline;
use crate::pipeline::control::unavailable;
use crate::pipeline::evaluate::{Inputs, with_counts};
use crate::pipeline::model::Model;
use crate::statistic::Reason;
use crate::store::Store;
use crate::verdict::{Counts, Due, MonitoringPlan, WindowPlan, provisional_outcomes};
use crate::web::answer::{Explanation, PerformanceAnswer};
use crate::web::{DriftQuery, ServiceError};
use crate::window::Unavailable;

pub async fn performance<S: Store>(
    pipeline: &Pipeline<S>,
    id: &ModelId,
    query: &DriftQuery,
) -> Result<PerformanceAnswer, ServiceError> {
    let model = pipeline.model(id)?;
    let asked = Asked::of(&model, query)?;
    if asked.segment != Segment::All {
        let why = "performance answers all segments at once; leave `segment` out".to_owned();
        return Err(ServiceError::Invalid { why });
    }
    let nothing = |window, reason| PerformanceAnswer {
        model: id.clone(),
        task: model.options.task,
        primary: model.options.plan.outcomes.primary.to_string(),
        window,
        judged_at: None,
        reason,
        versions: Vec::new(),
        comparisons: Vec::new(),
    };
    let Some(inputs) = Inputs::of(&model) else {
        return Ok(nothing(None, Some(words::reason(Reason::NoReference))));
    };
    let Some(outcomes) = inputs.outcomes(&model) else {
        let why = inputs.frozen.outcomes.as_ref().err().map(words::no_outcomes);
        return Ok(nothing(None, why));
    };
    let window = match query.current {
        Some(range) => Some(Kept::of(&model, &pipeline.options).put(range)?),
        None => newest(&model, &asked.plan),
    };
    let Some(window) = window else {
        let message = "no window has closed yet; status says what it waits for".to_owned();
        return Ok(nothing(None, Some(Explanation::new("no_window", message))));
    };
    let plan = plan_of(&model, &asked.plan, window);
    let due = Due { window: 0, end: window.end, closed_at: window.end };
    let found = with_counts(&model, &inputs.frozen, &*pipeline.store, |counts| {
        let judged = crate::verdict::Model { plan: &plan, ..inputs.verdict_model(&model) };
        let mut verdicts = provisional_outcomes(&judged, &outcomes, &inputs.state, due, counts)?;
        verdicts.retain(|verdict| asked.version.as_ref().is_none_or(|version| verdict.version == *version));
        let counted = verdicts.into_iter().map(|verdict| {
            let excluded = &judged.controls.excluded;
            match counts.window(&verdict.version, &Segment::All, window, excluded) {
                Ok(tally) => Ok((verdict, Some(tally))),
                Err(Unavailable::Not(_)) => Ok((verdict, None)),
                Err(Unavailable::Missing(missing)) => Err(missing),
            }
        });
        counted.collect::<Result<Vec<_>, _>>()
    });
    let found: Vec<CountedVersion> = found.await.map_err(|error| unavailable(&error))?;
    let judged = model.live().latest_outcomes.values().find(|of| of.window == window).map(|of| of.judged_at);
    Ok(PerformanceAnswer {
        judged_at: judged,
        versions: found.iter().map(|(verdict, _)| version(verdict)).collect(),
        comparisons: comparisons(&inputs.frozen.ruler, &found),
        ..nothing(Some(window), None)
    })
}

/// The last window that was judged by its labels; before there is one, the last that closed.
fn newest(model: &Model, plan: &WindowPlan) -> Option<TimeRange> {
    let live = model.live();
    let of_length = |window: TimeRange| window.end.since(window.start) == plan.length;
    let outcomes = live.latest_outcomes.values().map(|of| of.window).find(|window| of_length(*window));
    outcomes.or_else(|| live.latest.values().map(|of| of.window).find(|window| of_length(*window)))
}

/// The model's plan with one window: the one that is asked for.
fn plan_of(model: &Model, plan: &WindowPlan, window: TimeRange) -> MonitoringPlan {
    let length = window.end.since(window.start);
    MonitoringPlan { windows: vec![WindowPlan { length, ..*plan }], ..model.options.plan.clone() }
}

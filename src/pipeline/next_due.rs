//! The one order in which windows of inputs and of outcomes are judged.

use std::time::Duration;

use super::evaluate::Inputs;
use super::model::{Live, Model};
use crate::domain::Timestamp;
use crate::verdict::{Due, due, outcomes_due};

/// What is to be judged next.
pub enum Next {
    Data(Due),
    Outcomes(Due, LabelWait),
}

/// Whether labels were waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelWait {
    Over,
    /// The replay ended before: to be judged if the labels have come, by so many bookings of labels.
    CutShort {
        booked: u64,
    },
}

/// The pane that was complete first, of those that came in and those whose labels were waited for: so a window's outcomes
/// are judged when its inputs were, whatever came how late and in which pieces.
pub fn next_due(model: &Model, inputs: &Inputs, reach: Duration, now: Timestamp) -> Option<Next> {
    let (plan, state) = (&model.options.plan, &inputs.state);
    let mut live = model.live();
    live.watermark.advance(now);
    let first_pane = [live.book.first_pane(), live.first_stored].into_iter().flatten().min();
    let watermark = |wait| live.watermark.at(wait);
    let data = due(plan, state, first_pane, watermark, reach, 1).first().copied();
    let outcomes = inputs
        .outcomes(model)
        .and_then(|_| outcomes_due(plan, state, first_pane, watermark, reach, 1).first().copied())
        .and_then(|due| Some((due, label_wait(&live, due)?)));
    match (data, outcomes) {
        (Some(data), Some((outcomes, wait))) if outcomes.closed_at < data.closed_at => {
            Some(Next::Outcomes(outcomes, wait))
        }
        (Some(data), _) => Some(Next::Data(data)),
        (None, outcomes) => outcomes.map(|(due, wait)| Next::Outcomes(due, wait)),
    }
}

/// `None` where labels are lacking that may come yet.
fn label_wait(live: &Live, due: Due) -> Option<LabelWait> {
    let booked = live.labels_booked;
    if live.watermark.progress().is_some_and(|progress| progress >= due.closed_at) {
        return Some(LabelWait::Over);
    }
    (live.labels_lacked_at != Some(booked)).then_some(LabelWait::CutShort { booked })
}

//! Silence: no rows for longer than a model's own habit or its limit.

use super::effects::Effects;
use super::evaluate::{EvaluateError, Inputs, commit};
use super::model::Model;
use super::series;
use crate::domain::TimeRange;
use crate::store::Store;
use crate::verdict::{Evaluation, Present, evaluate_silence};

/// Judges how long there was no row; a change is committed, the rest is shown.
pub async fn judge<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    present: Present,
) -> Result<(), EvaluateError> {
    let Some(last_row) = model.live().watermark.newest() else { return Ok(()) };
    let Some(inputs) = Inputs::of(model) else { return Ok(()) };
    let judged = evaluate_silence(&inputs.verdict_model(model), &inputs.state, last_row, present);
    let Some((silence, decision, state)) = judged else { return Ok(()) };
    {
        let mut live = model.live();
        let known = live.silence.replace(silence);
        // Else nobody would see it before a pane closes.
        if known.map(|known| known.status) != Some(silence.status) {
            model.metrics.set_series(series::of(&model.options, &live));
        }
    }
    if decision.transition.is_news() {
        let window = TimeRange { start: last_row, end: present.now };
        let evaluation = Evaluation {
            window,
            revision: 0,
            judged_at: present.now,
            historical: false,
            verdicts: Vec::new(),
            volume: None,
            decisions: vec![decision],
        };
        commit(model, effects, inputs.revision, state, vec![evaluation]).await?;
    }
    Ok(())
}

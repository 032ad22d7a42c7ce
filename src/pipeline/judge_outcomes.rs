//! Panes whose labels were waited for become verdicts on outcomes: once each, in the order in which the wait ended.

use std::sync::Arc;

use super::effects::Effects;
use super::evaluate::{EvaluateError, Inputs, Judged, commit_verdicts, note, with_counts};
use super::kpi::of_outcomes;
use super::model::Model;
use super::model_counts::ModelCounts;
use super::next_due::LabelWait;
use super::series;
use crate::incident::inputs_of_outcomes;
use crate::store::{Store, VerdictRow, VerdictSubject};
use crate::verdict::{
    self, Due, Finality, ModelState, OutcomeEvaluation, Outcomes, Present, evaluate_outcomes,
};
use crate::window::Missing;

/// Judges a pane that is due. Where the end of a replay cut the wait for labels short, only if every version has enough of
/// them: what waits for them stays due until some come.
pub async fn judge<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    inputs: &Inputs,
    due: Due,
    wait: LabelWait,
    present: Present,
) -> Result<(), EvaluateError> {
    let rule = |asked: &verdict::Model<'_>, outcomes: &Outcomes<'_>, counts: &mut ModelCounts<'_>| {
        let judged = evaluate_outcomes(asked, outcomes, &inputs.state, due, present, counts)?;
        Ok(match wait {
            LabelWait::CutShort { booked } if !is_labelled(&judged.0) => {
                model.live().labels_lacked_at = Some(booked);
                None
            }
            _ => Some(judged),
        })
    };
    judge_by(model, effects, inputs, rule).await
}

fn is_labelled(evaluation: &OutcomeEvaluation) -> bool {
    let mut verdicts = evaluation.verdicts.iter().filter(|verdict| verdict.predicted > 0).peekable();
    verdicts.peek().is_some() && verdicts.all(|verdict| verdict.finality == Finality::Final)
}

/// Judges by a rule on what is counted now, and commits what it says, if anything. A model without outcomes has nothing
/// to judge.
pub(super) async fn judge_by<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    inputs: &Inputs,
    rule: impl Fn(
        &verdict::Model<'_>,
        &Outcomes<'_>,
        &mut ModelCounts<'_>,
    ) -> Result<Option<(OutcomeEvaluation, ModelState)>, Missing>,
) -> Result<(), EvaluateError> {
    let Some(outcomes) = inputs.outcomes(model) else { return Ok(()) };
    let asked = |counts: &mut ModelCounts<'_>| rule(&inputs.verdict_model(model), &outcomes, counts);
    match with_counts(model, &inputs.frozen, effects.desk.store(), asked).await? {
        Some((evaluation, state)) => commit(model, effects, inputs.revision, state, evaluation).await,
        None => Ok(()),
    }
}

async fn commit<S: Store>(
    model: &Model,
    effects: Effects<'_, S>,
    expected_revision: i64,
    state: ModelState,
    evaluation: OutcomeEvaluation,
) -> Result<(), EvaluateError> {
    let verdict = VerdictRow {
        subject: VerdictSubject::Outcomes,
        window: evaluation.window,
        revision: evaluation.revision,
        at: evaluation.judged_at,
        body: evaluation.to_bytes(),
    };
    let inputs = inputs_of_outcomes(&model.options.id, &model.options.tags, &evaluation);
    let kpis = of_outcomes(&model.options, &evaluation, &effects.sampling.options.load());
    let judged = Judged { state, verdicts: vec![verdict], inputs, kpis };
    commit_verdicts(model, effects, expected_revision, judged).await?;
    let mut live = model.live();
    note(model, &evaluation.decisions);
    if let Some(place) = model.options.plan.place_of(evaluation.window) {
        let latest = live.latest_outcomes.get(&place);
        if latest.is_none_or(|latest| latest.window.end <= evaluation.window.end) {
            live.latest_outcomes.insert(place, Arc::new(evaluation));
        }
    }
    model.metrics.set_series(series::of(&model.options, &live));
    Ok(())
}

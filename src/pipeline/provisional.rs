//! What the windows that are still open hold so far, for `/metrics`: shown, never judged, stored or alarmed by.

use std::sync::Arc;

use super::evaluate::Inputs;
use super::model::Model;
use super::model_counts::ModelCounts;
use super::series::length_text;
use crate::metrics::{OpenReference, OpenWindow};
use crate::statistic::Statistic;
use crate::verdict::{Against, ColumnVerdict, Due, Severity, Verdict, provisional};

/// Publishes the open window of each length; none where no row came since the last one closed. Only from counts in
/// memory: where panes would have to be read first, the next window that closes reads them.
pub fn publish(model: &Model) {
    let windows = Inputs::of(model).map_or_else(Vec::new, |inputs| open_windows(model, &inputs));
    model.metrics.set_open_windows(windows);
}

fn open_windows(model: &Model, inputs: &Inputs) -> Vec<OpenWindow> {
    let Some(newest) = model.live().watermark.newest() else { return Vec::new() };
    let mut found = Vec::new();
    for (window, plan) in model.options.plan.windows.iter().enumerate() {
        let end = plan.pane.pane_of(newest).end();
        if inputs.state.evaluated_to(plan).is_some_and(|closed| closed >= end) {
            continue;
        }
        let due = Due { window, end, closed_at: end };
        let said = provisional(&inputs.verdict_model(model), &inputs.state, due, &mut ModelCounts(model));
        let length: Arc<str> = length_text(plan.length).into();
        found.extend(said.iter().flatten().map(|verdict| open_window(&length, verdict)));
    }
    found
}

fn open_window(length: &Arc<str>, verdict: &Verdict) -> OpenWindow {
    let references = verdict.references.iter().map(|used| open_reference(used.reference, verdict));
    OpenWindow {
        version: verdict.version.clone(),
        window: length.clone(),
        samples: verdict.n_current.max(0) as u64,
        end: verdict.window.end,
        references: references.collect(),
    }
}

fn open_reference(reference: Against, verdict: &Verdict) -> OpenReference {
    let columns = || verdict.columns.iter().filter(move |column| column.reference == reference);
    let beyond =
        |severity: Severity| columns().filter(|column| column.effect == Some(severity)).count() as u64;
    OpenReference {
        reference: reference.as_str().into(),
        beyond_warning: beyond(Severity::Warning),
        beyond_critical: beyond(Severity::Critical),
        largest: Statistic::ALL
            .into_iter()
            .filter_map(|statistic| Some((statistic, largest(statistic, columns())?)))
            .collect(),
    }
}

/// The value whose effect is the largest.
fn largest<'v>(statistic: Statistic, columns: impl Iterator<Item = &'v ColumnVerdict>) -> Option<f64> {
    let statistics = columns.flat_map(|column| &column.statistics);
    let values = statistics.filter(|each| each.statistic == statistic).filter_map(|each| each.value);
    values.max_by(|a, b| statistic.effect(*a).total_cmp(&statistic.effect(*b)))
}

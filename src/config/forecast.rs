//! How much disk the configured models will take once their history is full.

use std::time::Duration;

use super::model::ModelSettings;
use super::storage::Retention;
use super::{LimitSettings, Settings};

/// Bytes of one pane of one version of a model with [`COLUMNS_MEASURED`] columns on full grids.
const PANE_BYTES: u64 = 16_000;
const COLUMNS_MEASURED: u64 = 25;

/// A segment on the 10 groups takes about this part of a full grid's pane.
const GROUPS_PART: u64 = 10;

const DAY: Duration = Duration::from_secs(86_400);

/// The disk of one model, at most, in bytes, and what that takes for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    pub bytes: u64,
    /// Panes kept at the model's own length, and of a day.
    pub panes: u64,
    pub days: u64,
    /// Columns counted: those listed, assumed to be 25 where fewer are (the reference knows the rest).
    pub columns: u64,
    pub columns_assumed: bool,
    /// Slices beside the whole, were every attribute to reach `segment_values_max`.
    pub slices: u64,
}

/// The forecast for one of the models, with one version that sends in every pane.
pub fn forecast(settings: &Settings, model: &ModelSettings) -> Forecast {
    of_model(model, &settings.storage.retention, &settings.limits)
}

fn of_model(model: &ModelSettings, retention: &Retention, limits: &LimitSettings) -> Forecast {
    let pane = model.plan.pane().duration();
    let whole = |range: Duration, part: Duration| range.as_secs() / part.as_secs();
    let panes = if pane < DAY { whole(retention.hourly, pane) } else { 0 };
    let days = whole(retention.daily, DAY) - if pane < DAY { whole(retention.hourly, DAY) } else { 0 };
    let listed = model.features.len() as u64 + derived_columns(model);
    let columns = listed.max(COLUMNS_MEASURED);
    let slices = model.segments.attributes.len() as u64 * limits.segment_values_max;
    let slice_parts = if model.segments.full_grid { slices * GROUPS_PART } else { slices };
    let pane_bytes = PANE_BYTES * columns / COLUMNS_MEASURED;
    let bytes = (panes + days) * pane_bytes * (GROUPS_PART + slice_parts) / GROUPS_PART;
    Forecast { bytes, panes, days, columns, columns_assumed: listed < COLUMNS_MEASURED, slices }
}

/// Prediction, latency and cost, and a score for each class known.
fn derived_columns(model: &ModelSettings) -> u64 {
    3 + (model.classes.len() as u64).max(1)
}

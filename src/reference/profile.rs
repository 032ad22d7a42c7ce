//! What is frozen from reference data.

use std::time::Duration;

use super::null::{IidReason, NullKind};
use super::null_window::NullWindow;
use super::outcomes::{OutcomeReference, classes_of};
use super::segments::SegmentReference;
use crate::batch::SchemaColumn;
use crate::domain::{ColumnId, ColumnKind, ModelId, Task, TimeRange};
use crate::sketch::{ColumnCounts, Grid, Ruler, Tally};
use crate::statistic::Statistic;

/// A reference: the ruler made from it, its counts on that ruler, and the nulls measured on it.
#[derive(Debug, Clone)]
pub struct Profile {
    pub facts: Facts,
    pub ruler: Ruler,
    /// The reference's own counts; no value of it is unseen.
    pub tally: Tally,
    pub segments: SegmentReference,
    /// One a column, in the ruler's order.
    pub columns: Vec<ProfileColumn>,
    /// Numeric columns without a finite value: they have no grid and are not on the ruler.
    pub without_values: Vec<ColumnId>,
    /// Where the reference held labels.
    pub outcomes: Option<OutcomeReference>,
}

/// Where a profile comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub model: ModelId,
    pub task: Option<Task>,
    /// From the first row to just past the last, where rows carry a time.
    pub period: Option<TimeRange>,
    /// The driftd that made it.
    pub driftd_version: String,
}

/// What a profile knows of a column beside its grid and counts.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileColumn {
    pub kind: ColumnKind,
    /// In order of window, then statistic.
    pub nulls: Vec<StoredNull>,
}

/// The null of one statistic over windows of one length.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredNull {
    pub window: NullWindow,
    pub statistic: Statistic,
    pub null: NullKind,
}

impl Profile {
    /// The classes that predictions had, and labels where there were some; none of a regression.
    pub fn classes(&self) -> Vec<Box<str>> {
        let prediction = self.ruler.grid(&ColumnId::Prediction);
        prediction.map(|grid| classes_of(grid, self.outcomes.as_ref())).unwrap_or_default()
    }

    /// Rows of reference data.
    pub fn rows(&self) -> i64 {
        self.tally.rows
    }

    /// Every column on the ruler with all that is known of it.
    pub fn iter(&self) -> impl Iterator<Item = (&ColumnId, &Grid, &ColumnCounts, &ProfileColumn)> {
        let measured = self.tally.columns.iter().zip(&self.columns);
        self.ruler
            .columns()
            .iter()
            .zip(measured)
            .map(|((id, grid), (counts, column))| (id, grid, counts, column))
    }

    /// The columns as a decoder needs them.
    pub fn schema_columns(&self) -> Vec<SchemaColumn> {
        self.iter().map(|(id, _, _, column)| SchemaColumn { id: id.clone(), kind: column.kind }).collect()
    }

    /// Where p-values of a statistic come from, for windows of this length; `column` is a place on the ruler.
    pub fn null(&self, column: usize, window: Duration, statistic: Statistic) -> NullKind {
        let nulls = self.columns.get(column).map_or(&[][..], |column| &column.nulls);
        let mut of_length = nulls.iter().filter(|stored| stored.window.length() == window).peekable();
        let reason = match (&self.facts.period, of_length.peek()) {
            (None, _) => IidReason::NoTimestamps,
            (Some(_), None) => IidReason::WindowNotProfiled,
            (Some(_), Some(_)) => IidReason::Untested,
        };
        of_length
            .find(|stored| stored.statistic == statistic)
            .map_or(NullKind::Iid { reason }, |stored| stored.null)
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.ruler.id() == other.ruler.id()
            && self.facts == other.facts
            && self.tally == other.tally
            && self.segments == other.segments
            && self.columns == other.columns
            && self.without_values == other.without_values
            && self.outcomes == other.outcomes
    }
}

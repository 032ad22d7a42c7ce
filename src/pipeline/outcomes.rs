//! What is counted of a body's predictions beside their columns: what is to be expected of them, and what became of those
//! that say so themselves.

use std::time::Duration;

use super::frozen::{Frozen, Outcomes};
use crate::batch::{Batch, ColumnValues, Part, Rows};
use crate::domain::{ColumnId, Segment};
use crate::performance::{Actual, Group, OutcomeColumns, Predicted, Record, Yardstick, actuals};
use crate::sketch::Integers;

/// A body's rows as outcomes see them.
pub struct OutcomeRows<'a> {
    outcomes: &'a Outcomes,
    /// The column of predictions.
    said: Option<&'a ColumnValues>,
    /// One a row.
    predictions: Vec<Option<Predicted>>,
    /// One a row, or none at all.
    actuals: Vec<Option<Actual>>,
}

/// Rows of a body by what of them is of no class of the model.
#[derive(Debug, Clone, Copy, Default)]
pub struct Strange {
    /// Rows that can never be judged: they are no part of coverage.
    pub predictions: u64,
    /// Rows whose own `actual` is passed over: a later label is their first.
    pub actuals: u64,
}

impl<'a> OutcomeRows<'a> {
    /// None where the model has no outcomes.
    pub fn of(frozen: &'a Frozen, batch: &'a Batch) -> Option<Self> {
        let outcomes = frozen.outcomes.as_ref().ok()?;
        let columns = frozen.schema.columns.iter().map(|column| &column.id).zip(&batch.columns);
        let said = columns.clone().find(|(id, _)| **id == ColumnId::Prediction).map(|(_, values)| values);
        let predictions = OutcomeColumns::of(columns).predictions(&outcomes.yardstick);
        let actuals = batch.actuals.as_ref().map(|labels| actuals(&outcomes.yardstick, labels));
        Some(Self { outcomes, said, predictions, actuals: actuals.unwrap_or_default() })
    }

    /// What a row predicted.
    pub fn prediction(&self, row: usize) -> Option<&Predicted> {
        self.predictions.get(row)?.as_ref()
    }

    /// Whether what a row says of its own outcome is none that the model can have.
    pub fn has_strange_actual(&self, batch: &Batch, row: usize) -> bool {
        self.actuals.get(row).is_some_and(Option::is_none) && is_said(batch.actuals.as_ref(), row)
    }

    /// What of a batch is of no class of the model.
    pub fn strange(&self, batch: &Batch) -> Strange {
        let is_strange = |row: &usize| self.prediction(*row).is_none() && is_said(self.said, *row);
        let has_strange_actual = |row: &usize| self.has_strange_actual(batch, *row);
        Strange {
            predictions: (0..batch.rows()).filter(is_strange).count() as u64,
            actuals: (0..batch.rows()).filter(has_strange_actual).count() as u64,
        }
    }

    /// What is counted of some rows at once: predictions, and outcomes of rows without an id. Those with one meet their
    /// label where all labels do, so that a corrected one finds them.
    pub fn count(&self, batch: &Batch, part: &Part) -> Integers {
        let yardstick = self.outcomes.yardstick_of(&part.segment);
        let mut record = Record::empty(yardstick);
        match &part.rows {
            Rows::All => (0..batch.rows()).for_each(|row| self.count_row(batch, row, yardstick, &mut record)),
            Rows::Some(rows) => {
                rows.iter().for_each(|&row| self.count_row(batch, row as usize, yardstick, &mut record));
            }
        }
        record.integers()
    }

    fn count_row(&self, batch: &Batch, row: usize, yardstick: &Yardstick, record: &mut Record) {
        let Some(predicted) = self.prediction(row) else { return };
        record.count_prediction(yardstick, predicted, 1);
        let has_id = batch.ids.get(row).is_some_and(Option::is_some);
        if let (Some(Some(actual)), false) = (self.actuals.get(row), has_id) {
            record.count_outcome(yardstick, predicted, *actual, Duration::ZERO, 1);
        }
    }
}

/// Whether a column says anything in a row.
fn is_said(values: Option<&ColumnValues>, row: usize) -> bool {
    match values {
        Some(ColumnValues::Categorical(codes)) => codes.name(row).is_some(),
        Some(ColumnValues::Numeric(numbers)) => !numbers[row].is_nan(),
        None => false,
    }
}

impl Outcomes {
    /// What outcomes of a segment are counted on.
    pub fn yardstick_of(&self, segment: &Segment) -> &Yardstick {
        match segment {
            Segment::All => &self.yardstick,
            Segment::Slice { .. } => &self.segment_yardstick,
        }
    }
}

//! What is counted of a body's predictions beside their columns: what is to be expected of them, and what became of those
//! that say so themselves.

use std::time::Duration;

use super::frozen::{Frozen, Outcomes};
use crate::batch::{Batch, Part, Rows};
use crate::domain::Segment;
use crate::performance::{Actual, Group, OutcomeColumns, Predicted, Record, Yardstick, actuals};
use crate::sketch::Integers;

/// A body's rows as outcomes see them.
pub struct OutcomeRows<'a> {
    outcomes: &'a Outcomes,
    /// One a row.
    predictions: Vec<Option<Predicted>>,
    /// One a row, or none at all.
    actuals: Vec<Option<Actual>>,
}

impl<'a> OutcomeRows<'a> {
    /// None where the model has no outcomes.
    pub fn of(frozen: &'a Frozen, batch: &Batch) -> Option<Self> {
        let outcomes = frozen.outcomes.as_ref()?;
        let columns = frozen.schema.columns.iter().map(|column| &column.id).zip(&batch.columns);
        let predictions = OutcomeColumns::of(columns).predictions(&outcomes.yardstick);
        let actuals = batch.actuals.as_ref().map(|labels| actuals(&outcomes.yardstick, labels));
        Some(Self { outcomes, predictions, actuals: actuals.unwrap_or_default() })
    }

    /// What a row predicted.
    pub fn prediction(&self, row: usize) -> Option<&Predicted> {
        self.predictions.get(row)?.as_ref()
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

impl Outcomes {
    /// What outcomes of a segment are counted on.
    pub fn yardstick_of(&self, segment: &Segment) -> &Yardstick {
        match segment {
            Segment::All => &self.yardstick,
            Segment::Slice { .. } => &self.segment_yardstick,
        }
    }
}

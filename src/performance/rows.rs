//! From the columns of a batch, or of a reference, to what each row predicted and what happened.

use std::borrow::Cow;

use super::predicted::{Actual, Predicted, PredictedKind};
use super::yardstick::Yardstick;
use crate::batch::{Codes, ColumnValues, number_name};
use crate::domain::ColumnId;

/// The columns that outcomes are made of, where there are any.
#[derive(Debug, Clone, Default)]
pub struct OutcomeColumns<'a> {
    prediction: Option<&'a ColumnValues>,
    score: Option<&'a ColumnValues>,
    class_scores: Vec<(&'a str, &'a ColumnValues)>,
}

impl<'a> OutcomeColumns<'a> {
    /// Picks them of all columns.
    pub fn of(columns: impl IntoIterator<Item = (&'a ColumnId, &'a ColumnValues)>) -> Self {
        let mut picked = Self::default();
        for (id, values) in columns {
            match id {
                ColumnId::Prediction => picked.prediction = Some(values),
                ColumnId::Score => picked.score = Some(values),
                ColumnId::ClassScore(class) => picked.class_scores.push((class, values)),
                _ => {}
            }
        }
        picked
    }

    /// What each row predicted; none where it has no prediction, or one of no known class.
    pub fn predictions(&self, yardstick: &Yardstick) -> Vec<Option<Predicted>> {
        let Some(prediction) = self.prediction else { return Vec::new() };
        match yardstick.kind() {
            PredictedKind::Binary => {
                let score = |row| self.score.and_then(|values| number(values, row));
                let of = |(row, class): (usize, Option<usize>)| {
                    class.map(|class| Predicted::Binary { positive: class == 1, score: score(row) })
                };
                classes(yardstick, prediction).enumerate().map(of).collect()
            }
            PredictedKind::Multiclass { classes: known } => {
                let scores = self.scores_by_class(yardstick, known);
                let of = |(row, class): (usize, Option<usize>)| {
                    let each = scores.iter().map(|values| values.and_then(|values| number(values, row)));
                    let scores = each.collect::<Option<Box<[f64]>>>().unwrap_or_default();
                    class
                        .and_then(|class| u8::try_from(class).ok())
                        .map(|class| Predicted::Multiclass { class, scores })
                };
                classes(yardstick, prediction).enumerate().map(of).collect()
            }
            PredictedKind::Regression => {
                let value = |row| number(prediction, row).filter(|value| value.is_finite());
                (0..prediction.rows())
                    .map(|row| value(row).map(|value| Predicted::Regression { value }))
                    .collect()
            }
        }
    }

    fn scores_by_class(&self, yardstick: &Yardstick, classes: usize) -> Vec<Option<&'a ColumnValues>> {
        let mut scores = vec![None; classes];
        for (name, values) in &self.class_scores {
            if let Some(class) = yardstick.class_named(name) {
                scores[class] = Some(*values);
            }
        }
        scores
    }
}

/// What happened, row by row; none where a label is missing, of no known class, or no finite number.
pub fn actuals(yardstick: &Yardstick, labels: &ColumnValues) -> Vec<Option<Actual>> {
    match yardstick.kind() {
        PredictedKind::Regression => {
            let value = |row| number(labels, row).filter(|value| value.is_finite()).map(Actual::Number);
            (0..labels.rows()).map(value).collect()
        }
        _ => classes(yardstick, labels).map(|class| class.map(Actual::Class)).collect(),
    }
}

/// The class of each row's value; a number is the class of its name.
fn classes(yardstick: &Yardstick, values: &ColumnValues) -> impl Iterator<Item = Option<usize>> {
    let codes = match values {
        ColumnValues::Categorical(codes) => Cow::Borrowed(codes),
        ColumnValues::Numeric(numbers) => Cow::Owned(named(numbers)),
    };
    let of_code: Vec<Option<usize>> = codes.names.iter().map(|name| yardstick.class_named(name)).collect();
    let codes = codes.into_owned().codes;
    codes.into_iter().map(move |code| of_code.get(code as usize).copied().flatten())
}

fn named(numbers: &[f64]) -> Codes {
    let mut names = crate::batch::CodesBuilder::default();
    for &number in numbers {
        match number_name(number) {
            Some(name) => names.push(&name),
            None => names.push_nameless(Codes::MISSING),
        }
    }
    names.take()
}

/// The number of a row; NaN is none.
fn number(values: &ColumnValues, row: usize) -> Option<f64> {
    match values {
        ColumnValues::Numeric(numbers) => Some(numbers[row]).filter(|number| !number.is_nan()),
        ColumnValues::Categorical(_) => None,
    }
}

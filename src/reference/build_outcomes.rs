//! From predictions, scores and labels of a reference to what they say of outcomes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::outcomes::{
    NamedClasses, NoYardstick, OutcomeReference, RegressionReference, usual_other, usual_positive, yardstick,
};
use super::slices::Slices;
use crate::batch::{ColumnValues, number_name};
use crate::domain::{ColumnId, Task};
use crate::performance::{
    Actual, Calibration, ErrorByPrediction, Group, OutcomeColumns, Predicted, Record, Yardstick, actuals,
};
use crate::sketch::{Grid, Integers, NumericGrid, Ruler};

/// The columns that outcomes are made of, kept while the others are counted one by one.
#[derive(Debug)]
pub struct OutcomeRows {
    pub task: Task,
    pub positive: Option<Box<str>>,
    /// One a row: names of classes, or numbers of a regression.
    pub labels: ColumnValues,
    columns: Vec<(ColumnId, ColumnValues)>,
}

impl OutcomeRows {
    pub fn new(task: Task, positive: Option<Box<str>>, labels: ColumnValues) -> Self {
        Self { task, positive, labels, columns: Vec::new() }
    }

    /// Keeps a column if outcomes need it.
    pub fn note(&mut self, id: &ColumnId, values: &ColumnValues) {
        if matches!(id, ColumnId::Prediction | ColumnId::Score | ColumnId::ClassScore(_)) {
            self.columns.push((id.clone(), values.clone()));
        }
    }

    /// What the rows say; `ruler` has the grids of their columns. None where no row has both a prediction and a label.
    pub fn finish(self, ruler: &Ruler, slices: &Slices) -> Result<Option<OutcomeReference>, NoYardstick> {
        if ruler.grid(&ColumnId::Prediction).is_none() {
            return Err(NoYardstick::NoPredictions);
        }
        let classes = match self.task {
            Task::Regression => Vec::new(),
            _ => self.classes()?,
        };
        let nothing = OutcomeReference {
            classes,
            calibrations: Vec::new(),
            regression: None,
            record: Integers::zero(Default::default()),
            segments: BTreeMap::new(),
        };
        let plain = yardstick(self.task, NamedClasses::default(), ruler, Some(&nothing))?;
        let columns = OutcomeColumns::of(self.columns.iter().map(|(id, values)| (id, values)));
        let predictions = columns.predictions(&plain);
        let labels = actuals(&plain, &self.labels);
        let rows: Vec<Option<(Predicted, Actual)>> =
            predictions.into_iter().zip(labels).map(|(predicted, actual)| predicted.zip(actual)).collect();
        if rows.iter().all(Option::is_none) {
            return Ok(None);
        }
        let both = || rows.iter().flatten();
        let fitted = OutcomeReference {
            calibrations: calibrations(&plain, both),
            regression: regression(&plain, ruler, both),
            ..nothing
        };
        let yardstick = yardstick(self.task, NamedClasses::default(), ruler, Some(&fitted))?;
        let coarse = yardstick.coarse();
        let segments = slices.rows().map(|(segment, of)| {
            let of = of.iter().filter_map(|&row| rows[row as usize].as_ref());
            (segment.clone(), record(&coarse, of).integers())
        });
        let segments = segments.collect();
        let record = record(&yardstick, both()).integers();
        Ok(Some(OutcomeReference { record, segments, ..fitted }))
    }

    /// All names that predictions and labels have; of a binary model the positive one first.
    fn classes(&self) -> Result<Vec<Box<str>>, NoYardstick> {
        let predictions = self.columns.iter().filter(|(id, _)| *id == ColumnId::Prediction);
        let mut classes: Vec<Box<str>> =
            predictions.map(|(_, values)| values).chain([&self.labels]).flat_map(names).collect();
        classes.sort_unstable();
        classes.dedup();
        match self.task {
            Task::Binary => positive_first(self.positive.as_deref(), classes),
            _ => Ok(classes),
        }
    }
}

/// Errors where the named positive class is of no row, unless it or the only other class says what the other one is; and
/// where only one is known.
fn positive_first(named: Option<&str>, mut classes: Vec<Box<str>>) -> Result<Vec<Box<str>>, NoYardstick> {
    let told = |classes: &[Box<str>]| classes.iter().map(ToString::to_string).collect();
    let Some(positive) = named.or_else(|| usual_positive(&classes)).map(Box::<str>::from) else {
        return Err(NoYardstick::NoPositiveClass { classes: told(&classes) });
    };
    let is_known = classes.contains(&positive);
    classes.retain(|class| *class != positive);
    match &classes[..] {
        [] => classes.extend(usual_other(&positive, &[]).map(Box::from)),
        [only] if usual_other(only, &[]) == Some(&*positive) => {}
        _ if is_known => {}
        _ => {
            let positive = positive.into();
            return Err(NoYardstick::StrangePositiveClass { positive, classes: told(&classes) });
        }
    }
    if classes.is_empty() && is_known {
        return Err(NoYardstick::OneClass { class: positive.into() });
    }
    classes.insert(0, positive);
    Ok(classes)
}

fn names(values: &ColumnValues) -> Vec<Box<str>> {
    match values {
        ColumnValues::Categorical(codes) => codes.names.clone(),
        ColumnValues::Numeric(numbers) => {
            let mut names: Vec<f64> = numbers.iter().copied().filter(|number| number.is_finite()).collect();
            names.sort_unstable_by(f64::total_cmp);
            names.dedup();
            names.into_iter().filter_map(number_name).map(String::into_boxed_str).collect()
        }
    }
}

/// One for the positive class's score, or one a class where every class has a calibration.
fn calibrations<'a, I: Iterator<Item = &'a (Predicted, Actual)>>(
    yardstick: &Yardstick,
    rows: impl Fn() -> I,
) -> Vec<Calibration> {
    match yardstick {
        Yardstick::Binary(_) => {
            let scored = rows().filter_map(|row| match row {
                (Predicted::Binary { score: Some(score), .. }, Actual::Class(actual)) => {
                    Some((*score, *actual == 1))
                }
                _ => None,
            });
            Calibration::fit(&scored.collect::<Vec<_>>()).into_iter().collect()
        }
        Yardstick::Multiclass(_) => {
            let of_class = |class: usize| {
                let scored = rows().filter_map(|row| match row {
                    (Predicted::Multiclass { scores, .. }, Actual::Class(actual)) => {
                        Some((*scores.get(class)?, *actual == class))
                    }
                    _ => None,
                });
                Calibration::fit(&scored.collect::<Vec<_>>())
            };
            let classes = yardstick.classes().len();
            (0..classes).map(of_class).collect::<Option<Vec<_>>>().unwrap_or_default()
        }
        Yardstick::Regression(_) => Vec::new(),
    }
}

fn regression<'a, I: Iterator<Item = &'a (Predicted, Actual)>>(
    yardstick: &Yardstick,
    ruler: &Ruler,
    rows: impl Fn() -> I,
) -> Option<RegressionReference> {
    let (Yardstick::Regression(_), Some(Grid::Numeric(predictions))) =
        (yardstick, ruler.grid(&ColumnId::Prediction))
    else {
        return None;
    };
    let pairs: Vec<(f64, f64)> = rows()
        .filter_map(|row| match row {
            (Predicted::Regression { value }, Actual::Number(actual)) => Some((*value, *actual)),
            _ => None,
        })
        .collect();
    let grid = |value: fn(&(f64, f64)) -> f64| {
        let mut values: Vec<f64> = pairs.iter().map(value).filter(|value| value.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        NumericGrid::from_sorted(&values)
    };
    Some(RegressionReference {
        residuals: grid(|(predicted, actual)| predicted - actual)?,
        actuals: grid(|(_, actual)| *actual)?,
        errors: ErrorByPrediction::of_reference(predictions, &pairs)?,
    })
}

/// The reference's rows as if each were predicted and labelled at once.
fn record<'a>(yardstick: &Yardstick, rows: impl Iterator<Item = &'a (Predicted, Actual)>) -> Record {
    let mut record = Record::empty(yardstick);
    for (predicted, actual) in rows {
        record.count_prediction(yardstick, predicted, 1);
        record.count_outcome(yardstick, predicted, *actual, Duration::ZERO, 1);
    }
    record
}

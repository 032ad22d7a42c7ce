//! What labels said, in a profile's file: classes, calibrations, errors, and the reference's own record.

use serde::{Deserialize, Serialize};

use super::column::GridText;
use super::entries::Entries;
use crate::domain::{Segment, Task};
use crate::performance::{Calibration, ErrorByPrediction, ErrorOfGroup, Knots, KnotsError, ScoreMap};
use crate::reference::outcomes::{
    NamedClasses, NoYardstick, OutcomeReference, RegressionReference, yardstick,
};
use crate::sketch::{GridError, Integers, Ruler, Shape};

/// What does not fit in the outcomes.
#[derive(Debug, thiserror::Error)]
pub enum OutcomesError {
    #[error("have a profile without `task`; it says what outcomes are")]
    NoTask,
    #[error("fit no such model: {0}")]
    Yardstick(#[from] NoYardstick),
    #[error("have a calibration of `{class}` that is none: {reason}")]
    Calibration { class: String, reason: KnotsError },
    #[error("have {probabilities} probabilities to {scores} scores of `{class}`")]
    Knots { class: String, scores: usize, probabilities: usize },
    #[error("have calibrations of other classes than `classes`")]
    Classes,
    #[error("have a grid of {what} that is none: {reason}")]
    Grid { what: &'static str, reason: GridError },
    #[error("have errors by prediction that do not fit together")]
    Errors,
    #[error("have a record of {of} with an entry that its grids do not have, or with one below 0")]
    Record { of: String },
    #[error("have a record of `{0}`, which is no segment")]
    Segment(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomesText {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    classes: Vec<Box<str>>,
    /// By class.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    calibrations: Entries<CalibrationText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    regression: Option<RegressionText>,
    record: IntegersText,
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    segments: Entries<IntegersText>,
}

/// Without scores these are taken for probabilities as they are.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibrationText {
    reference_rows: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scores: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    probabilities: Vec<f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegressionText {
    residuals: GridText,
    actuals: GridText,
    /// |error| of all rows, then of those in each group of the prediction.
    error_rows: Vec<u64>,
    error_means: Vec<f64>,
    error_stds: Vec<f64>,
}

/// What is not 0, and its place.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct IntegersText {
    count_places: Vec<usize>,
    counts: Vec<i64>,
    sum_places: Vec<usize>,
    sums: Vec<i128>,
}

impl OutcomesText {
    pub fn of(outcomes: &OutcomeReference) -> Self {
        let calibrations = outcomes.classes.iter().zip(&outcomes.calibrations);
        let segments = outcomes.segments.iter();
        Self {
            classes: outcomes.classes.clone(),
            calibrations: Entries(
                calibrations.map(|(class, of)| (class.to_string(), CalibrationText::of(of))).collect(),
            ),
            regression: outcomes.regression.as_ref().map(RegressionText::of),
            record: IntegersText::of(&outcomes.record),
            segments: Entries(
                segments.map(|(segment, of)| (segment.to_string(), IntegersText::of(of))).collect(),
            ),
        }
    }

    /// What labels said, checked; `ruler` is the profile's.
    pub fn read(self, task: Option<Task>, ruler: &Ruler) -> Result<OutcomeReference, OutcomesError> {
        let task = task.ok_or(OutcomesError::NoTask)?;
        let mut calibrations = Vec::new();
        for (place, (class, text)) in self.calibrations.0.into_iter().enumerate() {
            if self.classes.get(place).is_none_or(|known| **known != *class) {
                return Err(OutcomesError::Classes);
            }
            calibrations.push(text.read(class)?);
        }
        let mut outcomes = OutcomeReference {
            classes: self.classes,
            calibrations,
            regression: self.regression.map(RegressionText::read).transpose()?,
            record: Integers::zero(Shape::default()),
            segments: Default::default(),
        };
        let yardstick = yardstick(task, NamedClasses::default(), ruler, Some(&outcomes))?;
        let failed = |of: &str| OutcomesError::Record { of: of.to_owned() };
        outcomes.record = self.record.read(yardstick.shape()).ok_or_else(|| failed("all rows"))?;
        let coarse = yardstick.coarse().shape();
        for (name, text) in self.segments.0 {
            let segment: Segment = name.parse().map_err(|_| OutcomesError::Segment(name.clone()))?;
            let record = text.read(coarse).ok_or_else(|| failed(&name))?;
            outcomes.segments.insert(segment, record);
        }
        Ok(outcomes)
    }
}

impl CalibrationText {
    fn of(calibration: &Calibration) -> Self {
        let knots = match &calibration.map {
            ScoreMap::AsTheyAre => &[][..],
            ScoreMap::Isotonic(knots) => knots.as_slice(),
        };
        let (scores, probabilities) = knots.iter().map(|&[score, probability]| (score, probability)).unzip();
        Self { reference_rows: calibration.reference_rows, scores, probabilities }
    }

    fn read(self, class: String) -> Result<Calibration, OutcomesError> {
        let (scores, probabilities) = (self.scores.len(), self.probabilities.len());
        if scores != probabilities {
            return Err(OutcomesError::Knots { class, scores, probabilities });
        }
        let knots: Vec<[f64; 2]> =
            self.scores.into_iter().zip(self.probabilities).map(|(score, p)| [score, p]).collect();
        let map = match knots.is_empty() {
            true => ScoreMap::AsTheyAre,
            false => ScoreMap::Isotonic(
                Knots::try_from(knots).map_err(|reason| OutcomesError::Calibration { class, reason })?,
            ),
        };
        Ok(Calibration { map, reference_rows: self.reference_rows })
    }
}

impl RegressionText {
    fn of(regression: &RegressionReference) -> Self {
        let errors = || std::iter::once(regression.errors.all()).chain(regression.errors.groups());
        Self {
            residuals: GridText::of(&regression.residuals),
            actuals: GridText::of(&regression.actuals),
            error_rows: errors().map(|error| error.rows).collect(),
            error_means: errors().map(|error| error.mean).collect(),
            error_stds: errors().map(|error| error.std).collect(),
        }
    }

    fn read(self) -> Result<RegressionReference, OutcomesError> {
        let of = |what| move |reason| OutcomesError::Grid { what, reason };
        let lengths = [self.error_means.len(), self.error_stds.len()];
        if lengths != [self.error_rows.len(); 2] {
            return Err(OutcomesError::Errors);
        }
        let numbers = self.error_means.into_iter().zip(self.error_stds);
        let errors = self.error_rows.into_iter().zip(numbers);
        let mut errors = errors.map(|(rows, (mean, std))| ErrorOfGroup { rows, mean, std });
        let all = errors.next().ok_or(OutcomesError::Errors)?;
        Ok(RegressionReference {
            residuals: self.residuals.read().map_err(of("residuals"))?,
            actuals: self.actuals.read().map_err(of("actual values"))?,
            errors: ErrorByPrediction::of_groups(all, errors.collect()).ok_or(OutcomesError::Errors)?,
        })
    }
}

impl IntegersText {
    fn of(integers: &Integers) -> Self {
        let (count_places, counts) = integers.counts().enumerate().filter(|(_, count)| *count != 0).unzip();
        let (sum_places, sums) = integers.sums().enumerate().filter(|(_, sum)| *sum != 0).unzip();
        Self { count_places, counts, sum_places, sums }
    }

    /// `None` where an entry does not fit, or a count is below 0.
    fn read(self, shape: Shape) -> Option<Integers> {
        if self.counts.iter().any(|count| *count < 0) {
            return None;
        }
        let counts = spread(self.count_places, self.counts, shape.counts)?;
        let sums = spread(self.sum_places, self.sums, shape.sums)?;
        Some(Integers::of(counts, sums))
    }
}

fn spread<T: Default + Clone>(places: Vec<usize>, values: Vec<T>, length: usize) -> Option<Box<[T]>> {
    let mut spread = vec![T::default(); length];
    if places.len() != values.len() || !places.is_sorted_by(|a, b| a < b) {
        return None;
    }
    for (place, value) in places.into_iter().zip(values) {
        *spread.get_mut(place)? = value;
    }
    Some(spread.into())
}

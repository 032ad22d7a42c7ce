//! What a reference with labels says of a model's outcomes: how its scores are calibrated, how far it was off, and its own
//! record, which is the baseline of every metric.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::segments::SegmentReference;
use crate::domain::{ColumnId, Segment, Task};
use crate::performance::{
    BinaryYardstick, Calibration, ErrorByPrediction, Group, MulticlassYardstick, Record, RegressionRuler,
    RegressionYardstick, Yardstick,
};
use crate::sketch::{Grid, Integers, NumericGrid, Ruler};

/// The labelled rows of a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct OutcomeReference {
    /// Of predictions and labels: of a binary model the positive class first; none of a regression.
    pub classes: Vec<Box<str>>,
    /// Of a binary model's score, or of the score of each class where every class has one.
    pub calibrations: Vec<Calibration>,
    pub regression: Option<RegressionReference>,
    /// On the reference's own [`yardstick`].
    pub record: Integers,
    /// On [`Yardstick::coarse`] of it.
    pub segments: BTreeMap<Segment, Integers>,
}

/// What a regression's reference adds.
#[derive(Debug, Clone, PartialEq)]
pub struct RegressionReference {
    /// Of predicted − actual.
    pub residuals: NumericGrid,
    pub actuals: NumericGrid,
    /// By the groups of the prediction's grid.
    pub errors: ErrorByPrediction,
}

/// The outcomes of a reference as they are read: the baseline of every metric.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// What the records lie on: the reference's own, which may name classes otherwise than a config does.
    pub yardstick: Yardstick,
    pub record: Record,
    pub segment_yardstick: Yardstick,
    pub segments: BTreeMap<Segment, Record>,
}

impl OutcomeReference {
    /// `ruler`: the reference's columns. None where they do not fit: whoever read them from a file checked that they do.
    pub fn baseline(&self, task: Task, ruler: &Ruler) -> Option<Baseline> {
        let yardstick = yardstick(task, NamedClasses::default(), ruler, Some(self)).ok()?;
        let segment_yardstick = yardstick.coarse();
        let record = Record::of_integers(Record::empty(&yardstick), &self.record)?;
        let of_segment = |(segment, integers): (&Segment, &Integers)| {
            Some((segment.clone(), Record::of_integers(Record::empty(&segment_yardstick), integers)?))
        };
        let segments = self.segments.iter().map(of_segment).collect::<Option<_>>()?;
        Some(Baseline { yardstick, record, segment_yardstick, segments })
    }
}

impl OutcomeReference {
    /// The same with the segments that `known` counts; any other is part of its attribute's [`Segment::OTHER`].
    pub fn by_segments_of(mut self, known: &SegmentReference) -> Self {
        for (segment, record) in std::mem::take(&mut self.segments) {
            let place = match &segment {
                Segment::Slice { attribute, .. } if !known.tallies.contains_key(&segment) => {
                    Segment::Slice { attribute: attribute.clone(), value: Segment::OTHER.into() }
                }
                _ => segment,
            };
            match self.segments.entry(place) {
                Entry::Occupied(mut sum) => sum.get_mut().add(&record),
                Entry::Vacant(place) => drop(place.insert(record)),
            }
        }
        self
    }
}

/// Why outcomes of a model cannot be counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoYardstick {
    #[error("the reference has no predictions")]
    NoPredictions,
    #[error("it is not known which of its classes ({}) is the positive one", listed(.classes))]
    NoPositiveClass { classes: Vec<String> },
    #[error("no row is of the positive class `{positive}`; its classes are {}", listed(.classes))]
    StrangePositiveClass { positive: String, classes: Vec<String> },
    #[error("all of its rows are of one class, `{class}`: what the other is called is not known")]
    OneClass { class: String },
    #[error(
        "{classes} classes are more than the {} that outcomes are kept of",
        crate::performance::CLASSES_MAX
    )]
    TooManyClasses { classes: usize },
}

/// Names shown in an error.
const NAMES_MAX: usize = 20;

fn listed(names: &[String]) -> String {
    match names.len().saturating_sub(NAMES_MAX) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..NAMES_MAX].join(", ")),
    }
}

impl NoYardstick {
    /// What would be right, where the positive class is named by `option`; none where that depends on more.
    pub fn remedy(&self, option: &str) -> Option<String> {
        match self {
            Self::NoPositiveClass { .. } => Some(format!("name it: {option}")),
            Self::StrangePositiveClass { .. } => Some(format!("name one of them: {option}")),
            Self::OneClass { .. } => Some("take rows that are of both".to_owned()),
            Self::NoPredictions | Self::TooManyClasses { .. } => None,
        }
    }
}

/// What a config says of a model's classes.
#[derive(Debug, Clone, Copy, Default)]
pub struct NamedClasses<'a> {
    /// The positive one of a binary model.
    pub positive: Option<&'a str>,
    /// All of a multiclass model in the order of matrices; none where the reference tells.
    pub all: &'a [Box<str>],
}

/// What outcomes of a model are counted on, given the grids of its columns and, where there is one, its labelled reference.
///
/// The positive class is the one that is named, else the one that the reference was made with, else `1` of 0 and 1 or `true`
/// of false and true. Calibrations count only for the classes that they were made for.
pub fn yardstick(
    task: Task,
    named: NamedClasses<'_>,
    ruler: &Ruler,
    outcomes: Option<&OutcomeReference>,
) -> Result<Yardstick, NoYardstick> {
    let prediction = ruler.grid(&ColumnId::Prediction).ok_or(NoYardstick::NoPredictions)?;
    match task {
        Task::Binary => binary(named.positive, prediction, ruler, outcomes),
        Task::Multiclass => multiclass(named.all, prediction, ruler, outcomes),
        Task::Regression => regression(prediction, outcomes),
    }
}

fn binary(
    named: Option<&str>,
    prediction: &Grid,
    ruler: &Ruler,
    outcomes: Option<&OutcomeReference>,
) -> Result<Yardstick, NoYardstick> {
    let mut classes = classes_of(prediction, outcomes);
    let made_for = outcomes.and_then(|outcomes| outcomes.classes.first()).map(|class| &**class);
    let positive = named.or(made_for).or_else(|| usual_positive(&classes)).map(Box::<str>::from);
    let Some(positive) = positive else {
        let classes = classes.iter().map(ToString::to_string).collect();
        return Err(NoYardstick::NoPositiveClass { classes });
    };
    classes.extend(usual_other(&positive, &classes).map(Box::from));
    let calibration = outcomes.filter(|_| made_for == Some(&*positive));
    let calibration = calibration.and_then(|outcomes| outcomes.calibrations.first().cloned());
    let score = numeric(ruler, &ColumnId::Score);
    Ok(Yardstick::Binary(BinaryYardstick::new(&positive, classes, score, calibration)))
}

fn multiclass(
    named: &[Box<str>],
    prediction: &Grid,
    ruler: &Ruler,
    outcomes: Option<&OutcomeReference>,
) -> Result<Yardstick, NoYardstick> {
    let classes = match named {
        [] => classes_of(prediction, outcomes),
        named => named.to_vec(),
    };
    let scores = classes.iter().map(|class| numeric(ruler, &ColumnId::ClassScore(class.clone()))).collect();
    let calibration = |class: &str| {
        let outcomes = outcomes?;
        let place = outcomes.classes.iter().position(|known| **known == *class)?;
        outcomes.calibrations.get(place).cloned()
    };
    let calibrations = classes.iter().map(|class| calibration(class)).collect();
    let count = classes.len();
    let yardstick = MulticlassYardstick::new(classes, scores, calibrations);
    yardstick.map(Yardstick::Multiclass).ok_or(NoYardstick::TooManyClasses { classes: count })
}

fn regression(prediction: &Grid, outcomes: Option<&OutcomeReference>) -> Result<Yardstick, NoYardstick> {
    let Grid::Numeric(predictions) = prediction else { return Err(NoYardstick::NoPredictions) };
    let reference = outcomes.and_then(|outcomes| outcomes.regression.as_ref());
    Ok(Yardstick::Regression(RegressionYardstick {
        ruler: RegressionRuler {
            actual: reference.map_or(predictions.scale(), |reference| reference.actuals.scale()),
            residuals: reference.map(|reference| reference.residuals.clone()),
        },
        predictions: Some(predictions.clone()),
        actuals: reference.map(|reference| reference.actuals.clone()),
        errors: reference.map(|reference| reference.errors.clone()),
    }))
}

fn numeric(ruler: &Ruler, column: &ColumnId) -> Option<NumericGrid> {
    match ruler.grid(column) {
        Some(Grid::Numeric(grid)) => Some(grid.clone()),
        _ => None,
    }
}

/// The names that predictions had, and labels where there were some; none where they are counted as numbers.
pub(super) fn classes_of(prediction: &Grid, outcomes: Option<&OutcomeReference>) -> Vec<Box<str>> {
    match (outcomes, prediction) {
        (Some(outcomes), _) => outcomes.classes.clone(),
        (None, Grid::Categorical(grid)) => grid.categories().to_vec(),
        (None, Grid::Numeric(_)) => Vec::new(),
    }
}

/// Two classes that need no explanation.
const USUAL_PAIRS: [[&str; 2]; 3] = [["0", "1"], ["false", "true"], ["no", "yes"]];

/// The positive one of the numbers or truth values that `classes` are.
pub fn usual_positive(classes: &[Box<str>]) -> Option<&str> {
    let of_all = |[negative, positive]: [&'static str; 2]| {
        classes.iter().all(|class| [negative, positive].contains(&&**class)).then_some(positive)
    };
    match classes {
        [] => None,
        _ => USUAL_PAIRS[..2].iter().copied().find_map(of_all),
    }
}

/// The class beside `positive` of a usual pair, where no other one is known: labels may name it though no row of the
/// reference is of it.
pub fn usual_other(positive: &str, known: &[Box<str>]) -> Option<&'static str> {
    if known.iter().any(|class| **class != *positive) {
        return None;
    }
    let pair = USUAL_PAIRS.into_iter().find(|pair| pair.contains(&positive))?;
    pair.into_iter().find(|class| *class != positive)
}

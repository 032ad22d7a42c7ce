//! What the outcomes of a model are counted on: its classes, the grids of its scores, and what the reference says of them.

use sha2::{Digest, Sha256};

use super::calibration::{Calibration, ScoreMap};
use super::expected_regression::ErrorByPrediction;
use super::multiclass::CLASSES_MAX;
use super::predicted::PredictedKind;
use super::record::Record;
use super::regression::RegressionRuler;
use crate::sketch::{Grid, GridId, NumericGrid, OutcomesOnRuler, Shape};

/// Frozen with the model's grids, and part of the ruler ([`Yardstick::on_ruler`]).
#[derive(Debug, Clone, PartialEq)]
pub enum Yardstick {
    Binary(BinaryYardstick),
    Multiclass(MulticlassYardstick),
    Regression(RegressionYardstick),
}

#[derive(Debug, Clone, PartialEq)]
pub struct BinaryYardstick {
    /// The positive class, then the others that are known.
    classes: Classes,
    pub score_grid: Option<NumericGrid>,
    /// Where the reference held labels.
    pub calibration: Option<Calibration>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MulticlassYardstick {
    classes: Classes,
    /// By class.
    pub score_grids: Vec<Option<NumericGrid>>,
    /// By class, where the reference held labels and a score for every class.
    pub calibrations: Option<Vec<Calibration>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct RegressionYardstick {
    pub ruler: RegressionRuler,
    pub predictions: Option<NumericGrid>,
    /// Of the actual values, where the reference held labels; and its errors by predicted value.
    pub actuals: Option<NumericGrid>,
    pub errors: Option<ErrorByPrediction>,
}

/// Names of classes, each with what labels carry of it.
#[derive(Debug, Clone, PartialEq)]
struct Classes(Vec<(Box<str>, i64)>);

/// What a label carries of its class's name, so that a log of labels can be read whatever classes a model gets later: the
/// first 8 bytes of its SHA-256, little-endian.
pub fn class_bits(name: &str) -> i64 {
    let digest = Sha256::digest(name.as_bytes());
    let (first, _) = digest.split_first_chunk().expect("a SHA-256 has 32 bytes");
    i64::from_le_bytes(*first)
}

impl Classes {
    fn of(names: impl IntoIterator<Item = Box<str>>) -> Self {
        Self(names.into_iter().map(|name| (name.clone(), class_bits(&name))).collect())
    }

    fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(name, _)| &**name)
    }
}

impl BinaryYardstick {
    /// `others`: the classes beside the positive one that predictions and labels may name.
    pub fn new(
        positive: &str,
        others: impl IntoIterator<Item = Box<str>>,
        score_grid: Option<NumericGrid>,
        calibration: Option<Calibration>,
    ) -> Self {
        let others = others.into_iter().filter(|name| **name != *positive);
        Self { classes: Classes::of(std::iter::once(positive.into()).chain(others)), score_grid, calibration }
    }

    pub fn positive(&self) -> &str {
        &self.classes.0[0].0
    }
}

impl MulticlassYardstick {
    /// None for more than [`CLASSES_MAX`] classes, or another number of grids.
    pub fn new(
        classes: Vec<Box<str>>,
        score_grids: Vec<Option<NumericGrid>>,
        calibrations: Option<Vec<Calibration>>,
    ) -> Option<Self> {
        let fits = classes.len() <= CLASSES_MAX && score_grids.len() == classes.len();
        let calibrations = calibrations.filter(|calibrations| calibrations.len() == classes.len());
        fits.then(|| Self { classes: Classes::of(classes), score_grids, calibrations })
    }
}

impl Yardstick {
    /// The names of the classes, in the order of outcomes (of a binary model the positive one, then those that count as
    /// negative); none of a regression.
    pub fn classes(&self) -> Vec<&str> {
        match self {
            Self::Binary(BinaryYardstick { classes, .. })
            | Self::Multiclass(MulticlassYardstick { classes, .. }) => classes.names().collect(),
            Self::Regression(_) => Vec::new(),
        }
    }

    /// The class of a name, as [`super::Actual::Class`] has it.
    pub fn class_named(&self, name: &str) -> Option<usize> {
        self.class(|(known, _)| **known == *name)
    }

    /// The class that a label carries [`class_bits`] of.
    pub fn class_of_bits(&self, bits: i64) -> Option<usize> {
        self.class(|(_, known)| *known == bits)
    }

    fn class(&self, is: impl Fn(&(Box<str>, i64)) -> bool) -> Option<usize> {
        match self {
            Self::Binary(of) => of.classes.0.iter().position(is).map(|place| usize::from(place == 0)),
            Self::Multiclass(of) => of.classes.0.iter().position(is),
            Self::Regression(_) => None,
        }
    }

    pub fn kind(&self) -> PredictedKind {
        match self {
            Self::Binary(_) => PredictedKind::Binary,
            Self::Multiclass(of) => PredictedKind::Multiclass { classes: of.classes.0.len() },
            Self::Regression(_) => PredictedKind::Regression,
        }
    }

    /// What segments are counted on where their columns are by groups only.
    pub fn coarse(&self) -> Self {
        let coarse = |grid: &Option<NumericGrid>| grid.as_ref().map(NumericGrid::coarse);
        match self {
            Self::Binary(of) => {
                Self::Binary(BinaryYardstick { score_grid: coarse(&of.score_grid), ..of.clone() })
            }
            Self::Multiclass(of) => Self::Multiclass(MulticlassYardstick {
                score_grids: of.score_grids.iter().map(coarse).collect(),
                ..of.clone()
            }),
            Self::Regression(of) => Self::Regression(RegressionYardstick {
                ruler: RegressionRuler { residuals: coarse(&of.ruler.residuals), ..of.ruler.clone() },
                predictions: coarse(&of.predictions),
                actuals: coarse(&of.actuals),
                errors: of.errors.clone(),
            }),
        }
    }

    /// Labelled rows of the reference behind the estimates; 0 without.
    pub fn reference_rows(&self) -> u64 {
        match self {
            Self::Binary(of) => of.calibration.as_ref().map_or(0, |calibration| calibration.reference_rows),
            Self::Multiclass(of) => {
                let calibrations = of.calibrations.iter().flatten();
                calibrations.map(|calibration| calibration.reference_rows).min().unwrap_or(0)
            }
            Self::Regression(of) => of.errors.as_ref().map_or(0, ErrorByPrediction::rows),
        }
    }

    /// As the ruler has it: outcomes are counted together only where all of this is the same.
    pub fn on_ruler(&self) -> OutcomesOnRuler {
        OutcomesOnRuler { shape: self.shape(), id: GridId::of_content(&self.content()) }
    }

    pub fn shape(&self) -> Shape {
        Record::empty(self).shape()
    }

    fn content(&self) -> Vec<u8> {
        let mut out = Content::default();
        match self {
            Self::Binary(of) => {
                out.classes(1, &of.classes);
                out.grid(&of.score_grid);
                out.calibrations(of.calibration.iter());
            }
            Self::Multiclass(of) => {
                out.classes(2, &of.classes);
                of.score_grids.iter().for_each(|grid| out.grid(grid));
                out.calibrations(of.calibrations.iter().flatten());
            }
            Self::Regression(of) => {
                out.bytes.push(3);
                out.numbers([of.ruler.actual.pivot, f64::from(of.ruler.actual.unit_exponent)]);
                [&of.ruler.residuals, &of.predictions, &of.actuals]
                    .into_iter()
                    .for_each(|grid| out.grid(grid));
                let errors = of.errors.iter().flat_map(ErrorByPrediction::groups);
                out.numbers(errors.flat_map(|group| [group.rows as f64, group.mean, group.std]));
            }
        }
        out.bytes
    }
}

/// Bytes that differ where anything differs that decides what is counted where.
#[derive(Default)]
struct Content {
    bytes: Vec<u8>,
}

impl Content {
    fn classes(&mut self, task: u8, classes: &Classes) {
        self.bytes.push(task);
        for name in classes.names() {
            self.bytes.extend((name.len() as u64).to_le_bytes());
            self.bytes.extend(name.as_bytes());
        }
    }

    fn grid(&mut self, grid: &Option<NumericGrid>) {
        self.bytes.push(u8::from(grid.is_some()));
        if let Some(grid) = grid {
            self.bytes.extend(Grid::Numeric(grid.clone()).id().0);
        }
    }

    fn calibrations<'a>(&mut self, calibrations: impl Iterator<Item = &'a Calibration>) {
        for calibration in calibrations {
            let knots = match &calibration.map {
                ScoreMap::AsTheyAre => &[][..],
                ScoreMap::Isotonic(knots) => knots.as_slice(),
            };
            self.numbers([calibration.reference_rows as f64, knots.len() as f64]);
            self.numbers(knots.iter().flatten().copied());
        }
    }

    fn numbers(&mut self, numbers: impl IntoIterator<Item = f64>) {
        numbers.into_iter().for_each(|number| self.bytes.extend(number.to_bits().to_le_bytes()));
    }
}

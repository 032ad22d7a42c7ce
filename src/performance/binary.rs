//! Outcomes of a binary model: what was predicted, how sure, and what happened.

use super::confusion::Confusion;
use super::group::Group;
use super::losses::Losses;
use super::measured::{Measurement, Reason};
use super::metric::Metric;
use super::pr_auc::pr_auc;
use super::roc_auc::roc_auc;
use super::score_bins::ScoreBins;
use crate::sketch::NumericGrid;

/// Labelled rows of a binary model; a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BinaryOutcomes {
    /// Rows whose score is a number, and the others.
    pub scored: Confusion,
    pub unscored: Confusion,
    /// Scored rows along the score; no bins without a grid.
    pub bins: ScoreBins,
    /// Scored rows whose score lies in 0 … 1.
    pub losses: Losses,
}

/// One labelled prediction of a binary model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinaryRow {
    /// Whether the class that the config calls positive was predicted, and happened.
    pub predicted: bool,
    pub actual: bool,
    /// Of the positive class; NaN is none.
    pub score: Option<f64>,
}

impl BinaryOutcomes {
    pub fn empty(score_grid: Option<&NumericGrid>) -> Self {
        Self { bins: score_grid.map(ScoreBins::empty).unwrap_or_default(), ..Self::default() }
    }

    /// Adds `rows` equal rows: 1, or −1 to take one out again. `score_grid` is the one of [`BinaryOutcomes::empty`].
    pub fn count(&mut self, score_grid: Option<&NumericGrid>, row: BinaryRow, rows: i64) {
        let BinaryRow { predicted, actual, score } = row;
        let Some(score) = score.filter(|score| !score.is_nan()) else {
            return self.unscored.count(predicted, actual, rows);
        };
        self.scored.count(predicted, actual, rows);
        if let Some(grid) = score_grid {
            self.bins.count(grid, score, actual, rows);
        }
        if (0.0..=1.0).contains(&score) {
            self.losses.count(score, actual, rows);
        }
    }

    /// All rows, with a score and without.
    pub fn confusion(&self) -> Confusion {
        self.scored.plus(self.unscored)
    }

    /// Without the rows that lack a score: those that an estimate can stand beside.
    pub fn scored_only(&self) -> Self {
        Self { unscored: Confusion::default(), ..self.clone() }
    }

    /// A metric of these rows. Those of predicted classes are over all rows, those of scores over the scored ones.
    pub fn measure(&self, metric: Metric, score_grid: Option<&NumericGrid>) -> Measurement {
        let confusion = self.confusion();
        let along_score = |area: fn(&NumericGrid, &ScoreBins) -> Measurement| match score_grid {
            _ if self.scored.rows() <= 0 => Err(self.no_scores()),
            Some(grid) => area(grid, &self.bins),
            None => Err(Reason::NoGrid),
        };
        match metric {
            Metric::Accuracy => confusion.accuracy(),
            Metric::Precision => confusion.precision(),
            Metric::Recall => confusion.recall(),
            Metric::F1 => confusion.f1(),
            Metric::Specificity => confusion.specificity(),
            Metric::RocAuc => along_score(roc_auc),
            Metric::PrAuc => along_score(pr_auc),
            Metric::LogLoss => self.probabilities()?.log_loss(),
            Metric::Brier => self.probabilities()?.brier(),
            Metric::Ece => self.probabilities()?.calibration_error(),
            _ => Err(Reason::WrongTask),
        }
    }

    /// The losses, if every score is a probability.
    fn probabilities(&self) -> Result<&Losses, Reason> {
        match self.scored.rows() {
            ..=0 => Err(self.no_scores()),
            rows if self.losses.rows() != rows => Err(Reason::NotProbabilities),
            _ => Ok(&self.losses),
        }
    }

    fn no_scores(&self) -> Reason {
        if self.confusion().rows() <= 0 { Reason::NoRows } else { Reason::NoScores }
    }
}

impl Group for BinaryOutcomes {
    fn counts(&self) -> impl Iterator<Item = i64> {
        let confusions = self.scored.cells().into_iter().chain(self.unscored.cells());
        confusions.chain(self.losses.counts()).chain(self.bins.counts())
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        let confusions = self.scored.cells_mut().into_iter().chain(self.unscored.cells_mut());
        confusions.chain(self.losses.counts_mut()).chain(self.bins.counts_mut())
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        self.losses.sums()
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        self.losses.sums_mut()
    }
}

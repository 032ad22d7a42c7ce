//! Outcomes of a model of several classes, known by their place in the model's list of classes.

use super::averages::Matrix;
use super::confusion::Confusion;
use super::group::Group;
use super::measured::{Interval, Measured, Measurement, Reason, SHARE};
use super::metric::Metric;
use super::proportion::proportion;
use super::roc_auc::roc_auc;
use super::score_bins::ScoreBins;
use crate::sketch::NumericGrid;

/// Most classes of a model that outcomes are kept of: the tables grow with their square.
pub const CLASSES_MAX: usize = 32;

/// Labelled rows of a multiclass model; a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MulticlassOutcomes {
    classes: usize,
    /// Rows by actual class, then predicted class: those with a score for every class, and the others.
    scored: Vec<i64>,
    unscored: Vec<i64>,
    /// By class, rows along its score; no bins for a class without a grid.
    bins: Vec<ScoreBins>,
}

/// One labelled prediction of a multiclass model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MulticlassRow<'a> {
    pub predicted: usize,
    pub actual: usize,
    /// By class, NaN where there is none; may be empty.
    pub scores: &'a [f64],
}

impl MulticlassOutcomes {
    /// Of a model with one grid (or none) for the score of each class, [`CLASSES_MAX`] at most.
    pub fn empty(score_grids: &[Option<NumericGrid>]) -> Self {
        let classes = score_grids.len();
        assert!(classes <= CLASSES_MAX, "the config caps the classes");
        let bins = score_grids.iter().map(|grid| grid.as_ref().map(ScoreBins::empty).unwrap_or_default());
        let table = vec![0; classes * classes];
        Self { classes, scored: table.clone(), unscored: table, bins: bins.collect() }
    }

    /// Adds `rows` equal rows: 1, or −1 to take one out again.
    pub fn count(&mut self, score_grids: &[Option<NumericGrid>], row: MulticlassRow<'_>, rows: i64) {
        let all_scored = row.scores.len() == self.classes && row.scores.iter().all(|score| !score.is_nan());
        let table = if all_scored { &mut self.scored } else { &mut self.unscored };
        table[row.actual * self.classes + row.predicted] += rows;
        let scored = self.bins.iter_mut().zip(score_grids).zip(row.scores).enumerate();
        for (class, ((bins, grid), &score)) in scored {
            if let Some(grid) = grid.as_ref().filter(|_| !score.is_nan()) {
                bins.count(grid, score, row.actual == class, rows);
            }
        }
    }

    pub fn rows(&self) -> i64 {
        self.scored.iter().chain(&self.unscored).sum()
    }

    /// Rows of one actual and predicted class.
    pub fn cell(&self, actual: usize, predicted: usize) -> i64 {
        let at = actual * self.classes + predicted;
        self.scored[at] + self.unscored[at]
    }

    /// Rows whose predicted class is the actual one.
    pub fn right(&self) -> i64 {
        (0..self.classes).map(|class| self.cell(class, class)).sum()
    }

    /// Rows by actual class.
    pub fn actuals(&self) -> Vec<i64> {
        let of = |actual| (0..self.classes).map(|predicted| self.cell(actual, predicted)).sum();
        (0..self.classes).map(of).collect()
    }

    /// Without the rows that lack a score: those that an estimate can stand beside.
    pub fn scored_only(&self) -> Self {
        Self { unscored: vec![0; self.unscored.len()], ..self.clone() }
    }

    /// One class as the positive one, all others as the negative: its precision, recall and F1 are that table's.
    pub fn one_vs_rest(&self, class: usize) -> Confusion {
        let mut confusion = Confusion::default();
        for actual in 0..self.classes {
            for predicted in 0..self.classes {
                confusion.count(predicted == class, actual == class, self.cell(actual, predicted));
            }
        }
        confusion
    }

    /// A metric of these rows.
    ///
    /// Micro averages are the accuracy, as every row has one class. Errors of macro and weighted averages are by the delta
    /// method on multinomial cells, `√Σ g²·n` with g the average's derivative by a cell (an average does not change when
    /// all cells grow alike, so no other term is left).
    pub fn measure(&self, metric: Metric, score_grids: &[Option<NumericGrid>]) -> Measurement {
        match metric {
            Metric::Accuracy | Metric::PrecisionMicro | Metric::RecallMicro | Metric::F1Micro => {
                proportion(self.right(), self.rows(), Reason::NoRows)
            }
            Metric::RocAuc => self.mean_roc_auc(score_grids),
            _ => {
                let matrix = self.matrix();
                let average = matrix.average(metric)?;
                let squares = average.gradient.cells.iter().zip(&matrix.cells).map(|(g, n)| g * g * n);
                Ok(Measured::normal(average.value, squares.sum::<f64>().sqrt(), SHARE, self.rows()))
            }
        }
    }

    /// One class's score against all other classes.
    pub fn roc_auc(&self, class: usize, score_grids: &[Option<NumericGrid>]) -> Measurement {
        let grid = score_grids.get(class).and_then(Option::as_ref);
        match grid {
            _ if self.rows() <= 0 => Err(Reason::NoRows),
            Some(grid) => roc_auc(grid, &self.bins[class]),
            None => Err(Reason::NoGrid),
        }
    }

    fn mean_roc_auc(&self, score_grids: &[Option<NumericGrid>]) -> Measurement {
        let each = (0..self.classes).map(|class| self.roc_auc(class, score_grids));
        mean_over_classes(&each.collect::<Result<Vec<_>, _>>()?)
    }

    fn matrix(&self) -> Matrix {
        let rows = self.scored.iter().zip(&self.unscored).map(|(a, b)| a + b);
        Matrix { classes: self.classes, cells: rows.map(|rows| rows.max(0) as f64).collect() }
    }
}

/// The unweighted mean over classes. Its error is at most the mean of theirs, whatever their correlation: that is taken.
pub(super) fn mean_over_classes(classes: &[Measured]) -> Measurement {
    let Some(first) = classes.first() else { return Err(Reason::NoRows) };
    let mean = |of: fn(&Measured) -> f64| classes.iter().map(of).sum::<f64>() / classes.len() as f64;
    let (value, std_error) = (mean(|class| class.value), mean(|class| class.std_error));
    let interval = Interval::normal(value, std_error, SHARE);
    Ok(Measured {
        value,
        std_error,
        interval,
        error_bound: mean(|class| class.error_bound),
        rows: first.rows,
    })
}

impl Group for MulticlassOutcomes {
    fn counts(&self) -> impl Iterator<Item = i64> {
        let tables = self.scored.iter().chain(&self.unscored).copied();
        tables.chain(self.bins.iter().flat_map(ScoreBins::counts))
    }

    fn counts_mut(&mut self) -> impl Iterator<Item = &mut i64> {
        let tables = self.scored.iter_mut().chain(&mut self.unscored);
        tables.chain(self.bins.iter_mut().flat_map(ScoreBins::counts_mut))
    }

    fn sums(&self) -> impl Iterator<Item = i128> {
        std::iter::empty()
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut i128> {
        std::iter::empty()
    }
}

//! What was counted of some rows, on every column of a ruler.

use super::categorical_counts::CategoricalCounts;
use super::extremes::Extremes;
use super::integers::Integers;
use super::newcomers::Newcomers;
use super::numeric_counts::NumericCounts;
use super::ruler::{Grid, GridId, Ruler};
use super::unknown_features::UnknownFeatures;

/// The counts of one column, and what can only be merged beside them.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnCounts {
    Numeric { counts: NumericCounts, extremes: Extremes },
    Categorical { counts: CategoricalCounts, newcomers: Newcomers },
}

/// The counts of a batch, pane, window or reference: rows, and each column in the ruler's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tally {
    pub ruler_id: GridId,
    pub rows: i64,
    pub columns: Vec<ColumnCounts>,
    pub unknown_features: UnknownFeatures,
    /// What became of predictions, as the ruler's outcomes are counted; zero on a ruler without.
    pub outcomes: Integers,
    /// Sections written by a newer driftd: kept, not understood.
    pub unknown: Vec<Section>,
}

/// A stored section of a type that this version does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub kind: u8,
    pub body: Vec<u8>,
}

/// Counts of different rulers cannot be added.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("counts lie on different rulers: {left} and {right}")]
pub struct RulerMismatch {
    pub left: GridId,
    pub right: GridId,
}

impl Tally {
    pub fn empty(ruler: &Ruler) -> Self {
        let columns = ruler.columns().iter().map(|(_, grid)| ColumnCounts::empty(grid)).collect();
        Self {
            ruler_id: ruler.id(),
            rows: 0,
            columns,
            unknown_features: UnknownFeatures::default(),
            outcomes: Integers::zero(ruler.outcomes_shape()),
            unknown: Vec::new(),
        }
    }

    /// The same counts on another ruler of the same columns; outcomes are left out.
    pub fn lying_on(self, ruler: &Ruler) -> Self {
        assert_eq!(self.columns.len(), ruler.columns().len(), "the rulers have the same columns");
        let outcomes = Integers::zero(ruler.outcomes_shape());
        Self { ruler_id: ruler.id(), outcomes, ..self }
    }

    /// Adds the counts of other rows.
    pub fn add(&mut self, other: &Self) -> Result<(), RulerMismatch> {
        self.same_ruler(other)?;
        self.rows += other.rows;
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.add(theirs);
        }
        self.unknown_features.add(&other.unknown_features);
        self.outcomes.add(&other.outcomes);
        self.unknown.extend_from_slice(&other.unknown);
        Ok(())
    }

    /// Takes out counts that were added. Extremes and names stay: they never subtract.
    pub fn subtract(&mut self, other: &Self) -> Result<(), RulerMismatch> {
        self.same_ruler(other)?;
        self.rows -= other.rows;
        for (mine, theirs) in self.columns.iter_mut().zip(&other.columns) {
            mine.subtract(theirs);
        }
        self.unknown_features.subtract(&other.unknown_features);
        self.outcomes.subtract(&other.outcomes);
        Ok(())
    }

    fn same_ruler(&self, other: &Self) -> Result<(), RulerMismatch> {
        match self.ruler_id == other.ruler_id {
            true => Ok(()),
            false => Err(RulerMismatch { left: self.ruler_id, right: other.ruler_id }),
        }
    }
}

impl ColumnCounts {
    pub fn empty(grid: &Grid) -> Self {
        match grid {
            Grid::Numeric(grid) => {
                Self::Numeric { counts: NumericCounts::empty(grid), extremes: Extremes::NONE }
            }
            Grid::Categorical(grid) => {
                Self::Categorical { counts: CategoricalCounts::empty(grid), newcomers: Newcomers::default() }
            }
        }
    }

    /// Adds the counts of the same column on the same grid.
    pub fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::Numeric { counts, extremes }, Self::Numeric { counts: c, extremes: e }) => {
                counts.add(c);
                extremes.merge(e);
            }
            (Self::Categorical { counts, newcomers }, Self::Categorical { counts: c, newcomers: n }) => {
                counts.add(c);
                newcomers.merge(n);
            }
            _ => unreachable!("columns of one grid are of one kind"),
        }
    }

    /// Takes out counts of the same column on the same grid; what only merges stays.
    pub fn subtract(&mut self, other: &Self) {
        match (self, other) {
            (Self::Numeric { counts, .. }, Self::Numeric { counts: c, .. }) => counts.subtract(c),
            (Self::Categorical { counts, .. }, Self::Categorical { counts: c, .. }) => counts.subtract(c),
            _ => unreachable!("columns of one grid are of one kind"),
        }
    }

    /// Rows with a usable value.
    pub fn present(&self) -> i64 {
        match self {
            Self::Numeric { counts, .. } => counts.present(),
            Self::Categorical { counts, .. } => counts.present(),
        }
    }

    /// Rows without a value: absent, null or NaN.
    pub fn absent(&self) -> i64 {
        match self {
            Self::Numeric { counts, .. } => counts.absent(),
            Self::Categorical { counts, .. } => counts.missing,
        }
    }

    /// Rows whose value is of the wrong type.
    pub fn wrong_type(&self) -> i64 {
        match self {
            Self::Numeric { counts, .. } => counts.wrong_type,
            Self::Categorical { counts, .. } => counts.wrong_type,
        }
    }
}

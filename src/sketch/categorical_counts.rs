//! Counts of a categorical or boolean column on its grid.

use super::categorical_grid::{CategoricalGrid, Place};

/// What a window, pane or reference holds of a categorical column. A group: adds and subtracts exactly.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CategoricalCounts {
    /// Values per named category.
    pub named: Vec<i64>,
    /// Values of the reference's rarer categories, past the cap.
    pub other: i64,
    /// Values that the reference did not hold.
    pub unseen: i64,
    /// Absent or null.
    pub missing: i64,
    /// Present but neither text, number nor boolean (an object or list), or no boolean in a boolean column.
    pub wrong_type: i64,
}

impl CategoricalCounts {
    pub fn empty(grid: &CategoricalGrid) -> Self {
        Self { named: vec![0; grid.categories().len()], ..Self::default() }
    }

    /// Rows with a value.
    pub fn present(&self) -> i64 {
        self.named.iter().sum::<i64>() + self.other + self.unseen
    }

    pub fn count(&mut self, place: Place, rows: i64) {
        match place {
            Place::Named(i) => self.named[i as usize] += rows,
            Place::Other => self.other += rows,
            Place::Unseen => self.unseen += rows,
        }
    }

    /// Adds what another batch, pane or window of the same grid counted.
    pub fn add(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_add);
    }

    /// Takes out what was added: the exact inverse of [`CategoricalCounts::add`].
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, i64::wrapping_sub);
    }

    fn combine(&mut self, other: &Self, op: fn(i64, i64) -> i64) {
        assert_eq!(self.named.len(), other.named.len(), "counts of one grid have as many categories");
        for (a, b) in self.named.iter_mut().zip(&other.named) {
            *a = op(*a, *b);
        }
        let theirs = other.scalars();
        for (a, b) in self.scalars_mut().into_iter().zip(theirs) {
            *a = op(*a, b);
        }
    }

    /// The single counts, in their stored order.
    pub(super) fn scalars(&self) -> [i64; 4] {
        [self.other, self.unseen, self.missing, self.wrong_type]
    }

    pub(super) fn scalars_mut(&mut self) -> [&mut i64; 4] {
        [&mut self.other, &mut self.unseen, &mut self.missing, &mut self.wrong_type]
    }
}
